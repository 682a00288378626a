"""The training loop on twenty questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from unit.training.tiny_writer import EXAMPLES, shipped_tokenizer, tiny_writer

from kgqa.errors import DataError, ModelError, UsageError
from kgqa.graph import RelationStep
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.training.examples.example import Target
from kgqa.training.path_writer.encoded_examples import (
    Batch,
    EncodedExamples,
    log_probabilities,
    reweigh_targets,
)
from kgqa.training.path_writer.trainer import Trainer

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
    trainer = Trainer(
        1000, batch_size=20, learning_rate=3e-3, warmup=10, weight_decay=0, checkpoint_every=200
    )
    losses = trainer.train(model, encoded, SHARES, tmp_path_factory.mktemp("trained") / "c.pt").losses
    assert [step for step, _ in losses] == [200, 400, 600, 800, 1000]
    assert losses[-1][1] < 0.1 < losses[0][1]
    return model


def gold_rows(encoded: EncodedExamples) -> list[tuple[int, list[int]]]:
    return [(i, encoded.pieces(e.targets[0].steps)) for i, e in enumerate(encoded.examples)]


def same_weights(first: PathWriter, second: PathWriter) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(one, other) for one, other in pairs)


def test_twenty_examples_are_learnt_by_heart(trained: PathWriter, encoded: EncodedExamples) -> None:
    batch, known = encoded.batch(gold_rows(encoded)), torch.tensor(encoded.known_pieces())
    assert float(log_probabilities(trained, batch, known).exp().min()) > 0.5
    assert float(log_probabilities(tiny_writer(), batch, known).exp().max()) < 0.1


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
    curve = SHORT.train(whole, encoded, SHARES, tmp_path / "whole.pt")
    resumed.attach_encoder(whole.encoder)
    with pytest.raises(Killed):
        SHORT.train(killed, KilledExamples(EXAMPLES, whole, tokenizer), SHARES, tmp_path / "cut.pt")
    assert torch.load(tmp_path / "cut.pt")["done"] == 8
    assert SHORT.train(resumed, encoded, SHARES, tmp_path / "cut.pt") == curve
    assert same_weights(whole, resumed)


def test_a_finished_run_is_not_trained_again(encoded: EncodedExamples, tmp_path: Path) -> None:
    model, again = tiny_writer(), tiny_writer(seed=5)
    curve = SHORT.train(model, encoded, SHARES, tmp_path / "c.pt")
    assert SHORT.train(again, encoded, SHARES, tmp_path / "c.pt") == curve
    assert same_weights(model, again)
    assert [file.name for file in tmp_path.iterdir()] == ["c.pt"]


def test_a_checkpoint_of_other_settings_is_refused(encoded: EncodedExamples, tmp_path: Path) -> None:
    replace(SHORT, steps=1).train(tiny_writer(), encoded, SHARES, tmp_path / "c.pt")
    with pytest.raises(UsageError, match=r"c\.pt is of a training with other settings: steps 1 \(now 12\)"):
        SHORT.train(tiny_writer(), encoded, SHARES, tmp_path / "c.pt")


def test_a_checkpoint_of_other_examples_is_refused(
    encoded: EncodedExamples, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    SHORT.train(tiny_writer(), encoded, SHARES, tmp_path / "c.pt")
    fewer = EncodedExamples(EXAMPLES[1:], tiny_writer(), tokenizer)
    with pytest.raises(UsageError, match=r"with other settings: examples \w+ \(now \w+\)"):
        SHORT.train(tiny_writer(), fewer, SHARES, tmp_path / "c.pt")
    with pytest.raises(UsageError, match=r"with other settings: shares"):
        SHORT.train(tiny_writer(), encoded, {"even": 1.0}, tmp_path / "c.pt")


def test_a_run_that_goes_on_is_not_scored_from_the_start(encoded: EncodedExamples, tmp_path: Path) -> None:
    scored: list[int] = []
    SHORT.train(tiny_writer(), encoded, SHARES, tmp_path / "c.pt", lambda _: len(scored))
    SHORT.train(tiny_writer(), encoded, SHARES, tmp_path / "c.pt", lambda _: scored.append(1) or 0.0)  # type: ignore[func-returns-value]
    assert not scored


def test_a_checkpoint_that_cannot_be_written_is_one_error_and_the_old_one_stays(
    encoded: EncodedExamples, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    replace(SHORT, steps=1).train(tiny_writer(), encoded, SHARES, tmp_path / "c.pt")
    whole = (tmp_path / "c.pt").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        with pytest.raises(DataError, match=r"new\.pt: cannot be written \(.*\); run again to go on"):
            SHORT.train(tiny_writer(), encoded, SHARES, tmp_path / "new.pt")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [file.name for file in tmp_path.iterdir()] == ["c.pt"]
    assert (tmp_path / "c.pt").read_bytes() == whole


def test_a_damaged_checkpoint_is_refused(encoded: EncodedExamples, tmp_path: Path) -> None:
    SHORT.train(tiny_writer(), encoded, SHARES, tmp_path / "c.pt")
    whole = (tmp_path / "c.pt").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"no checkpoint at all"):
        (tmp_path / "c.pt").write_bytes(damaged)
        with pytest.raises(UsageError, match=r"c\.pt is damaged; delete it"):
            SHORT.train(tiny_writer(), encoded, SHARES, tmp_path / "c.pt")


def test_the_best_checkpoint_is_kept(encoded: EncodedExamples, tmp_path: Path) -> None:
    scores = iter([10.0, 30.0, 50.0, 40.0])
    model, until_then = tiny_writer(), tiny_writer()
    curve = SHORT.train(model, encoded, SHARES, tmp_path / "c.pt", lambda _: next(scores))
    assert curve.dev_scores == [(0, 10.0), (4, 30.0), (8, 50.0), (12, 40.0)]
    assert curve.best == (8, 50.0)
    examples = KilledExamples(EXAMPLES, until_then, shipped_tokenizer())
    with pytest.raises(Killed):
        SHORT.train(until_then, examples, SHARES, tmp_path / "cut.pt")
    at_eight = torch.load(tmp_path / "cut.pt")["model"]
    assert all(torch.equal(weight, at_eight[name]) for name, weight in model.state_dict().items())


def test_a_start_that_training_makes_worse_is_kept(encoded: EncodedExamples, tmp_path: Path) -> None:
    scores = iter([90.0, 30.0, 50.0, 40.0])
    model = tiny_writer()
    SHORT.train(model, encoded, SHARES, tmp_path / "c.pt", lambda _: next(scores))
    assert same_weights(model, tiny_writer())


def test_the_start_is_blended_in_again(encoded: EncodedExamples, tmp_path: Path) -> None:
    start, tuned, half = tiny_writer(), tiny_writer(), tiny_writer()
    SHORT.train(tuned, encoded, SHARES, tmp_path / "tuned.pt")
    replace(SHORT, keep=0.5).train(half, encoded, SHARES, tmp_path / "half.pt")
    pairs = zip(start.parameters(), tuned.parameters(), half.parameters(), strict=True)
    assert all(torch.allclose((a + b) / 2, c, atol=1e-6) for a, b, c in pairs)


def test_a_loss_that_is_no_number_stops_the_training(encoded: EncodedExamples, tmp_path: Path) -> None:
    model = tiny_writer()
    torch.nn.init.constant_(model.output_projection.weight, float("nan"))
    with pytest.raises(ModelError, match=r"the loss of step 1 is nan; train with a lower learning rate"):
        SHORT.train(model, encoded, SHARES, tmp_path / "c.pt")


def test_the_model_moves_belief_to_the_path_that_it_would_write(
    trained: PathWriter, tokenizer: Tokenizer
) -> None:
    gold = EXAMPLES[0].targets[0].steps
    wrong = (RelationStep("written_by"), RelationStep("language"))
    unsure = replace(EXAMPLES[0], targets=(Target(gold, 0.2), Target(wrong, 0.8)))
    other = replace(unsure, source="odd")
    encoded = EncodedExamples([unsure, other, EXAMPLES[1]], tiny_writer(), tokenizer)
    assert reweigh_targets(trained, encoded, {"even"}) == 1
    assert encoded.examples[0].targets[0].steps == gold
    assert sum(target.weight for target in encoded.examples[0].targets) == pytest.approx(1)
    assert encoded.examples[0].targets[0].weight > 0.9
    assert encoded.examples[1:] == [other, EXAMPLES[1]]
