"""Whatever a tool is called with: a result of its schema, or an error of one line that is the caller's."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import validate  # type: ignore[import-untyped]
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult
from property_examples import examples

from kgqa.agents import create_mcp_server
from kgqa.graph import GraphBuilder, Name, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer
from kgqa.service import GraphCatalogue, HostedGraph
from kgqa.service.shown_error import HIDDEN

TOOLS = ("ask", "find", "neighbours", "schema", "validate", "why")
GRAPH = GraphBuilder.of(
    [
        Triple("f1", "directed_by", "p1"),
        Triple("f1", "type", "Film"),
        Triple("p1", "knows", "p1"),
        Name("f1", "Kismet"),
        Name("p1", "**Dieterle**\n`x`"),
    ]
)
texts = st.one_of(
    st.sampled_from(
        ["Kismet", "f1", "directed_by", "Who directed Kismet?", "how many films", "films", "out"]
    ),
    st.sampled_from(
        ["Kismet -> directed_by -> x", "Kismet <- directed_by | count", "\0", "", " ", "a | b | c"]
    ),
    st.text(max_size=20),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-2, 2000), st.floats(), texts)
chains = st.lists(st.lists(texts, max_size=4), max_size=3)
claims = st.fixed_dictionaries(
    {},
    optional={
        "chain": st.one_of(chains, scalars),
        "chains": st.lists(chains, max_size=2),
        "program": scalars,
        "proof": st.one_of(scalars, st.dictionaries(texts, scalars, max_size=3)),
        "answers": st.lists(texts, max_size=2),
        "graph": chains,
        "id": scalars,
    },
)
values = st.one_of(scalars, st.lists(st.one_of(texts, claims), max_size=4), claims)
fields = (
    "question",
    "graph",
    "topics",
    "limit",
    "text",
    "entity",
    "relation",
    "direction",
    "offset",
    "claims",
)
arguments = st.dictionaries(
    st.one_of(st.sampled_from((*fields, "expected")), st.text(max_size=3)), values, max_size=5
)


@pytest.mark.slow
@examples(300)
@given(st.sampled_from(TOOLS), arguments, st.booleans())
def test_a_tool_never_fails_by_itself(tool: str, given_arguments: dict[str, Any], usual: bool) -> None:
    catalogue = GraphCatalogue([HostedGraph("films", Answerer(GRAPH, MockLanguageModel()), "1")])
    server = create_mcp_server(catalogue)
    (described,) = [one for one in anyio.run(server.list_tools) if one.name == tool]
    if usual:  # only what the tool takes, and all that it needs
        known = described.input_schema["properties"]
        given_arguments = {name: value for name, value in given_arguments.items() if name in known}
        needed = {"question": "Who directed Kismet?", "text": "kis", "entity": "f1", "claims": ["Kismet"]}
        given_arguments |= {
            name: needed[name] for name in described.input_schema["required"] if name not in given_arguments
        }
    said = ""
    try:
        found = anyio.run(server.call_tool, tool, given_arguments)
        assert isinstance(found, CallToolResult)
        validate(found.structured_content, described.output_schema)
    except ToolError as error:
        said = str(error)
    finally:
        catalogue.close()
    assert len(said.splitlines()) <= 1
    assert said != HIDDEN
