"""Kept mappings: how the columns of a list are to be read, saved under a name and used again for the next one like it.

A profile belongs to whoever brings such lists: an organisation, a registration point (its registrars share them), else the
person. Profiles of the operator are there for everybody.
"""

from sqlmodel import Session

from etl.imports.desk import read_otherwise
from etl.imports.heads import plain
from etl.imports.taker import Options
from services.ground import batches, clock
from services.ground.actor import Actor
from services.ground.batches import ImportBatch, ImportProfile
from services.ground.errors import Invalid

MARKET = "market"
SHOWN = 8


def save(session: Session, actor: Actor, row: ImportBatch, name: str) -> None:
    """Keep the mapping of a batch under a name; the same name again replaces it."""
    owner = _owners(actor)[0]
    statement = batches.profiles_query(row.kind, owner).where(ImportProfile.name == name)
    kept = session.exec(statement).first() or ImportProfile(kind=row.kind, owner=owner, name=name, saved_at=clock.now())
    kept.mapping = dict(Options(**row.options).mapping)
    kept.heads = _heads(row)
    kept.saved_at = clock.now()
    session.add(kept)
    session.flush()


def found_for(session: Session, actor: Actor, row: ImportBatch) -> ImportProfile | None:
    """Find a kept mapping made for the same heads."""
    heads = _heads(row)
    return next((one for one in _kept(session, actor, row.kind) if one.heads == heads and one.mapping), None)


def named(session: Session, actor: Actor, kind: str, name: str) -> dict[str, str]:
    """Give the mapping kept under a name. Raises Invalid with the names there are for one that nobody kept."""
    kept = _kept(session, actor, kind)
    found = next((one for one in kept if one.name == name), None)
    if found is None:
        known = "、".join(dict.fromkeys(one.name for one in kept[:SHOWN]))
        code = "import_profile_unknown" if known else "import_no_profiles"
        raise Invalid("profile", code, value=name[:80], known=known)
    return {str(ours): str(theirs) for ours, theirs in found.mapping.items()}


def use(session: Session, actor: Actor, code: str, name: str) -> ImportBatch:
    """Read a batch by a kept mapping and check all its rows again. Raises Invalid for an unknown name."""
    row = batches.seen(session, actor, code, lock=True)
    return read_otherwise(session, actor, code, {"mapping": named(session, actor, row.kind, name)})


def _heads(row: ImportBatch) -> list[str]:
    return sorted({plain(head) for sheet in row.sheets for head in sheet["heads"] if head})


def _kept(session: Session, actor: Actor, kind: str) -> list[ImportProfile]:
    """Give what the actor may use, the nearest first; the operator may use all."""
    if actor.person_id is None:
        return list(session.exec(batches.profiles_query(kind)))
    return [one for owner in _owners(actor) for one in session.exec(batches.profiles_query(kind, owner))]


def _owners(actor: Actor) -> list[str]:
    """Name whose profiles an actor uses; the first is whose a new one becomes."""
    found = [f"organisation:{actor.organisation_id}"] if actor.organisation_id else []
    found += [f"point:{grant.region_code or ''}" for grant in actor.grants if grant.role == "registrar"]
    if actor.person_id:
        found.append(f"person:{actor.person_id}")
    return list(dict.fromkeys([*found, MARKET]))
