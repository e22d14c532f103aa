"""What organisations, experts and brokers have agreed to show: changed by themselves, in force with the next answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, delete, select

from services.accounts.models import Organisation, PersonData, RoleGrant
from services.accounts.schemas import OrganisationOut, Text
from services.accounts.shown_models import ShownChoice
from services.ground import audit, clock
from services.ground.actor import Actor
from services.ground.database import check_version, lock_row
from services.ground.errors import Forbidden, Invalid, NotFound
from services.ground.permissions import Thing, require

Kind = Literal["organisation", "expert", "broker"]
FIELDS: dict[str, tuple[str, ...]] = {
    "organisation": ("uscc", "intro", "address", "phone"),
    "expert": ("position", "fields", "keywords", "body", "owner", "region", "contact"),
    "broker": ("listed", "fields", "organisation", "phone", "email"),
}
"""What can be shown of each kind."""
DEFAULTS: dict[str, frozenset[str]] = {
    "organisation": frozenset({"uscc", "intro"}),
    "expert": frozenset(FIELDS["expert"]),
    "broker": frozenset(),
}
"""What is shown as long as nobody has chosen: an entry that was published, and of a broker nothing."""
INSIDERS = ("registrar", "bureau_officer", "moderator", "administrator")
"""They check what an organisation says of itself, and so see it."""


@dataclass(frozen=True)
class Shown:
    """What is shown of one of them."""

    fields: frozenset[str]
    words: str = ""
    phone: str = ""
    person_id: int | None = None
    version: int = 0


class ShownIn(BaseModel):
    """What is to be shown from now on."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"shown": ["listed", "phone"], "words": ""}}
    )
    shown: list[str] = Field(default=[], max_length=20)
    words: Text = Field(default="", max_length=200)
    phone: Text = Field(default="", max_length=40)


class BrokerOut(BaseModel):
    """A broker who has agreed to be listed, with what else was agreed to."""

    id: int = Field(exclude=True)
    name: str
    organisation: str = ""
    fields: str = ""
    phone: str = ""
    email: str = ""


def of(session: Session, kind: Kind, keys: Iterable[str]) -> dict[str, Shown]:
    """Say what is shown of several, with one question; of whom nothing was chosen the default."""
    wanted = list(dict.fromkeys(keys))
    found = {key: Shown(DEFAULTS[kind]) for key in wanted}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        for row in session.exec(select(ShownChoice).where(ShownChoice.kind == kind, col(ShownChoice.key).in_(part))):
            found[row.key] = Shown(frozenset(row.shown), row.words, row.phone, row.person_id, row.version)
    return found


def one(session: Session, kind: Kind, key: str) -> Shown:
    """Say what is shown of one of them."""
    return of(session, kind, [key])[key]


def choose(
    session: Session,
    actor: Actor,
    kind: Kind,
    key: str,
    data: ShownIn,
    *,
    person_id: int | None = None,
    expected: int | None = None,
) -> None:
    """Write a choice down; the caller has asked whether it is the actor's to make. In force with the next answer.

    `person_id` says whose decision it is from now on. Raises Invalid for a field there is not, StaleVersion.
    """
    if unknown := set(data.shown) - set(FIELDS[kind]):
        raise Invalid("shown", "code_unknown", value=min(unknown)[:60], list="shown")
    row = session.exec(select(ShownChoice).where(ShownChoice.kind == kind, ShownChoice.key == key)).first()
    if row is None:
        row = ShownChoice(kind=kind, key=key, changed_at=clock.now(), version=0)
    else:
        row = lock_row(session, ShownChoice, row.id or 0) or row
        check_version(row, expected)
    row.shown = [name for name in FIELDS[kind] if name in data.shown]
    row.words, row.phone = data.words, data.phone
    row.person_id = person_id if person_id is not None else row.person_id
    row.version += 1
    row.changed_at, row.changed_by = clock.now(), actor.person_id
    session.add(row)
    session.flush()
    audit.record(session, actor, "shown.change", kind, key, shown=row.shown)


def choose_for_organisation(
    session: Session, actor: Actor, code: str, data: ShownIn, expected: int | None = None
) -> None:
    """Choose what of an organisation is shown, with its address and telephone. Raises Forbidden, NotFound."""
    choose(session, actor, "organisation", organisation_for(session, actor, code).code, data, expected=expected)


