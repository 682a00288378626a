"""What is counted, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kgqa.service import GraphCatalogue, QuestionQueue

__all__ = ["Measured", "Metrics"]

_METHODS = frozenset(("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"))
_BOUNDS = (0.01, 0.03, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)


class Metrics:
    """The metrics of one application: its requests, its queues, its graphs, and the process."""

    def __init__(self, catalogue: GraphCatalogue) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "kgqa_requests",
            "Requests by route and status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self.seconds = Histogram(
            "kgqa_request_seconds",
            "How long requests took, by route.",
            ("route",),
            buckets=_BOUNDS,
            registry=self._registry,
        )
        self.open = Gauge(
            "kgqa_open_requests", "Requests that are not answered yet.", registry=self._registry
        )
        self._registry.register(_Queues(catalogue))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """All of it, in Prometheus' form."""
        return generate_latest(self._registry)


class _Queues(Collector):
    """The queues and versions of graphs, as they are when they are asked for."""

    def __init__(self, catalogue: GraphCatalogue) -> None:
        self._catalogue = catalogue

    def collect(self) -> Iterator[Metric]:
        """One metric after the other."""
        queues: dict[QuestionQueue, list[str]] = {}
        for graph in self._catalogue:
            queues.setdefault(graph.queue, []).append(graph.name)
        waiting = GaugeMetricFamily("kgqa_waiting_questions", "Questions that wait.", labels=["graphs"])
        asked = CounterMetricFamily(
            "kgqa_questions", "Questions that the model was asked.", labels=["graphs"]
        )
        batches = CounterMetricFamily("kgqa_batches", "Batches of questions.", labels=["graphs"])
        for queue, names in queues.items():
            label = [",".join(names)]
            waiting.add_metric(label, len(queue))
            asked.add_metric(label, queue.asked)
            batches.add_metric(label, queue.batches)
        versions = InfoMetricFamily("kgqa_graph", "The version of each graph.", labels=["graph"])
        for graph in self._catalogue:
            versions.add_metric([graph.name], {"version": graph.version})
        yield from (waiting, asked, batches, versions)


class Measured:
    """Counts the requests of an application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = "500"

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        began = time.monotonic()
        try:
            with self._metrics.open.track_inprogress():
                await self._app(scope, receive, sent)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(method, route, status).inc()
            self._metrics.seconds.labels(route).observe(time.monotonic() - began)
