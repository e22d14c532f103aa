"""`yaosu indicator`: the series on the terminal, publishing a cut-off, closing a period."""

from typing import Annotated

import typer

from etl.statistics_files import closed_report
from frontend.cli.common import AS_JSON, AS_USER, actor_named, opened, show
from services.ground import money
from services.indicators import closing, service

COLUMNS = ["year", "count", "amount_yi", "gdp_yi", "gdp_kind", "share", "growth", "status"]


def indicator(
    publish: Annotated[bool, typer.Option(help="Publish the figures of now for everybody.")] = False,
    close: Annotated[str, typer.Option(help="Close a period that is over: 2026, 2026Q3 or 2026-07.")] = "",
    user_name: str | None = AS_USER,
    as_json: bool = AS_JSON,
) -> None:
    """Show the indicator year by year: live figures, or with --as what that person may see.

    Example: yaosu indicator --json
    """
    with opened() as market:
        actor = actor_named(market, user_name)
        if publish:
            with market.database.write() as session:
                service.publish_cut_off(session, actor)
        if close:
            with market.database.write() as session:
                closing.close(session, actor, close, closed_report)
        with market.database.write() as session:
            service.note_looking(session, actor, path="yaosu indicator")
        with market.database.read() as session:
            series = service.years(session, actor, service.computed_code())
    rows = [row.model_dump(mode="json") for row in series.items]
    if not as_json:
        rows = [
            row
            | {
                "amount_yi": money.yi(row["amount_fen"]),
                "gdp_yi": money.yi(row["gdp_fen"]) if row["gdp_fen"] else "",
                "share": row["share"] or "—",
            }
            for row in rows
        ]
    show(rows, COLUMNS, as_json=as_json)
