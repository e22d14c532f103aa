"""A demo market made large: records and contracts put together anew from the demo's own texts, for benchmarks.

The same seed and number give the same texts, and a larger number begins with those of a smaller one. Everything goes in as
an import does: staged in chunks, switched on together.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Any

from etl.demo.contracts import content_of, generate
from etl.demo.load import lines, record_of
from services.accounts import service as accounts
from services.accounts.schemas import OrganisationOut
from services.contracts import service as contracts
from services.contracts.schemas import RegisteredIn
from services.ground import clock
from services.ground.actor import system_actor
from services.ground.errors import Conflict
from services.ground.market import Market, is_demo
from services.listings import bulk
from services.listings.schemas import ListingIn

SEED = "yaosu-generate-1"
CHUNK = 1000
CONTRACTS_CHUNK = 2000
NEED_SHARE = 0.4
SENTENCES = (3, 7)
"""How many sentences a made-up text has, at least and at most."""
PUBLISHED_AGO = timedelta(days=30)
Progress = Callable[[int, int], None]
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]")


@dataclass(frozen=True)
class Piece:
    """One record of the demo, taken apart: its line, and the sentences of its text."""

    item: dict[str, Any]
    sentences: list[str]


def pieces(kind: str) -> list[Piece]:
    """Take all demo records of a kind apart."""
    found = []
    for item in lines(kind):
        text = item.get("body") or item.get("abstract") or ""
        if sentences := _SENTENCE.findall(text):
            found.append(Piece(item, sentences))
    return found


def make_records(market: Market, count: int, progress: Progress | None = None) -> int:
    """Add made-up needs and results up to `count` of them; return how many are new.

    Raises Conflict for a market that is no demo or holds no demo organisations.
    """
    tell = progress or (lambda _done, _total: None)
    owners = _owners(market)
    made = 0
    for kind, share in (("need", NEED_SHARE), ("result", 1 - NEED_SHARE)):
        wanted = round(count * share)
        records = islice(_records(kind, owners), wanted)
        for start in range(0, wanted, CHUNK):
            rows = list(islice(records, CHUNK))
            made += _write(market, kind, rows, f"gen-{kind}-{start // CHUNK}")
            tell(made, count)
    return made


def make_contracts(market: Market, count: int, progress: Progress | None = None) -> int:
    """Add made-up registered contracts up to `count` of them, over the years of the demo; return how many are new."""
    tell = progress or (lambda _done, _total: None)
    by_name = {owner.name: owner.code for owner in _owners(market)}
    codes = {item["key"]: by_name[item["name"]] for item in lines("organisations") if item["name"] in by_name}
    made, done = 0, 0
    source = islice(_contracts(clock.today(), codes), count)
    while rows := list(islice(source, CONTRACTS_CHUNK)):
        with market.database.write() as session:
            recorded = contracts.record_registered(session, system_actor("generate", "cli"), rows)
        made += sum(row.created for row in recorded)
        done += len(rows)
        tell(done, count)
    return made


def _owners(market: Market) -> list[OrganisationOut]:
    found: list[OrganisationOut] = []
    with market.database.read() as session:
        if not is_demo(session):
            raise Conflict("generate_only_demo")
        after = ""
        while part := accounts.find_organisations(session, after=after, limit=200):
            found += part
            after = accounts.place_in_list(part[-1])
    return [owner for owner in found if owner.demo]


def _write(market: Market, kind: str, records: list[tuple[str, OrganisationOut, ListingIn]], batch: str) -> int:
    actor = system_actor("generate", "cli")
    rows = [bulk.StagedRow(data, owner.id, owner.region_code, key) for key, owner, data in records]
    with market.database.write() as session:
        known = bulk.held(session, [row.key for row in rows], [])
        fresh = [row for row in rows if row.key not in known]
        # Published some weeks ago: what is new today would be run against every need, which is for real news.
        with clock.at(clock.now() - PUBLISHED_AGO):
            bulk.stage(session, actor, kind, fresh, batch)
            bulk.switch_on(session, actor, batch, publish=True)
    return len(fresh)


def _records(kind: str, owners: list[OrganisationOut]) -> Iterator[tuple[str, OrganisationOut, ListingIn]]:
    """Give made-up records of a kind without end: (import key, owner, record)."""
    source = pieces(f"{kind}s")
    today = clock.today()
    for number, first in enumerate(cycle(source), start=1):
        rng = random.Random(f"{SEED}-{kind}-{number}")  # noqa: S311 - texts, no secrets
        others = rng.sample(source, 3)
        sentences = [rng.choice(piece.sentences) for piece in (first, *others, first, *others)][
            : rng.randint(*SENTENCES)
        ]
        title = f"{first.item['title'][:40]}（演示{number}，{others[0].item['title'][:20]}）"
        owner = owners[rng.randrange(len(owners))]
        item = {
            **first.item,
            "title": title,
            "summary": rng.choice(others[0].sentences)[:200],
            "body": "".join(sentences),
        }
        item["parameters"] = [_shifted(row, rng) for row in first.item.get("parameters", [])]
        yield f"{SEED}:{kind}:{number}", owner, record_of(kind, item, owner.code, today)


def _shifted(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Change the numbers of a parameter a little, low and high alike."""
    factor = rng.choice((0.8, 0.9, 1.0, 1.1, 1.25))
    return row | {name: round(row[name] * factor, 4) for name in ("low", "high") if row.get(name) is not None}


def _contracts(today: date, codes: Mapping[str, str]) -> Iterator[RegisteredIn]:
    """Give the demo's registered contracts again and again, each time under another number and title.

    Each is checked and laid out once; what is given again differs from it by these two words alone.
    """
    known = [item for item in generate(today) if item.registration_number and not item.end]
    made = [(content_of(item, codes), item.registered_on or item.signed_on) for item in known]
    for number, (content, registered_on) in enumerate(cycle(made), start=1):
        title = f"{(content.contract_title or '')[:150]}（演示{number}）"
        yield RegisteredIn(
            content=content.model_copy(update={"contract_title": title}),
            registration_number=f"9{number:013d}",
            registered_on=registered_on,
            import_key=f"{SEED}:{number}",
        )
