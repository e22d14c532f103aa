"""The commands. Each has an example in its help, ends non-zero when it did not do what was asked."""

import json
import secrets
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from frontend import schema
from frontend.cli import analyse, backup, evaluate, indicator, serve
from frontend.cli.common import AS_JSON, AS_USER, actor_named, counting, opened, refuse, show
from services.accounts import service as accounts
from services.accounts import sessions
from services.accounts.schemas import TokenIn
from services.ground import outbox
from services.ground.errors import Conflict
from services.matching import service as matching

app = typer.Typer(no_args_is_help=True, add_completion=False, help="要素 yaosu: a technology market.")
user = typer.Typer(no_args_is_help=True, help="People.")
token = typer.Typer(no_args_is_help=True, help="Tokens for programs.")
app.add_typer(user, name="user")
app.add_typer(token, name="token")
app.command("indicator")(indicator.indicator)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("analyse")(analyse.analyse)
app.add_typer(evaluate.app, name="evaluate")


@app.command()
def migrate() -> None:
    """Make the database, or bring it to this program's schema. Harmless to repeat.

    Example: yaosu migrate
    """
    with opened(migrated=False, writable=False) as market:
        print(f"database at revision {schema.migrate(market.database)}")


@app.command()
def demo(
    today: Annotated[str | None, typer.Option(help="Lay the dates relative to this day, 2026-03-12.")] = None,
    database_is_empty: Annotated[
        bool, typer.Option(help="Needed with YAOSU_DATABASE_URL; refused when untrue.")
    ] = False,
    as_json: bool = AS_JSON,
) -> None:
    """Make a demo market (演示) and print its logins, or print them again.

    Example: yaosu demo --today 2026-03-12
    """
    from etl.demo.load import load

    with opened(migrated=False) as market:
        if market.settings.database_url and not database_is_empty:
            raise refuse("YAOSU_DATABASE_URL is set: say --database-is-empty if this database may become a demo market")
        schema.migrate(market.database)
        logins = load(market, today=date.fromisoformat(today) if today else None, progress=counting("demo"))
        outbox.drain_all(market.database, market)
    show(logins, ["role", "name", "password"], as_json=as_json)


@user.command("create")
def user_create(
    name: str,
    role: Annotated[
        str, typer.Option(help="member, broker, registrar, moderator, bureau_officer, station_clerk, administrator …")
    ],
    organisation: Annotated[str | None, typer.Option(help="Code of the organisation (members).")] = None,
    region: Annotated[str | None, typer.Option(help="Region the role is held for.")] = None,
    password: Annotated[
        str | None, typer.Option(help="Ten characters or more; absent: one is made and printed.")
    ] = None,
    as_json: bool = AS_JSON,
) -> None:
    """Make an account with a role and print its password once.

    Example: yaosu user create admin --role administrator
    """
    secret = password or secrets.token_urlsafe(12)
    with opened(writable=False) as market:
        actor = actor_named(market, None)
        with market.database.write() as session:
            organisation_id = accounts.organisation_by_code(session, organisation).id if organisation else None
            person_id = accounts.create_person(session, actor, login=name, password=secret, name=name)
            accounts.grant(session, actor, person_id, role, organisation_id, region)
    show([{"role": role, "name": name, "password": secret}], ["role", "name", "password"], as_json=as_json)


@token.command("create")
def token_create(
    user_name: Annotated[str, typer.Option("--user", help="Login name of the owner.")],
    scope: Annotated[
        list[str],
        typer.Option(
            help="read, listings:write, deals:write, contracts:write, contracts:register, statistics:read, admin"
        ),
    ],
    days: int = 90,
    as_json: bool = AS_JSON,
) -> None:
    """Make a token and print it, this once.

    Example: yaosu token create --user admin --scope read
    """
    with opened(writable=False) as market:
        actor = actor_named(market, None)
        with market.database.write() as session:
            owner = accounts.person_by_login(session, user_name)
            made = sessions.create_token(session, actor, TokenIn(scopes=scope, days=days, label="cli"), person_id=owner)  # type: ignore[arg-type]
    print(json.dumps({"token": made.token, "expires_at": made.expires_at.isoformat()}) if as_json else made.token)


