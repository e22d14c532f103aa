"""Nothing a user was told is saved is lost when processes are killed at any moment, in either shape.

Writers publish needs, register contracts and import results; the index is rebuilt; then web, worker or all are killed, at a
random moment, and started again. What was acknowledged is written down outside the killed processes. After each round
it is readable, found by search, and counted once. `make crash ROUNDS=100` tries longer.
"""

import contextlib
import functools
import os
import random
import sys
import time
from collections import Counter

import pytest

from tests.crash.journal import Journal
from tests.crash.people import open_people
from tests.crash.siege import Siege, everything_wrong
from tests.running_market import SHAPES, running_market

ROUNDS = int(os.environ.get("YAOSU_CRASH_ROUNDS", "10"))
VICTIMS = {
    "embedded": [("web",)],
    "city": [("web",), ("worker",), ("web", "worker"), ("web", "worker", "beat")],
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 60 * ROUNDS)]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_told_to_be_saved_survives_kill_9_and_is_found_and_counted_once(shape, tmp_path):
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    journal = Journal(tmp_path / "told.jsonl")
    with contextlib.closing(journal), running_market(shape) as market, open_people(market) as people:
        siege = Siege(market, people, journal)
        siege.close_period()  # these two live through every round
        siege.import_batch()
        for number in range(1, ROUNDS + 1):
            start = time.monotonic()
            victims = dice.choice(VICTIMS[shape])
            siege.round(dice, functools.partial(market.kill, *victims), functools.partial(market.start, *victims))
            fresh = journal.new()
            hurt = everything_wrong(siege, fresh)
            assert not hurt, f"seed {seed}, round {number}, killed {victims}: {hurt}"
            kinds = dict(Counter(entry.kind for entry in fresh))
            sys.stdout.write(
                f"{shape} round {number}: killed {', '.join(victims)}; told {kinds}; {time.monotonic() - start:.1f} s\n"
            )
        hurt = everything_wrong(siege, journal.all())
        assert not hurt, f"seed {seed}, at the end: {hurt}"
        siege.take_up()
