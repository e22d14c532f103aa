"""Who acts: the person, the roles held, the organisation acted for, and on whose behalf."""

from dataclasses import dataclass, field
from typing import Literal

ROLES = (
    "member",
    "organisation_admin",
    "broker",
    "registrar",
    "moderator",
    "bureau_officer",
    "station_clerk",
    "administrator",
)
ORGANISATION_ROLES = frozenset({"member", "organisation_admin"})

Via = Literal["page", "api", "cli", "worker"]


@dataclass(frozen=True)
class Grant:
    """One role, held for an organisation or for a region (a prefix of region codes), or everywhere when both are None."""

    role: str
    organisation_id: int | None = None
    region_code: str | None = None

    def covers_region(self, region_code: str | None) -> bool:
        """Say whether a record of that region is in reach. 431100 covers 431102; None covers all."""
        if self.region_code is None:
            return True
        return region_code is not None and region_code.startswith(self.region_code.rstrip("0") or "0")


@dataclass(frozen=True)
class Actor:
    """Whoever asks for something. `scopes` is None for a person at a page; a token has only what it was given."""

    person_id: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    organisation_id: int | None = None
    on_behalf_of_id: int | None = None
    scopes: frozenset[str] | None = None
    via: Via = "page"
    trusted: bool = field(default=False)
    """The program itself and the operator at the command line: whoever has the machine has the market."""

    @property
    def is_anonymous(self) -> bool:
        """True for a visitor."""
        return self.person_id is None and not self.trusted

    @property
    def organisation_ids(self) -> frozenset[int]:
        """Organisations this person belongs to."""
        return frozenset(
            g.organisation_id for g in self.grants if g.organisation_id is not None and g.role in ORGANISATION_ROLES
        )

    def has(self, role: str, *, organisation_ids: frozenset[int] | None = None, region_code: str | None = None) -> bool:
        """Say whether the role is held, for one of the organisations and for the region where these are given.

        A role without organisation and region reaches everywhere.
        """
        for grant in self.grants:
            if grant.role != role:
                continue
            if (
                grant.organisation_id is not None
                and organisation_ids is not None
                and grant.organisation_id not in organisation_ids
            ):
                continue
            if grant.region_code is not None and not grant.covers_region(region_code):
                continue
            return True
        return False

    def may_use(self, scope: str | None) -> bool:
        """Say whether the token used has the scope; a session has all."""
        return scope is None or self.scopes is None or scope in self.scopes or "admin" in self.scopes


ANONYMOUS = Actor()


def system_actor(name: str = "system", via: Via = "worker") -> Actor:
    """Make the actor for work nobody asked for by hand (worker, demo) or for the operator at the command line."""
    return Actor(name=name, grants=(Grant("administrator"),), via=via, trusted=True)
