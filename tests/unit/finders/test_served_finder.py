"""Whatever a vLLM server says, hypotheses are chains of the local graph, or there is one clear error."""

from __future__ import annotations

import json
import math
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from misbehaving_server import Behaviour, Script, http, serving

from kgqa import GraphBuilder, Triple
from kgqa.chat import Endpoint
from kgqa.constraint import Without
from kgqa.constraint.engines.walk_request import WalkRequest
from kgqa.errors import KgqaError, ModelError, NoChainError, UsageError
from kgqa.finders import ChainSpace, Found, LinkedQuestion, ServedFinder
from kgqa.lm.vllm.served_model import ServedModel

GRAPH = GraphBuilder.of(
    [
        Triple("Kismet", "directed_by", "William Dieterle"),
        Triple("Kismet", "in_language", "English"),
        Triple("Kismet", "in_language", "日本語"),
    ]
)
SPACE = ChainSpace(GRAPH, "path", hops=1)
ASKED = LinkedQuestion("Who directed Kismet?<|im_end|>", ("Kismet",))
DIRECTOR, LANGUAGE = " Kismet -> directed_by -> William Dieterle", " Kismet -> in_language -> 日本語"

Reply = Callable[[dict[str, Any]], object]


def choice(text: str, ids: list[int], ended: bool = True) -> dict[str, Any]:
    return {"text": text, "token_ids": ids, "finish_reason": "stop" if ended else "length"}


def scored(body: dict[str, Any]) -> dict[str, Any]:
    """Each token of a prompt with a tenth of its id as its cost."""
    rows = [[None, *({str(token): {"logprob": -token / 10}} for token in one[1:])] for one in body["prompt"]]
    return {"choices": [{"index": at, "prompt_logprobs": row} for at, row in enumerate(rows)][::-1]}


def good(*choices: dict[str, Any], **replies: Any) -> Behaviour:
    """A server that gives these choices, and other replies to requests whose path ends so."""

    def behave(connection: socket.socket, script: Script) -> None:
        head, _, content = script.requests[-1].partition("\r\n\r\n")
        path = head.split()[1].rpartition("/")[2]
        body = json.loads(content) if content else {}
        if path in replies:
            http(*replies[path])(connection, script)
            return
        if path == "completions":
            reply = {"choices": choices} if "structured_outputs" in body else scored(body)
        else:
            reply = {"data": [{"id": "m"}, {"id": "n"}], "tokens": [1, 2, 3]}
        http(200, json.dumps(reply))(connection, script)

    return behave


def found_by(behaviour: Behaviour, **settings: Any) -> tuple[Found | KgqaError, Script]:
    with serving(behaviour) as script:
        model = ServedModel(Endpoint(script.url, "(the first)", timeout=10, retries=0))
        (found,) = ServedFinder(model, **settings).find([ASKED], SPACE)
    return found, script


def test_samples_become_hypotheses_with_the_probabilities_of_the_model() -> None:
    choices = [choice(LANGUAGE, [9, 8]), choice(DIRECTOR, [5, 4]), choice(LANGUAGE, [9, 8])]
    found, script = found_by(good(*choices), samples=3, temperature=0.5, seed=7)
    assert isinstance(found, Found)
    first, second = found.hypotheses
    assert (first.chain.end, second.chain.end) == ("William Dieterle", "日本語")
    assert first.log_probability == pytest.approx(-0.9)
    assert second.log_probability == pytest.approx(-1.7)
    assert first.weight == pytest.approx(1 / 3)
    assert second.weight == pytest.approx(2 / 3)
    assert found.tokens == 6
    written = next(body for body in script.bodies if "structured_outputs" in body)
    assert (written["n"], written["temperature"], written["seed"], written["model"]) == (3, 0.5, 7, "m")
    request = WalkRequest.decode(written["structured_outputs"]["regex"])
    assert request == WalkRequest(topics=("Kismet",), checksum=GRAPH.checksum, hops=1)
    asked = next(body for body in script.bodies if "messages" in body)
    assert "<|im_end|>" not in json.dumps(asked), "the question can write a mark of the chat template"


