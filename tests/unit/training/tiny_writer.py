"""A path writer of a few thousand weights over a random encoder, and twenty questions for it."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer

from kgqa.graph import RelationStep
from kgqa.lm.encoders.bert import Bert, BertShape
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder
from kgqa.lm.path_writer.question_text import load_tokenizer
from kgqa.training.examples.example import Example, Target

__all__ = ["EXAMPLES", "shipped_tokenizer", "tiny_writer"]

torch.set_num_threads(1)  # more only get into each other's way in models this small

RELATIONS = ("capital", "directed_by", "birth place", "language", "written_by")
VERBS = ("rules", "made", "bore", "speaks")

EXAMPLES = [
    Example(
        "odd" if number % 2 else "even",
        f"who {verb} {relation} of Peru",
        ("Peru",),
        (Target((RelationStep(relation), RelationStep(RELATIONS[number], number % 2 == 0))),),
    )
    for number, verb in enumerate(VERBS)
    for relation in RELATIONS
]


def shipped_tokenizer() -> Tokenizer:
    return load_tokenizer(encoder_folder(PathWriterConfig()))


def tiny_writer(seed: int = 0, dropout: float = 0.1) -> PathWriter:
    torch.manual_seed(seed)
    config = PathWriterConfig(
        hidden_size=32,
        decoder_layers=1,
        reader_layers=1,
        attention_heads=2,
        feed_forward_size=64,
        dropout=dropout,
        encoder_layers=(0, 1),
    )
    shape = BertShape(config.vocab_size, 32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    model = PathWriter(config)
    encoder = Bert(shape)
    for name, weight in encoder.named_parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=0.5)
        elif name.endswith("bias"):
            torch.nn.init.zeros_(weight)
    model.attach_encoder(encoder)
    return model
