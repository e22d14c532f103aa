"""The city shape's background work: Celery with Redis. `celery --app frontend.celery_app worker` and `… beat`."""

from functools import cache

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging

from frontend import learning, logs, nightly, periodic
from frontend.opening import open_market
from services.ground import clock, outbox
from services.ground.market import Market
from services.ground.settings import load

_settings = load()
TASK_SECONDS = 600

app = Celery("yaosu", broker=_settings.broker_url or "redis://127.0.0.1:6379/0")
app.conf.update(
    task_ignore_result=True,
    # A worker that dies hands its task to another one: acknowledged when done, and every task may run twice.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=TASK_SECONDS,
    # Longer than any task may run, or Redis would hand a running task out again.
    broker_transport_options={"visibility_timeout": TASK_SECONDS * 2, "socket_timeout": 5, "socket_connect_timeout": 2},
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    beat_schedule_filename=str(_settings.home / "beat-schedule"),
    beat_schedule={
        "drain": {"task": "yaosu.drain", "schedule": 2.0, "options": {"expires": 10}},
        # Asks often and publishes once: a night without a worker is made up for when one is back.
        "nightly": {
            "task": "yaosu.nightly",
            "schedule": float(_settings.nightly_seconds),
            "options": {"expires": _settings.nightly_seconds},
        },
        "learning": {
            "task": "yaosu.learning",
            "schedule": crontab(hour=f"{learning.NIGHT[0]}-{learning.NIGHT[-1]}", minute=20),
            "options": {"expires": 3000},
        },
        "rounds": {"task": "yaosu.rounds", "schedule": 600.0, "options": {"expires": 600}},
    },
    # The hours of the schedule are those of the people who sleep meanwhile.
    timezone=str(clock.LAW_ZONE),
)


@setup_logging.connect
def _log(**_kwargs: object) -> None:
    """Write the log as the web process does; with a receiver here Celery sets up none of its own."""
    logs.configure(_settings.log_level)


@cache
def market() -> Market:
    """Open the market once per worker process."""
    return open_market(_settings)


@app.task(name="yaosu.drain", soft_time_limit=_settings.lease_seconds, time_limit=2 * _settings.lease_seconds)
def drain() -> int:
    """Do what the outbox holds, for half a lease at most; what hangs is ended and counted as a try of its row."""
    lease = _settings.lease_seconds
    return outbox.drain_all(market().database, market(), lease=lease, seconds=lease / 2)


@app.task(name="yaosu.nightly")
def publish_figures() -> bool:
    """Publish last night's figures if they are missing."""
    return nightly.publish_figures(market())


@app.task(name="yaosu.learning")
def learn_and_measure() -> None:
    """Make the vectors of matching anew and measure it, once a night."""
    learning.learn_and_measure(market())


@cache
def _rounds() -> periodic.Rounds:
    return periodic.Rounds(market())


@app.task(name="yaosu.rounds")
def rounds() -> None:
    """Tell what is new; once a day ask owners and send digests."""
    _rounds()()
