"""One run at a time in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from unit.evaluation.slow_run import run

from kgqa.errors import DataError, UsageError
from kgqa.evaluation.running.run_lock import run_lock


def test_a_second_run_is_told_who_is_at_work_and_changes_nothing(tmp_path: Path) -> None:
    with run_lock(tmp_path):
        with pytest.raises(UsageError, match=rf"process {os.getpid()}\) writes to this folder"):
            run(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {".lock", ".lock-holder"}
    assert run(tmp_path).totals.n == 30


def test_a_process_that_is_killed_lets_go(tmp_path: Path) -> None:
    script = Path(__file__).with_name("slow_run.py")
    process = subprocess.Popen([sys.executable, str(script), str(tmp_path), "0.05"])
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (tmp_path / "records.jsonl").exists():
        time.sleep(0.01)
    with pytest.raises(UsageError, match=f"process {process.pid}"), run_lock(tmp_path):
        pass
    process.kill()
    process.wait()
    with run_lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError), run_lock(tmp_path / "file" / "run"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_only_be_read_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(DataError, match="cannot be used"):
        run(tmp_path)
