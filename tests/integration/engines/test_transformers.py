"""The constraint with a real model's tokenizer as transformers has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_tokenizer_laws import GRAMMARS, hold_to_laws

from kgqa.constraint import GrammarName
from kgqa.constraint.engines.matcher import Matcher
from kgqa.lm.load import load_transformers

pytestmark = pytest.mark.slow  # a model is loaded


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_the_tokenizer_of_a_real_model_conforms(smollm2_folder: Path, grammar: GrammarName) -> None:
    _, raw = load_transformers(smollm2_folder, device="cpu")
    hold_to_laws(raw, Matcher, grammar)
