"""One small tokenizer of every family in use, trained on the spot.

`FAMILIES[name]()` builds it (once a process); `SPLITTABLE` names those whose ids of a whole chain are
the ids of its segments, `UNSPLITTABLE` the others, which kgqa must refuse.
"""

from __future__ import annotations

import functools
import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

__all__ = ["CHAT_TEMPLATE", "FAMILIES", "SPLITTABLE", "UNSPLITTABLE", "with_path_tokens"]

LLAMA3_REGEX = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2_REGEX = LLAMA3_REGEX.replace(r"\p{N}{1,3}", r"\p{N}")
O200K_REGEX = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


@functools.cache
def _corpus() -> tuple[str, ...]:
    """A few hundred chains and questions in the words of a small graph."""
    generator = random.Random(7)
    people = ["Joel Zwick", "Hrithik Roshan", "Amélie Poulain", "Mary O'Hara", "Akira Kurosawa", "Zoë Bell"]
    films = ["Kismet", "The Elephant Man", "Fat Albert", "2001: A Space Odyssey", "WALL·E", "Seven (1995)"]
    relations = [
        "directed_by",
        "in_language",
        "film.actor.film",
        "starred_actors",
        "release_year",
        "has_genre",
    ]
    lines = [
        "the quick brown fox jumps over the lazy dog 0123456789",
        "Reasoning path starting from entities",
    ]
    for _ in range(400):
        person, film = generator.choice(people), generator.choice(films)
        other, year = generator.choice(films), generator.randint(1900, 2030)
        first, second = generator.choice(relations), generator.choice(relations)
        lines += [
            f"{person} <- {first} <- {film} -> {second} -> {year}",
            f"1. < {person} <- {first} <- {film} > 2. < {film} -> {second} -> {other} >",
            f"what films did {person} write in {year}? which of them is like {film}",
        ]
    return tuple(lines)


def _byte_level(
    regex: str | None,
    special: list[str],
    *,
    normalizer: Any = None,
    ignore_merges: bool = False,
) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if regex is None:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(regex), behavior="isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=special,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    return tokenizer


def _wrap(tokenizer: Tokenizer, **special: Any) -> Any:
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)


def _gpt2() -> Any:
    end = "<|endoftext|>"
    return _wrap(_byte_level(None, [end]), bos_token=end, eos_token=end)


def _llama3() -> Any:
    names = ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"]
    return _wrap(_byte_level(LLAMA3_REGEX, names, ignore_merges=True), bos_token=names[0], eos_token=names[1])


def _qwen2() -> Any:
    names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = _wrap(
        _byte_level(QWEN2_REGEX, names, normalizer=normalizers.NFC()), eos_token=names[2], pad_token=names[0]
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _o200k() -> Any:
    return _wrap(_byte_level(O200K_REGEX, ["<|endoftext|>"]), eos_token="<|endoftext|>")


def _sentencepiece_bpe(separator: Any) -> Tokenizer:
    """A BPE whose pieces have the space in front and never inside, as sentencepiece trains them."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.pre_tokenizer = separator
    trainer = trainers.BpeTrainer(
        vocab_size=800,
        special_tokens=["<unk>", "<s>", "</s>", *BYTES],
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    # The bytes are pieces of the model, not markup
    tokenizer = Tokenizer(tokenizer.model)
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    return tokenizer


def _metaspace(scheme: str) -> Any:
    tokenizer = _sentencepiece_bpe(pre_tokenizers.Metaspace(prepend_scheme="always", split=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
    return _wrap(tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def _llama2_legacy() -> Any:
    tokenizer = _sentencepiece_bpe(pre_tokenizers.Metaspace(prepend_scheme="always", split=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return _wrap(tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def _gemma() -> Any:
    tokenizer = _sentencepiece_bpe(pre_tokenizers.Metaspace(prepend_scheme="never", split=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous")
    return _wrap(tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def _bert() -> Any:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [chr(c) for c in range(33, 127)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=700, special_tokens=special, initial_alphabet=letters, show_progress=False
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", special.index("[SEP]")), ("[CLS]", special.index("[CLS]"))
    )
    return _wrap(
        tokenizer,
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        unk_token="[UNK]",
        mask_token="[MASK]",
    )


def _unigram_nfkc() -> Any:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=500,
        special_tokens=["<pad>", "</s>", "<unk>"],
        unk_token="<unk>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))]
    )
    return _wrap(tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")


def _sentencepiece_unigram() -> Any:
    import sentencepiece
    from transformers import BertGenerationTokenizer

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(_corpus()),
        model_writer=model,
        vocab_size=480,
        hard_vocab_limit=False,
        model_type="unigram",
        pad_id=3,
        minloglevel=2,
        num_threads=1,
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "spiece.model"
        path.write_bytes(model.getvalue())
        return BertGenerationTokenizer(str(path), legacy=False)


def _merging_bpe() -> Any:
    """Merges across spaces: no boundary of a chain is safe."""
    tokenizer = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=800, special_tokens=["<eos>"], max_token_length=24, show_progress=False
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    tokenizer.decoder = decoders.Fuse()
    return _wrap(tokenizer, eos_token="<eos>")


FAMILIES: dict[str, Callable[[], Any]] = {
    name: functools.cache(build)
    for name, build in {
        "gpt2": _gpt2,
        "llama3": _llama3,
        "qwen2": _qwen2,
        "o200k": _o200k,
        "metaspace-first": lambda: _metaspace("first"),
        "metaspace-always": lambda: _metaspace("always"),
        "metaspace-never": lambda: _metaspace("never"),
        "bert": _bert,
        "gemma": _gemma,
        "unigram-nfkc": _unigram_nfkc,
        "sentencepiece-unigram": _sentencepiece_unigram,
        "llama2-legacy": _llama2_legacy,
        "merging-bpe": _merging_bpe,
    }.items()
}
UNSPLITTABLE = ("merging-bpe",)
SPLITTABLE = tuple(name for name in FAMILIES if name not in UNSPLITTABLE)


def with_path_tokens(name: str) -> Any:
    """A copy of a family's tokenizer with `<PATH>` and `</PATH>` added, as GCR's checkpoints have them."""
    import copy

    tokenizer = copy.deepcopy(FAMILIES[name]())
    tokenizer.add_tokens([AddedToken("<PATH>", special=True), AddedToken("</PATH>", special=True)])
    return tokenizer


def all_families() -> Iterator[tuple[str, Any]]:
    """Every family's name with its tokenizer."""
    for name, build in FAMILIES.items():
        yield name, build()
