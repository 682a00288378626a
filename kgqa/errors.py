"""The errors that kgqa raises.

::

    KgqaError
    ├── UsageError                a bad value of a parameter, or a bad combination   (exit code 2)
    │   └── UnknownSourceError    no such source in the graph
    └── DataError                 a file, name or model that cannot be used          (exit code 1)
        ├── ParseError            a line of a file; names file and line
        ├── StatementError        a fact or a name that no graph can hold (a ValueError too)
        ├── IndexFolderError      an index folder is damaged, foreign or missing
        ├── UnknownEntityError    no such entity in the graph
        ├── UnknownRelationError  no such relation in the graph
        ├── NoTopicError          a question in which no entity of the graph was found
        ├── ConstraintError       a token that the constraint does not allow
        │   └── NoChainError      topic entities from which no chain leads anywhere
        ├── ModelError            a language model that cannot be loaded or used
        │   ├── ChatError         an LLM that gave no reply
        │   │   └── ChatEndpointError  an LLM that cannot reply to anything
        │   ├── OutOfMemoryError  a pass that needs more memory than there is
        │   └── TokenizerError    a tokenizer that does not split where chains need it to
        ├── BudgetError           a limit of time or money was reached
        │   └── SpentError        the limit of a whole run was reached
        ├── CacheError            a cache folder that cannot be written
        ├── UnknownGraphError     no such graph among those that are held open
        ├── UnknownRunError       no such run, or no such question in it
        ├── BusyError             more questions wait than may
        │   └── StoppingError     no question is taken any more
        ├── NotRememberedError    what a model was never asked, where it may not be asked
        └── EndpointError         a SPARQL endpoint that did not answer as it should
            └── EndpointDownError  an endpoint that cannot be used at all

Messages are one line, say what was received and what to do about it.
"""

from __future__ import annotations

import errno
import math
import os
from numbers import Integral, Real
from pathlib import Path

__all__ = [
    "BudgetError",
    "BusyError",
    "CacheError",
    "ChatEndpointError",
    "ChatError",
    "ConstraintError",
    "DataError",
    "EndpointDownError",
    "EndpointError",
    "IndexFolderError",
    "KgqaError",
    "ModelError",
    "NoChainError",
    "NoTopicError",
    "NotRememberedError",
    "OutOfMemoryError",
    "ParseError",
    "ProgramError",
    "SpentError",
    "StatementError",
    "StoppingError",
    "TokenizerError",
    "UnknownEntityError",
    "UnknownGraphError",
    "UnknownRelationError",
    "UnknownRunError",
    "UnknownSourceError",
    "UsageError",
    "check_count",
    "check_name_lists",
    "check_names",
    "check_number",
    "check_path",
    "check_text",
]


