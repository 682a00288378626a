import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from kgqa.errors import ModelError
from kgqa.lm import MockLanguageModel, MockTokenizer, Prompt, Request

PROMPT = Prompt("which language?", ("Kismet",))


def following(model: MockLanguageModel, text: bytes, prompt: Prompt = PROMPT) -> NDArray[np.float32]:
    return model.score([Request(prompt, [tuple(text)])])[0][0]


def test_the_byte_tokenizer_gives_every_text_back() -> None:
    tokenizer = MockTokenizer()
    for text in (" Joel Zwick", " </PATH>", " 宮崎 駿", " مصر", " 👩‍🚀", " \ud800x"):
        ids = tokenizer.encode_batch([text])[0]
        assert max(ids) < tokenizer.end_id
        assert tokenizer.decode([*ids, tokenizer.end_id]) == text.encode("utf-8", "surrogatepass").decode(
            "utf-8", "replace"
        )


def test_another_seed_another_prompt_another_prefix_give_another_distribution() -> None:
    reference = following(MockLanguageModel(1), b"a")
    for model, prompt, text in (
        (MockLanguageModel(2), PROMPT, b"a"),
        (MockLanguageModel(1), Prompt("which language?", ("Kismet",), "chain"), b"a"),
        (MockLanguageModel(1), PROMPT, b"b"),
    ):
        assert not np.allclose(reference, following(model, text, prompt))


def test_a_preferred_text_is_followed_to_its_end() -> None:
    model = MockLanguageModel(preferences={" -> Greek": 30.0, " -> Latin": 20.0})
    written: list[int] = []
    while not written or written[-1] != model.tokenizer.end_id:
        written.append(int(following(model, bytes(written)).argmax()))
    assert model.tokenizer.decode(written) == " -> Greek"


def test_without_sharpness_all_tokens_are_equally_likely() -> None:
    assert np.allclose(following(MockLanguageModel(sharpness=0), b""), -np.log(257))


def test_it_counts_what_a_decoder_costs() -> None:
    model = MockLanguageModel()
    model.score([Request(PROMPT, [(1,), (2,)]), Request(Prompt("who?", ()), [()])])
    model.score([])
    assert (model.calls, model.scored) == (2, 3)


def test_a_token_out_of_range_is_refused() -> None:
    with pytest.raises(ModelError, match="token 257 is outside the vocabulary of 257"):
        MockLanguageModel().score([Request(PROMPT, [(257,)])])


def test_importing_the_package_loads_no_torch() -> None:
    code = "import sys, kgqa.lm; print(sorted({'torch', 'transformers', 'tokenizers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
