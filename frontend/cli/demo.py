"""The command that makes a demo market."""

from datetime import date
from typing import Annotated

import typer

from etl.demo.load import load
from frontend import schema
from frontend.cli.common import AS_JSON, counting, drain, opened, refuse, show
from frontend.learning import learn_and_measure
from services.ground.errors import Conflict
from services.ground.market import Market
from services.matching import service as matching


def demo(
    today: Annotated[str | None, typer.Option(help="Lay the dates relative to this day, 2026-03-12.")] = None,
    database_is_empty: Annotated[
        bool, typer.Option(help="Needed with YAOSU_DATABASE_URL; refused when untrue.")
    ] = False,
    as_json: bool = AS_JSON,
) -> None:
    """Make a demo market (演示) and print its logins, or print them again.

    A demo that was stopped in the middle is cleared away and made anew. Example: yaosu demo --today 2026-03-12
    """
    day = _day(today)
    with opened(migrated=False) as market:
        if market.settings.database_url and not database_is_empty:
            raise refuse("YAOSU_DATABASE_URL is set: say --database-is-empty if this database may become a demo market")
        schema.migrate(market.database)
        try:
            logins = load(market, today=day, progress=counting("demo"))
        except Conflict as conflict:
            if conflict.code != "demo_half_made":
                raise
            logins = _made_anew(market, day)
        drain(market)
        learn_and_measure(market, at_once=True)
    show(logins, ["role", "name", "password"], as_json=as_json)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise refuse(f"--today takes a day like 2026-03-12, not {text}") from error


def _made_anew(market: Market, day: date | None) -> list[dict[str, str]]:
    schema.clear(market.database)
    schema.migrate(market.database)
    logins = load(market, today=day, progress=counting("demo"))
    matching.reindex(market)
    return logins
