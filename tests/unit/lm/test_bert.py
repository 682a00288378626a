"""The encoder and its tokenizer are those of transformers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from transformers import BertModel, BertTokenizerFast

from kgqa.lm.encoders.bert import Bert
from kgqa.lm.encoders.sentence_encoder import SentenceEncoder
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.language_model import PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import encoder_folder
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.lm.path_writer.word_pieces import WordPieces

FOLDER = encoder_folder(PathWriterConfig())
TEXTS = [
    "who directed Kismet?",
    "birth place",
    "千と千尋の神隠し ½ [SEP] </s>",
    "",
    "x " * 400,
    "İstanbul e\u0301tude",
]


@torch.inference_mode()
def test_every_layer_gives_the_states_that_transformers_gives() -> None:
    theirs = BertModel.from_pretrained(FOLDER, dtype=torch.float32).eval()
    ids = torch.tensor([[101, 2040, 2856, 2003, 102, 0, 0], [101, 7953, 2102, 1029, 4937, 2003, 102]])
    mask = (ids != 0).long()
    wanted = theirs(ids, attention_mask=mask, output_hidden_states=True).hidden_states
    found, packing = Bert.load(FOLDER)(ids, mask)
    assert len(found) == len(wanted)
    for ours, other in zip(found, wanted, strict=True):
        assert torch.allclose(ours[:12], other[mask.bool()], atol=1e-5)
        assert len(ours) == 16
        means = (other * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        assert torch.allclose(packing.means(ours), means, atol=1e-5)
        assert torch.allclose(packing.padded(ours)[:, :7], other * mask[..., None], atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, fast_dtype()])
def test_a_text_means_the_same_beside_any_others(dtype: torch.dtype) -> None:
    sentences = PathWriterLanguageModel.load(dtype=dtype)
    beside = [
        "directed by",
        "a film that was shot in the south of France in 1998 and never shown",
        "x",
        "y z",
    ]
    noise = 1e-6 if dtype is torch.float32 else 2e-3  # of the last digits, on some processors
    for text in ("place of birth, capital of", "who directed it", "where was she born and raised as a child"):
        (alone,) = sentences.embed([text])
        for others in (beside, beside[:1], [text, *beside * 20]):
            assert np.abs(sentences.embed([*others, text])[-1] - alone).max() <= noise


def test_texts_mean_what_the_sentence_encoder_finds() -> None:
    model, plain = PathWriterLanguageModel.load(dtype=torch.float32), [t for t in TEXTS if "[SEP]" not in t]
    assert np.allclose(model.embed(plain), SentenceEncoder().encode(plain), atol=1e-4)
    assert model.embed([]).shape == (0, 384)


@pytest.fixture(scope="module")
def tokenizers() -> tuple[HuggingFaceTokenizer, HuggingFaceTokenizer]:
    """Ours and that of transformers."""
    theirs = BertTokenizerFast.from_pretrained(FOLDER)
    return HuggingFaceTokenizer(WordPieces(FOLDER)), HuggingFaceTokenizer(theirs)


@pytest.mark.parametrize("text", [*TEXTS, " -> directed_by", " <- P31", " [MASK]", " <PATH>"])
def test_pieces_are_those_of_transformers(
    text: str, tokenizers: tuple[HuggingFaceTokenizer, HuggingFaceTokenizer]
) -> None:
    ours, theirs = tokenizers
    assert ours.encode_text(text) == theirs.encode_text(text)
    assert ours.decode(ours.encode_text(text)) == theirs.decode(theirs.encode_text(text))
    assert (ours.end_id, ours.unknown_id, ours.vocabulary_size) == (
        theirs.end_id,
        theirs.unknown_id,
        theirs.vocabulary_size,
    )
    assert np.array_equal(ours.ordinary_ids, theirs.ordinary_ids)
    assert np.array_equal(ours.ids_with("ing"), theirs.ids_with("ing"))


def test_transformers_is_not_imported_to_answer_a_question() -> None:
    code = "import sys; from kgqa.lm import *; load_language_model(); print('transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
