"""GCR's form: prompts and texts held to its published template, and paths to a listing of GCR's own."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tiny_models import tiny_model
from tokenizer_families import with_path_tokens

from kgqa.answer import Answer
from kgqa.constraint import StatedAnswer, spoken_identifiers
from kgqa.decode import BeamSearch, Decoder, DiverseBeamSearch
from kgqa.errors import KgqaError, UsageError
from kgqa.finders import ChainSpace, Found, LinkedQuestion, ModelFinder
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.lm import Prompt
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.prompt_renderer import PromptRenderer
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.pipeline import Outcome
from kgqa.service.reply import Reply

# Quoted from GCR's published code (RManLuo/graph-constrained-reasoning): `ZERO_SHOT_PROMPT`, the question
# with "?" behind it unless it ends so, and `ANS_TEMPLATE`, with a path in `path_to_string`.
TEMPLATE = (
    "Reasoning path is a sequence of triples in the KG that connects the topic entities in the question to "
    "answer entities. Given a question, please generate some reasoning paths in the KG starting from the "
    "topic entities to answer the question.\n\n# Question: \n{question}\n# Topic entities: \n{entities}\n"
)
COMPLETION = "# Reasoning Path:\n<PATH>{path}</PATH>\n# Answer:\n{answer}"
TRIMMED = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GCRS_DECODER = DiverseBeamSearch(12, 12, 1.0, "tokens")
Walked = tuple[tuple[str, str, str], ...]
ATHLETES = "sports.sport_country.athletic_performances"
TRIPLES = [
    ("Jamaica", ATHLETES, "m.0b64vhp"),
    ("m.0b64vhp", "sports.athletic_performance.athlete", "Usain Bolt"),
    ("Usain Bolt", "people.person.nationality", "Jamaica"),
    ("Jamaica", "location.country.languages_spoken", "Jamaican English"),
    ("Jamaican English", "base.spoken_in", "Jamaica"),
    ("Kingston", "location.location.containedby", "Jamaica"),
]


def published(tokenizer: Any, question: str, entities: Sequence[str], path: str, answer: str) -> list[int]:
    """The ids of a prompt and its completion, made as GCR's published code makes them."""
    asked = question if question.endswith("?") else question + "?"
    content = TEMPLATE.format(question=asked, entities=",".join(entities))
    said = tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
    )
    whole = said + COMPLETION.format(path=path, answer=answer)
    ids: list[int] = tokenizer(whole, add_special_tokens=False)["input_ids"]
    return ids


def chat_tokenizers() -> Iterator[Any]:
    """A tokenizer with a chat template that keeps the line end of a message, and one that cuts it off."""
    kept = with_path_tokens("qwen2")
    trimmed = copy.deepcopy(kept)
    trimmed.chat_template = TRIMMED
    return iter((kept, trimmed))


def asked(tokenizer: Any, question: str, entities: Sequence[str]) -> list[int]:
    renderer = PromptRenderer(tokenizer, HuggingFaceTokenizer(tokenizer), opens=True)
    return renderer.encode(Prompt(question, tuple(entities), "path", "gcr"))


def prompt_of(ids: list[int], tokenizer: Any) -> list[int]:
    """The ids up to the token that opens the path."""
    return ids[: ids.index(tokenizer.convert_tokens_to_ids("<PATH>")) + 1]


@pytest.mark.parametrize("question", ["what does jamaican people speak", "who is it?", "when? then", "x ?"])
def test_a_prompt_has_the_ids_of_the_published_template(question: str) -> None:
    for tokenizer in chat_tokenizers():
        whole = published(tokenizer, question, ["Jamaica", "Usain Bolt"], "a", "b")
        assert asked(tokenizer, question, ["Jamaica", "Usain Bolt"]) == prompt_of(whole, tokenizer)


@pytest.mark.data
def test_the_prompts_of_18_questions_in_rogs_form_are_gcrs(data_folder: Path) -> None:
    file = data_folder / "freebase" / "webqsp_rog_format_18.jsonl.gz"
    equal = usual = 0
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    tokenizer, _ = chat_tokenizers()
    renderer = PromptRenderer(tokenizer, HuggingFaceTokenizer(tokenizer), opens=True)
    for row in rows:
        whole = prompt_of(published(tokenizer, row["question"], row["q_entity"], "a", "b"), tokenizer)
        equal += whole == asked(tokenizer, row["question"], row["q_entity"])
        usual += whole == renderer.encode(Prompt(row["question"], tuple(row["q_entity"])))
    assert (equal, usual, len(rows)) == (18, 0, 18)


