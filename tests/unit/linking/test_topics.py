"""Topics that are given by name."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kgqa.errors import NoTopicError, UnknownEntityError, UsageError
from kgqa.graph import GraphBuilder, Triple
from kgqa.linking import Topics

TOPICS = Topics(GraphBuilder.of([Triple("Kenya", "capital", "Nairobi"), Triple("N", "is", "Nitrogen")]))


@pytest.mark.parametrize("names", ["Kenya", "N", "", b"N", [None], ["Kenya", 1], (["Kenya"],)])
def test_what_is_no_sequence_of_names_is_refused(names: Sequence[str]) -> None:
    with pytest.raises(UsageError, match="topics must be a sequence of names, not"):
        TOPICS.resolve(names)


def test_names_are_resolved_and_unknown_ones_skipped_unless_all_are_unknown() -> None:
    assert TOPICS.resolve(["kenya", "Atlantis"]) == ["Kenya"]
    with pytest.raises(UnknownEntityError, match="Atlantis"):
        TOPICS.resolve(["Atlantis"])
    with pytest.raises(NoTopicError, match="topics are empty"):
        TOPICS.resolve([])
