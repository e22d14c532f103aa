"""Organisations by the hundred: staged invisibly under a batch, switched on together, taken back together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, delete, select, update

from services.accounts import rules
from services.accounts.models import Organisation, RoleGrant
from services.accounts.schemas import OrganisationIn
from services.ground import audit, clock, market
from services.ground.actor import Actor
from services.ground.database import insert_many
from services.ground.errors import Conflict
from services.ground.identifiers import format_code, next_number
from services.ground.permissions import require


@dataclass(frozen=True)
class Named:
    """An organisation found by its name; `batch` is the import that is not switched on yet."""

    id: int
    code: str
    region_code: str | None
    uscc: str | None
    batch: str | None
    visible: bool


def by_names(session: Session, names: Collection[str]) -> dict[str, Named]:
    """Find organisations by exact name, seen or not. The oldest of equals wins."""
    wanted = select(Organisation).where(col(Organisation.name).in_(names)).order_by(col(Organisation.id).desc())
    return {
        row.name: Named(
            row.id or 0, row.code, row.region_code, row.uscc, None if row.visible else row.batch, row.visible
        )
        for row in session.exec(wanted)
    }


def stage_organisations(session: Session, actor: Actor, rows: Sequence[OrganisationIn], batch: str) -> dict[str, int]:
    """Write unverified organisations that nobody sees until `switch_on_organisations`; name -> id."""
    if not rows:
        return {}
    require(actor, "organisation.create")
    first, now, demo = next_number(session, "O", count=len(rows)), clock.now(), market.is_demo(session)
    values = [
        {
            "code": format_code("O", clock.today().year, first + offset),
            "name": row.name,
            "short_name": row.short_name,
            "pinyin": rules.sort_key(row.name),
            "kind": row.kind,
            "region_code": row.region_code,
            "uscc": row.uscc.upper() if row.uscc else None,
            "intro": row.intro,
            "state": "active",
            "demo": demo,
            "version": 1,
            "created_at": now,
            "batch": batch,
            "visible": False,
        }
        for offset, row in enumerate(rows)
    ]
    ids = insert_many(session, Organisation, values)
    audit.record(
        session, actor, "organisation.stage", "organisation", str(values[0]["code"]), batch=batch, count=len(ids)
    )
    return {row.name: number for row, number in zip(rows, ids, strict=True)}


def adopt_organisations(session: Session, names: Collection[str], batch: str) -> None:
    """Let organisations that an undone import left out of sight come with this batch."""
    statement = update(Organisation).where(
        col(Organisation.name).in_(names), col(Organisation.visible).is_(False), col(Organisation.batch).is_(None)
    )
    session.execute(statement.values(batch=batch))


def switch_on_organisations(session: Session, actor: Actor, batch: str, also: Collection[int] = ()) -> int:
    """Make the organisations of a batch visible, and those that its records belong to (`also`). Returns how many."""
    count = 0
    for mine in (col(Organisation.batch) == batch, col(Organisation.id).in_(also)):
        statement = update(Organisation).where(mine, col(Organisation.visible).is_(False)).values(visible=True)
        count += int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
    audit.record(session, actor, "organisation.batch_publish", "batch", batch, count=count)
    return count


def staged_organisations(session: Session, batch: str) -> list[int]:
    """List the organisations of a batch that nobody sees."""
    mine = (Organisation.batch == batch, col(Organisation.visible).is_(False))
    return [number or 0 for number in session.exec(select(Organisation.id).where(*mine))]


def drop_staged_organisations(session: Session, ids: Collection[int]) -> int:
    """Delete organisations that nobody has seen and that nothing points to. Returns how many."""
    mine = (col(Organisation.id).in_(ids), col(Organisation.visible).is_(False))
    return int(session.execute(delete(Organisation).where(*mine)).rowcount)  # type: ignore[attr-defined]


def organisations_of_batch(session: Session, batch: str) -> dict[int, str]:
    """List the visible organisations that came with a batch: id -> code."""
    statement = select(Organisation.id, Organisation.code).where(Organisation.batch == batch, col(Organisation.visible))
    return {number or 0: code for number, code in session.exec(statement)}


def take_back_organisations(session: Session, actor: Actor, batch: str, *, used: Collection[int], strict: bool) -> int:
    """Take the organisations of a batch out of sight, but for those that are used. Returns how many.

    `used` are those that other rooms know a use for; people, edits and verification are looked at here. With `strict`
    one that is used raises Conflict, and nothing is taken back.
    """
    mine = (col(Organisation.batch) == batch, col(Organisation.visible))
    touched = select(Organisation.id).where(
        *mine,
        (col(Organisation.version) > 1)
        | col(Organisation.verified_at).is_not(None)
        | col(Organisation.id).in_(
            select(RoleGrant.organisation_id).where(col(RoleGrant.organisation_id).is_not(None))
        ),
    )
    busy = set(used) | {number or 0 for number in session.exec(touched)}
    if strict and busy:
        code = session.exec(select(Organisation.code).where(col(Organisation.id).in_(busy))).first()
        raise Conflict("batch_depended_on", batch=batch, record=code)
    statement = update(Organisation).where(*mine, col(Organisation.id).not_in(busy))
    count = int(session.execute(statement.values(visible=False, batch=None)).rowcount)  # type: ignore[attr-defined]
    audit.record(session, actor, "organisation.batch_take_back", "batch", batch, count=count)
    return count