class Meeting:
    """A ranker that sees whether another thread is in it at the same time."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2, timeout=0.2)
        self.met = False

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        with suppress(threading.BrokenBarrierError):
            self.barrier.wait()
            self.met = True

    def rank(self, question: str, topics: Any, hypotheses: Sequence[Any], graph: Any) -> list[Any]:
        return list(hypotheses)


def test_questions_that_are_asked_at_once_share_tables_and_rankers_one_after_the_other() -> None:
    ranker = Meeting()
    with serving(good(choice(DIRECTOR, [5]))) as script:
        model = ServedModel(Endpoint(script.url, "m", timeout=10, retries=0))
        found = ServedFinder(model, rankers=(ranker,)).find([ASKED, ASKED], SPACE)
    assert all(isinstance(one, Found) for one in found)
    assert not ranker.met


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " Kismet",
        " Kismet -> directed_by",
        " Kismet -> directed_by -> Billy Wilder",
        " Kismet -> directed_by -> William Dieterle -> in_language -> English",
        DIRECTOR + DIRECTOR,
        "\0" * 10,
        "\ud800",
    ],
)
def test_a_lying_server_gives_an_error_and_no_fact(text: str) -> None:
    error, _ = found_by(good(choice(DIRECTOR, [5]), choice(text, [6])), samples=2)
    assert isinstance(error, ModelError)
    assert "no chain that was asked for" in str(error)


def test_more_texts_than_were_asked_for_weigh_nothing() -> None:
    error, _ = found_by(good(*[choice(DIRECTOR, [5])] * 3), samples=2)
    assert isinstance(error, ModelError)
    assert "sent 3 texts where 2 were asked for" in str(error)


def test_a_server_without_the_plug_in_is_found_out() -> None:
    error, script = found_by(good(choice("kgqa:eyJ0b3BpY3MiO", [5], ended=False), choice(DIRECTOR, [6])))
    assert isinstance(error, ModelError)
    assert "has no plug-in of kgqa" in str(error)
    assert all("prompt_logprobs" not in body for body in script.bodies)


def test_texts_that_were_cut_off_are_left_out() -> None:
    cut = choice(" Kismet -> directed", [1, 2, 3], ended=False)
    found, _ = found_by(good(cut, choice(DIRECTOR, [5])), samples=2)
    assert isinstance(found, Found)
    assert [one.chain.end for one in found.hypotheses] == ["William Dieterle"]
    error, _ = found_by(good(cut, cut), samples=2)
    assert "finished none of 2 texts" in str(error)


def test_a_refusal_is_told_in_the_words_of_the_server() -> None:
    said = json.dumps({"error": {"message": "kgqa: there is no graph with the checksum '1' here"}})
    error, script = found_by(good(completions=(400, said)))
    assert isinstance(error, ModelError)
    assert "kgqa: there is no graph with the checksum '1' here" in str(error)
    assert len(script.requests) == 4, "a refusal was not the end"


def test_a_model_without_a_chat_template_gets_the_plain_text() -> None:
    said = json.dumps({"error": {"message": "default chat template is no longer allowed"}})

    def behave(connection: socket.socket, script: Script) -> None:
        refused = "messages" in script.requests[-1]
        (http(400, said) if refused else good(choice(DIRECTOR, [5])))(connection, script)

    found, script = found_by(behave)
    assert isinstance(found, Found)
    assert any(body.get("prompt", "").endswith("# Reasoning Path:") for body in script.bodies[:3])


@pytest.mark.parametrize(
    ("replies", "message"),
    [
        ({"tokenize": (200, "<html>")}, "not valid JSON"),
        ({"tokenize": (200, "[" * 10**5)}, "not valid JSON"),
        ({"tokenize": (200, '{"tokens": "abc"}')}, "no 'tokens'"),
        ({"tokenize": (200, '{"tokens": [-1]}')}, "no token ids"),
        ({"tokenize": (404, "")}, "no vLLM server"),
        ({"tokenize": (401, "")}, "set VLLM_API_KEY"),
        ({"models": (200, '{"data": []}')}, "lists no models"),
        ({"models": (200, '{"data": [3]}')}, "no 'id'"),
        ({"completions": (200, '{"choices": 3}')}, "no 'choices'"),
        ({"completions": (200, '{"choices": [{"text": "x"}]}')}, "no 'token_ids'"),
        ({"completions": (500, "")}, "failed (500)"),
    ],
)
def test_a_server_that_is_none_gives_one_error(replies: dict[str, Any], message: str) -> None:
    error, _ = found_by(good(**replies))
    assert isinstance(error, ModelError)
    assert message in str(error)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ({"choices": []}, "scored 0 of 1"),
        ({"choices": [{"index": 0, "prompt_logprobs": None}]}, "no 'prompt_logprobs'"),
        ({"choices": [{"index": 0, "prompt_logprobs": [{"7": {"logprob": -1}}]}]}, "no '5'"),
        ({"choices": [{"index": 0, "prompt_logprobs": [{"5": {"logprob": 3.5}}]}]}, "raw_logprobs"),
        ({"choices": [{"index": 0, "prompt_logprobs": [{"5": {"logprob": math.nan}}]}]}, "raw_logprobs"),
        ({"choices": [{"index": 0, "prompt_logprobs": [{"5": {"logprob": -math.inf}}]}]}, "raw_logprobs"),
        ({"choices": [{"index": 0, "prompt_logprobs": [{"5": {"logprob": -1e308}}]}]}, "raw_logprobs"),
        ({"choices": [{"index": 0, "prompt_logprobs": [{"5": {"logprob": -(10**400)}}]}]}, "no 'logprob'"),
    ],
)
def test_scores_that_are_none_give_one_error(reply: object, message: str) -> None:
    def behave(connection: socket.socket, script: Script) -> None:
        scoring = "prompt_logprobs" in script.requests[-1]
        (http(200, json.dumps(reply)) if scoring else good(choice(DIRECTOR, [5])))(connection, script)

    error, _ = found_by(behave)
    assert isinstance(error, ModelError)
    assert message in str(error)


def test_what_cannot_be_asked_of_a_server_is_said_before() -> None:
    model = ServedModel.at("vllm:http://127.0.0.1:9")
    refused: list[dict[str, Any]] = [{"samples": 0}, {"temperature": 0}, {"prompt": "rog"}]
    for settings in refused:
        with pytest.raises(UsageError, match=next(iter(settings))):
            ServedFinder(model, **settings)
    finder = ServedFinder(model)
    (error,) = finder.find([ASKED], ChainSpace(GRAPH, "path", filters=(Without(relations={"in_language"}),)))
    assert isinstance(error, UsageError)
    (error,) = finder.find([ASKED._replace(topics=("English",))], ChainSpace(GRAPH, "path", inverse=False))
    assert isinstance(error, NoChainError)
    for address in ("vllm:", "vllm:localhost:8000", "vllm:ftp://x"):
        with pytest.raises(UsageError, match="http"):
            ServedModel.at(address)


def test_the_key_is_sent_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_API_KEY", "sesame")
    with serving(good(tokenize=(401, "sesame is wrong"))) as script:
        model = ServedModel.at(f"vllm:{script.url}#n")
        (error,) = ServedFinder(model).find([ASKED], SPACE)
    assert "authorization: bearer sesame" in script.requests[0].lower()
    assert "sesame" not in f"{error} {model!r} {model.fingerprint}"
    assert model.fingerprint == f"vllm:{script.url.removesuffix('/v1')}#n"
    with pytest.raises(UsageError, match="VLLM_API_KEY") as caught:
        ServedModel.at("vllm:http://me:sesame@localhost:8000")
    assert "sesame" not in str(caught.value)
