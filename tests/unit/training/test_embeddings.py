"""Noise on embeddings."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tiny_models import tiny_model

from kgqa.training.fine_tuning.embeddings import noisy_embeddings


def embedded(model: Any, name: str) -> list[torch.Tensor]:
    ids = torch.tensor([[3, 4, 5, 6]])
    stacks = [model.get_encoder(), model.get_decoder()] if name in ("t5", "bart") else [model]
    return [stack.get_input_embeddings()(ids) for stack in stacks]


@pytest.mark.parametrize("name", ["llama", "gpt2", "t5", "bart"])
def test_noise_is_there_in_training_only_and_gone_afterwards(name: str) -> None:
    model, _ = tiny_model(name)
    clean = embedded(model, name)
    torch.manual_seed(0)
    with noisy_embeddings(model, 5.0):
        noisy = embedded(model.train(), name)
        quiet = embedded(model.eval(), name)
    after = embedded(model.train(), name)
    with noisy_embeddings(model, None):
        without = embedded(model, name)
    most = 5.0 / (4 * 32) ** 0.5
    for number, truth in enumerate(clean):
        apart = (noisy[number] - truth).abs().max()
        assert 0.5 * most < apart <= most * 1.001
        for same in (quiet, after, without):
            assert torch.equal(same[number], truth)
