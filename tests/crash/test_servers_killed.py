"""Nothing a user was told is saved is lost when PostgreSQL or Elasticsearch is killed under writers, in the city shape.

The market's own processes live on: they answer 503 while their server is away and find it again by themselves. PostgreSQL is
back in a second or two and is killed in most rounds; Elasticsearch takes ten times as long and is killed in every fifth.
"""

import contextlib
import os
import random
import sys
import time
from collections import Counter

import pytest

from tests import servers
from tests.crash.journal import Journal
from tests.crash.people import open_people
from tests.crash.siege import Siege, everything_wrong
from tests.running_market import running_market

ROUNDS = 2 * int(os.environ.get("YAOSU_CRASH_ROUNDS", "10"))
EVERY = 5

pytestmark = [pytest.mark.slow, pytest.mark.city, pytest.mark.timeout(180 + 60 * ROUNDS)]


def test_what_was_told_to_be_saved_survives_the_death_of_database_and_search_engine(tmp_path):
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    with (
        servers.own_server("postgres") as database,
        servers.own_server("elasticsearch") as engine,
        running_market("city", settings={"YAOSU_DATABASE_URL": database.url, "YAOSU_SEARCH_URL": engine.url}) as market,
        open_people(market) as people,
        contextlib.closing(Journal(tmp_path / "told.jsonl")) as journal,
    ):
        siege = Siege(market, people, journal)
        for number in range(1, ROUNDS + 1):
            start = time.monotonic()
            name, victim = ("elasticsearch", engine) if number % EVERY == 0 else ("postgres", database)
            siege.round(dice, victim.kill, victim.start)
            market.wait_for("/readyz")
            fresh = journal.new()
            hurt = everything_wrong(siege, fresh)
            assert not hurt, f"seed {seed}, round {number}, killed {name}: {hurt}"
            kinds = dict(Counter(entry.kind for entry in fresh))
            sys.stdout.write(f"round {number}: killed {name}; told {kinds}; {time.monotonic() - start:.1f} s\n")
        hurt = everything_wrong(siege, journal.all())
        assert not hurt, f"seed {seed}, at the end: {hurt}"
        siege.take_up()
