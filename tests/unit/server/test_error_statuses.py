"""Errors that clients are told have a status that says whose fault they are; all others are 500."""

from kgqa.errors import KgqaError
from kgqa.server.error_reply import _STATUSES, status_of
from kgqa.service import SHOWN


def kinds(base: type[KgqaError]) -> list[type[KgqaError]]:
    return [base, *(kind for child in base.__subclasses__() for kind in kinds(child))]


def test_what_is_told_is_the_fault_of_who_asked_or_of_time() -> None:
    for kind in kinds(KgqaError):
        assert issubclass(kind, SHOWN) == (status_of(kind.__new__(kind)) != 500), kind


def test_each_status_is_of_an_error_that_is_told_and_no_other_stands_before_it() -> None:
    for kind, status in _STATUSES.items():
        assert issubclass(kind, SHOWN), kind
        assert status_of(kind.__new__(kind)) == status, kind