class KgqaError(Exception):
    """Base of all errors that kgqa raises on purpose; never raised itself."""

    exit_code = 1

    def __str__(self) -> str:
        """The message on one line, whatever the names in it hold."""
        return " ".join(super().__str__().splitlines())

    def __reduce__(self) -> tuple[object, ...]:
        """An error that another process raised is the same here, with the message that it has."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[KgqaError], args: tuple[object, ...], fields: dict[str, object]) -> KgqaError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(fields)
    return error


class UsageError(KgqaError):
    """A parameter with a bad value, or parameters that contradict each other."""

    exit_code = 2


class UnknownSourceError(UsageError):
    """A source of which the graph has no fact."""

    def __init__(self, source: str, hint: str = "") -> None:
        super().__init__(f"the graph has no source {source!r}" + (f"; {hint}" if hint else ""))
        self.source = source


class DataError(KgqaError):
    """A file, a folder, a name or a model that cannot be used."""


class ParseError(DataError):
    """A file that cannot be read, with the line where it went wrong (1-based; 0: no line)."""

    def __init__(self, source: str | Path, line: int, reason: str) -> None:
        where = f"{source}, line {line}" if line else f"{source}"
        super().__init__(f"{where}: {reason}")
        self.source = str(source)
        self.line = line
        self.reason = reason


class StatementError(DataError, ValueError):
    """A fact or a name that no graph can hold: an empty identifier, a null character."""


class IndexFolderError(DataError):
    """An index folder that is damaged, of another format or version, or not there."""


class UnknownEntityError(DataError):
    """An entity that the graph does not hold."""

    def __init__(self, entity: str, hint: str = "") -> None:
        super().__init__(f"the graph has no entity {entity!r}" + (f"; {hint}" if hint else ""))
        self.entity = entity


class UnknownRelationError(DataError):
    """A relation that the graph does not hold."""

    def __init__(self, relation: str, hint: str = "") -> None:
        super().__init__(f"the graph has no relation {relation!r}" + (f"; {hint}" if hint else ""))
        self.relation = relation


class NoTopicError(DataError):
    """A question in which no entity of the graph was found."""


class ConstraintError(DataError):
    """A token that the constraint does not allow here."""


class ProgramError(DataError):
    """A program that is not well-formed, or that a graph cannot execute."""


class NoChainError(ConstraintError):
    """Topic entities from which no chain leads anywhere: the constraint has no text at all."""


class ModelError(DataError):
    """A language model that cannot be loaded or used."""


class ChatError(ModelError):
    """An LLM that gave no reply to one conversation; others may succeed."""


class ChatEndpointError(ChatError):
    """An endpoint that does not work as it is set up: other conversations will fail as well."""


class OutOfMemoryError(ModelError):
    """A pass of a model that needs more memory than there is."""


class TokenizerError(ModelError):
    """A tokenizer whose ids for a whole chain differ from the ids of its segments."""


class BudgetError(DataError):
    """A search, or requests to a model, that ran out of the time or money they were given."""


class SpentError(BudgetError):
    """The budget of an LLM for a whole run (money or time) is spent."""


class CacheError(DataError):
    """A cache folder that cannot be written: a full disk, missing rights."""


class UnknownGraphError(DataError):
    """A graph that is not among those that are held open."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no graph {name!r:.100} here; GET /api/v1/graphs lists them")


class UnknownRunError(DataError):
    """A run that is not among those that are shown, or a question that it does not have."""

    def __init__(self, name: str, question: str | None = None) -> None:
        missing = f"there is no run {name!r:.100} here; GET /api/v1/runs lists them"
        super().__init__(
            missing if question is None else f"the run {name!r:.100} has no question {question!r:.100}"
        )


class BusyError(DataError):
    """More questions wait than may; `seconds` from now it may be better."""

    def __init__(self, message: str, seconds: int = 1) -> None:
        super().__init__(message)
        self.seconds = seconds


class StoppingError(BusyError):
    """A server that is being stopped takes no question any more."""

    def __init__(self) -> None:
        super().__init__("the server is being stopped; ask again later")


class NotRememberedError(DataError):
    """What a model was never asked, where only what it said before counts: nothing is wrong."""


class EndpointError(DataError):
    """A SPARQL endpoint that did not answer as it should: nothing is known of what its graph says."""


class EndpointDownError(EndpointError):
    """An endpoint that cannot be reached or refuses access: other requests will fail as well."""


def check_names(names: object, field: str) -> None:
    """Raise `UsageError` if `names` is a text, or a list or tuple that has anything but texts.

    To Python a text is a sequence of texts too: its letters. Call this first wherever a sequence of
    names or other texts is taken.

    >>> check_names(["Kenya"], "topics")
    >>> check_names("Kenya", "topics")
    Traceback (most recent call last):
        ...
    kgqa.errors.UsageError: topics must be a sequence of names, not the text 'Kenya'
    """
    if isinstance(names, (str, bytes)):
        raise UsageError(f"{field} must be a sequence of names, not the text {names!r}")
    if isinstance(names, (list, tuple)):
        for name in names:
            if not isinstance(name, str):
                raise UsageError(f"{field} must be a sequence of names, not one with {name!r}")


