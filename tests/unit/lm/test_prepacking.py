"""Weights laid out for the processor say what they said before."""

from __future__ import annotations

import weakref

import pytest
import torch
from tiny_models import CAUSAL, SEQ2SEQ, tiny_model
from torch import nn

from kgqa.lm import Prompt, Request, load_language_model
from kgqa.lm.hf.prepacking import PrepackedLinear, _replace, can_prepack, prepack, prepack_layers
from kgqa.lm.load import as_language_model

needs_onednn = pytest.mark.skipif(not can_prepack(torch.float32), reason="torch has no oneDNN here")
PROMPT = Prompt("who wrote it?", ("it",))


def prepacked(model: nn.Module) -> int:
    return sum(isinstance(part, PrepackedLinear) for part in model.modules())


@needs_onednn
@pytest.mark.parametrize("name", [*CAUSAL, *SEQ2SEQ])
def test_a_model_says_what_it_said(name: str) -> None:
    texts = [(), (3,), (3, 4), (3, 5, 6), (7,)]
    plain = as_language_model(*tiny_model(name)).score([Request(PROMPT, texts)])[0]
    model, tokenizer = tiny_model(name)
    assert prepack(model) is model
    dense = any(type(part) is nn.Linear for part in model.modules())
    assert bool(prepacked(model)) != dense  # all layers or none
    assert not dense or name == "mamba"  # some versions of it read the weights of their layers themselves
    found = as_language_model(model, tokenizer).score([Request(PROMPT, texts)])[0]
    torch.testing.assert_close(
        torch.from_numpy(found.log_probabilities),
        torch.from_numpy(plain.log_probabilities),
        atol=1e-4,
        rtol=1e-4,
    )


@needs_onednn
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_can_be_had_back(bias: bool) -> None:
    layer = nn.Linear(48, 40, bias=bias)
    states = torch.randn(2, 5, 48)
    with torch.inference_mode():
        again = PrepackedLinear(layer.weight, layer.bias).dense()
        torch.testing.assert_close(PrepackedLinear(layer.weight, layer.bias)(states), layer(states))
    assert torch.equal(again.weight, layer.weight)
    assert again.bias is None if not bias else torch.equal(again.bias, layer.bias)


@needs_onednn
def test_weights_are_given_up_one_layer_after_the_other() -> None:
    layers: list[weakref.ref[nn.Module]] = []
    alive: list[int] = []

    class Watched(PrepackedLinear):
        def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
            alive.append(sum(layer() is not None for layer in layers))
            super().__init__(weight, bias)

    module = nn.Sequential(*(nn.Linear(16, 16) for _ in range(4)))
    layers += [weakref.ref(layer) for layer in module]
    with torch.inference_mode():
        _replace(module, {nn.Linear: lambda layer: Watched(layer.weight, layer.bias)})
    assert alive == [4, 3, 2, 1]


class Reaches(nn.Module):
    """Multiplies by the weights of a layer without calling it."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(states, self.layer.weight, self.layer.bias)


@needs_onednn
def test_a_model_that_reaches_for_the_weights_is_left_as_it_was() -> None:
    model, _ = tiny_model("llama")
    ids = torch.tensor([[1, 2, 3]])
    model.model.layers[0].mlp.down_proj = Reaches(model.model.layers[0].mlp.down_proj)
    with torch.inference_mode():
        before = model(input_ids=ids).logits
        after = prepack(model)(input_ids=ids).logits
    assert not prepacked(model)
    assert torch.equal(before, after)


@needs_onednn
def test_a_shared_layer_stays_shared() -> None:
    layer = nn.Linear(8, 8)
    whole = prepack_layers(nn.ModuleList([nn.ModuleList([layer]), nn.ModuleList([layer])]))
    (first,), (second,) = (list(part.children()) for part in whole)
    assert isinstance(first, PrepackedLinear)
    assert first is second


def test_a_processor_without_it_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgqa.lm.hf.prepacking.can_prepack", lambda dtype: False)
    model, _ = tiny_model("llama")
    assert not prepacked(prepack(model))


@needs_onednn
def test_what_is_loaded_is_prepacked(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("model")
    for part in tiny_model("llama"):
        part.save_pretrained(folder)
    assert prepacked(load_language_model(folder, device="cpu")._model)  # type: ignore[attr-defined]
    assert prepacked(load_language_model().model)  # type: ignore[attr-defined]
