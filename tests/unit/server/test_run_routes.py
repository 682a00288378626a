import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from unit.report.made_runs import HOSTILE, record, write_run, wrong
from unit.server.conftest import films_catalogue, keyed

from kgqa.server import ServerOptions

CHAIN = ((("f1", "directed_by", "p1"),),)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    made = [
        record("q1", confidence=0.9, chains=CHAIN, entities=("p1",)),
        wrong("q2", confidence=0.2, chains=CHAIN, entities=("p1",), error=f"{tmp_path}/secret/file: broken"),
        record(
            "q3",
            answers=(),
            entities=(),
            vote_shares=(),
            chains=(),
            proves=(),
            status="abstained",
            confidence=None,
        ),
    ]
    write_run(
        tmp_path / "runs" / "films" / "may",
        made,
        {"describes": {"about": {"dataset": f"{tmp_path}/ours.jsonl", "graph": str(tmp_path)}}},
    )
    write_run(
        tmp_path / "runs" / "hostile",
        [wrong(f"q{n}", question=text, answers=(text,)) for n, text in enumerate(HOSTILE)],
    )
    (tmp_path / "outside").mkdir()
    return tmp_path / "runs"


@pytest.fixture
def client(runs: Path) -> Iterator[TestClient]:
    catalogue = films_catalogue()
    yield keyed(catalogue, ServerOptions(runs=runs))
    catalogue.close()


def test_runs_are_listed_by_names_without_a_path(client: TestClient, runs: Path) -> None:
    listed = client.get("/api/v1/runs").json()
    assert [run["run"] for run in listed["runs"]] == ["films~may", "hostile"]
    assert listed["runs"][0]["scores"]["hits_at_1"] == pytest.approx(1 / 3)
    assert set(listed["labels"]) == set(listed["runs"][0]["scores"])
    texts = [
        client.get(f"/api/v1/runs/films~may{rest}").text
        for rest in ("", "/report", "/records", "/review?reviewer=Ann")
    ]
    assert not [text for text in texts if str(runs.parent) in text]
    assert "file: broken" in texts[2]


def test_records_come_page_by_page(client: TestClient) -> None:
    first = client.get("/api/v1/runs/hostile/records?limit=7").json()
    rest = client.get(f"/api/v1/runs/hostile/records?offset={first['next']}&limit=1000").json()
    assert [one["question"] for one in first["records"] + rest["records"]] == list(HOSTILE)
    assert rest["next"] is None
    assert [
        one["id"] for one in client.get("/api/v1/runs/films~may/records?wrong=true").json()["records"]
    ] == ["q2", "q3"]


def test_a_report_may_style_itself_and_run_nothing(client: TestClient) -> None:
    reply = client.get("/api/v1/runs/hostile/report")
    assert reply.headers["content-type"].startswith("text/html")
    assert "sandbox" in reply.headers["content-security-policy"]
    assert "script-src" not in reply.headers["content-security-policy"]
    assert "<script" not in reply.text


def test_a_verdict_is_kept_beside_the_run_and_the_next_answer_comes(client: TestClient, runs: Path) -> None:
    url = "/api/v1/runs/films~may/review"
    queue = client.get(url, params={"reviewer": "Ann"}).json()
    assert (queue["waiting"], queue["judged"], queue["questions"][0]["id"]) == (2, 0, "q2")
    assert queue["questions"][0]["names"] == {
        "f1": "Kismet",
        "directed_by": "directed by",
        "p1": "William Dieterle",
    }
    given = {"id": "q2", "verdict": "wrong link", "reviewer": " Ann ", "note": "the other\nKismet"}
    kept = client.post(url, json=given).json()
    lines = (runs / "films" / "may" / "reviews.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [kept]
    assert (kept["reviewer"], kept["note"], kept["answer"]) == (
        "Ann",
        "the other\nKismet",
        "William Dieterle",
    )
    after = client.get(url, params={"reviewer": "Ann"}).json()
    assert (after["waiting"], after["judged"], after["questions"][0]["id"]) == (1, 1, "q1")
    assert client.get(url, params={"reviewer": "Bo"}).json()["waiting"] == 2


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"id": "q9"}, 404),
        ({"id": "q3"}, 400),
        ({"verdict": "fine"}, 422),
        ({"reviewer": "  "}, 422),
        ({"note": "x" * 1001}, 422),
        ({"more": 1}, 422),
    ],
)
def test_a_verdict_that_cannot_be_kept_is_refused(
    client: TestClient, runs: Path, change: dict[str, object], status: int
) -> None:
    body = {"id": "q1", "verdict": "accept", "reviewer": "Ann"} | change
    assert client.post("/api/v1/runs/films~may/review", json=body).status_code == status
    assert not (runs / "films" / "may" / "reviews.jsonl").exists()


@pytest.mark.parametrize("name", ["other", "..~outside", "..%2foutside", "films", "films~..~hostile", "%00"])
def test_only_runs_that_were_found_are_shown(client: TestClient, name: str) -> None:
    assert client.get(f"/api/v1/runs/{name}").status_code == 404


def test_a_new_run_is_seen_and_a_damaged_one_left_out(client: TestClient, runs: Path) -> None:
    (runs / "hostile" / "records.jsonl").write_text("{}\n", "utf-8")
    write_run(runs / "later", [record("q1")])
    assert [run["run"] for run in client.get("/api/v1/runs").json()["runs"]] == ["films~may", "later"]


def test_without_a_folder_there_are_no_runs() -> None:
    catalogue = films_catalogue()
    assert keyed(catalogue, ServerOptions()).get("/api/v1/runs").json()["runs"] == []
    catalogue.close()


def test_what_is_wrong_with_the_files_of_a_run_is_for_the_log_alone(
    client: TestClient, runs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = "/api/v1/runs/films~may"
    judged = {"id": "q1", "verdict": "accept", "reviewer": "Ann"}
    (runs / "films" / "may" / "reviews.jsonl").write_text("{broken\n")
    replies = [
        client.get(run),
        client.get(f"{run}/review?reviewer=Ann"),
        client.post(f"{run}/review", json=judged),
    ]
    (runs / "films" / "may" / "records.jsonl").write_text("{broken\n{}\n")
    replies += [client.get(f"{run}{part}") for part in ("", "/report", "/records", "/review?reviewer=Ann")]
    for reply in replies:
        assert (reply.status_code, reply.json()["error"]["type"]) == (500, "InternalError")
        assert str(runs.parent) not in reply.text
        assert "jsonl" not in reply.text
    assert "records.jsonl, line 1" in caplog.text