def check_name_lists(lists: object, field: str) -> None:
    """Raise `UsageError` as `check_names` for a sequence of sequences of names."""
    check_names(() if isinstance(lists, (list, tuple)) else lists, field)
    for names in lists if isinstance(lists, (list, tuple)) else ():
        check_names(names, field)


def check_count(
    value: object, field: str, least: int | None = 1, most: int | None = None, *, optional: bool = False
) -> None:
    """Raise `UsageError` unless `value` is a whole number from `least` to `most` (None: without that bound).

    `optional` allows None. Truth values are no numbers.

    >>> check_count(10, "beams")
    >>> check_count(0, "beams")
    Traceback (most recent call last):
        ...
    kgqa.errors.UsageError: beams must be a whole number of at least 1, not 0
    """
    if optional and value is None:
        return
    if isinstance(value, Integral) and not isinstance(value, bool) and (least is None or int(value) >= least):
        if most is not None and int(value) > most:
            raise UsageError(f"{field} must be at most {most}, not {value}")
        return
    bound = "" if least is None else f" of at least {least}"
    raise UsageError(f"{field} must be a whole number{bound}, not {value!r}")


def check_number(
    value: object,
    field: str,
    *,
    above: float = -math.inf,
    least: float = -math.inf,
    most: float | None = None,
    optional: bool = False,
) -> None:
    """Raise `UsageError` unless `value` is a number above `above`, from `least` to `most`.

    `most` None means any finite number; infinity passes only where `most` is infinite. `optional`
    allows None. Truth values are no numbers.

    >>> check_number(0.5, "seconds", above=0)
    >>> check_number(math.nan, "seconds", above=0)
    Traceback (most recent call last):
        ...
    kgqa.errors.UsageError: seconds must be a finite number above 0, not nan
    """
    if optional and value is None:
        return
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:  # a whole number that no float can hold
            number = math.nan
        if number > above and number >= least and (number < math.inf if most is None else number <= most):
            return
    bounds = [
        f" above {above:g}" if above > -math.inf else "",
        f" from {least:g}" if least > -math.inf else "",
        f" to {most:g}" if most is not None and most < math.inf else "",
    ]
    kind = "a finite number" if most is None else "a number"
    raise UsageError(f"{field} must be {kind}{''.join(bounds)}, not {value!r}")


def check_path(path: object, field: str) -> Path:
    """The path of a file or folder, given as text or `Path`.

    Raises `UsageError` for anything else, and for a text that no path can be: an empty one, one with
    a NUL character, or one that is too long.

    >>> check_path("runs/a", "out").name
    'a'
    >>> check_path(b"runs/a", "out")
    Traceback (most recent call last):
        ...
    kgqa.errors.UsageError: out must be a path (str or Path), not b'runs/a'
    """
    if not isinstance(path, (str, Path)):
        shown = repr(path).partition("\n")[0]
        raise UsageError(f"{field} must be a path (str or Path), not {shown:.80}")
    text = str(path)
    if not text or "\0" in text:
        raise UsageError(f"{field} must be a path, not {text!r:.80}")
    try:
        os.stat(text)
    except OSError as error:  # that nothing is there is no fault of a path
        if error.errno == errno.ENAMETOOLONG:
            raise UsageError(f"{field} is too long for a path: {text:.80}...") from error
    return Path(path)


def check_text(value: object, field: str, *, optional: bool = False) -> None:
    """Raise `UsageError` unless `value` is a text; `optional` allows None.

    >>> check_text(17, "id")
    Traceback (most recent call last):
        ...
    kgqa.errors.UsageError: id must be a text, not 17
    """
    if not (isinstance(value, str) or (optional and value is None)):
        raise UsageError(f"{field} must be a text, not {value!r:.80}")
