"""Property graph databases that speak Bolt (Neo4j and others), by the driver of Neo4j."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from kgqa.errors import EndpointDownError, EndpointError, UsageError
from kgqa.graph.readers.property_graph.mapping import (
    NAMES,
    edge_statements,
    node_statements,
    relation_names,
    wrong_fact,
)
from kgqa.graph.readers.property_graph.property_values import property_pairs
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.statement import Node, NodeKind, Statement, Triple

__all__ = ["LOGIN", "is_bolt", "read_bolt"]

LOGIN = "KGQA_BOLT_LOGIN"
"""The environment variable with `user:password`."""
SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
NODES = "MATCH (n) RETURN n"
EDGES = "MATCH (n)-[r]->(m) RETURN r"


def is_bolt(address: str) -> bool:
    """Whether this is the address of such a database.

    >>> is_bolt("bolt://localhost:7687/films"), is_bolt("http://localhost:8890/sparql")
    (True, False)
    """
    return address.partition("://")[0].lower() in SCHEMES


def read_bolt(address: str, report: SkipReport) -> Iterator[Statement]:
    """The nodes and edges of a database, row by row; mapped as Neo4j's CSV files are.

    The path of the address names the database, by default that of the user. A node is identified by the
    number that the database gave it; one without a property that names it has no name. Facts that change
    while they are read may be seen as they were or as they are.

    Raises `EndpointDownError` for a database that cannot be reached or used, `EndpointError` where it fails
    later, `UsageError` for a wrong address and where `neo4j` is not installed.
    """
    try:
        import neo4j
        from neo4j.exceptions import AuthError, DriverError, Neo4jError, ServiceUnavailable
    except ImportError as error:
        raise UsageError(f"{address:.200}: reading it needs neo4j; pip install 'kgqa[neo4j]'") from error
    server, database = _parts(address)
    user, _, password = os.environ.get(LOGIN, "").partition(":")
    logging.getLogger("neo4j").setLevel(logging.ERROR)  # hints about queries, one for each missing property
    try:
        with ExitStack() as stack:
            driver = stack.enter_context(
                neo4j.GraphDatabase.driver(
                    server, auth=(user, password) if user else None, user_agent="kgqa", connection_timeout=30
                )
            )
            session = stack.enter_context(
                driver.session(database=database, default_access_mode=neo4j.READ_ACCESS)
            )
            yield from _Reader(session, address, report).statements()
    except (AuthError, ServiceUnavailable) as error:
        raise EndpointDownError(
            f"{address}: cannot be used ({_reason(error)}); {LOGIN} has its login"
        ) from error
    except (DriverError, Neo4jError, OSError, ValueError) as error:
        raise EndpointError(f"{address}: does not answer as it should ({_reason(error)})") from error


class _Reader:
    def __init__(self, session: Any, address: str, report: SkipReport) -> None:
        self._session = session
        self._address = address
        self._report = report
        self._mark = hashlib.sha256(address.encode()).hexdigest()[:8]
        self._relations: dict[str, None] = {}

    def statements(self) -> Iterator[Statement]:
        """All nodes, then all edges."""
        for (node,) in self._session.run(NODES):
            pairs = property_pairs(dict(node))
            found = node_statements(node.element_id, sorted(node.labels), pairs)
            if not any(name.lower() in NAMES for name, _ in pairs):
                found.append(Node(node.element_id, NodeKind.BLANK))
            yield from self._checked(found, f"node {node.element_id}")
        for number, (edge,) in enumerate(self._session.run(EDGES)):
            ends = edge.start_node.element_id, edge.end_node.element_id
            blank = f"_:{number}@{self._mark}"
            pairs = property_pairs(dict(edge))
            found = edge_statements(ends[0], edge.type, ends[1], pairs, blank)
            yield from self._checked(found, f"edge {edge.element_id}")
        yield from relation_names(self._relations)

    def _checked(self, found: list[Statement], what: str) -> list[Statement]:
        """What was found, if it can be stored."""
        if wrong := wrong_fact(found):
            self._report.add(self._address, 0, f"{what}: {wrong}")
            return []
        self._relations.update((one.relation, None) for one in found if isinstance(one, Triple))
        return found


def _parts(address: str) -> tuple[str, str | None]:
    """The server, and the database where one is named."""
    try:
        parts = urlsplit(address)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:  # its message may quote a password
        is_whole = False
    if not is_whole:
        raise UsageError("the address of a database is a URL such as bolt://localhost:7687/films")
    if parts.username is not None:
        raise UsageError(f"the address of a database has no user and password: give them in {LOGIN}")
    database = parts.path.strip("/")
    return f"{parts.scheme}://{parts.netloc}", database or None


def _reason(error: Exception) -> str:
    text = " ".join(str(getattr(error, "message", None) or error).split())
    return text if len(text) <= 160 else text[:157] + "..."
