"""Who may do what, written by hand: this table is the policy, and `may` has to agree with it."""

import pytest

from services.ground.actor import ANONYMOUS, Actor, Grant
from services.ground.permissions import Thing, may

OWN, OTHER = 1, 2
ACTORS = {
    "visitor": ANONYMOUS,
    "member": Actor(person_id=1, grants=(Grant("member", OWN),), organisation_id=OWN),
    "stranger": Actor(person_id=2, grants=(Grant("member", OTHER),), organisation_id=OTHER),
    "clerk": Actor(person_id=3, grants=(Grant("station_clerk", None, "431102"),)),
    "far_clerk": Actor(person_id=4, grants=(Grant("station_clerk", None, "431129"),)),
    "moderator": Actor(person_id=5, grants=(Grant("moderator", None, "431100"),)),
    "far_moderator": Actor(person_id=6, grants=(Grant("moderator", None, "430100"),)),
    "bureau": Actor(person_id=7, grants=(Grant("bureau_officer", None, "431100"),)),
    "administrator": Actor(person_id=8, grants=(Grant("administrator"),)),
}


def a_listing(state):
    return Thing("listing", "N-2026-000001", organisation_ids=frozenset({OWN}), region_code="431102", state=state)


INSIDE = {"member", "clerk", "moderator", "administrator"}
EXPECTED = [
    ("listing.see", a_listing("published"), set(ACTORS)),
    ("listing.see", a_listing("fulfilled"), set(ACTORS)),
    ("listing.see", a_listing("draft"), INSIDE),
    ("listing.see", a_listing("submitted"), INSIDE),
    ("listing.see", a_listing("withdrawn"), INSIDE),
    ("listing.edit", a_listing("published"), {"member", "clerk", "administrator"}),
    ("listing.withdraw", a_listing("published"), INSIDE),
    ("listing.moderate", a_listing("submitted"), {"moderator", "administrator"}),
    ("listing.see_own_side", a_listing("published"), {"member", "clerk", "administrator"}),
    ("indicator.see", None, set(ACTORS)),
    ("indicator.see_internal", None, {"bureau", "administrator"}),
    ("indicator.manage", None, {"bureau", "administrator"}),
    ("audit.see", None, {"bureau", "administrator"}),
    ("person.manage", None, {"administrator"}),
    ("account.use", None, set(ACTORS) - {"visitor"}),
]


@pytest.mark.parametrize(
    ("action", "thing", "allowed"), EXPECTED, ids=[f"{a}-{t.state if t else 'any'}" for a, t, _ in EXPECTED]
)
def test_exactly_these_people_may(action, thing, allowed):
    assert {name for name, actor in ACTORS.items() if may(actor, action, thing)} == allowed


def test_an_action_without_a_line_is_a_mistake_of_ours_and_never_allowed():
    with pytest.raises(KeyError):
        may(ACTORS["administrator"], "listing.burn", a_listing("published"))


def test_a_token_cannot_do_more_than_its_scopes_say():
    reader = Actor(person_id=1, scopes=frozenset({"read"}))
    assert reader.may_use("read")
    assert not reader.may_use("listings:write")
