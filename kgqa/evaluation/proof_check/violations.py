"""What is wrong with a proof."""

from __future__ import annotations

from typing import Any

from kgqa.evaluation.proof_check.proof_reading import BadProofError

__all__ = ["Violations"]


class Violations:
    """Collects `sentences` on what is wrong, each with the part of the proof that is checked (`where`)."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.where = ""

    def say(self, sentence: str) -> None:
        """Add a violation of the part that is checked."""
        self.sentences.append(f"{self.where}: {sentence}")

    def expect(self, form: dict[str, Any], field: str, right: object) -> None:
        """Compare a field. Raises `BadProofError` where it is missing."""
        if field not in form:
            raise BadProofError(f"{self.where}: {field!r} is missing")
        stated = form[field]
        if type(stated) is not type(right) or stated != right:
            self.say(f"{field!r} is {right!r}, not {stated!r:.80}")

    def expect_fields(self, form: dict[str, Any], fields: set[str]) -> None:
        """Compare the names of the fields."""
        if wrong := sorted(form.keys() ^ fields):
            self.say(f"the field {wrong[0]!r} is {'missing' if wrong[0] in fields else 'not expected'}")
