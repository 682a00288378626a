"""Errors of other libraries in one line."""

from __future__ import annotations

__all__ = ["first_line"]


def first_line(error: Exception) -> str:
    """An error's message in one line of at most 200 characters."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:199]}…"
