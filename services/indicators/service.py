"""The indicator 技术合同成交金额占GDP比重: every figure is a sum of movements, live for those who may, or as last published."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from sqlmodel import Session, col, select

from services.contracts import service as contracts
from services.contracts.schemas import MovementFilter
from services.ground import audit, clock, market, reference, regions
from services.ground.actor import Actor
from services.ground.database import lock_row
from services.ground.errors import BadRequest, NotFound
from services.ground.money import FEN_IN, half_up
from services.ground.permissions import may, require
from services.indicators import cross as crossed
from services.indicators import rules
from services.indicators.models import CutOff, GdpVersion, Target
from services.indicators.schemas import (
    Breakdown,
    BreakdownRow,
    CrossTable,
    GapOut,
    GdpIn,
    IndicatorOut,
    YearOut,
    Years,
)

DIMENSIONS = {"county": "seller_region", "chain": "chain", "category": "category"}
FIRST_YEAR = 2016


def computed_code() -> str:
    """Give the code of the one indicator that is computed here; the others are typed in."""
    return str(reference.document("market")["indicator_code"])


def indicators(session: Session) -> list[IndicatorOut]:
    """List the plan's indicators with base and target as printed there, and where the plan contradicts itself."""
    notes: dict[str, list[str]] = {}
    for note in reference.document("plan_notes"):
        notes.setdefault(note["indicator"], []).append(note["text"])
    return [
        IndicatorOut(
            code=entry.code,
            title=entry.name,
            base=str(entry.attributes["base2020"]),
            target=str(entry.attributes["target2025"]),
            unit=str(entry.attributes["unit"]),
            computed=entry.code == computed_code(),
            notes=notes.get(entry.code, []),
        )
        for entry in reference.entries(session, "plan_indicator")
    ]


def years(session: Session, actor: Actor, code: str) -> Years:
    """Give the series. Who may sees it live; everybody else as it was published last, or an empty series."""
    _known(code)
    note = str(reference.document("market")["base"]["note"])
    if may(actor, "indicator.see_internal"):
        return Years(items=_years(session), view="internal", at=clock.now(), note=note)
    last = _last(session, code)
    items = [YearOut(**row) for row in last.figures["years"]] if last else []
    return Years(items=items, view="published", at=last.at if last else None, note=note)


def breakdown(session: Session, actor: Actor, code: str, dimension: str, year: int) -> Breakdown:
    """Give one year by county, chain or category: exact for those who may, else as published, small cells hidden."""
    _known(code)
    if dimension not in DIMENSIONS:
        raise BadRequest("dimension_unknown", value=dimension[:40], allowed="、".join(DIMENSIONS))
    if may(actor, "indicator.see_internal"):
        return _breakdown(session, dimension, year, public=False)
    last = _last(session, code)
    rows = last.figures["breakdowns"].get(f"{dimension}/{year}") if last else None
    if rows is None:
        return Breakdown(year=year, dimension=dimension, view="published", rows=[], total_count=0, total_fen=0)
    return Breakdown(**rows)


def cross(session: Session, actor: Actor, code: str, year: int) -> CrossTable:
    """Give one year by county and chain: exact for those who may, else as published, small cells hidden."""
    _known(code)
    if may(actor, "indicator.see_internal"):
        return _cross(session, year, public=False)
    last = _last(session, code)
    table = last.figures.get("cross", {}).get(str(year)) if last else None
    if table is None:
        return CrossTable(year=year, view="published", columns=[], labels=[], rows=[])
    return CrossTable(**table)


def wanted(year: int | None, dimension: str | None = None, value: str | None = None) -> MovementFilter:
    """Give the lines of the ledger that one figure is the sum of."""
    since, until = (date(year, 1, 1), date(year, 12, 31)) if year else (None, None)
    county, chain = value if dimension == "county" else None, value if dimension == "chain" else None
    if dimension == "county_chain":
        county, _slash, chain = (value or "").partition("/")
    codes: set[str] = set()
    if county:
        codes = {
            entry.code for entry in reference.entries(None, "region") if regions.current_code(entry.code) == county
        }
        codes.add(county)
    return MovementFilter(
        home_output=True,
        since=since,
        until=until,
        seller_regions=tuple(sorted(codes)),
        chain=chain,
        category=value if dimension == "category" else None,
    )


