"""Endpoints that lie: the whole truth, one clear error, or a part that is marked as one."""

from __future__ import annotations

import time

import pytest
from lying_endpoint import Asked, Lie, LyingEndpoint, at_most, instead, lying, once, truth

from kgqa.errors import EndpointDownError, EndpointError, UsageError
from kgqa.graph import GraphBuilder, Triple
from kgqa.graph.endpoint import EndpointAccess, EndpointGraph, EndpointUsage, FetchLimits
from kgqa.graph.endpoint.client import SparqlClient
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, EndpointAnswerer
from kgqa.web import BackOff, Secret

FILMS = """
@prefix : <http://films/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:kismet rdfs:label "Kismet" ; :directed_by :dieterle ; :in_language :english ; :year 1944 .
:juarez rdfs:label "Juarez" ; :directed_by :dieterle ; :in_language :english , :spanish ; :year 1939 .
:dieterle rdfs:label "William Dieterle" ; :born 1893 . :english rdfs:label "English" .
:spanish rdfs:label "Spanish" .
:emma rdfs:label "Emma" ; :directed_by :wilde ; :in_language :english . :wilde rdfs:label "de Wilde" .
:directed_by rdfs:label "directed by" . :in_language rdfs:label "in language" .
"""
KISMET = "http://films/kismet"
DIRECTED = Triple(KISMET, "http://films/directed_by", "http://films/dieterle")


def endpoint(server: LyingEndpoint, timeout: float = 20.0, **more: object) -> EndpointGraph:
    access = EndpointAccess(server.url, timeout=timeout, **more)  # type: ignore[arg-type]
    return EndpointGraph(SparqlClient(access, back_off=BackOff(3, first=0.01)), FetchLimits(batch=4))


@pytest.fixture(scope="module")
def whole() -> set[Triple]:
    with lying(FILMS) as server:
        return set(endpoint(server).around([KISMET], 2))


def cut(bytes_: int) -> Lie:
    """Answers that end after so many bytes, as if all were there."""
    return lambda asked: asked.send(body=asked.body[:bytes_])


def promised(asked: Asked) -> None:
    """Less than the header promises."""
    asked.send(body=asked.body[:20], length=len(asked.body))
    asked.handler.close_connection = True


def closed(asked: Asked) -> None:
    asked.handler.connection.close()
    asked.handler.close_connection = True


def partly(asked: Asked) -> None:
    """A part of the answer, as Virtuoso gives it when its time is over."""
    asked.send(body=asked.with_rows(lambda rows: rows[:1]), x_sql_state="S1TAT")


def slow(asked: Asked) -> None:
    time.sleep(1.0)


def dripping(asked: Asked) -> None:
    asked.handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(50):
        asked.handler.wfile.write(b"x")
        asked.handler.wfile.flush()
        time.sleep(0.02)


def unlike_count(asked: Asked) -> None:
    """All but one of the facts, in every answer that has facts."""
    if "COUNT" in asked.query:
        asked.send()
    else:
        asked.send(body=asked.with_rows(lambda rows: [row for row in rows if "dieterle" not in str(row)]))


@pytest.mark.parametrize(
    "lie",
    [
        truth,
        once(closed),
        once(promised),
        once(cut(40)),
        once(instead(503, "busy", retry_after="0")),
        once(instead(429, "slow down", retry_after="0.05")),
        cut(900),
        at_most(3),
        at_most(3, x_sparql_maxrows="3"),
        lambda asked: asked.send(content_type="text/plain"),
        lambda asked: asked.send() if len(asked.body) < 900 else asked.send(500, b"Query timed out"),
        lambda asked: asked.send() if len(asked.body) < 900 else partly(asked),
    ],
)
def test_all_facts_are_found_where_asking_otherwise_helps(lie: Lie, whole: set[Triple]) -> None:
    assert DIRECTED in whole
    with lying(FILMS, lie) as server:
        usage = EndpointUsage()
        graph = endpoint(server).around([KISMET], 2, usage)
    assert set(graph) == whole
    assert graph.label("http://films/dieterle") == "William Dieterle"
    assert graph.relation_label("http://films/directed_by") == "directed by"
    assert usage.warnings == ()


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (slow, "did not answer within 0.4 seconds"),
        (dripping, "did not answer within 0.4 seconds"),
        (closed, "closed the connection before it had answered"),
        (promised, "closed the connection before it had answered"),
        (cut(30), "sent a result whose end is missing"),
        (instead(200, "<!DOCTYPE html><html>Please log in</html>"), "answered with a web page"),
        (instead(200, "<?xml version='1.0'?><sparql/>"), "answered with XML"),
        (instead(200, '{"head": {}, "results": []}'), "no result of a query"),
        (instead(200, ""), "sent an empty answer"),
        (instead(200, "sorry"), "no result"),
        (instead(400, "syntax error"), "refused the query (400): syntax error"),
        (instead(401, "who are you?"), "refuses access (401), no login was given: who are you?"),
        (instead(404, "<html>"), "is not there (404)"),
        (instead(302, "", location="http://u:secret@elsewhere/sparql"), "redirects to elsewhere/sparql"),
        (instead(429, "slow down", retry_after="0"), "gets too many requests (429)"),
        (instead(429, "slow down", retry_after="3600"), "gets too many requests (429)"),
        (instead(503, "down for repair"), "failed (503): down for repair"),
        (instead(504, ""), "ran out of time (504)"),
        (partly, "ran out of time and gave a part of its answer"),
        (lambda asked: asked.send(206), "ran out of time and gave a part of its answer"),
    ],
)
def test_what_does_not_pass_is_one_error_that_names_the_endpoint(lie: Lie, said: str) -> None:
    patience = 0.4 if "0.4 seconds" in said else 10.0
    with lying(FILMS, lie) as server, pytest.raises(EndpointError) as error:
        endpoint(server, timeout=patience).around([KISMET], 2)
    assert str(error.value).startswith(f"the endpoint {server.url} ")
    assert said in str(error.value)
    assert error.value.exit_code == 1
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("lie", [closed, slow, cut(30), instead(200, "<html>"), instead(503, "")])
def test_no_lie_becomes_an_answer_or_an_empty_one(lie: Lie) -> None:
    answerer = Answerer(GraphBuilder.of([]), MockLanguageModel())
    with lying(FILMS, lie) as server:
        (outcome,) = EndpointAnswerer(answerer, endpoint(server, timeout=0.4)).run(["Who directed Kismet?"])
    assert isinstance(outcome.error, EndpointError)


