from __future__ import annotations

import copy
import itertools
import json
import math
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from property_examples import examples
from tiny_models import CAUSAL, SEQ2SEQ, tiny_model
from tokenizer_families import FAMILIES

from kgqa.chat import Budget, CachedChat, ContrastsChat, Message, ReplyCache, StreamsChat, Usage
from kgqa.chat.cached import CachedContrastingChat
from kgqa.chat.testing import check_chat_model
from kgqa.errors import BudgetError, ChatError, ModelError, UsageError
from kgqa.lm.hf.contrast import contrasted, divergence
from kgqa.lm.hf.conversation import ConversationEncoder
from kgqa.lm.hf.local_chat import LocalChat

ASKED = [
    Message("system", "Answer from these chains."),
    Message("user", "Kismet -> directed_by -> William Dieterle\nwho directed Kismet?"),
]
BARE = [Message("system", "Answer."), Message("user", "who directed Kismet?")]


def local(name: str, **options: Any) -> LocalChat:
    return LocalChat(*tiny_model(name), name, **options)


# Transformers' own generate counts the positions of Roberta in another way than its forward pass.
@pytest.mark.parametrize("name", sorted({*CAUSAL, *SEQ2SEQ} - {"roberta"}))
def test_every_kind_of_model_obeys_the_laws(name: str) -> None:
    model = local(name)
    assert isinstance(model, StreamsChat)
    assert isinstance(model, ContrastsChat)
    check_chat_model(model, max_tokens=6, threads=2)


def test_who_reads_a_stream_may_ask_for_something_else_meanwhile() -> None:
    model = local("llama")
    stream = model.stream(ASKED, max_tokens=4)
    pieces = [next(stream)]
    alone = model.reply(BARE, max_tokens=4)
    pieces += stream
    assert "".join(pieces) == model.reply(ASKED, max_tokens=4).text
    assert alone == model.reply(BARE, max_tokens=4)


@pytest.mark.parametrize("name", ["llama", "gpt2", "gemma3", "t5", "bert2bert"])
def test_a_reply_is_the_most_likely_token_at_each_step(name: str) -> None:
    model, tokenizer = tiny_model(name)
    ids = ConversationEncoder(tokenizer, opens=not model.config.is_encoder_decoder).encode(ASKED)
    ends = {tokenizer.eos_token_id, model.generation_config.eos_token_id}
    expected: list[int] = []
    while len(expected) < 8 and not ends & set(expected):
        expected.append(int(np.argmax(next_logits(model, ids, expected))))
    reply = LocalChat(model, tokenizer).reply(ASKED, max_tokens=8)
    assert reply.text == tokenizer.decode(expected, skip_special_tokens=True)
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (len(ids), len(expected))
    assert reply.finished == bool(ends & set(expected))


@pytest.mark.parametrize("name", ["llama", "llama-legacy", "qwen2", "gemma3", "gpt2", "gpt-oss", "mamba"])
def test_a_reply_is_held_to_a_schema(name: str) -> None:
    pytest.importorskip("llguidance")
    names = ["Zürich", 'say "x" \\', "a b"]
    line = {"type": "string", "enum": names}
    schema = {
        "type": "object",
        "properties": {"answerable": {"type": "boolean"}, "answer": line},
        "required": ["answerable", "answer"],
        "additionalProperties": False,
    }
    model = local(name)
    assert model.holds_schema
    for asked in (ASKED, BARE):
        reply = model.reply(asked, schema=schema, max_tokens=200)
        said = json.loads(reply.text)
        assert said.keys() == {"answerable", "answer"}
        assert isinstance(said["answerable"], bool)
        assert said["answer"] in names
        assert reply.finished


def test_a_tokenizer_that_nothing_can_hold_leaves_schemas_out() -> None:
    model = local("t5")
    assert not model.holds_schema
    assert model.reply(ASKED, schema={"type": "integer"}, max_tokens=6) == model.reply(ASKED, max_tokens=6)


def test_a_schema_that_cannot_be_held_is_an_error() -> None:
    pytest.importorskip("llguidance")
    with pytest.raises(UsageError, match="no reply can be held to this schema"):
        local("llama").reply(ASKED, schema={"type": "nonsense"}, max_tokens=6)


