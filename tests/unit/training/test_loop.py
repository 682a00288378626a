"""The training loop on twenty questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from unit.training.tiny_writer import EXAMPLES, shipped_tokenizer, tiny_writer

from kgqa.errors import UsageError
from kgqa.graph import GraphBuilder, RelationStep, Triple
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.training.batches import Batch, EncodedExamples
from kgqa.training.belief import believe_model, log_probabilities
from kgqa.training.example import Target
from kgqa.training.loop import Trainer
from kgqa.training.ranking import PathRanker, Ranked, hits_at_1

SHARES = {"even": 0.5, "odd": 0.5}
SHORT = Trainer(12, batch_size=8, warmup=4, negatives=64, checkpoint_every=4)


class Killed(Exception):
    pass


class KilledExamples(EncodedExamples):
    """Examples whose training is cut off after some batches."""

    batches_left = 10

    def draws(self, batch_size: int, shares: Mapping[str, float], seed: int) -> Iterator[Batch]:
        for batch in super().draws(batch_size, shares, seed):
            if not self.batches_left:
                raise Killed
            self.batches_left -= 1
            yield batch


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return shipped_tokenizer()


@pytest.fixture(scope="module")
def encoded(tokenizer: Tokenizer) -> EncodedExamples:
    return EncodedExamples(EXAMPLES, tiny_writer(), tokenizer)


@pytest.fixture(scope="module")
def trained(encoded: EncodedExamples, tmp_path_factory: pytest.TempPathFactory) -> PathWriter:
    model = tiny_writer(dropout=0)
    trainer = Trainer(500, batch_size=20, learning_rate=5e-3, warmup=10, weight_decay=0, checkpoint_every=100)
    losses = trainer.train(model, encoded, SHARES, tmp_path_factory.mktemp("trained") / "c.pt")
    assert [step for step, _ in losses] == [100, 200, 300, 400, 500]
    assert losses[-1][1] < 0.1 < losses[0][1]
    return model


def gold_rows(encoded: EncodedExamples) -> list[tuple[int, list[int]]]:
    return [(i, encoded.pieces(e.targets[0].steps)) for i, e in enumerate(encoded.examples)]


def same_weights(first: PathWriter, second: PathWriter) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(one, other) for one, other in pairs)


def test_twenty_examples_are_learnt_by_heart(trained: PathWriter, encoded: EncodedExamples) -> None:
    probabilities = log_probabilities(trained, encoded.batch(gold_rows(encoded))).exp()
    assert float(probabilities.min()) > 0.5
    assert float(log_probabilities(tiny_writer(), encoded.batch(gold_rows(encoded))).exp().max()) < 0.1


def test_what_was_learnt_is_ranked_first(trained: PathWriter, tokenizer: Tokenizer) -> None:
    triples = [Triple("Peru", relation, relation) for relation in ("capital", "directed_by", "language")]
    for middle in ("capital", "directed_by", "language"):
        triples += [Triple("x", "capital", middle), Triple(middle, "directed_by", "y")]
    ranker = PathRanker(trained, tokenizer, GraphBuilder.of(triples), max_steps=2)
    ranked = ranker.rank("who rules language of Peru", "Peru", ["Peru"])
    assert ranked[0].steps == (RelationStep("language"), RelationStep("capital", True))
    assert ranked[0].answers == ("x",)
    assert [path.log_probability for path in ranked] == sorted(
        (r.log_probability for r in ranked), reverse=True
    )
    assert all(len(path.steps) <= 2 for path in ranked)


def test_a_seed_gives_the_same_weights_again(encoded: EncodedExamples, tmp_path: Path) -> None:
    models = [tiny_writer() for _ in range(3)]
    for number, model in enumerate(models):
        trainer = replace(SHORT, seed=number // 2)
        trainer.train(model, encoded, SHARES, tmp_path / f"{number}.pt")
        torch.rand(number + 1)  # what else is drawn does not matter
    assert same_weights(models[0], models[1])
    assert not same_weights(models[0], models[2])


def test_a_killed_run_goes_on_to_the_weights_of_one_that_was_not(
    encoded: EncodedExamples, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    whole, killed, resumed = tiny_writer(), tiny_writer(), tiny_writer(seed=5)
    losses = SHORT.train(whole, encoded, SHARES, tmp_path / "whole.pt")
    resumed.attach_encoder(whole.encoder)
    with pytest.raises(Killed):
        SHORT.train(killed, KilledExamples(EXAMPLES, whole, tokenizer), SHARES, tmp_path / "cut.pt")
    assert torch.load(tmp_path / "cut.pt")["step"] == 8
    assert SHORT.train(resumed, encoded, SHARES, tmp_path / "cut.pt") == losses
    assert same_weights(whole, resumed)


def test_a_finished_run_is_not_trained_again(encoded: EncodedExamples, tmp_path: Path) -> None:
    model, again = tiny_writer(), tiny_writer(seed=5)
    losses = SHORT.train(model, encoded, SHARES, tmp_path / "c.pt")
    assert SHORT.train(again, encoded, SHARES, tmp_path / "c.pt") == losses
    assert same_weights(model, again)
    assert [file.name for file in tmp_path.iterdir()] == ["c.pt"]


def test_a_checkpoint_of_other_settings_is_refused(encoded: EncodedExamples, tmp_path: Path) -> None:
    replace(SHORT, steps=1).train(tiny_writer(), encoded, SHARES, tmp_path / "c.pt")
    with pytest.raises(UsageError, match=r"c\.pt is of a training with other settings; delete it"):
        SHORT.train(tiny_writer(), encoded, SHARES, tmp_path / "c.pt")


def test_the_model_moves_belief_to_the_path_that_it_would_write(
    trained: PathWriter, tokenizer: Tokenizer
) -> None:
    gold = EXAMPLES[0].targets[0].steps
    wrong = (RelationStep("written_by"), RelationStep("language"))
    unsure = replace(EXAMPLES[0], targets=(Target(gold, 0.2), Target(wrong, 0.8)))
    other = replace(unsure, source="odd")
    encoded = EncodedExamples([unsure, other, EXAMPLES[1]], tiny_writer(), tokenizer)
    assert believe_model(trained, encoded, {"even"}) == 1
    assert encoded.examples[0].targets[0].steps == gold
    assert sum(target.weight for target in encoded.examples[0].targets) == pytest.approx(1)
    assert encoded.examples[0].targets[0].weight > 0.9
    assert encoded.examples[1:] == [other, EXAMPLES[1]]


def test_the_first_answer_that_all_topics_reach_is_the_hit() -> None:
    first = [Ranked(-1.0, (), ("a", "b"))]
    second = [Ranked(-2.0, (), ("b", "c"))]
    assert hits_at_1([first, second], ["B"])
    assert not hits_at_1([first, second], ["a"])
    assert hits_at_1([first, [Ranked(-2.0, (), ("c",))]], ["a"])
    assert hits_at_1([[Ranked(-3.0, (), ("x",))], first, []], ["x"]) is False
    assert not hits_at_1([[], []], ["a"])
