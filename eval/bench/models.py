"""Language models to measure with: real shapes, random weights, a tokenizer made on the spot.

Weights are drawn from a fixed seed: matrices with a standard deviation of 1 / sqrt(inputs), so that
every layer changes the stream as much as what it reads, embeddings (which are also the output
layer) with 3 / sqrt(hidden). The logits then have a standard deviation of about 3, and what follows
a text is neither uniform nor certain: `sharpness` measures it. With transformers' own start (0.02)
it would be all but uniform.
"""

from __future__ import annotations

import copy
import hashlib
import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import tokenizers
import torch
from metaqa import CACHE
from tokenizers import Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.prepacking import prepack
from kgqa.lm.hf.tokenizer import PATH_END, PATH_START, HuggingFaceTokenizer

__all__ = ["BenchModel", "Sharpness", "bench_model", "bench_tokenizer", "segments"]

END = "<|endoftext|>"
VOCABULARY = 16_000
LOGIT_DEVIATION = 3.0


class Sharpness(NamedTuple):
    """Of what follows the tokens of a text: median entropy (nats), median probability of the best."""

    entropy: float
    best: float


@dataclass(frozen=True)
class BenchModel:
    """A transformer with random weights and its tokenizer."""

    name: str
    raw: Any
    tokenizer: Any

    def speaker(self) -> CausalLanguageModel:
        """The model as kgqa loads it, with caches of its own and the weights of this one."""
        return CausalLanguageModel(prepack(copy.deepcopy(self.raw)), self.tokenizer)

    @property
    def parameters(self) -> int:
        """How many weights it has."""
        return int(sum(weight.numel() for weight in self.raw.parameters()))

    def sharpness(self, ids: Sequence[int]) -> Sharpness:
        """How certain the model is along a text."""
        logits = self.raw(input_ids=torch.tensor([list(ids)])).logits[0].float().log_softmax(-1)
        entropy = -(logits.exp() * logits).sum(-1)
        return Sharpness(float(entropy.median()), float(logits.amax(-1).exp().median()))

    def log_probability(self, prompt: Sequence[int], text: Sequence[int], end: int) -> float:
        """The log-probability of a text and its end behind a prompt, by one plain forward pass."""
        following = [*text, end]
        ids = torch.tensor([[*prompt, *following]])
        logits = self.raw(input_ids=ids).logits[0, len(prompt) - 1 : -1].double().log_softmax(-1)
        return float(logits[range(len(following)), following].sum())


def bench_tokenizer(texts: Sequence[str], size: int = VOCABULARY) -> Any:
    """A byte-level BPE of at most `size` tokens with `<PATH>` and `</PATH>`, kept between runs."""
    digest = hashlib.sha256(f"{tokenizers.__version__} {size}\n".encode())
    digest.update("\n".join(texts).encode())
    file = CACHE / f"tokenizer-{digest.hexdigest()[:16]}.json"
    if not file.is_file():
        trained = Tokenizer(BPE())
        trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        trained.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=size,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            special_tokens=[END, PATH_START, PATH_END],
            show_progress=False,
        )
        trained.train_from_iterator(texts, trainer)
        CACHE.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=CACHE)
        os.close(handle)
        trained.save(made)
        os.replace(made, file)
    return PreTrainedTokenizerFast(tokenizer_file=str(file), eos_token=END)


def bench_model(name: str, tokenizer: Any, *, vocabulary: int | None = None, seed: int = 0) -> BenchModel:
    """A model with the shape of this name, `"20M"` or `"0.5B"`, and random weights.

    It scores `vocabulary` tokens, by default as many as the tokenizer has: more are padding that is
    computed and never written. 20M: a Llama, 20.3 million weights with 16,000 tokens. 0.5B: the
    shape of Qwen2-0.5B, whose own vocabulary is 151,936.
    """
    size = vocabulary or len(tokenizer)
    if size < len(tokenizer):
        raise ValueError(f"the tokenizer has {len(tokenizer)} tokens, the model {size}; train a smaller one")
    raw = BUILD[name](size)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in raw.parameters():  # the tied output layer is not listed again
            if weight.dim() > 1:
                scale = LOGIT_DEVIATION if len(weight) == size else 1.0
                weight.normal_(0, scale / math.sqrt(weight.shape[1]), generator=generator)
    # Nothing but what a call says: our prompts and texts end with a token of their own.
    raw.generation_config.eos_token_id = raw.generation_config.bos_token_id = None
    raw.generation_config.pad_token_id = None
    return BenchModel(name, raw.eval(), tokenizer)


def segments(tokenizer: Any) -> HuggingFaceTokenizer:
    """The tokenizer alone, as constraints use it."""
    return HuggingFaceTokenizer(tokenizer)


def _llama(size: int) -> Any:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=size,
            hidden_size=384,
            intermediate_size=1024,
            num_hidden_layers=8,
            num_attention_heads=6,
            max_position_embeddings=2048,
            tie_word_embeddings=True,
        )
    )


def _qwen2(size: int) -> Any:
    return Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=size,
            hidden_size=896,
            intermediate_size=4864,
            num_hidden_layers=24,
            num_attention_heads=14,
            num_key_value_heads=2,
            max_position_embeddings=2048,
            tie_word_embeddings=True,
        )
    )


BUILD = {"20M": _llama, "0.5B": _qwen2}
