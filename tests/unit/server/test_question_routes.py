import json

from starlette.testclient import TestClient

from kgqa.pipeline import Query
from kgqa.service import GraphCatalogue

FILMS = "/api/v1/graphs/films"


def test_chains_are_those_that_were_found_best_first(client: TestClient, catalogue: GraphCatalogue) -> None:
    found = client.post(f"{FILMS}/chains", json={"question": "Who directed Kismet?"}).json()
    (outcome,) = catalogue.graph("films").answers.run([Query("Who directed Kismet?")])
    assert found["topics"] == ["f1"]
    assert [one["log_probability"] for one in found["chains"]] == [
        one.log_probability for one in outcome.hypotheses
    ]
    assert found["chains"][0]["triples"] == [list(triple) for triple in outcome.hypotheses[0].chain.triples]
    assert found["chains"][0]["text"].startswith("Kismet")
    assert found["names"]["f1"] == "Kismet"


def test_where_no_chain_leads_there_are_none(client: TestClient) -> None:
    body = {"question": "Who?", "topics": ["Alone"]}
    assert client.post(f"{FILMS}/chains", json=body).json()["chains"] == []
    assert client.post(f"{FILMS}/ask", json=body).json()["answers"] == []


def test_why_is_that_of_kgqa_why_with_its_text_and_names(
    client: TestClient, catalogue: GraphCatalogue
) -> None:
    body = {"question": "Who directed Kismet?", "expected": ["Joel Zwick"]}
    found = client.post(f"{FILMS}/why", json=body).json()
    wanted = catalogue.graph("films").explainer.explain("Who directed Kismet?", expected=["Joel Zwick"])
    told = json.loads(json.dumps(wanted.to_dict()))
    assert {key: found[key] for key in told} == told
    assert found["text"] == wanted.describe()
    assert found["names"]["f1"] == "Kismet"


def test_claims_are_checked_as_kgqa_validate_does(client: TestClient) -> None:
    claims = ["Kismet -> directed_by -> William Dieterle", {"chain": [["f1", "starred", "p1"]]}]
    found = client.post(f"{FILMS}/validate", json={"claims": claims}).json()
    assert (found["checked"], found["hold"]) == (2, 1)
    assert found["failed"][0]["line"] == 2
    assert "is not in the graph" in found["failed"][0]["problems"][0]
    wrong = client.post(f"{FILMS}/validate", json={"claims": [{"nothing": 1}]})
    assert (wrong.status_code, wrong.json()["error"]["type"]) == (400, "ParseError")