def open_figure(
    session: Session, actor: Actor, code: str, year: int, dimension: str | None, value: str | None
) -> MovementFilter:
    """Let somebody look at what a figure is the sum of. Looking leaves a trace. Raises Forbidden."""
    _known(code)
    require(actor, "indicator.see_internal")
    audit.record(session, actor, "indicator.open", "indicator", code, year=year, dimension=dimension, value=value)
    return wanted(year, dimension, value)


def enter_gdp(session: Session, actor: Actor, data: GdpIn) -> int:
    """Enter a GDP figure with its source; the newest of a year counts, older ones stay on record. Returns fen."""
    require(actor, "indicator.manage")
    value = int(half_up(Decimal(data.value_yi) * FEN_IN["亿元"], 0))
    session.add(
        GdpVersion(
            year=data.year,
            value_fen=value,
            kind=data.kind,
            source=data.source,
            published_on=data.published_on,
            entered_at=clock.now(),
            entered_by=actor.person_id,
            demo=market.is_demo(session),
        )
    )
    session.flush()
    audit.record(session, actor, "indicator.gdp", "indicator", computed_code(), year=data.year, value_fen=value)
    return value


def publish_cut_off(session: Session, actor: Actor) -> CutOff:
    """Compute and keep the figures that everybody sees until the next cut-off, with their hash."""
    require(actor, "indicator.manage")
    series = _years(session)
    figures = {
        "years": [row.model_dump(mode="json") for row in series],
        "breakdowns": {
            f"{dimension}/{row.year}": _breakdown(session, dimension, row.year, public=True).model_dump(mode="json")
            for row in series
            for dimension in DIMENSIONS
        },
        "cross": {str(row.year): _cross(session, row.year, public=True).model_dump(mode="json") for row in series},
    }
    digest = hashlib.sha256(json.dumps(figures, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    row = CutOff(indicator=computed_code(), at=clock.now(), figures=figures, sha256=digest)
    session.add(row)
    session.flush()
    audit.record(session, actor, "indicator.publish", "indicator", row.indicator, sha256=digest)
    return row


def cut_off_is_due(session: Session) -> bool:
    """Say whether last night's figures are missing: a day of Asia/Shanghai has ended since the last cut-off.

    A market whose ledger was empty when the day ended has nothing to publish yet.
    """
    midnight = datetime.combine(clock.today(), time.min, clock.LAW_ZONE)
    last = _last(session, computed_code())
    if last is not None:
        return last.at < midnight
    return any(group.keys for group in contracts.sums_by(session, ["year"], MovementFilter(known_at=midnight)))


def publish_if_due(session: Session, actor: Actor) -> CutOff | None:
    """Publish last night's cut-off unless it is there already; several processes may ask at once, one publishes."""
    require(actor, "indicator.manage")
    lock_row(session, market.MarketRow, 1)
    return publish_cut_off(session, actor) if cut_off_is_due(session) else None


def _known(code: str) -> None:
    if code != computed_code():
        raise NotFound("indicator", code[:20])


def _last(session: Session, code: str) -> CutOff | None:
    return session.exec(select(CutOff).where(CutOff.indicator == code).order_by(col(CutOff.id).desc()).limit(1)).first()


def _gdp(session: Session) -> dict[int, GdpVersion]:
    """Give the GDP that counts for each year: the last one entered, else the one in the release's data."""
    found = {
        row["year"]: GdpVersion(
            year=row["year"],
            value_fen=int(Decimal(row["value_yi"]) * FEN_IN["亿元"]),
            kind=row["kind"],
            source=row["source"],
            mark=row["mark"],
            note=row["note"],
            entered_at=clock.now(),
        )
        for row in reference.document("gdp")
    }
    for entered in session.exec(select(GdpVersion).order_by(col(GdpVersion.id))):
        found[entered.year] = entered
    return found


def _targets(session: Session) -> list[tuple[str, Decimal, str]]:
    """Give (label, value, source) of every target; those entered later stand beside the plan's."""
    plan = [(row["label"], Decimal(row["value"]), row["source"]) for row in reference.document("targets")]
    more = session.exec(select(Target).where(Target.indicator == computed_code()).order_by(col(Target.id)))
    return plan + [(row.label, Decimal(row.value), row.source) for row in more]


def _years(session: Session) -> list[YearOut]:
    gdp, targets = _gdp(session), _targets(session)
    grouped = contracts.sums_by(session, ["year"], MovementFilter(home_output=True))
    sums = {int(group.keys[0] or 0): group.sums for group in grouped}
    this_year = clock.today().year
    found: list[YearOut] = []
    for year in range(min([FIRST_YEAR, *sums]), this_year + 1):
        amount = sums[year].contract_amount_fen if year in sums else 0
        worth = gdp.get(year)
        value = rules.share(amount, worth.value_fen if worth else None)
        found.append(
            YearOut(
                year=year,
                count=sums[year].count if year in sums else 0,
                amount_fen=amount,
                technical_fen=sums[year].technical_amount_fen if year in sums else 0,
                gdp_fen=worth.value_fen if worth else None,
                gdp_kind=worth.kind if worth else "未录入",
                gdp_source=worth.source if worth else "",
                gdp_mark=worth.mark if worth else "",
                gdp_note=worth.note if worth else "",
                share=str(value) if value is not None else None,
                gaps=[
                    GapOut(
                        label=label,
                        target=str(target),
                        source=source,
                        gap_fen=rules.gap(target, worth.value_fen if worth else None, amount),
                    )
                    for label, target, source in targets
                ],
                growth=rules.growth(amount, sums[year - 1].contract_amount_fen if year - 1 in sums else None),
                status="preliminary" if year == this_year else "known_now",
            )
        )
    return found


def _cells(session: Session, dimensions: Sequence[str], year: int) -> dict[tuple[str, ...], rules.Cell]:
    """Give contracts, amount and the largest seller's amount by the dimensions, renamed counties under today's code."""
    counts: dict[tuple[str, ...], int] = {}
    sellers: dict[tuple[str, ...], dict[str, int]] = {}
    columns = [DIMENSIONS[name] for name in dimensions]
    for group in contracts.sums_by(session, [*columns, "seller_organisation_id"], wanted(year)):
        values = [str(value or "") for value in group.keys]
        place = tuple(
            regions.current_code(value) if name == "county" else value
            for name, value in zip(dimensions, values, strict=False)
        )
        counts[place] = counts.get(place, 0) + group.sums.count
        amounts = sellers.setdefault(place, {})
        amounts[values[-1]] = amounts.get(values[-1], 0) + group.sums.contract_amount_fen
    return {
        place: rules.Cell(counts[place], sum(amounts.values()), max(amounts.values()))
        for place, amounts in sellers.items()
    }


def _cross(session: Session, year: int, *, public: bool) -> CrossTable:
    cells = {(place[0], place[1]): cell for place, cell in _cells(session, ["county", "chain"], year).items()}
    counties = [entry.code for entry in regions.home_counties(session)]
    chains = [entry.code for entry in reference.entries(session, "chain")]
    # What lies in the home region but in no county (the city itself) or names no chain has a line of its own.
    counties += sorted({county for county, _chain in cells} - set(counties))
    chains += sorted({chain for _county, chain in cells} - set(chains))
    hidden = [
        rules.suppressed({place[0]: cell for place, cell in _cells(session, [name], year).items()}) if public else set()
        for name in ("county", "chain")
    ]
    labels = [(code, _label("county", code)) for code in counties], [(code, _label("chain", code)) for code in chains]
    return crossed.build(year, cells, *labels, *hidden, public=public)


def _breakdown(session: Session, dimension: str, year: int, *, public: bool) -> Breakdown:
    cells = {place[0]: cell for place, cell in _cells(session, [dimension], year).items()}
    if dimension == "county":
        for entry in regions.home_counties(session):
            cells.setdefault(entry.code, rules.Cell(0, 0))
    hidden = rules.suppressed(cells) if public else set()
    rows = [
        BreakdownRow(
            value=value,
            label=_label(dimension, value),
            suppressed=value in hidden,
            count=None if value in hidden else cell.count,
            amount_fen=None if value in hidden else cell.amount_fen,
        )
        for value, cell in sorted(
            cells.items(), key=lambda item: (-item[1].amount_fen if item[0] not in hidden else 0, item[0])
        )
    ]
    return Breakdown(
        year=year,
        dimension=dimension,
        view="published" if public else "internal",
        rows=rows,
        total_count=sum(cell.count for cell in cells.values()),
        total_fen=sum(cell.amount_fen for cell in cells.values()),
    )


def _label(dimension: str, value: str) -> str:
    if not value:
        return "未标明"
    if dimension == "county":
        return regions.name_of(value)
    return reference.name_of("chain" if dimension == "chain" else "contract_category", value)