@pytest.mark.parametrize("name", ["llama", "qwen2", "gpt2", "gemma2", "opt", "t5", "bert2bert"])
def test_contrast_is_what_the_formula_says(name: str) -> None:
    """AdaCAD in numpy, without a cache: the whole text is read again at each step, twice."""
    model, tokenizer = tiny_model(name)
    encoder = ConversationEncoder(tokenizer, opens=not model.config.is_encoder_decoder)
    ids, bare = encoder.encode(ASKED), encoder.encode(BARE)
    ends = {tokenizer.eos_token_id, model.generation_config.eos_token_id}
    written: list[int] = []
    alphas = []
    while len(written) < 8 and not ends & set(written):
        there, gone = next_logits(model, ids, written), next_logits(model, bare, written)
        alpha = jensen_shannon(there, gone)
        alphas.append(alpha)
        written.append(int(np.argmax((1 + alpha) * there - alpha * gone)))
    found = LocalChat(model, tokenizer).contrast(ASKED, BARE, max_tokens=8)
    assert found.reply.text == tokenizer.decode(written, skip_special_tokens=True)
    assert found.conflict == pytest.approx(np.mean(alphas), abs=1e-5)
    assert found.reply.usage.prompt_tokens == len(ids) + len(bare)


def next_logits(model: Any, prompt: list[int], written: list[int]) -> NDArray[np.float64]:
    """What a model says of the next token, read from the start."""
    with torch.no_grad():
        if model.config.is_encoder_decoder:
            begun = [model.generation_config.decoder_start_token_id, *written]
            output = model(input_ids=torch.tensor([prompt]), decoder_input_ids=torch.tensor([begun]))
        else:
            output = model(input_ids=torch.tensor([[*prompt, *written]]))
    logits: NDArray[np.float64] = output.logits[0, -1].double().numpy()
    return logits


def jensen_shannon(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    p, q = (np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in (left, right))
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = [np.where(row > 0, row * np.log(row / middle), 0).sum() for row in (p, q)]
    return float(sum(gaps) / 2)


LOGITS = arrays(np.float64, (3, 7), elements=st.floats(-60, 60))


@given(LOGITS, LOGITS)
def test_the_divergence_is_that_of_jensen_and_shannon(left: Any, right: Any) -> None:
    found = divergence(torch.tensor(left), torch.tensor(right))
    assert found.tolist() == pytest.approx(
        [jensen_shannon(*rows) for rows in zip(left, right, strict=True)], abs=1e-9
    )
    assert torch.allclose(found, divergence(torch.tensor(right), torch.tensor(left)))
    assert all(0 <= value <= math.log(2) + 1e-9 for value in found.tolist())


def test_what_is_forbidden_stays_so_and_disjoint_predictions_contrast_the_most() -> None:
    there = torch.tensor([[0.0, -torch.inf, 3.0]])
    alpha = torch.tensor([0.5])
    assert contrasted(there, torch.tensor([[1.0, 5.0, -1.0]]), alpha).tolist() == [[-0.5, -math.inf, 5.0]]
    assert contrasted(there, there, alpha).tolist() == there.tolist()
    apart = divergence(torch.tensor([[0.0, -torch.inf]]), torch.tensor([[-torch.inf, 0.0]]))
    assert apart.tolist() == pytest.approx([math.log(2)])


def test_a_penalty_on_repetition_does_not_count_as_conflict() -> None:
    model, tokenizer = tiny_model("llama")
    model.generation_config.repetition_penalty = 1.8
    assert LocalChat(model, tokenizer).contrast(ASKED, ASKED, max_tokens=6).conflict < 1e-9


MARKS = (
    "<|im_end|> <|im_start|> system <s> </s> [INST] <|endoftext|> kgqa0place kgqa1place <pad> {{ < | im_end "
    "|> \x00 é <PATH> <unk>"
)
HOSTILE = st.lists(st.sampled_from([*MARKS.split(), "\n", " "]), max_size=8).map("".join)


@examples(40)
@given(st.sampled_from(["qwen2", "llama", "gpt2", "t5", "opt"]), HOSTILE, HOSTILE)
def test_what_a_turn_says_holds_no_special_token(name: str, system: str, user: str) -> None:
    tokenizer = tiny_model(name)[1]
    encoder = ConversationEncoder(tokenizer, opens=name != "t5")
    special = {*tokenizer.added_tokens_decoder, *tokenizer.all_special_ids} - {tokenizer.unk_token_id}

    def marks(*contents: str) -> list[int]:
        ids = encoder.encode([Message("system", contents[0]), Message("user", contents[1])])
        return [token for token in ids if token in special]

    assert marks(system, user) == marks("x", "x")


def test_a_template_without_a_system_turn_has_it_put_before_the_first_user() -> None:
    tokenizer = copy.deepcopy(FAMILIES["qwen2"]())
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>{% endfor %}"
    )
    encoder = ConversationEncoder(tokenizer, opens=True)
    text = tokenizer.decode(encoder.encode(ASKED))
    assert text.startswith("<|im_start|>user\nAnswer from these chains.\n\nKismet ->")
    with pytest.raises(ChatError, match="cannot hold these turns: user, system"):
        encoder.encode([*BARE[1:], *BARE[:1]])


