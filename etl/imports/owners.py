"""Whose the rows of a file are: an organisation named in the row, the one given with the file, or one's own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from etl.imports.table import Row
from services.accounts import bulk
from services.accounts import service as accounts
from services.accounts.schemas import OrganisationIn
from services.ground.actor import Actor
from services.ground.errors import Invalid
from services.listings import service as listings

NOBODY = "未署名单位（导入）"
SEPARATORS = re.compile(r"[;；、|\n]+")


@dataclass(frozen=True)
class Owner:
    """Whose a row is; `id` is 0 for an organisation that has to be made first."""

    name: str
    id: int = 0
    region_code: str | None = None


class Owners:
    """Finds owners by exact name and remembers them; those nobody knows are made when the rows are staged."""

    def __init__(self, actor: Actor, batch: str, given: str | None) -> None:
        self.actor, self.batch, self._given = actor, batch, given
        self._known: dict[str, Owner] = {}
        self._own: list[Owner] = []
        self._default: Owner | None = None
        self._told: set[str] = set()

    def begin(self, session: Session) -> None:
        """Look up one's own organisations and the one given. Raises NotFound for a code that nobody has."""
        ids = sorted(self.actor.organisation_ids)
        acted = self.actor.on_behalf_of_id or self.actor.organisation_id
        found = accounts.organisations(session, [*ids, *([acted] if acted else [])])
        self._own = [Owner(row.name, row.id, row.region_code) for row in found.values()]
        self._default = next((owner for owner in self._own if owner.id == acted), None)
        if self._given:
            row = accounts.organisation_by_code(session, self._given)
            self._default = Owner(row.name, row.id, row.region_code)
            if not listings.may_import_for(self.actor, row.id, row.region_code):
                raise Invalid("owner", "import_owner_not_yours", value=row.name)
        known = [*self._own, *([self._default] if self._default else [])]
        self._known |= {owner.name: owner for owner in known}

    def look_up(self, session: Session, names: Iterable[str]) -> None:
        """Find the owners that a chunk names, with one query."""
        wanted = {clean(name) for name in names} - self._known.keys() - {""}
        if wanted:
            found = bulk.by_names(session, wanted)
            self._known |= {name: Owner(name, row.id, row.region_code) for name, row in found.items()}

    def of(self, session: Session, row: Row, named: str) -> Owner:
        """Say whose a row is. Raises Invalid for an organisation that the actor may not bring records in for."""
        name = clean(named)
        if not name and self._default:
            return self._default
        shared = {clean(part) for part in SEPARATORS.split(named)}
        own = next((owner for owner in self._own if owner.name in shared), None)
        if own is not None:
            return own
        name = name or NOBODY
        self.look_up(session, [name])
        owner = self._known.get(name) or Owner(name)
        if not listings.may_import_for(self.actor, owner.id, owner.region_code):
            raise Invalid("owner_name", "import_owner_not_yours", value=named[:80])
        if not owner.id and name not in self._told and named:
            self._told.add(name)
            row.warn("owner_name", "import_owner_new", name)
        return owner

    def make(self, session: Session, owners: Iterable[Owner]) -> dict[str, Owner]:
        """Make the owners that are not there yet, invisibly with the batch; give all by name."""
        owners = list(owners)
        # Another row of the file, or somebody at a page, may have made it since.
        missing = {owner.name for owner in owners if not owner.id}
        self._known = {name: owner for name, owner in self._known.items() if name not in missing}
        self.look_up(session, missing)
        new = [
            OrganisationIn.model_construct(
                name=name, short_name="", kind="other", region_code=None, uscc=None, intro=""
            )
            for name in sorted(missing - self._known.keys())
        ]
        made = bulk.stage_organisations(session, self.actor, new, self.batch)
        self._known |= {name: Owner(name, number) for name, number in made.items()}
        return {owner.name: owner if owner.id else self._known[owner.name] for owner in owners}


def clean(name: str) -> str:
    """Write a name in the one way it is looked up."""
    return " ".join(name.split())[:200]
