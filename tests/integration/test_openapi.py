"""What the server says of itself, tried by schemathesis: replies are as described, and nothing is a fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from unit.report.made_runs import record, write_run, wrong
from unit.server.conftest import films_catalogue

from kgqa.server import ServerOptions, create_app

CHAIN = ((("f1", "directed_by", "p1"),),)


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    runs: Path = tmp_path_factory.mktemp("runs")
    made = [
        record("q1", confidence=0.9, chains=CHAIN, entities=("p1",)),
        wrong("q2", confidence=0.2, chains=CHAIN, entities=("p1",)),
    ]
    write_run(runs / "films", made, {})
    catalogue = films_catalogue()
    app = create_app(catalogue, ServerOptions(hosts=("testserver",), runs=runs))
    yield schemathesis.openapi.from_asgi("/openapi.json", app)
    catalogue.close()


@pytest.mark.slow
def test_every_route_replies_as_it_is_described(description: Any) -> None:
    failures: list[Exception] = []
    operations = [found.ok() for found in description.get_all_operations()]
    assert len(operations) > 15
    for operation in operations:
        try:
            check(operation)
        except Exception as error:  # of all routes, not of the first alone
            error.add_note(operation.label)
            failures.append(error)
    if failures:
        raise ExceptionGroup("routes that reply in another way", failures)


def check(operation: Any) -> None:
    for mode in GenerationMode:
        with suppress(Unsatisfiable):
            try_out(operation, mode)


def try_out(operation: Any, mode: GenerationMode) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(operation.as_strategy(generation_mode=mode))
    def replies_as_described(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            name_what_is_there(case)
        response = case.call()
        if response.status_code == 413:  # which schemathesis does not take for a refusal
            assert response.json()["error"]
            return
        # 400 is a body of the right shape that says what makes no sense, such as a claim without a chain.
        meaningless = [positive_data_acceptance] if response.status_code == 400 else []
        case.validate_response(response, excluded_checks=meaningless)

    replies_as_described()


def name_what_is_there(case: Any) -> None:
    """Names that there are, for else every reply is "not found", and one that is no white space."""
    there = {"graph": "films", "run": "films", "model": "films", "entity": "f1", "reviewer": "Ann"}
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update((name, value) for name, value in there.items() if name in part)