def organisation_for(session: Session, actor: Actor, code: str) -> Organisation:
    """Give the organisation to whoever decides what of it is shown: its administrator, or the clerk of its region."""
    row = session.exec(select(Organisation).where(Organisation.code == code, col(Organisation.visible))).first()
    if row is None:
        raise NotFound("organisation", code)
    owned = frozenset({row.id or 0})
    require(actor, "organisation.edit", Thing("organisation", code, owned, row.region_code, row.state))
    return row


def choose_as_broker(session: Session, actor: Actor, data: ShownIn, expected: int | None = None) -> None:
    """Choose what of oneself as a broker is shown. Raises Forbidden for whoever is none."""
    require(actor, "account.use")
    if not actor.has("broker"):
        raise Forbidden("broker.show")
    choose(session, actor, "broker", str(actor.person_id), data, person_id=actor.person_id, expected=expected)


def brokers_listed(session: Session) -> list[BrokerOut]:
    """List the brokers who have agreed to be listed, with what else they agreed to, by name."""
    statement = (
        select(ShownChoice, PersonData, Organisation.name)
        .join(PersonData, col(PersonData.person_id) == ShownChoice.person_id)
        .join(RoleGrant, (col(RoleGrant.person_id) == PersonData.person_id) & (col(RoleGrant.role) == "broker"))
        .join(Organisation, col(Organisation.id) == RoleGrant.organisation_id, isouter=True)
        .where(ShownChoice.kind == "broker", col(RoleGrant.revoked_at).is_(None))
        .order_by(col(PersonData.name), col(PersonData.person_id))
    )
    found: dict[int, BrokerOut] = {}
    for choice, data, firm in session.exec(statement):
        agreed = set(choice.shown)
        if "listed" in agreed and data.person_id not in found:
            found[data.person_id] = BrokerOut(
                id=data.person_id,
                name=data.name,
                organisation=(firm or "") if "organisation" in agreed else "",
                fields=choice.words if "fields" in agreed else "",
                phone=(data.phone or "") if "phone" in agreed else "",
                email=(data.email or "") if "email" in agreed else "",
            )
    return list(found.values())


@dataclass(frozen=True)
class Viewer:
    """Who looks at organisations: insiders and its own people see what others do not."""

    actor: Actor
    inside: bool = field(init=False)

    def __post_init__(self) -> None:
        held = {grant.role for grant in self.actor.grants}
        object.__setattr__(self, "inside", self.actor.trusted or bool(held & set(INSIDERS)))

    def sees_all(self, organisation_id: int) -> bool:
        """Say whether nothing of this organisation is kept from the viewer."""
        return self.inside or organisation_id in self.actor.organisation_ids


def as_shown(session: Session, actor: Actor, outs: Sequence[OrganisationOut]) -> list[OrganisationOut]:
    """Show organisations to a reader: what was not agreed to is left out, address and telephone come in."""
    viewer, choices = Viewer(actor), of(session, "organisation", [out.code for out in outs])
    shown = []
    for out in outs:
        choice = choices[out.code]
        fields = set(FIELDS["organisation"]) if viewer.sees_all(out.id) else choice.fields
        changes: dict[str, Any] = {
            "address": choice.words if "address" in fields else "",
            "phone": choice.phone if "phone" in fields else "",
        }
        if "uscc" not in fields:
            changes["uscc"] = None
        if "intro" not in fields:
            changes["intro"] = ""
        shown.append(out.model_copy(update=changes))
    return shown


def sees_number(session: Session, actor: Actor, code: str, organisation_id: int) -> bool:
    """Say whether the 统一社会信用代码 of an organisation leads this reader to it."""
    return Viewer(actor).sees_all(organisation_id) or "uscc" in one(session, "organisation", code).fields


def forget(session: Session, person_id: int) -> None:
    """Drop what a broker chose; an expert's entry goes back to its owner's care with what was hidden still hidden."""
    session.execute(
        delete(ShownChoice).where(col(ShownChoice.kind) == "broker", col(ShownChoice.person_id) == person_id)
    )
    for row in session.exec(select(ShownChoice).where(ShownChoice.person_id == person_id)):
        row.person_id = None
        session.add(row)


def export(session: Session, person_id: int) -> list[dict[str, Any]]:
    """Give what a person chose to show, for the copy of one's own data."""
    rows = session.exec(select(ShownChoice).where(ShownChoice.person_id == person_id).order_by(col(ShownChoice.id)))
    return [{"of": row.kind, "key": row.key, "shown": row.shown, "words": row.words} for row in rows]


def may_choose_alone(actor: Actor, choice: Shown) -> bool:
    """Say whether the choice is this actor's, where it belongs to one person."""
    return choice.person_id is not None and choice.person_id == actor.person_id
