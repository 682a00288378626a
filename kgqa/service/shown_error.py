"""Which errors clients are told."""

from __future__ import annotations

import logging

from kgqa.errors import (
    BudgetError,
    BusyError,
    ConstraintError,
    EndpointError,
    KgqaError,
    NoTopicError,
    ParseError,
    ProgramError,
    StatementError,
    UnknownEntityError,
    UnknownGraphError,
    UnknownRelationError,
    UnknownRunError,
    UsageError,
)

__all__ = ["HIDDEN", "SHOWN", "shown_message"]

SHOWN: tuple[type[KgqaError], ...] = (
    BudgetError,
    BusyError,
    ConstraintError,
    EndpointError,
    NoTopicError,
    ParseError,
    ProgramError,
    StatementError,
    UnknownEntityError,
    UnknownGraphError,
    UnknownRelationError,
    UnknownRunError,
    UsageError,
)
"""Errors whose message is for whoever asked; that of any other may name a file of the server."""
HIDDEN = "the server could not do this; its log says why"
_LOG = logging.getLogger("kgqa")


def shown_message(error: Exception) -> str:
    """One line for whoever asked; what is not meant for them is logged instead."""
    if isinstance(error, SHOWN):
        return str(error)
    _LOG.error("a request failed: %s", error, exc_info=error)
    return HIDDEN
