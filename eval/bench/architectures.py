"""Every class of transformers that writes text, with a few thousand random weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import transformers
from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING

__all__ = ["WINDOW", "architectures", "tiny"]

WINDOW = 32
"""Tokens that windows of attention and chunks have: fewer than some texts, more than others."""

_WIDTHS = dict.fromkeys(
    ("hidden_size", "d_model", "n_embd", "n_embed", "dim", "embed_dim", "embedding_size"), 32
)
_WIDTHS |= dict.fromkeys(("word_embed_proj_dim", "lru_width", "attention_hidden_size", "projection_dim"), 32)
_INNER = dict.fromkeys(("intermediate_size", "ffn_dim", "d_ff", "n_inner", "ffn_hidden_size"), 48)
_INNER |= dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim", "intermediate_size_mlp"), 48)
_INNER |= dict.fromkeys(("moe_intermediate_size", "shared_expert_intermediate_size"), 16)
_LAYERS = dict.fromkeys(("num_hidden_layers", "num_layers", "n_layer", "n_layers"), 6)
_LAYERS |= dict.fromkeys(("encoder_layers", "decoder_layers", "num_encoder_layers", "num_decoder_layers"), 2)
_LAYERS |= {"depth": 2, "full_attention_interval": 2, "first_k_dense_replace": 1, "num_dense_layers": 1}
_HEADS = dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads"), 4)
_HEADS |= dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads", "linear_num_value_heads"), 4)
_HEADS |= {"num_key_value_heads": 2, "linear_num_key_heads": 2, "head_dim": 8, "d_kv": 8}
_HEADS |= dict.fromkeys(("linear_key_head_dim", "linear_value_head_dim", "v_head_dim"), 8)
_HEADS |= {
    "kv_lora_rank": 8,
    "q_lora_rank": 16,
    "qk_rope_head_dim": 8,
    "qk_nope_head_dim": 8,
    "qk_head_dim": 16,
}
_EXPERTS = dict.fromkeys(("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"), 4)
_EXPERTS |= {"num_experts_per_tok": 2, "moe_top_k": 2, "n_group": 1, "topk_group": 1}
_RECURRENT = {
    "mamba_n_heads": 4,
    "mamba_d_head": 16,
    "mamba_d_state": 8,
    "mamba_d_ssm": 64,
    "mamba_expand": 2,
}
_RECURRENT |= {
    "mamba_num_heads": 8,
    "mamba_head_dim": 8,
    "ssm_state_size": 8,
    "mamba_n_groups": 1,
    "state_size": 8,
}
_RECURRENT |= {"n_groups": 1}
_LENGTHS = dict.fromkeys(("max_position_embeddings", "n_positions", "max_seq_len"), 1024)
_WINDOWS = dict.fromkeys(
    ("sliding_window", "attention_chunk_size", "window_size", "attention_window_size"), WINDOW
)
_TOKENS = {"decoder_start_token_id": 0, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_VISION = {"image_size": 28, "patch_size": 14}
_SMALL = _WIDTHS | _INNER | _LAYERS | _HEADS | _EXPERTS | _RECURRENT | _LENGTHS | _TOKENS | _VISION

_NO_GROUPS = {
    *("axk1", "axk2", "deepseek_v2", "deepseek_v3", "deepseek_v32", "glm4_moe_lite", "glm_moe_dsa"),
    *("bailing_hybrid", "dots3_note_text", "kimi_linear", "longcat_flash", "minicpm3", "youtu"),
}
"""Kinds that have as many keys as queries."""

_OWN: dict[str, dict[str, Any]] = {
    "bailing_hybrid": {"linear_num_heads": 4, "linear_head_dim": 8, "num_expert_group": 1, "head_dim": 16},
    "bamba": {"attn_layer_indices": [1, 4]},
    "codegen": {"rotary_dim": 4},
    "dots1": {"n_shared_experts": 1, "n_routed_experts": 4},
    "gemma3n_text": {"num_kv_shared_layers": 0},
    "gemma4_assistant": {"hidden_size_per_layer_input": 0},
    "granitemoehybrid": {"layer_types": ["mamba", "attention"] * 3},
    "gpt_neo": {"attention_types": [[["global", "local"], 3]]},
    "gptj": {"rotary_dim": 4},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1},
    "moshi": {"audio_vocab_size": 32},
    "mamba2": {"num_heads": 8, "head_dim": 8},
}
"""What some kinds need besides."""


def architectures(encoders: bool) -> Iterator[tuple[Any, Any]]:
    """Configurations and models: those that continue texts, or those that have an encoder."""
    mapping = MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING if encoders else MODEL_FOR_CAUSAL_LM_MAPPING
    seen: set[tuple[Any, Any]] = set()
    for configuration, models in mapping.items():
        model = models[0] if isinstance(models, (tuple, list)) else models
        if (configuration, model) not in seen:
            seen.add((configuration, model))
            yield configuration, model


def tiny(configuration: Any, model: Any, vocabulary: int) -> Any:
    """A model with random weights, always the same ones. Raises whatever its class does."""
    config = configuration(**_small(configuration, vocabulary))
    if model.config_class is config.sub_configs.get("text_config"):
        config = config.get_text_config()  # as AutoModelForCausalLM does
    torch.manual_seed(3)
    made = model(config)
    with torch.no_grad():
        for weight in made.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 0.3)  # far enough from zero that a mistake shows
    return made.float().eval()


def _small(configuration: Any, vocabulary: int) -> dict[str, Any]:
    usual = configuration()
    known = usual.to_dict()
    names = known.keys() | usual.attribute_map.keys()
    found: dict[str, Any] = {name: value for name, value in _SMALL.items() if name in names}
    found |= {name: value for name, value in _WINDOWS.items() if known.get(name) is not None}
    if "vocab_size" in names:
        found["vocab_size"] = vocabulary
    if "is_decoder" in names and not usual.is_encoder_decoder:
        found["is_decoder"] = True
    if usual.model_type in _NO_GROUPS:
        found["num_key_value_heads"] = found["num_attention_heads"]
    for name, part in usual.sub_configs.items():
        if isinstance(known.get(name), dict) and part is not transformers.AutoConfig:
            found[name] = _small(part, vocabulary)
    return found | _OWN.get(usual.model_type, {})
