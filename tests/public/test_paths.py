"""Wherever a public function takes a path: text and `Path` alike, and one clear error for everything else."""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import huggingface_hub.constants
import pytest

import kgqa
from kgqa import (
    Answerer,
    Chain,
    GraphBuilder,
    Hop,
    MockLanguageModel,
    Question,
    TrainingSettings,
    draw,
    evaluate,
    leaderboard,
    load_chat,
    load_encoder,
    load_language_model,
    load_questions,
    load_reranker,
    load_run,
    open_graph,
    save_index,
    train,
)
from kgqa.errors import KgqaError, UsageError

GRAPH = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
ANSWERER = Answerer(GRAPH, MockLanguageModel())
QUESTIONS = [Question("1", "who directed Kismet?", ("Kismet",), ("William Dieterle",))]
CHAIN = Chain("Kismet", (Hop("directed_by", "William Dieterle"),))
LITTLE = TrainingSettings(steps=1, made_up=1)


class Taken(NamedTuple):
    """A parameter that takes a path: `call` uses one; `path` is one that works below the fixture's folder."""

    name: str
    parameter: str
    call: Callable[..., object]
    path: str | None
    may_be_none: bool = False


PATHS = [
    Taken("open_graph", "source", open_graph, "facts.tsv"),
    Taken("open_graph", "cache", lambda path: open_graph("facts.tsv", cache=path), "cache", True),
    Taken("save_index", "folder", lambda path: save_index(GRAPH, path), "index"),
    Taken("load_questions", "path", lambda path: list(load_questions(path)), "questions.jsonl"),
    Taken("evaluate", "out", lambda path: evaluate(QUESTIONS, ANSWERER, path), "run"),
    Taken("Answerer.cached", "folder", lambda path: ANSWERER.cached(path).answer("?", ["Kismet"]), "decoded"),
    Taken("load_run", "folder", load_run, "old-run"),
    Taken("leaderboard", "runs", leaderboard, "."),
    Taken("draw", "file", lambda path: draw(CHAIN, file=path), "chain.svg", True),
    Taken("load_language_model", "source", load_language_model, None, True),
    Taken("load_encoder", "source", load_encoder, None, True),
    Taken("load_reranker", "source", load_reranker, None),
    Taken("load_chat", "name", load_chat, None, True),
    Taken("load_chat", "config", lambda path: load_chat("local", config=path, cache=False), "llm.toml", True),
    Taken("load_chat", "cache", lambda path: load_chat("local", config="llm.toml", cache=path), "replies"),
    Taken("train", "out", lambda path: train(path, GRAPH, "none.jsonl", settings=LITTLE), None),
    Taken("train", "graph", lambda path: train("model", path, settings=LITTLE), None, True),
    Taken("train", "questions", lambda path: train("model", GRAPH, path, settings=LITTLE), None),
    Taken("train", "dev", lambda path: train("model", GRAPH, dev=path, settings=LITTLE), None),
    Taken("train", "model", lambda path: train("model", GRAPH, model=path, settings=LITTLE), None, True),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("KGQA_CACHE", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("KGQA_LLM", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "facts.tsv").write_text("Kismet\tdirected_by\tWilliam Dieterle\n", "utf-8")
    (tmp_path / "questions.jsonl").write_text(
        '{"id": "1", "question": "who?", "topic_entities": [], "answers": []}\n', "utf-8"
    )
    (tmp_path / "llm.toml").write_text(
        '[llm.local]\nmodel = "m"\nbase_url = "http://localhost:1/v1"\n', "utf-8"
    )
    return tmp_path


def named(one: Taken) -> str:
    return f"{one.name}-{one.parameter}"


def test_every_parameter_of_a_public_function_that_takes_a_path_is_held_to_these_laws() -> None:
    functions = {name: getattr(kgqa, name) for name in kgqa.__all__}
    for name, value in list(functions.items()):
        if inspect.isclass(value):
            methods = inspect.getmembers(value, lambda one: inspect.isfunction(one) or inspect.ismethod(one))
            functions |= {f"{name}.{method}": of for method, of in methods if not method.startswith("_")}
    functions = {name: of for name, of in functions.items() if not inspect.isclass(of)}
    found = {
        (name, parameter.name)
        for name, function in functions.items()
        for parameter in inspect.signature(function).parameters.values()
        if re.search(r"\bPath\b", str(parameter.annotation))
    }
    sources = {("train", "questions"), ("train", "dev")}  # QuestionSource, an alias
    assert found | sources == {(one.name, one.parameter) for one in PATHS}


@pytest.mark.parametrize("one", [one for one in PATHS if one.path], ids=named)
def test_a_text_works_as_a_path_does(one: Taken, folder: Path) -> None:
    assert one.path is not None
    if one.path in ("old-run", "."):
        evaluate(QUESTIONS, ANSWERER, "old-run")
    one.call(one.path)
    made = folder / one.path
    if one.path not in ("old-run", ".", "facts.tsv", "questions.jsonl", "llm.toml"):
        shutil.rmtree(made) if made.is_dir() else made.unlink(missing_ok=True)
    one.call(made)
    assert made.exists() or one.path == "replies"


@pytest.mark.parametrize(
    "wrong",
    [3, b"facts.tsv", object(), 1.5, ("a", 3), None],
    ids=["int", "bytes", "object", "float", "tuple", "None"],
)
@pytest.mark.parametrize("one", PATHS, ids=named)
def test_what_is_no_path_is_a_usage_error(one: Taken, wrong: object) -> None:
    if wrong is None and one.may_be_none:
        return
    with pytest.raises(KgqaError if isinstance(wrong, tuple) else UsageError):
        one.call(wrong)


@pytest.mark.parametrize(
    "path",
    ["", "nul\0", "x" * 5000, "facts.tsv/under", "/proc/no/such/place"],
    ids=lambda p: f"{p!r:.12}",
)
@pytest.mark.parametrize("form", [str, Path])
@pytest.mark.parametrize("one", PATHS, ids=named)
def test_a_hopeless_path_is_an_error_of_kgqa_or_does_no_harm(
    one: Taken, form: type[str] | type[Path], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # "facts.tsv/under" could be a model of the hub, which nobody is to wait for
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    try:
        one.call(form(path))
    except KgqaError as error:
        message = str(error)
    else:
        message = ""
        # caches are optional, and the empty Path is the working folder
        assert one.parameter == "cache" or (form is Path and not path), "it must be refused"
    assert "\n" not in message
