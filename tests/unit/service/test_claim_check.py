"""Claims that come as JSON, not in a file."""

from __future__ import annotations

from typing import Any

import pytest

from kgqa.errors import ParseError
from kgqa.graph import GraphBuilder
from kgqa.service import check_objects
from kgqa.validation import nearest

FILMS = GraphBuilder.of(
    [("Kismet", "directed_by", "William Dieterle"), ("Kismet", "starred_actors", "Marlene Dietrich")]
)


def test_texts_programs_and_objects_are_checked_as_lines_of_a_file_are() -> None:
    found = check_objects(
        FILMS,
        [
            "Kismet -> directed_by -> William Dieterle",
            "Kismet -> starred_actors | count",
            {"chain": [["Kismet", "directed_by", "Marlene Dietrich"]], "id": "q7"},
            {"program": "Kismet -> starred_actors | count", "answers": ["3"]},
        ],
    )
    assert (found["checked"], found["hold"]) == (4, 2)
    wrong, other = found["failed"]
    assert (wrong["line"], wrong["id"], other["line"]) == (3, "q7", 4)
    assert "nearest" in wrong["problems"][0]


def test_an_object_may_have_several_chains_and_a_graph_of_its_own() -> None:
    chain = [["a", "r", "b"]]
    found = check_objects(FILMS, [{"chains": [chain, chain]}, {"chain": chain, "graph": chain}])
    assert (found["checked"], found["hold"]) == (3, 1)


@pytest.mark.parametrize(
    "item",
    [{}, {"chain": "x"}, {"chain": [["a", "b"]]}, {"chain": [[1, 2, 3]]}, {"program": 1}, {"proof": []}],
)
def test_what_is_no_claim_is_refused_with_its_place(item: dict[str, Any]) -> None:
    with pytest.raises(ParseError, match="claims, line 2"):
        check_objects(FILMS, ["Kismet -> directed_by -> x", item])


@pytest.mark.parametrize("item", ["\ud83d -> r -> b", {"chain": [["\ud83d", "r", "b"]]}])
def test_half_a_surrogate_pair_is_refused_as_in_a_file(item: str | dict[str, Any]) -> None:
    with pytest.raises(ParseError, match="claims, line 1: holds half a surrogate pair"):
        check_objects(FILMS, [item])


def test_a_fact_of_a_hub_is_compared_with_some_of_its_facts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    original = nearest._likest

    def likest(name: str, found: dict[Any, str], limit: int = 3) -> Any:
        compared.append(len(found))
        return original(name, found, limit)

    monkeypatch.setattr(nearest, "_likest", likest)
    monkeypatch.setattr(nearest, "MOST_ENDS", 10)
    hub = GraphBuilder.of([(f"n{number}", "in", "hub") for number in range(200)])
    (wrong,) = check_objects(hub, [{"chain": [["nowhere", "in", "hub"]]}])["failed"]
    assert "nearest" in wrong["problems"][0]
    assert max(compared) == 10
