"""Fingerprints of weights."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from kgqa.lm.hf.prepacking import can_prepack, prepack_layers
from kgqa.lm.weights_fingerprint import weights_fingerprint


def module(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(8, 4), nn.LayerNorm(4), nn.Linear(4, 2, bias=False))


def test_the_same_weights_have_the_same_fingerprint_and_others_another() -> None:
    assert weights_fingerprint(module()) == weights_fingerprint(module())
    others = [module(1), module().to(torch.bfloat16), nn.Sequential(module()), nn.Linear(8, 4)]
    found = {weights_fingerprint(one) for one in (module(), *others)}
    assert len(found) == 5


@pytest.mark.skipif(not can_prepack(torch.float32), reason="no prepacked weights on this processor")
def test_prepacked_weights_are_the_same_weights() -> None:
    assert weights_fingerprint(prepack_layers(module())) == weights_fingerprint(module())


@pytest.mark.parametrize("at", [0, 5, 31])
def test_one_changed_number_changes_it(at: int) -> None:
    changed = copy.deepcopy(module())
    with torch.no_grad():
        next(changed.parameters()).view(-1)[at] += 1e-6
    assert weights_fingerprint(changed) != weights_fingerprint(module())


def test_a_missing_part_is_not_an_empty_one() -> None:
    assert weights_fingerprint(module(), None) != weights_fingerprint(module())
    assert weights_fingerprint(None, module()) != weights_fingerprint(module(), None)
