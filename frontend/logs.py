"""Logs: one JSON document a line on stderr, with the number of the request, and nothing that was typed by people.

What goes wrong is told by its kind and by where it happened, never by its message: the messages of databases and
libraries repeat the values they choked on.
"""

import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog

from services.ground import audit

Event = MutableMapping[str, Any]
FRAMES = 12
ROOT = Path(__file__).resolve().parent.parent


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Let this program's loggers and those of its libraries write to `stream` (stderr). Ours speak from `level` on."""
    target = stream or sys.stderr
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _number,
        _without_messages,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.addFilter(_only_the_pattern)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=_kind_of),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for room in ("frontend", "services", "search", "etl"):
        logging.getLogger(room).setLevel(level.upper())


def _number(_logger: Any, _method: str, event: Event) -> Event:
    """Add the number of the request, the same that its answer carries in X-Request-Id."""
    if number := audit.request_id.get():
        event["request"] = number
    return event


def _without_messages(_logger: Any, _method: str, event: Event) -> Event:
    """Replace an exception by its kind, its causes' kinds, and the places it came through."""
    raised = event.pop("exc_info", None)
    error = sys.exc_info()[1] if raised is True else raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["raised"] = _kinds(error)
        event["through"] = _places(error.__traceback__)
    return event


def _kinds(error: BaseException) -> list[str]:
    found: list[str] = []
    step: BaseException | None = error
    while step is not None and len(found) < FRAMES:
        found.append(type(step).__name__)
        step = step.__cause__ or step.__context__
    return found


def _places(trace: TracebackType | None) -> list[str]:
    found = []
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else Path(*file.parts[-2:])
        found.append(f"{name}:{trace.tb_lineno} {trace.tb_frame.f_code.co_name}")
        trace = trace.tb_next
    return found[-FRAMES:]


def _only_the_pattern(record: logging.LogRecord) -> bool:
    """Keep a library from writing an exception's text into its own sentence (Celery does): the sentence stays unfilled."""
    if record.exc_info and not isinstance(record.msg, dict):
        record.args = ()
        record.msg = str(record.msg).replace("%", "")
    return True


def _kind_of(value: Any) -> str:
    return f"<{type(value).__name__}>"