def test_fewer_facts_than_were_counted_are_said() -> None:
    with lying(FILMS, unlike_count) as server:
        usage = EndpointUsage()
        graph = endpoint(server).around([KISMET], 1, usage)
        assert DIRECTED not in graph
        assert usage.partial == [f"The endpoint counted 4 facts of {KISMET} and gave 3."]
        answerer = EndpointAnswerer(Answerer(GraphBuilder.of([]), MockLanguageModel()), endpoint(server))
        (outcome,) = answerer.run(["Who directed Kismet?"])
    assert any("counted 4 facts" in note for note in outcome.unwrap().notes)


def test_a_retry_waits_as_long_as_it_is_told() -> None:
    with lying(FILMS, once(instead(503, "", retry_after="0.3"))) as server:
        usage = EndpointUsage()
        began = time.monotonic()
        endpoint(server).around([KISMET], 1, usage)
        assert time.monotonic() - began >= 0.3
    assert usage.retries == 1


def test_an_address_that_never_answered_is_not_tried_again() -> None:
    client = SparqlClient(EndpointAccess("http://127.0.0.1:9/sparql"))
    usage = EndpointUsage()
    with pytest.raises(EndpointDownError, match="cannot be reached"):
        client.select("SELECT * WHERE { ?s ?p ?o }", usage)
    assert usage.requests == 1


@pytest.mark.parametrize("text", ["INSERT DATA { <a:a> <a:b> <a:c> }", "DROP ALL", "PREFIX a: <b:> DELETE"])
def test_nothing_but_select_is_sent(text: str) -> None:
    with lying(FILMS) as server:
        with pytest.raises(UsageError, match="only SELECT and ASK"):
            endpoint(server).client.select(text, EndpointUsage())
        assert server.queries == []
        endpoint(server).around([KISMET], 2)
        assert all(query.startswith("SELECT ") for query in server.queries)


def test_an_endpoint_that_stalls_again_and_again_counts_as_down() -> None:
    with lying(FILMS, slow) as server:
        client = SparqlClient(EndpointAccess(server.url, timeout=0.05))
        errors = []
        for _ in range(3):
            with pytest.raises(EndpointError) as error:
                client.select("SELECT * WHERE { ?s ?p ?o }", EndpointUsage())
            errors.append(isinstance(error.value, EndpointDownError))
    assert errors == [False, False, True]


def test_secrets_are_sent_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGQA_SPARQL_LOGIN", "ann:pass-word-1")
    monkeypatch.setenv("KGQA_SPARQL_HEADER", "X-Api-Key: key-2")
    with lying(FILMS, instead(403, "not for pass-word-1, YW5uOnBhc3Mtd29yZC0x, key=key-2")) as server:
        graph = EndpointGraph.at(server.url)
        with pytest.raises(EndpointDownError) as error:
            graph.around([KISMET], 1)
        sent = server.headers[0]
    assert sent["authorization"] == "Basic YW5uOnBhc3Mtd29yZC0x"
    assert sent["x-api-key"] == "key-2"
    assert sent["user-agent"].startswith("kgqa/")
    shown = f"{error.value} {graph!r} {graph.describe()}"
    assert "KGQA_SPARQL_LOGIN" in shown
    assert not any(secret in shown for secret in ("pass-word-1", "YW5u", "key-2"))


@pytest.mark.parametrize("header", ["key-2", "X Api: key-2", ": key-2", "X-Api-Key:", "Authorization: key-2"])
def test_a_header_that_is_none_is_refused_and_not_shown(header: str) -> None:
    with pytest.raises(UsageError, match="KGQA_SPARQL_HEADER") as error:
        EndpointAccess("http://host/sparql", token=Secret("token-3"), header=Secret(header))
    assert "key-2" not in str(error.value)


def test_a_bearer_token_is_sent() -> None:
    with lying(FILMS) as server:
        endpoint(server, token=Secret("token-3")).around([KISMET], 1)
        assert {sent["authorization"] for sent in server.headers} == {"Bearer token-3"}


@pytest.mark.parametrize(
    "url", ["http://u:p@host/sparql", "http://", "ftp://host/sparql", "http://host/a b", "http://host:x/"]
)
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UsageError) as error:
        EndpointAccess(url)
    assert ":p@" not in str(error.value)
