"""Many people at once on one demo market (`make load USERS=50 MINUTES=10`): no error, and what each page takes beside one alone.

First one person opens every page several times: the unloaded median. Then all come at once; each looks, thinks a few seconds,
looks on, now and then writes a need or signs in again. The table is put into docs/benchmarks.md. The client runs on the
same machine as the market and takes its share of the processor. Exits with 1 when anything went wrong.
"""

import asyncio
import os
import random
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

from scripts.processes import memory_mb, say
from scripts.visits import Person, Sample, everybody
from tests.running_market import RunningMarket, running_market

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
THINKS = (2.0, 6.0)
"""Seconds between two pages of one person."""
ALONE = 7
HEAD = "## Many people at once"


async def alone(people: list[Person]) -> list[Sample]:
    """Open every page of every role several times, one after the other."""
    samples, seen = [], set()
    for person in people:
        for page in dict.fromkeys(person.pages()):
            if (person.role, page) not in seen:
                seen.add((person.role, page))
                samples += [await person.visit(page) for _n in range(ALONE)][1:]
    return samples


async def together(people: list[Person], seconds: float) -> list[Sample]:
    """Let everybody use the market at the same time."""
    samples: list[Sample] = []
    until = time.monotonic() + seconds

    async def day(person: Person) -> None:
        await asyncio.sleep(random.uniform(0, THINKS[1]))
        while time.monotonic() < until:
            samples.extend(await person.do_something())
            await asyncio.sleep(random.uniform(*THINKS))

    await asyncio.gather(*(day(person) for person in people))
    return samples


async def measure(market: RunningMarket, users: int, minutes: float) -> tuple[list[Sample], list[Sample]]:
    """Return the samples of one alone and of all together."""
    people = everybody(market.url, market.yaosu_json("demo"), users)
    for person in people:
        await person.sign_in()
        await person.look_around()
    say(f"{users} people have signed in; first one alone")
    first = await alone(people[: 2 * 9 + 1])
    say(f"{len(first)} pages alone; now all together for {minutes:g} minutes")
    all_of_them = await together(people, minutes * 60)
    for person in people:
        await person.client.aclose()
    return first, all_of_them


def lines(shape: str, users: int, minutes: float, first: list[Sample], then: list[Sample], memory: float) -> list[str]:
    """Give the section of the page."""
    quiet, busy = by_page(first), by_page(then)
    wrong = sum(sample.failed for sample in then)
    everything = [sample.seconds for sample in then]
    told = [
        HEAD + f" ({shape} shape)",
        "",
        f"`make load USERS={users} MINUTES={minutes:g} SHAPE={shape}` on {time.strftime('%Y-%m-%d', time.gmtime())}, {os.cpu_count()} cores shared with the client: {len(then):,} pages,",
        f"{len(then) / minutes / 60:.1f} a second, {wrong} wrong; all pages p50 {1000 * statistics.median(everything):.0f} ms, p95 {1000 * p95(everything):.0f} ms; web process {memory:.0f} MB afterwards.",
        f"People think {THINKS[0]:g}–{THINKS[1]:g} s between pages. Slowest first.",
        "",
        "| page | alone p50 | together p50 | together p95 | p95 / alone | times |",
        "|---|---|---|---|---|---|",
    ]
    for page, seconds in sorted(busy.items(), key=lambda item: -p95(item[1])):
        base = statistics.median(quiet[page]) if page in quiet else 0.0
        ratio = f"{p95(seconds) / base:.1f}" if base else "–"
        told.append(
            f"| `{page}` | {_ms(base) if base else '–'} | {_ms(statistics.median(seconds))} | {_ms(p95(seconds))} | {ratio} | {len(seconds)} |"
        )
    return told


def by_page(samples: list[Sample]) -> dict[str, list[float]]:
    """Gather the seconds of each page."""
    found: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        found[sample.page].append(sample.seconds)
    return found


def p95(values: list[float]) -> float:
    """Give the value that 19 of 20 stay under."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds >= 0.01 else f"{1000 * seconds:.1f} ms"


def keep(section: list[str]) -> None:
    """Put the section into the page in place of the one of the same heading."""
    text = PAGE.read_text(encoding="utf-8")
    before, found, rest = text.partition(section[0] + "\n")
    after = rest[rest.index("\n## ") + 1 :] if found and "\n## " in rest else ""
    PAGE.write_text(
        before.rstrip("\n") + "\n\n" + "\n".join(section) + "\n" + ("\n" + after if after else ""), encoding="utf-8"
    )


def sections() -> list[str]:
    """Give the sections that were measured before: `make bench` writes the rest of the page anew and keeps them."""
    parts = PAGE.read_text(encoding="utf-8").split("\n## ") if PAGE.exists() else []
    return ["## " + part.rstrip("\n") for part in parts[1:] if ("## " + part).startswith(HEAD)]


def main(arguments: list[str]) -> int:
    """Measure, tell what went wrong, and write the section (not after less than five minutes: that was a trial)."""
    users, minutes, shape = int(arguments[0]), float(arguments[1]), arguments[2] if len(arguments) > 2 else "embedded"
    with running_market(shape, start=False) as market:
        market.yaosu("demo", *(["--database-is-empty"] if shape == "city" else []), timeout=3000)
        market.start()
        first, then = asyncio.run(measure(market, users, minutes))
        section = lines(shape, users, minutes, first, then, memory_mb(market.pid("web")))
    wrong = [sample for sample in [*first, *then] if sample.failed]
    for sample in wrong[:20]:
        say(f"{sample.status} {sample.page} {sample.what[:200]!r}")
    print("\n".join(section))
    if minutes >= 5:
        keep(section)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
