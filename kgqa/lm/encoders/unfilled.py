"""Modules for weights that are yet to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch.nn import init
from torch.overrides import TorchFunctionMode

__all__ = ["Unfilled"]

_DRAWS = frozenset({init.kaiming_uniform_, init.normal_, init.uniform_})


class Unfilled(TorchFunctionMode):
    """While it is entered, modules are made without random weights; what they hold is to be loaded.

    To draw weights first took a third of the time in which the shipped model is loaded. (The device `meta`
    draws none either, but imports 800 modules, which takes longer.)

    >>> from torch import nn
    >>> with Unfilled():
    ...     layer = nn.Linear(2, 3)
    >>> layer.weight.shape
    torch.Size([3, 2])
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = kwargs or {}
        return given["tensor"] if func in _DRAWS else func(*args, **given)
