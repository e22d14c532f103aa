"""The bare SQL of the statistics benchmark: for each table one statement that gives the same numbers, as text through the driver."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from services.indicators.periods import Period
from services.indicators.tables import years_before

OUTPUT = ("", "category", "seller_group", "buyer_group", "field", "ip", "objective", "plan", "county", "size")
BY_LIST = dict(zip(("T0", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T11"), OUTPUT, strict=True))
CROSSED = {"TC": ("county", "chain"), "T10": ("county", "buyer_place")}
NO_SUMS = {
    "T13": "the bare grouped scan of the year's lines by seller (no sums are kept of names)",
    "T14": "the bare scan of the year's lines for changes, ends and late entries",
    "T16": "the bare grouped scan of the year's lines by broker (no sums are kept of names)",
    "T17": "the bare first 200 lines of the year, and their total",
}
ON_SUMS = "one bare SQL statement on the sums that gives the same numbers"


def cuts_of(code: str, period: Period) -> list[tuple[str, str, Period]]:
    """List what a table of a year needs of the sums: the kept cut, what it is grouped by, and the period."""
    both = (period, period.previous)
    if code in BY_LIST:
        names = dict.fromkeys(("", BY_LIST[code], *(["zone"] if code == "T8" else [])))
        return [(f"output:{name}", "key", one) for name in names for one in both]
    if code in CROSSED:
        one, other = CROSSED[code]
        return [(f"output:{name}", "key", period) for name in ("", one, other, f"{one}*{other}")]
    if code == "T9":
        sides = (("output", "county"), ("absorbed", "buyer_county"), ("internal", "county"))
        years = [Period("year", year) for year in years_before(period.year)]
        by_county = [(f"{side}:{cut}", "key", period) for side, cut in sides]
        return by_county + [(f"{side}:", "key", year) for side, _cut in sides for year in years]
    if code == "T12":
        return [("output:", "month", one) for one in both]
    return [("output:", "month / 100", Period("all", 0))]


def on_sums(cuts: Sequence[tuple[str, str, Period]]) -> str:
    """Write one statement for all of them."""
    parts = []
    for number, (cut, per, period) in enumerate(cuts):
        since, until = (day.year * 100 + day.month for day in (period.since, period.until))
        parts.append(
            f"SELECT {number}, CAST({per} AS VARCHAR(60)), SUM(count), SUM(amount_fen), SUM(technical_fen) "
            f"FROM statistic_sum WHERE cut = '{cut}' AND month >= {since} AND month <= {until} GROUP BY {per}"
        )
    return " UNION ALL ".join(parts)


def statements(code: str, period: Period, *, is_sqlite: bool) -> list[str]:
    """Give the statements that a table cannot do without."""
    lines = (
        "FROM movement JOIN contract ON contract.id = movement.contract_id WHERE contract.visible AND is_home_output "
        f"AND dated_on >= '{period.since}' AND dated_on <= '{period.until}'"
    )
    sums = "SUM(count_delta), SUM(movement.contract_amount_fen), SUM(movement.technical_amount_fen)"
    fields = (
        "movement.id, registration_number, title, seller_name, buyer_name, movement.category, "
        "movement.contract_amount_fen, movement.technical_amount_fen, dated_on, kind"
    )
    whole = on_sums([("output:", "key", period)])
    if code in ("T13", "T16"):
        who = "seller_organisation_id" if code == "T13" else "movement.broker_id"
        return [f"SELECT {who}, {sums} {lines} GROUP BY {who}", whole]
    if code == "T14":
        days = (
            "julianday(date(recorded_at)) - julianday(dated_on)"
            if is_sqlite
            else "CAST(recorded_at AT TIME ZONE 'UTC' AS date) - dated_on"
        )
        picked = f"(kind <> 'registration' OR movement.amount_status <> 'determined' OR {days} > 31)"
        return [f"SELECT {fields} {lines} AND {picked} ORDER BY movement.id"]
    if code == "T17":
        return [f"SELECT {fields} {lines} ORDER BY movement.id LIMIT 200", whole]
    found = [on_sums(cuts_of(code, period))]
    if code in ("T12", "T15"):
        of_year = f" WHERE year = {period.year}" if code == "T12" else ""
        found += [
            f"SELECT * FROM gdp_version{of_year} ORDER BY id",
            "SELECT * FROM target WHERE measure = 'value' ORDER BY id",
        ]
    if code == "T15":
        found.append("SELECT period FROM period_closing WHERE length(period) = 4")
    return found


def run(session: Session, texts: Sequence[str]) -> list[Any]:
    """Ask the bare statements through the driver and read every row."""
    connection = session.connection()
    return [connection.exec_driver_sql(text).fetchall() for text in texts]