def listed(triples: Sequence[tuple[str, str, str]], start: str, hops: int) -> set[Walked]:
    """All walks along the direction of triples, cycles included, as GCR's `dfs` lists them."""
    found: set[Walked] = set()
    walks: list[Walked] = [()]
    for _ in range(hops):
        walks = [
            (*walk, triple)
            for walk in walks
            for triple in triples
            if triple[0] == (walk or ((start,),))[-1][-1]
        ]
        found.update(walks)
    return found


def text_of(path: Walked) -> str:
    return path[0][0] + "".join(f" -> {relation} -> {tail}" for _, relation, tail in path)


def found_by(graph: IndexedGraph, answer: StatedAnswer, decoder: Decoder = GCRS_DECODER) -> tuple[Found, Any]:
    raw, tokenizer = tiny_model("llama")
    tokenizer.chat_template = TRIMMED
    finder = ModelFinder(
        CausalLanguageModel(raw, tokenizer),
        decoder,
        prompt="gcr",
        answer=answer,
    )
    space = ChainSpace(graph, "path", 2, inverse=False, allow_return=True)
    (found,) = finder.find([LinkedQuestion("what do they speak", ("Jamaica",))], space)
    assert not isinstance(found, KgqaError)
    return found, tokenizer


def test_the_paths_are_those_that_gcr_lists_with_identifiers_and_cycles() -> None:
    graph = spoken_identifiers(GraphBuilder.of(TRIPLES))
    found, tokenizer = found_by(graph, "none", BeamSearch(30))
    said = {tokenizer.decode(h.tokens) for h in found.hypotheses}
    wanted = {text_of(path) for path in listed(TRIPLES, "Jamaica", 2)}
    assert said == wanted
    assert f"Jamaica -> {ATHLETES} -> m.0b64vhp" in said
    silent, _ = found_by(GraphBuilder.of(TRIPLES), "none", BeamSearch(30))
    assert not any("m.0b64vhp" in tokenizer.decode(h.tokens) for h in silent.hypotheses)


@pytest.mark.parametrize("answer", ["held", "free"])
def test_a_text_has_the_ids_of_gcrs_template_and_its_answer_is_read(answer: StatedAnswer) -> None:
    graph = spoken_identifiers(GraphBuilder.of(TRIPLES))
    found, tokenizer = found_by(graph, answer)
    paths = {text_of(path) for path in listed(TRIPLES, "Jamaica", 2)}
    prompt = asked(tokenizer, "what do they speak", ["Jamaica"])
    assert found.hypotheses
    for hypothesis in found.hypotheses:
        path, _, said = tokenizer.decode(hypothesis.tokens).partition("</PATH>\n# Answer:\n")
        stated = hypothesis.stated
        assert path in paths
        assert stated is not None
        assert stated.text == said.strip()
        assert stated.from_graph is (answer == "held")
        if answer == "held":
            whole = published(tokenizer, "what do they speak", ["Jamaica"], path, said)
            assert whole == [*prompt, *hypothesis.tokens]


def test_what_is_written_behind_the_chains_stands_in_the_reply_apart_from_the_answers() -> None:
    found, _ = found_by(spoken_identifiers(GraphBuilder.of(TRIPLES)), "free")
    reply = Reply.of(Outcome("what do they speak", Answer("what do they speak"), hypotheses=found.hypotheses))
    written = [hypothesis.stated.text for hypothesis in found.hypotheses if hypothesis.stated]
    assert reply.to_dict(0.0)["stated"] == list(dict.fromkeys(written)) != []
    assert reply.to_dict(0.0)["answers"] == []


def test_a_hypothesis_without_an_answer_states_none() -> None:
    found, _ = found_by(GraphBuilder.of(TRIPLES), "none")
    assert all(hypothesis.stated is None for hypothesis in found.hypotheses)


class OtherModel:
    """A model with a tokenizer that knows no more than the protocol asks of it."""

    tokenizer = object()


def test_a_tokenizer_that_cannot_tell_plain_text_takes_no_answer() -> None:
    with pytest.raises(UsageError, match="leave `answer` out"):
        ModelFinder(OtherModel(), answer="free")  # type: ignore[arg-type]


def test_a_graph_whose_nodes_all_have_names_is_itself_with_spoken_identifiers() -> None:
    graph = GraphBuilder.of([("a", "r", "b")])
    assert spoken_identifiers(graph) is graph
    nameless = GraphBuilder.of(TRIPLES)
    spoken = spoken_identifiers(nameless)
    assert spoken is spoken_identifiers(nameless)
    assert spoken.checksum != nameless.checksum
    assert [spoken.entity_id(e) for e in ("Jamaica", "m.0b64vhp")] == [
        nameless.entity_id(e) for e in ("Jamaica", "m.0b64vhp")
    ]
