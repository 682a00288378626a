"""`kgqa build --from` that is killed goes on where it was, and nothing is left over."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lying_endpoint import Asked, lying

from kgqa.cli import main
from kgqa.graph import GraphBuilder, open_index
from kgqa.graph.readers import read

FACTS = "@prefix : <http://a/> .\n" + "".join(
    f":e{number} :r{relation} :e{number + relation} . " for number in range(10) for relation in range(30)
)


def test_a_killed_build_goes_on_and_ends_as_if_it_had_not_been(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def patient(asked: Asked) -> None:
        time.sleep(0.03)
        asked.send()

    out = tmp_path / "index"
    with lying(FACTS, patient) as server:
        command = [sys.executable, "-m", "kgqa", "build", "--from", server.url, "-o", str(out)]
        build = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while len(server.queries) < 15 and time.monotonic() < end:
            time.sleep(0.005)
        build.kill()
        build.wait()
        assert not out.exists()
        before = len(server.queries)
        assert main([*command[3:], "--json"]) == 0
        asked_again = set(server.queries[:before]) & set(server.queries[before:])
    assert len(asked_again) <= 1  # the one that was on its way
    assert len(server.queries) <= 33  # two counts and 30 relations
    assert json.loads(capsys.readouterr().out)["triples"] == 300
    assert [path.name for path in tmp_path.iterdir()] == ["index"]
    path = tmp_path / "facts.ttl"
    path.write_text(FACTS, "utf-8")
    assert open_index(out).checksum == GraphBuilder().add_all(read(path)).build().checksum
