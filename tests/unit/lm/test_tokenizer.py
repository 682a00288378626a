import copy
import functools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples
from tokenizer_families import FAMILIES, SPLITTABLE, UNSPLITTABLE, with_path_tokens

from kgqa.errors import TokenizerError
from kgqa.graph import clean_name
from kgqa.lm.hf.boundary import sample_chains
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer


@functools.cache
def family(name: str) -> HuggingFaceTokenizer:
    return HuggingFaceTokenizer(FAMILIES[name]())


HOSTILE = (
    "</PATH>",
    "<PATH>",
    "<|endoftext|>",
    "<|im_end|>",
    "[SEP]",
    "[CLS]",
    "</s>",
    "<s>",
    "<pad>",
    "<0x41>",
)


@pytest.mark.parametrize("name", SPLITTABLE)
def test_segments_put_end_to_end_have_the_ids_of_the_whole_text(name: str) -> None:
    raw = FAMILIES[name]()
    tokenizer = HuggingFaceTokenizer(raw)
    anchor = raw("x", add_special_tokens=False)["input_ids"]
    compared = 0
    for chain in sample_chains():
        text = "".join(chain)
        if any(token in text for token in [*raw.get_added_vocab(), "</s>"]):
            continue
        parts = [token for ids in tokenizer.encode_batch(chain) for token in ids]
        assert anchor + parts == raw("x" + text, add_special_tokens=False)["input_ids"]
        compared += 1
    assert compared > 100


@pytest.mark.parametrize("name", SPLITTABLE)
def test_behind_a_path_token_a_text_opens_as_the_model_reads_it(name: str) -> None:
    raw = with_path_tokens(name)
    tokenizer = HuggingFaceTokenizer(raw)
    assert not tokenizer.leading_space
    assert tokenizer.end_id == raw.convert_tokens_to_ids("</PATH>")
    parts = tokenizer.encode_batch(["Joel Zwick", " <-", " directed_by", " <-", " Kismet"])
    whole = raw("<PATH>Joel Zwick <- directed_by <- Kismet</PATH>", add_special_tokens=False)["input_ids"]
    flat = [token for ids in parts for token in ids]
    assert [tokenizer.path_start_id, *flat, tokenizer.end_id] == whole


@pytest.mark.parametrize("name", UNSPLITTABLE)
def test_a_tokenizer_that_merges_across_boundaries_is_refused(name: str) -> None:
    with pytest.raises(TokenizerError, match=r"BPE, never split.*does not split a chain.*use a model"):
        HuggingFaceTokenizer(FAMILIES[name]())


@pytest.mark.parametrize("name", SPLITTABLE)
@pytest.mark.parametrize("special", [True, False])
def test_a_label_that_spells_a_special_token_is_text(name: str, special: bool) -> None:
    raw = copy.deepcopy(FAMILIES[name]())
    raw.add_tokens(["<PATH>", "</PATH>"], special_tokens=special)
    tokenizer = HuggingFaceTokenizer(raw)
    unknown = {raw.unk_token_id}
    reserved = {*raw.all_special_ids, *raw.get_added_vocab().values()} - unknown
    reserved |= {raw.convert_tokens_to_ids(token) for token in ("<PATH>", "</PATH>")}
    hostile = [form for text in HOSTILE for form in (f" {text}", f" a{text}b", f" {text} {text}", text)]
    for ids in tokenizer.encode_batch(hostile):
        assert ids
        assert not reserved & set(ids)


