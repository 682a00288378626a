"""Graphs that stay at their SPARQL endpoints."""

from kgqa.graph.endpoint.access import EndpointAccess
from kgqa.graph.endpoint.endpoint_graph import EndpointGraph
from kgqa.graph.endpoint.limits import FetchLimits
from kgqa.graph.endpoint.part import EndpointPart
from kgqa.graph.endpoint.reply_cache import EndpointCache
from kgqa.graph.endpoint.usage import EndpointUsage, HubCap

__all__ = [
    "EndpointAccess",
    "EndpointCache",
    "EndpointGraph",
    "EndpointPart",
    "EndpointUsage",
    "FetchLimits",
    "HubCap",
]
