"""Published methods as presets: the settings of each, and the scores that its authors published."""

from kgqa.methods.method import Method, PublishedScore
from kgqa.methods.registry import (
    METHODS,
    REPLY_SETTINGS,
    MethodName,
    UnknownMethodError,
    fitted,
    method_named,
    with_preset,
)

__all__ = [
    "METHODS",
    "REPLY_SETTINGS",
    "Method",
    "MethodName",
    "PublishedScore",
    "UnknownMethodError",
    "fitted",
    "method_named",
    "with_preset",
]
