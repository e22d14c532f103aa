"""The commands. Each has an example in its help, ends non-zero when it did not do what was asked."""

import json
import secrets
from typing import Annotated

import typer

from frontend import schema
from frontend.cli import analyse, backup, data, demo, dictionary, evaluate, generate, indicator, serve, vectors
from frontend.cli.common import AS_JSON, AS_USER, actor_named, counting, drain, opened, refuse, show
from services.accounts import service as accounts
from services.accounts import sessions
from services.accounts.schemas import TokenIn
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
app.command("demo")(demo.demo)
app.command("generate")(generate.generate)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("analyse")(analyse.analyse)
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(dictionary.app, name="dictionary")
app.command("import")(data.import_)
app.command("export")(data.export)
app.add_typer(data.batch, name="batch")
app.command("vectors")(vectors.vectors)


@app.command()
def migrate() -> None:
    """Make the database, or bring it to this program's schema. Harmless to repeat.

    Example: yaosu migrate
    """
    with opened(migrated=False, writable=False) as market:
        print(f"database at revision {schema.migrate(market.database)}")


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
            asked = matching.Asked(text, {"kind": kind} if kind else None, limit=limit)
            found = matching.search(session, actor, market, asked)
    show(
        [{"code": row.code, "title": row.title, "owner": row.owner_name} for row in found.items],
        ["code", "title", "owner"],
        as_json=as_json,
    )


@app.command()
def match(code: str, limit: int = 10, user_name: str | None = AS_USER, as_json: bool = AS_JSON) -> None:
    """List what fits a need or a result: how well, why, and what it misses. The score only orders; --json has it.

    Example: yaosu match N-2026-000001
    """
    from frontend.pages.matches import LEVELS

    with opened(writable=False) as market:
        actor = actor_named(market, user_name)
        with market.database.read() as session:
            found = matching.matches(session, actor, market, code, limit=limit)
    if as_json:
        print(found.model_dump_json())
        return
    rows = [
        {
            "code": m.code,
            "level": LEVELS[m.level][0],
            "title": m.title,
            "reasons": "、".join(r.text for r in m.reasons[:4]),
            "missed": "、".join(p.name for p in m.parameters if p.verdict == "not_met"),
        }
        for m in found.items
    ]
    show(rows, ["code", "level", "title", "reasons", "missed"], as_json=False)


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
        drain(market)
        found = matching.reconcile(market)
    show([found], list(found), as_json=as_json)


def run() -> None:
    """Start the command line."""
    try:
        app()
    except Conflict as error:
        raise SystemExit(f"{error.code}: {error.params}") from error


__all__ = ["app", "run"]
