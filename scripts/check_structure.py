"""Check the structure of the package: no import circles, folder sizes, who imports `kgqa.cli`.

An import inside a function counts, one under `if TYPE_CHECKING:` does not. Prints one line for each
violation and exits with 1 if there are any.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_MODULES = 20
"""Modules that one folder of the package may hold, beside `__init__.py`."""

CALLERS_OF_CLI = ("tests/", "kgqa/cli/", "kgqa/__main__.py")
"""Folders and files that may import `kgqa.cli`."""

SOURCES = ("kgqa", "scripts", "eval", "tests")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout")
    root: Path = parser.parse_args(arguments).root
    found = [*circles(root), *large_folders(root), *callers_of_cli(root)]
    print("\n".join(found) or "no import circles, no large folders, kgqa.cli only imported by tests")
    return bool(found)


def circles(root: Path) -> Iterator[str]:
    """A line for each group of modules that import each other."""
    for group in _strongly_connected(_import_graph(root)):
        if len(group) > 1:
            yield f"import circle: {', '.join(sorted(group))}"


def large_folders(root: Path) -> Iterator[str]:
    """A line for each folder of the package with too many files."""
    package = root / "kgqa"
    for folder in sorted([package, *(path for path in package.rglob("*") if path.is_dir())]):
        count = sum(path.name != "__init__.py" for path in folder.glob("*.py"))
        if count > MOST_MODULES:
            yield f"{folder.relative_to(root).as_posix()}: {count} modules, at most {MOST_MODULES}"


def callers_of_cli(root: Path) -> Iterator[str]:
    """A line for each file outside of the command line and the tests that imports it."""
    for source in SOURCES:
        for path in sorted((root / source).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if name.startswith(CALLERS_OF_CLI):
                continue
            wanted = _imported(ast.parse(path.read_text("utf-8")))
            if any(f"{module}.".startswith("kgqa.cli.") for module in wanted):
                yield f"{name}: imports kgqa.cli"


def _import_graph(root: Path) -> Mapping[str, frozenset[str]]:
    """For each module of the package, those that it imports.

    A name that is imported from a package counts as imported from the module that defines it.
    """
    trees = {
        ".".join(path.relative_to(root).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
        for path in sorted((root / "kgqa").rglob("*.py"))
    }
    packages = {
        name.removesuffix(".__init__"): tree for name, tree in trees.items() if name.endswith("__init__")
    }
    exported = {package: dict(_exported(tree)) for package, tree in packages.items()}
    modules = {name: tree for name, tree in trees.items() if not name.endswith("__init__")}

    def defining(name: str) -> str:
        """The module of an absolute name, followed through the packages that export it."""
        while name not in modules and "." in name:
            package, _, own = name.rpartition(".")
            known = exported.get(package, {}).get(own, package)
            name = package if known == name else known
        return name

    return {
        module: frozenset(map(defining, _imported(tree))) & (modules.keys() - {module})
        for module, tree in modules.items()
    }


def _exported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that a package takes from its modules, with the absolute name of each."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _imported(tree: ast.AST) -> Iterator[str]:
    """The absolute names that a module imports when it is executed."""
    if isinstance(tree, ast.If) and "TYPE_CHECKING" in ast.dump(tree.test):
        for other in tree.orelse:
            yield from _imported(other)
        return
    if isinstance(tree, ast.Import):
        yield from (alias.name for alias in tree.names)
    elif isinstance(tree, ast.ImportFrom) and tree.module and not tree.level:
        yield from (f"{tree.module}.{alias.name}" for alias in tree.names)
    for child in ast.iter_child_nodes(tree):
        yield from _imported(child)


def _strongly_connected(graph: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """The groups of nodes that reach each other (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for following in sorted(graph[node]):
            if following not in index:
                visit(following)
                low[node] = min(low[node], low[following])
            elif following in stack:
                low[node] = min(low[node], index[following])
        if low[node] == index[node]:
            at = stack.index(node)
            groups.append(stack[at:])
            del stack[at:]

    for node in graph:
        if node not in index:
            visit(node)
    return groups


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    sys.exit(main())