@pytest.mark.parametrize("name", SPLITTABLE)
@examples(60)
@given(texts=st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_any_names_are_encoded_exactly_or_refused(name: str, texts: list[str]) -> None:
    tokenizer = family(name)
    segments = [f" {clean_name(text)}" for text in texts if clean_name(text)]
    chain = [piece for segment in segments for piece in (segment, " ->")]
    try:
        parts = tokenizer.encode_batch(chain)
    except TokenizerError:
        return
    if chain:
        assert tuple(token for ids in parts for token in ids) == tokenizer.encode_text("".join(chain))


def test_most_names_are_not_refused() -> None:
    for name in SPLITTABLE:
        tokenizer = family(name)
        assert len(tokenizer.encode_batch([f" Film {i} ({1900 + i}): part {i}" for i in range(300)])) == 300


def test_one_bad_name_among_many_is_named() -> None:
    raw = _mostly_splitting()
    tokenizer = HuggingFaceTokenizer(raw)
    with pytest.raises(TokenizerError, match=r"around ' Q'"):
        tokenizer.encode_batch([f" name{i}" for i in range(20)] + [" Q"] + [" Kismet"])


def _mostly_splitting() -> Any:
    """Splits everywhere but behind a Q, which it merges with the space after it."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    letters = [chr(c) for c in range(32, 127)]
    vocabulary = {piece: index for index, piece in enumerate([*letters, "Q ", "<eos>", "<unk>"])}
    backend = Tokenizer(models.BPE(vocabulary, [("Q", " ")], unk_token="<unk>"))
    return PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<eos>", unk_token="<unk>")


def test_a_model_that_scores_fewer_tokens_is_refused_with_both_numbers() -> None:
    raw = FAMILIES["gpt2"]()
    with pytest.raises(TokenizerError, match=r"the id \d+, but the model scores only 100 tokens"):
        HuggingFaceTokenizer(raw, vocabulary_size=100)


def test_a_model_that_scores_more_tokens_is_fine() -> None:
    raw = FAMILIES["gpt2"]()
    assert HuggingFaceTokenizer(raw, vocabulary_size=1024).vocabulary_size == 1024


def test_ids_may_have_gaps_as_gpt4o_has_them() -> None:
    from tokenizers import AddedToken, Tokenizer
    from transformers import PreTrainedTokenizerFast

    document = json.loads(FAMILIES["gpt2"]().backend_tokenizer.to_str())
    document["model"]["vocab"]["far"] = 5000
    backend = Tokenizer.from_str(json.dumps(document))
    raw = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|endoftext|>")
    tokenizer = HuggingFaceTokenizer(raw)
    assert tokenizer.vocabulary_size == 5001
    assert set(tokenizer.ordinary_ids.tolist()) == {*raw.get_vocab().values()} - {raw.eos_token_id}
    assert 5000 not in HuggingFaceTokenizer(raw, vocabulary_size=5000).ordinary_ids
    raw.add_tokens([AddedToken("<PATH>", special=True), AddedToken("</PATH>", special=True)])
    marked = HuggingFaceTokenizer(raw)
    assert marked.end_id == raw.get_vocab()["</PATH>"] < marked.vocabulary_size


def test_a_tokenizer_without_an_end_is_refused() -> None:
    raw = copy.deepcopy(FAMILIES["gpt2"]())
    raw.eos_token = None
    with pytest.raises(TokenizerError, match="no token that ends a text"):
        HuggingFaceTokenizer(raw)


def test_a_tokenizer_that_cannot_tell_the_arrows_apart_is_refused() -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.WordLevel({"[UNK]": 0, "</s>": 1, "x": 2}, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    raw = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="</s>", unk_token="[UNK]")
    with pytest.raises(TokenizerError, match="cannot tell the direction"):
        HuggingFaceTokenizer(raw)


def test_the_fingerprint_follows_the_ids_and_nothing_else() -> None:
    marks = {name: family(name).fingerprint for name in SPLITTABLE}
    assert len(set(marks.values())) == len(SPLITTABLE)
    again = copy.deepcopy(FAMILIES["gpt2"]())
    again.truncation_side, again.padding_side = "left", "left"
    again(["a", "a longer text"], truncation=True, max_length=3)
    assert HuggingFaceTokenizer(again, vocabulary_size=2000).fingerprint == marks["gpt2"]
    assert HuggingFaceTokenizer(with_path_tokens("gpt2")).fingerprint != marks["gpt2"]


def test_the_end_token_is_not_shown() -> None:
    tokenizer = HuggingFaceTokenizer(FAMILIES["qwen2"]())
    ids = [*tokenizer.encode_batch([" Kismet"])[0], tokenizer.end_id]
    assert tokenizer.decode(ids) == " Kismet"