@app.command()
def search(
    text: str,
    limit: int = 10,
    kind: Annotated[list[str] | None, typer.Option()] = None,
    user_name: str | None = AS_USER,
    as_json: bool = AS_JSON,
) -> None:
    """Search the market.

    Example: yaosu search 茶油冷榨
    """
    with opened(writable=False) as market:
        actor = actor_named(market, user_name)
        with market.database.read() as session:
            found = matching.search(session, actor, market, text, filters={"kind": kind} if kind else None, limit=limit)
    show(
        [{"code": row.code, "title": row.title, "owner": row.owner_name} for row in found.items],
        ["code", "title", "owner"],
        as_json=as_json,
    )


@app.command()
def match(code: str, limit: int = 10, user_name: str | None = AS_USER, as_json: bool = AS_JSON) -> None:
    """List what fits a need or a result, with reasons.

    Example: yaosu match N-2026-000001
    """
    with opened(writable=False) as market:
        actor = actor_named(market, user_name)
        with market.database.read() as session:
            found = matching.matches(session, actor, market, code, limit=limit)
    if as_json:
        print(found.model_dump_json())
        return
    rows = [
        {"code": m.code, "score": m.score, "title": m.title, "reasons": "、".join(r.text for r in m.reasons[:4])}
        for m in found.items
    ]
    show(rows, ["code", "score", "title", "reasons"], as_json=False)


@app.command()
def reindex() -> None:
    """Build the search index anew beside the old one and switch to it.

    Example: yaosu reindex
    """
    with opened() as market:
        if not market.engine.may_write():
            raise refuse("a running server writes this index; stop it first, or let it work")
        print(f"{matching.reindex(market, counting('reindex'))} records indexed")


@app.command()
def reconcile(as_json: bool = AS_JSON) -> None:
    """Compare index and database record by record and mend what differs.

    Example: yaosu reconcile
    """
    with opened() as market:
        if not market.engine.may_write():
            raise refuse("a running server writes this index; it mends differences itself")
        outbox.drain_all(market.database, market)
        found = matching.reconcile(market)
    show([found], list(found), as_json=as_json)


@app.command("import")
def import_(
    kind: str,
    file: Path,
    map_: Annotated[list[str] | None, typer.Option("--map", help="OURS=THEIRS, once per column.")] = None,
    owner: Annotated[str | None, typer.Option(help="Code of the organisation that owns rows without one.")] = None,
    publish: bool = False,
    dry_run: bool = False,
    all_or_nothing: bool = False,
    as_json: bool = AS_JSON,
) -> None:
    """Take a file in: needs, results, patents, experts, organisations or contracts. Exit 0: all rows; 3: some; 1: none.

    Example: yaosu import patents patents.xlsx --publish
    """
    from etl.imports import import_file

    mapping = dict(item.split("=", 1) for item in map_ or [] if "=" in item)
    with opened() as market:
        report = import_file(
            market,
            actor_named(market, None),
            kind,
            file,
            mapping=mapping,
            owner=owner,
            publish=publish,
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            progress=counting("import"),
        )
        if market.engine.may_write():
            outbox.drain_all(market.database, market)
    rows = [
        {"sheet": r.sheet, "row": r.row, "column": r.column, "value": r.value, "reason": r.reason}
        for r in report.refused
    ]
    if as_json:
        print(
            json.dumps(
                {"rows": report.rows, "accepted": report.accepted, "refused": rows}, ensure_ascii=False, default=str
            )
        )
    else:
        print(f"{report.accepted} of {report.rows} rows accepted")
        if rows:
            show(rows[:200], ["sheet", "row", "column", "value", "reason"], as_json=False)
    raise typer.Exit(0 if not report.refused else (3 if report.accepted else 1))


@app.command("export")
def export(kind: str, file: Path, user_name: str | None = AS_USER) -> None:
    """Write the published needs, results, patents or experts to a csv, xlsx or jsonl file.

    Example: yaosu export needs needs.xlsx
    """
    from etl import listing_rows
    from etl.exports import write_file

    with opened(writable=False) as market:
        count = write_file(listing_rows.COLUMNS, listing_rows.rows(market, actor_named(market, user_name), kind), file)
    print(f"{count} rows written to {file}")


def run() -> None:
    """Start the command line."""
    try:
        app()
    except Conflict as error:
        raise SystemExit(f"{error.code}: {error.params}") from error


__all__ = ["app", "run"]
