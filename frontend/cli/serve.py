"""`yaosu serve` and `yaosu worker`: the processes that run for long."""

import os
import socket
import tempfile
import threading
from typing import Any

from frontend import logs
from frontend.cli.common import opened
from frontend.long_requests import LONGEST_HEAD


def serve(host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Serve pages and API. Migrates nothing by itself.

    Example: yaosu serve --port 8000
    """
    import uvicorn

    with opened(writable=False):
        pass
    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "log_config": None,  # each process sets up frontend.logs when it loads the application
        "access_log": False,
        "server_header": False,
        "factory": True,
        "proxy_headers": False,
        "http": "frontend.long_requests:Protocol",
        "h11_max_incomplete_event_size": LONGEST_HEAD,
        "timeout_graceful_shutdown": 10,
        # Longer than a proxy keeps its own connections (nginx: 60 s): else it sends a request into one that just closes.
        "timeout_keep_alive": 75,
    }
    if workers == 1:
        uvicorn.run("frontend.serving:app", **options)
        return
    # The processes count their requests in files of one folder, so that /metrics tells the same whoever answers.
    with tempfile.TemporaryDirectory(prefix="yaosu-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _serve_by_several(workers, options)


def _serve_by_several(workers: int, options: dict[str, Any]) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config("frontend.serving:app", workers=workers, **options)
    listening = config.bind_socket()
    # Inherited by every connection. Without it an answer in two pieces waits 40 ms for the acknowledgement of the first:
    # asyncio sets this only on sockets that name their protocol, and the one that uvicorn shares with its workers does not.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    Multiprocess(config, sockets=[listening]).run()


def worker() -> None:
    """Drain the outbox until stopped (without Celery; the city shape's compose file runs Celery instead).

    Example: yaosu worker
    """
    from frontend.worker import Background, drain_here

    with opened() as market:
        logs.configure(market.settings.log_level)
        background = Background(drain_here(market))
        background.start()
        try:
            threading.Event().wait()
        finally:
            background.stop()