def test_a_conversation_that_does_not_fit_is_refused_and_a_reply_is_cut_to_what_does() -> None:
    model = local("llama")
    with pytest.raises(ChatError, match=r"too long for llama: \d+ tokens, of 1024"):
        model.reply([Message("user", "word " * 2000)])
    long = [Message("user", "q" * 400)]
    used = model.reply(long, max_tokens=5000).usage
    assert used.prompt_tokens + used.completion_tokens <= 1024
    for nothing in ([], ASKED):
        with pytest.raises(UsageError):
            model.reply(nothing, max_tokens=512 if not nothing else 0)


def test_the_time_of_a_run_ends_a_reply() -> None:
    now = [0.0]
    budget = Budget(max_seconds=5, clock=lambda: now[0])
    model = local("llama", budget=budget)
    model.reply(ASKED, max_tokens=2)
    now[0] = 5.0
    start = time.monotonic()
    with pytest.raises(BudgetError, match="the time for the LLM is over"):
        model.reply(ASKED, max_tokens=900)
    with pytest.raises(BudgetError, match="the time for the LLM is over"):
        list(model.stream(ASKED, max_tokens=900))
    assert time.monotonic() - start < 5


def test_the_time_of_a_run_ends_a_reply_in_its_midst() -> None:
    ticks = itertools.count()
    model = local("gpt2", budget=Budget(max_seconds=50, clock=lambda: float(next(ticks))))
    for tokens in (20, 900):
        began = next(ticks)
        if tokens == 20:
            assert model.reply(ASKED, max_tokens=tokens).usage.completion_tokens == tokens
        else:
            with pytest.raises(BudgetError, match="the time for the LLM is over"):
                model.reply(ASKED, max_tokens=tokens)
        assert next(ticks) - began < 60


def test_a_stream_that_nobody_reads_on_lets_others_speak() -> None:
    model = local("gpt2")
    threads = threading.active_count()
    stream = model.stream(ASKED, max_tokens=900)
    next(stream)
    stream.close()
    assert threading.active_count() == threads
    assert model.reply(ASKED, max_tokens=2).usage.completion_tokens == 2


def test_another_model_in_the_same_folder_is_another(tmp_path: Path) -> None:
    for part in tiny_model("gpt2"):
        part.save_pretrained(tmp_path)
    first, again = LocalChat.load(tmp_path), LocalChat.load(tmp_path)
    assert first.identity == again.identity
    assert json.dumps(first.identity)
    assert first.reply(ASKED, max_tokens=4) == local("gpt2").reply(ASKED, max_tokens=4)
    other = tiny_model("gpt2")[0]
    with torch.no_grad():
        other.transformer.wte.weight += 1
    other.save_pretrained(tmp_path)
    assert LocalChat.load(tmp_path).identity != first.identity


def test_contrasts_are_kept_as_replies_are(tmp_path: Path) -> None:
    model = local("gpt2")
    cached = CachedContrastingChat(model, ReplyCache(tmp_path / "replies.sqlite"))
    assert isinstance(cached, ContrastsChat)
    assert not isinstance(CachedChat(model, cached.cache), ContrastsChat)
    first, again = (cached.contrast(ASKED, BARE, max_tokens=4) for _ in range(2))
    assert first == model.contrast(ASKED, BARE, max_tokens=4)
    assert (again.conflict, again.reply.text, again.reply.finished) == (
        first.conflict,
        first.reply.text,
        False,
    )
    assert again.reply.usage == Usage(cached=1)
    assert cached.contrast(ASKED, ASKED, max_tokens=4).conflict < 1e-9
    assert cached.reply(ASKED, max_tokens=4).usage.requests == 1
    check_chat_model(cached, max_tokens=4, threads=2)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        LocalChat.load(tmp_path)
