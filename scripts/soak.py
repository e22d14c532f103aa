"""Memory over an hour: one embedded demo market under one restless user, its resident memory every minute (`make soak MINUTES=60`).

Prints a line a minute and, at the end, how much was gained between the first and the last third: caches fill in the first
minutes, a leak goes on. YAOSU_SOAK_FILE names a file that gets the same lines.
"""

import asyncio
import os
import random
import statistics
import sys
import time
from pathlib import Path

from scripts.processes import memory_mb, say
from scripts.visits import Person, Sample, everybody
from tests.running_market import RunningMarket, running_market

PAUSE = 0.5
PEOPLE = 18
FLAT = 1.05
"""The last third may stand this much above the middle one: pages that the allocator keeps come and go."""


def told(text: str) -> None:
    """Say a line and keep it."""
    say(text)
    if name := os.environ.get("YAOSU_SOAK_FILE"):
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(text + "\n")


async def walk(people: list[Person], seconds: float, samples: list[Sample]) -> None:
    """Let one person after the other do one thing, with a pause after each."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        samples += await random.choice(people).do_something()
        await asyncio.sleep(PAUSE)


async def watch(market: RunningMarket, minutes: int) -> int:
    """Use the market for so many minutes; return 1 when something went wrong or memory grew all the time."""
    people = everybody(market.url, market.yaosu_json("demo"), PEOPLE)
    for person in people:
        await person.sign_in()
        await person.look_around()
    curve, failed = [memory_mb(market.pid("web"))], 0
    told(f"minute 0: {curve[0]:.0f} MB")
    for minute in range(1, minutes + 1):
        samples: list[Sample] = []
        await walk(people, 60, samples)
        curve.append(memory_mb(market.pid("web")))
        wrong = [sample for sample in samples if sample.failed]
        failed += len(wrong)
        told(f"minute {minute}: {curve[-1]:.0f} MB, {len(samples)} pages, {len(wrong)} wrong")
        for sample in wrong[:3]:
            told(f"  {sample.status} {sample.page} {sample.what[:80]!r}")
    for person in people:
        await person.client.aclose()
    third = max(1, len(curve) // 3)
    middle, last = (statistics.median(part) for part in (curve[third : 2 * third] or curve, curve[-third:]))
    told(f"middle third {middle:.0f} MB, last third {last:.0f} MB, peak {max(curve):.0f} MB, {failed} pages wrong")
    return int(failed > 0 or last > middle * FLAT)


def main(arguments: list[str]) -> int:
    """Load a demo market, serve it, and use it."""
    minutes = int(arguments[0]) if arguments else 60
    with running_market("embedded", start=False) as market:
        market.yaosu("demo", timeout=3000)
        market.start()
        return asyncio.run(watch(market, minutes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
