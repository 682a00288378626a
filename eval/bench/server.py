"""How many questions a second a server answers: one client, and twenty at a time.

    .venv/bin/python eval/bench/server.py

Starts `kgqa serve` and sends it questions over loopback: one client, each question after the answer to the
one before, and twenty such clients, in turns, since other programs may use the machine too. Prints questions
a second, how long half and 95 % of the questions took at most, how many ended in an error, and how many
answers differ from those that the same questions get alone, as `kgqa ask --json` prints them (all fields but
the seconds; numbers may differ by 0.001, as those of questions that share passes do). `memory` is that of
the server and its workers after each row. Writes server.md and server.json, for another --graph
server-NAME.md and server-NAME.json. Five minutes on two idle cores.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from command import ROOT, command, parsed
from machine import Machine
from report import Report, Table, median, percentile
from server_process import ServerProcess

from kgqa.datasets import load_questions
from kgqa.pipeline import Query
from kgqa.pipeline.assembly import build_answers
from kgqa.pipeline.settings import ASK_DEFAULTS, AnswererSettings
from kgqa.service import Reply

SETS = ("dev.jsonl", "test.jsonl", "operators_dev.jsonl")
CLIENTS = 20
ROUNDS = 5
TOLERANCE = 1e-3
COLUMNS = (
    *("clients", "requests", "questions a second", "p50, ms", "p95, ms", "errors", "differing answers"),
    *("questions a batch", "memory, MB"),
)


@dataclass
class Load:
    """What some clients sent and got."""

    clients: int
    seconds: float = 0.0
    asked: float = 0.0
    batches: float = 0.0
    megabytes: float = 0.0
    waits: list[float] = field(default_factory=list)
    replies: list[tuple[str, int, bytes]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.replies) / self.seconds

    def errors(self) -> int:
        return sum(status != 200 for _, status, _ in self.replies)


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--requests", type=int, default=2000, help="of twenty clients")
    parser.add_argument("--alone", type=int, default=300, help="requests of the one client")
    parser.add_argument("--graph", default="atlas", help="the graph that is served")
    parser.add_argument("--questions", nargs="*", help="files of questions [those of the atlas]")
    parser.add_argument("--most", type=int, default=500, help="different questions at most")
    parser.add_argument("--workers", default="", help="processes that answer [that of kgqa serve]")
    arguments = parsed(parser)
    if arguments.quick:
        arguments.requests, arguments.alone, arguments.most = 40, 10, 20
    files = arguments.questions or [ROOT / "data" / "atlas" / name for name in SETS]
    questions = [one.question for file in files for one in load_questions(file)]
    random.Random(arguments.seed).shuffle(questions)
    questions = questions[: arguments.most]
    options = ["--graph", arguments.graph]
    if arguments.workers:
        options += ["--workers", arguments.workers]
    name = "atlas" if arguments.graph == "atlas" else "graph"
    if name != "atlas":
        options[1] = f"{name}={arguments.graph}"
    with ServerProcess(*options) as server:
        address = server.host, server.port, f"/api/v1/graphs/{name}/ask"
        loads = [Load(CLIENTS), Load(1), Load(CLIENTS)]
        _add(loads[0], server, address, questions)
        asked = [cycle(questions), cycle(questions)]
        for _ in range(ROUNDS):
            for load, these, count in zip(
                loads[1:], asked, (arguments.alone, arguments.requests), strict=True
            ):
                _add(load, server, address, list(islice(these, count // ROUNDS)))
        code = server.terminate(5)
    wanted = _wanted(arguments.graph, questions)
    rows = [_row(load, wanted) for load in loads]
    Report(
        "server",
        "Questions to a server",
        Machine.here("fastapi", "uvicorn"),
        {"graph": Path(arguments.graph).name, "different questions": len(questions), "exit code": code},
        [Table(COLUMNS, rows, "The first row asks each question once, to warm the server up.")],
        rows,
        notes=[f"Twenty clients get {loads[2].rate / loads[1].rate:.2f} times the answers of one."],
        of="" if name == "atlas" else Path(arguments.graph).stem,
    ).write(arguments.out)


def _batches(server: ServerProcess) -> tuple[float, float]:
    """How many questions the model was asked so far, and in how many batches."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    asked, batches = (
        sum(map(float, re.findall(rf"^kgqa_{name}_total\S* (\S+)$", text, re.MULTILINE)))
        for name in ("questions", "batches")
    )
    return asked, batches


def _row(load: Load, wanted: dict[str, Any]) -> list[object]:
    good = ((asked, json.loads(content)) for asked, status, content in load.replies if status == 200)
    differing = sum(not _alike(found, wanted[asked]) for asked, found in good)
    waits = [1000 * wait for wait in load.waits]
    told = median(waits), percentile(waits, 95)
    counts = load.errors(), differing
    return [
        load.clients,
        len(load.replies),
        load.rate,
        *told,
        *counts,
        load.asked / load.batches,
        load.megabytes,
    ]


def _add(load: Load, server: ServerProcess, address: tuple[str, int, str], questions: Sequence[str]) -> None:
    """Let the clients of a load ask more questions."""
    asked, batches = _batches(server)
    _ask(load, address, questions)
    now_asked, now_batches = _batches(server)
    load.asked += now_asked - asked
    load.batches += now_batches - batches
    load.megabytes = server.megabytes


def _ask(load: Load, address: tuple[str, int, str], questions: Sequence[str]) -> None:
    """Let clients ask, each one question after the other."""
    waiting, lock = iter(questions), threading.Lock()
    host, port, path = address

    def ask() -> None:
        connection = http.client.HTTPConnection(host, port, timeout=120)
        while True:
            with lock:
                question = next(waiting, None)
            if question is None:
                break
            began = time.perf_counter()
            body = json.dumps({"question": question})
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            content = reply.read()
            with lock:
                load.waits.append(time.perf_counter() - began)
                load.replies.append((question, reply.status, content))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(load.clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds += time.perf_counter() - began


def _wanted(graph: str, questions: Sequence[str]) -> dict[str, Any]:
    """What each question gets alone."""
    answers = build_answers(AnswererSettings.of({**ASK_DEFAULTS, "graph": graph}))
    found = answers.run([Query(question) for question in questions], batch_size=1)
    return {outcome.question: _told(Reply.of(outcome).to_dict(0.0)) for outcome in found}


def _told(value: Any) -> Any:
    """A value as JSON holds it."""
    return json.loads(json.dumps(value))


def _alike(got: Any, wanted: Any) -> bool:
    """Whether a reply has all that is wanted, but the seconds; names and version are the server's own."""
    if not isinstance(got, dict):
        return False
    more = ("names", "proof_text", "version", "seconds")
    return alike(
        {key: value for key, value in got.items() if key not in more},
        {key: value for key, value in wanted.items() if key not in more},
    )


def alike(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal but for the last digits of numbers."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < TOLERANCE
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


if __name__ == "__main__":
    main()
