"""The versions of inference engines that the adapters were tested with."""

from __future__ import annotations

import logging
from importlib.metadata import PackageNotFoundError, version

from kgqa.errors import ModelError

__all__ = ["is_tested", "require_version"]

_LOG = logging.getLogger("kgqa")


def require_version(package: str, tested: str, install: str) -> None:
    """Raise `ModelError` unless a package is installed in the version that was tested.

    `tested` is the beginning of that version, up to a full component: 0.32 is met by 0.32.1, not by 0.320.
    `install` is what to give to `pip install`.

    >>> require_version("numpy", "0.1", "numpy==0.1")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    kgqa.errors.ModelError: numpy ... is installed, and kgqa was tested with 0.1: pip install 'numpy==0.1'
    """
    try:
        found = version(package)
    except PackageNotFoundError as error:
        raise ModelError(f"{package} is not installed: pip install '{install}'") from error
    if not f"{found.partition('+')[0]}.".startswith(f"{tested}."):
        raise ModelError(
            f"{package} {found} is installed, and kgqa was tested with {tested}: pip install '{install}'"
        )


def is_tested(package: str, tested: str, install: str, *, needed: bool) -> bool:
    """Whether a plug-in of a package may go on, which loads it asked for or not.

    Raises `ModelError` as `require_version` where the plug-in is `needed`; else the message is logged.
    """
    try:
        require_version(package, tested, install)
    except ModelError as error:
        if needed:
            raise
        _LOG.warning("kgqa leaves this engine as it is: %s", error)
        return False
    return True
