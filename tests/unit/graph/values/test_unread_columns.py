"""What is said of columns that are mostly values and have no order."""

from __future__ import annotations

from kgqa.graph import GraphBuilder, columns_read, unread_columns


def facts(relation: str, cells: list[str]) -> list[tuple[str, str, str]]:
    return [(f"item {n}", relation, cell) for n, cell in enumerate(cells)]


def test_columns_are_named_with_the_cell_that_spoils_them() -> None:
    graph = GraphBuilder.of(
        [
            *facts("amount", [*(str(n) for n in range(500)), "about 20"]),
            *facts("price", ["1,25", "12,50", "0,99"]),
            *facts("colour", ["red", "green", "blue", "12"]),
            *facts("length", ["3 km", "4 km", "5 km"]),
            *facts("few", ["1", "x"]),
        ]
    )
    assert unread_columns(graph) == {
        "amount": "500 of 501 values are numbers, and 'about 20' is none",
        "price": "'1,25' is no number where a point begins the decimals (--decimal-comma)",
    }
    assert columns_read(graph) == {"length": "numbers in km"}


def test_a_column_of_which_half_are_values_is_named_wherever_they_stand() -> None:
    for cells in (["x"] * 1 + ["y"] * 1, [f"word {n}" for n in range(300)]):
        numbers = [str(n) for n in range(300)]
        for order in (cells + numbers, numbers + cells):
            assert "size" in unread_columns(GraphBuilder.of(facts("size", order)))
