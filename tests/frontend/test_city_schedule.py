"""What the city shape does by night is done in the night of the people who would otherwise wait for it."""

from datetime import datetime

from frontend.celery_app import app
from frontend.learning import NIGHT
from services.ground import clock


def test_learning_begins_in_the_night_of_the_market_and_not_of_greenwich():
    schedule = app.conf.beat_schedule["learning"]["schedule"]
    schedule.app = app
    for hour in range(24):
        before = datetime(2026, 3, 12, hour, 10, tzinfo=clock.LAW_ZONE)
        schedule.nowfun = lambda now=before: now.replace(minute=30)
        is_due, _next = schedule.is_due(before)
        assert is_due == (hour in NIGHT), hour
