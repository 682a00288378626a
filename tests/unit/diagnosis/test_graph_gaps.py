"""What a graph lacks, planted and counted."""

from __future__ import annotations

from kgqa.diagnosis import GraphGaps
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Triple


def gaps(graph: IndexedGraph) -> dict[str, tuple[int, tuple[str, ...]]]:
    return {gap.what: (gap.number, gap.examples) for gap in GraphGaps.of(graph).gaps}


def test_a_graph_that_lacks_nothing() -> None:
    graph = GraphBuilder.of([Triple("Ann", "knows", "Bo"), Triple("Bo", "knows", "Ann")])
    assert gaps(graph) == {}
    assert GraphGaps.of(graph).describe() == "the graph lacks nothing that can be seen"
    assert GraphGaps.of(GraphBuilder.of([])).gaps == ()


def test_nodes_without_names_and_mediators_that_lead_nowhere() -> None:
    graph = GraphBuilder.of(
        [
            Name("m.1", ""),
            Name("m.2", ""),
            Triple("Ann", "played", "m.1"),
            Triple("m.1", "in", "Emma"),
            Triple("Ann", "played", "m.2"),
        ]
    )
    found = gaps(graph)
    assert found["entities without a name"] == (2, ("m.1", "m.2"))
    assert found["mediators with a single fact"] == (1, ("m.2",))


def test_names_of_several_entities() -> None:
    graph = GraphBuilder.of(
        [
            Name("q1", "Kismet"),
            Name("q2", "kismet"),
            Triple("q1", "year", "1944"),
            Triple("q2", "year", "1955"),
        ]
    )
    assert gaps(graph)["names of several entities"] == (1, ("kismet: 2",))


def test_relations_between_nodes_without_names_and_relations_that_are_codes() -> None:
    graph = GraphBuilder.of(
        [Name("m.1", ""), Name("m.2", ""), Triple("m.1", "next one", "m.2"), Triple("Ann", "P57", "Bo")]
    )
    found = gaps(graph)
    assert found["relations between unnamed nodes only"] == (1, ("next one",))
    assert found["relations whose name has no word"] == (1, ("P57",))


def test_facts_whose_inverse_is_missing() -> None:
    pairs = [(f"child {n}", f"parent {n}") for n in range(12)]
    facts = [Triple(child, "has parent", parent) for child, parent in pairs]
    facts += [Triple(parent, "has child", child) for child, parent in pairs[2:]]
    ((what, (number, examples)),) = gaps(GraphBuilder.of(facts)).items()
    assert what == "facts of 'has parent' without the 'has child' in return that most have"
    assert (number, sorted(examples)) == (2, ["child 0 to parent 0", "child 1 to parent 1"])


def test_values_of_another_type_than_the_others() -> None:
    values = [*map(str, range(20)), "unknown"]
    facts = [Triple(f"city {n}", "population", value) for n, value in enumerate(values)]
    assert gaps(GraphBuilder.of(facts)) == {
        "values of 'population' that are no number, as others are": (1, ("unknown",))
    }
