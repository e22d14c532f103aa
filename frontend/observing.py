"""What an operator sees of a running market: a line for each request, /metrics, /healthz and /readyz."""

import os
import time
import uuid
from collections.abc import Iterator
from typing import Any

import structlog
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request

from frontend import problems
from frontend.middleware import AsgiApp, Message, Receive, Scope, Send
from services.ground import audit, clock, outbox
from services.ground.market import Market, is_demo
from services.ground.permissions import require
from services.ground.web import CurrentActor, TheMarket, access

log = structlog.get_logger(__name__)
watching = APIRouter()
QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/static"})
"""Asked every few seconds by machines: counted, not told in the log."""

REQUESTS = Counter("yaosu_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "yaosu_request_seconds",
    "Time until the answer was sent, in seconds",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
UNEXPECTED = Counter("yaosu_unexpected_errors", "Answers 500: errors that nobody foresaw")


class Observed:
    """Around every request: its number, its time, one line of the log, and an answer for what nobody foresaw.

    What nobody foresaw is answered here and goes no further: the server outside would print it with all its values.
    """

    def __init__(self, app: AsgiApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and watch it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = uuid.uuid4().hex[:16]
        token = audit.request_id.set(number)
        start, status = time.perf_counter(), 0

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", number.encode())]
            await send(message)

        try:
            await self.app(scope, receive, numbered)
        except Exception as error:
            UNEXPECTED.inc()
            log.exception("unexpected", route=route_of(scope), exc_info=error)
            if status:
                raise  # half of the answer is out: the connection has to break
            await problems.unexpected(Request(scope, receive))(scope, receive, numbered)
        finally:
            _note(scope, status, time.perf_counter() - start)
            audit.request_id.reset(token)


def route_of(scope: Scope) -> str:
    """Give the pattern of the route, never the path itself: addresses hold codes, and links of mails hold secrets."""
    path = getattr(scope.get("route"), "path", None)
    return str(path) if path else "/static" if scope["path"].startswith("/static/") else "none"


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = route_of(scope)
    method = (
        scope["method"] if scope["method"] in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
    )
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(route).observe(seconds)
    if route not in QUIET:
        log.info("answered", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


@watching.get("/healthz", include_in_schema=False)
def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@watching.get("/readyz", include_in_schema=False)
def readyz(response: Response, market: TheMarket) -> dict[str, Any]:
    """Say which parts answer: 503 without the database, for then nothing works; 200 `degraded` without another part."""
    parts, queue = state_of(market)
    if parts["database"] != "ok":
        response.status_code = 503
        status = "not ready"
    else:
        status = "ok" if all(word == "ok" for word in parts.values()) else "degraded"
    return {"status": status, **parts, "outbox": queue}


@watching.get("/metrics", include_in_schema=False, **access("market.operate", "statistics:read"))
def metrics(actor: CurrentActor, market: TheMarket) -> Response:
    """Give the figures of this market as Prometheus reads them."""
    require(actor, "market.operate")
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # what all processes of this server have counted
    else:
        registry.register(_Counted())
    registry.register(MarketFigures(market))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def state_of(market: Market) -> tuple[dict[str, str], dict[str, float]]:
    """Ask every part of the market whether it answers: (part -> ok or what is wrong, the outbox in figures)."""
    parts: dict[str, str] = {}
    queue: dict[str, float] = {}
    try:
        with market.database.read() as session:
            queue = dict(outbox.waiting(session))
        parts["database"] = "ok"
    except Exception as error:
        parts["database"] = type(error).__name__
    health = market.engine.health()
    parts["search"] = "ok" if health.ok else "down"
    if market.settings.broker_url:
        parts["broker"] = _broker(market.settings.broker_url)
    return parts, queue


def _broker(url: str) -> str:
    import redis  # noqa: PLC0415 - only where a broker is

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            client.ping()
    except redis.RedisError as error:
        return type(error).__name__
    return "ok"


class _Counted(Collector):
    """What this process has counted of requests; the default registry also holds what libraries left there."""

    def collect(self) -> Iterator[Metric]:
        """Give the figures, those of the process itself (memory, files, start) among them."""
        yield from REGISTRY.collect()


class MarketFigures(Collector):
    """What is read from database and engine at the moment of asking; the same from every process."""

    def __init__(self, market: Market) -> None:
        self.market = market

    def collect(self) -> Iterator[Metric]:
        """Give the figures."""
        parts, queue = state_of(self.market)
        up = GaugeMetricFamily("yaosu_up", "Whether a part of the market answers", labels=["part"])
        for part, word in parts.items():
            up.add_metric([part], float(word == "ok"))
        yield up
        rows = GaugeMetricFamily("yaosu_outbox_rows", "Work that follows from what was saved", labels=["state"])
        for state in ("waiting", "set_aside"):
            rows.add_metric([state], queue.get(state, 0))
        yield rows
        yield GaugeMetricFamily(
            "yaosu_outbox_oldest_seconds", "Age of the oldest row that waits", value=queue.get("oldest_seconds", 0)
        )
        yield GaugeMetricFamily(
            "yaosu_search_documents", "Records in the index", value=self.market.engine.health().documents
        )
        yield self._about()

    def _about(self) -> Metric:
        shape = "embedded" if self.market.database.is_sqlite else "city"
        about = GaugeMetricFamily(
            "yaosu_market", "This market; the value is the time of asking", labels=["shape", "demo"]
        )
        with self.market.database.read() as session:
            about.add_metric([shape, str(is_demo(session)).lower()], clock.now().timestamp())
        return about
