"""The versions of inference engines that the adapters were tested with."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from kgqa.errors import ModelError

__all__ = ["require_version"]


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
