"""Each error that clients are told has a status of its own, and no other has."""

from kgqa.errors import KgqaError
from kgqa.server.error_reply import _STATUSES, status_of
from kgqa.service import SHOWN


def kinds(base: type[KgqaError]) -> list[type[KgqaError]]:
    return [base, *(kind for child in base.__subclasses__() for kind in kinds(child))]


def test_what_is_told_is_the_fault_of_who_asked_or_of_time() -> None:
    for kind in kinds(KgqaError):
        told = issubclass(kind, SHOWN)
        assert told == issubclass(kind, tuple(one for one, _ in _STATUSES)), kind
        assert told == (status_of(kind.__new__(kind)) != 500), kind
