from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient


def samples(client: TestClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = client.get("/metrics").text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_and_questions_are_counted_by_route_and_not_by_path(client: TestClient) -> None:
    client.post("/api/v1/graphs/films/ask", json={"question": "Who directed Kismet?"})
    client.post("/api/v1/graphs/other/ask", json={"question": "Who directed Kismet?"})
    client.get("/api/v1/nothing/here")
    found = samples(client)
    route = "/api/v1/graphs/{graph}/ask"

    def requests(path: str, status: str, method: str = "POST") -> float | None:
        return found.get(("kgqa_requests_total", (("method", method), ("route", path), ("status", status))))

    assert (requests(route, "200"), requests(route, "404")) == (1, 1)
    assert requests("none", "404", "GET") == 1
    assert found["kgqa_questions_total", (("graphs", "films"),)] == 1
    assert found["kgqa_waiting_questions", (("graphs", "films"),)] == 0
    assert found["kgqa_request_seconds_count", (("route", route),)] == 2
    assert ("process_resident_memory_bytes", ()) in found


def test_each_graph_has_its_version(client: TestClient) -> None:
    version = client.get("/api/v1/graphs").json()["graphs"][0]["version"]
    key = ("kgqa_graph_info", (("graph", "films"), ("version", version)))
    assert samples(client)[key] == 1
