"""The training of the reranker on a few lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from unit.training.tiny_writer import shipped_tokenizer, tiny_writer

from kgqa.errors import UsageError
from kgqa.graph import RelationStep
from kgqa.lm import PathReading
from kgqa.lm.path_writer.question_text import pair_ids
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.training.reranker.candidates import Candidate, CandidateList
from kgqa.training.reranker.reranker_training import RerankerTraining

RELATIONS = ("capital", "directed by", "birth place", "language", "written by")
LISTS = [
    CandidateList(
        "odd" if number % 2 else "even",
        f"tell the {wanted} of Peru",
        ("Peru",),
        tuple(
            Candidate(
                (RelationStep(relation),),
                ("Lima", "Oslo"),
                (relation == wanted, False),
                float(relation == wanted),
            )
            for relation in RELATIONS
        ),
    )
    for number, wanted in enumerate(RELATIONS)
]
SHARES = {"even": 0.6, "odd": 0.4}
SHORT = RerankerTraining(12, lists=4, wrong=3, warmup=2, checkpoint_every=4)


class Killed(Exception):
    pass


def killed_at(step: int) -> Callable[[int], None]:
    def progress(done: int) -> None:
        if done == step:
            raise Killed

    return progress


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return shipped_tokenizer()


def tiny_reranker() -> Reranker:
    return Reranker(tiny_writer().encoder)


def same_weights(first: Reranker, second: Reranker) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(one, other) for one, other in pairs)


def test_five_lists_are_learnt_by_heart(tokenizer: Tokenizer, tmp_path: Path) -> None:
    reranker = tiny_reranker()
    training = RerankerTraining(500, lists=8, wrong=4, learning_rate=5e-3, warmup=5, ends=0.2)
    losses = training.train(reranker, tokenizer, LISTS, SHARES, tmp_path / "c.pt").losses
    assert [step for step, _ in losses] == [100, 200, 300, 400, 500]
    for of in LISTS:
        readings = [PathReading(c.steps, c.ends) for c in of.candidates]
        with torch.inference_mode():
            scores = reranker([pair_ids(tokenizer, of.question, of.topics, path) for path in readings])
        assert of.candidates[int(scores.argmax())].weight


def test_ends_are_learnt_too(tokenizer: Tokenizer, tmp_path: Path) -> None:
    reranker = tiny_reranker()
    training = RerankerTraining(100, lists=8, learning_rate=5e-3, warmup=5, ends=1e9)
    training.train(reranker, tokenizer, LISTS, SHARES, tmp_path / "c.pt")
    of = LISTS[0]
    readings = [PathReading(of.candidates[0].steps, (end,)) for end in ("Lima", "Oslo")]
    with torch.inference_mode():
        lima, oslo = reranker([pair_ids(tokenizer, of.question, of.topics, path) for path in readings])
    assert lima > oslo


def test_a_seed_gives_the_same_weights_again(tokenizer: Tokenizer, tmp_path: Path) -> None:
    rerankers = [tiny_reranker() for _ in range(3)]
    for number, reranker in enumerate(rerankers):
        training = replace(SHORT, seed=number // 2)
        training.train(reranker, tokenizer, LISTS, SHARES, tmp_path / f"{number}.pt")
    assert same_weights(rerankers[0], rerankers[1])
    assert not same_weights(rerankers[0], rerankers[2])


def test_a_killed_run_goes_on_to_the_weights_of_one_that_was_not(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    whole, killed = tiny_reranker(), tiny_reranker()
    SHORT.train(whole, tokenizer, LISTS, SHARES, tmp_path / "whole.pt")
    with pytest.raises(Killed):
        SHORT.train(killed, tokenizer, LISTS, SHARES, tmp_path / "killed.pt", progress=killed_at(10))
    again = tiny_reranker()
    seen: list[int] = []
    SHORT.train(again, tokenizer, LISTS, SHARES, tmp_path / "killed.pt", progress=seen.append)
    assert seen == [8, 9, 10, 11, 12]
    assert same_weights(whole, again)


def test_a_checkpoint_of_other_lists_is_refused(tokenizer: Tokenizer, tmp_path: Path) -> None:
    SHORT.train(tiny_reranker(), tokenizer, LISTS, SHARES, tmp_path / "c.pt")
    with pytest.raises(UsageError, match="is of a training with other settings: candidates"):
        SHORT.train(tiny_reranker(), tokenizer, LISTS[1:], SHARES, tmp_path / "c.pt")


def test_shares_without_lists_are_refused(tokenizer: Tokenizer, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no candidates of films"):
        SHORT.train(tiny_reranker(), tokenizer, LISTS, {"films": 1.0}, tmp_path / "c.pt")
