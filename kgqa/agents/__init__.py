"""Graphs as tools of agents, over the Model Context Protocol (MCP)."""

from kgqa.agents.mcp_server import McpServer, create_mcp_server

__all__ = ["McpServer", "create_mcp_server"]
