"""Published methods as presets: the settings of each, and the scores that its authors published."""

from kgqa.methods.method import Method, PublishedScore
from kgqa.methods.registry import METHODS, MethodName, UnknownMethodError, fitted, method_named, with_preset

__all__ = [
    "METHODS",
    "Method",
    "MethodName",
    "PublishedScore",
    "UnknownMethodError",
    "fitted",
    "method_named",
    "with_preset",
]
