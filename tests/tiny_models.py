"""Random transformers of every kind in use, a few thousand weights each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import transformers as hf
from tokenizer_families import FAMILIES, with_path_tokens

__all__ = ["CAUSAL", "SEQ2SEQ", "TREES", "WINDOWS", "tiny_model"]

torch.set_num_threads(1)  # more only get into each other's way in models this small

SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
}
SMALL_BERT: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


def _llama(size: int) -> Any:
    return hf.LlamaForCausalLM(hf.LlamaConfig(vocab_size=size, **SMALL))


def _qwen2(size: int) -> Any:
    return hf.Qwen2ForCausalLM(hf.Qwen2Config(vocab_size=size, **SMALL))


def _gpt2(size: int) -> Any:
    return hf.GPT2LMHeadModel(
        hf.GPT2Config(vocab_size=size, n_embd=32, n_layer=2, n_head=4, n_positions=1024)
    )


def _gemma2(size: int) -> Any:
    """Sliding and full attention in turn; the window is shorter than any prompt."""
    return hf.Gemma2ForCausalLM(hf.Gemma2Config(vocab_size=size, head_dim=8, sliding_window=16, **SMALL))


def _gemma3(size: int) -> Any:
    config = hf.Gemma3TextConfig(
        vocab_size=size, head_dim=8, sliding_window=16, sliding_window_pattern=2, **SMALL
    )
    return hf.Gemma3ForCausalLM(config)


def _opt(size: int) -> Any:
    config = hf.OPTConfig(
        vocab_size=size,
        hidden_size=32,
        ffn_dim=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        word_embed_proj_dim=32,
        max_position_embeddings=1024,
    )
    return hf.OPTForCausalLM(config)


def _llama4(size: int) -> Any:
    """Attention in chunks that are shorter than any prompt."""
    config = hf.Llama4TextConfig(
        vocab_size=size,
        head_dim=8,
        attention_chunk_size=16,
        num_local_experts=2,
        intermediate_size_mlp=48,
        **SMALL,
    )
    return hf.Llama4ForCausalLM(config)


def _mistral(size: int) -> Any:
    """Sliding attention in every layer; the window is shorter than any prompt."""
    return hf.MistralForCausalLM(hf.MistralConfig(vocab_size=size, head_dim=8, sliding_window=16, **SMALL))


def _gpt_oss(size: int) -> Any:
    """Sliding and full attention in turn, with sinks, which torch's own attention does not have."""
    config = hf.GptOssConfig(
        vocab_size=size, head_dim=8, sliding_window=16, num_local_experts=2, num_experts_per_tok=1, **SMALL
    )
    return hf.GptOssForCausalLM(config)


def _qwen3_next(size: int) -> Any:
    """Recurrent layers and attention in turn."""
    config = hf.Qwen3NextConfig(
        vocab_size=size,
        head_dim=8,
        full_attention_interval=2,
        linear_num_value_heads=4,
        linear_num_key_heads=2,
        linear_key_head_dim=8,
        linear_value_head_dim=8,
        num_experts=2,
        num_experts_per_tok=1,
        moe_intermediate_size=16,
        shared_expert_intermediate_size=16,
        **SMALL,
    )
    return hf.Qwen3NextForCausalLM(config)


def _mamba(size: int) -> Any:
    """Recurrent layers only."""
    return hf.MambaForCausalLM(
        hf.MambaConfig(vocab_size=size, hidden_size=32, state_size=8, num_hidden_layers=2)
    )


def _roberta(size: int) -> Any:
    """Positions are counted from one past the number of the padding token."""
    config = hf.RobertaConfig(vocab_size=size, max_position_embeddings=1024, is_decoder=True, **SMALL_BERT)
    return hf.RobertaForCausalLM(config)


def _t5(size: int) -> Any:
    config = hf.T5Config(
        vocab_size=size, d_model=32, d_kv=8, d_ff=48, num_layers=2, num_heads=4, decoder_start_token_id=0
    )
    return hf.T5ForConditionalGeneration(config)


def _bart(size: int) -> Any:
    config = hf.BartConfig(
        vocab_size=size,
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=48,
        decoder_ffn_dim=48,
        max_position_embeddings=1024,
    )
    model = hf.BartForConditionalGeneration(config)
    model.generation_config.forced_bos_token_id = 0
    return model


def _bert2bert(size: int) -> Any:
    config = hf.BertConfig(vocab_size=size, max_position_embeddings=512, **SMALL_BERT)
    both = hf.EncoderDecoderConfig.from_encoder_decoder_configs(config, config)
    both.decoder_start_token_id, both.pad_token_id = 2, 0
    return hf.EncoderDecoderModel(both)


_BUILD: dict[str, tuple[Callable[[int], Any], str, bool]] = {
    "llama": (_llama, "llama3", True),
    "llama-legacy": (_llama, "llama2-legacy", False),
    "qwen2": (_qwen2, "qwen2", False),
    "gpt2": (_gpt2, "gpt2", False),
    "gemma2": (_gemma2, "gemma", False),
    "gemma3": (_gemma3, "gemma", True),
    "opt": (_opt, "gpt2", False),
    "llama4": (_llama4, "llama3", False),
    "mistral": (_mistral, "llama2-legacy", True),
    "gpt-oss": (_gpt_oss, "gpt2", False),
    "qwen3-next": (_qwen3_next, "qwen2", False),
    "mamba": (_mamba, "gpt2", True),
    "roberta": (_roberta, "gpt2", False),
    "t5": (_t5, "unigram-nfkc", False),
    "bart": (_bart, "gpt2", True),
    "bert2bert": (_bert2bert, "bert", False),
}
TREES = ("llama", "llama-legacy", "qwen2", "gpt2", "opt")
"""Causal models that read token trees."""

WINDOWS = {
    "gemma2": "sliding_window",
    "gemma3": "sliding_window",
    "mistral": "sliding_window",
    "gpt-oss": "sliding_window",
    "llama4": "attention_chunk_size",
}
"""Causal models whose tokens do not see all that is before them in a longer text, and what says how long."""

CAUSAL = (*TREES, *WINDOWS, "qwen3-next", "mamba", "roberta")
SEQ2SEQ = ("t5", "bart", "bert2bert")


def tiny_model(name: str, *, more_tokens: int = 5) -> tuple[Any, Any]:
    """A model with random weights, always the same ones, and a tokenizer that fits it.

    It scores `more_tokens` more than the tokenizer has, as many published models do.
    """
    build, family, has_path = _BUILD[name]
    tokenizer = with_path_tokens(family) if has_path else FAMILIES[family]()
    torch.manual_seed(len(name))
    model = build(len(tokenizer) + more_tokens)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 0.3)  # far enough from zero that a mistake shows
    return model.eval(), tokenizer
