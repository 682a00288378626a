"""The routes that list a graph: its schema, its names, the neighbours of an entity."""

import pytest
from starlette.testclient import TestClient

FILMS = "/api/v1/graphs/films"


def test_a_name_is_completed(client: TestClient) -> None:
    found = client.get(f"{FILMS}/names", params={"q": "diet"}).json()
    assert found == {
        "names": [
            {"entity": "p1", "name": "William Dieterle", "degree": 2, "class": None},
            {"entity": "p2", "name": "Marlene Dietrich", "degree": 1, "class": None},
        ]
    }


def test_neighbours_come_in_pages(client: TestClient) -> None:
    first = client.get(f"{FILMS}/neighbours", params={"entity": "p1", "limit": 1}).json()
    assert (first["name"], first["degree"], first["total"], first["next"]) == ("William Dieterle", 2, 2, 1)
    assert first["relations"] == [
        {"relation": "directed_by", "name": "directed by", "direction": "in", "facts": 2}
    ]
    second = client.get(f"{FILMS}/neighbours", params={"entity": "p1", "offset": first["next"]}).json()
    names = [one["name"] for page in (first, second) for one in page["neighbours"]]
    assert (sorted(names), second["next"]) == (["Juarez", "Kismet"], None)


def test_the_schema_lists_relations(client: TestClient) -> None:
    found = client.get(f"{FILMS}/schema").json()
    assert found["relations"][0] == {"relation": "directed_by", "name": "directed by", "facts": 2}
    assert (found["classes"], found["class_total"], found["relation_total"]) == ([], 0, 2)


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("neighbours?entity=x", 404, "UnknownEntityError"),
        ("neighbours?entity=f1&relation=x", 404, "UnknownRelationError"),
        ("neighbours?entity=f1&direction=up", 422, "ShapeError"),
        ("neighbours?entity=f1&offset=-1", 422, "ShapeError"),
        ("neighbours", 422, "ShapeError"),
        ("names?limit=101", 422, "ShapeError"),
        ("schema?limit=0", 422, "ShapeError"),
    ],
)
def test_bad_requests_are_refused(client: TestClient, query: str, status: int, kind: str) -> None:
    reply = client.get(f"{FILMS}/{query}")
    assert (reply.status_code, reply.json()["error"]["type"]) == (status, kind)
