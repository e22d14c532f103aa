"""Whoever types the number of a record is led to it: each capability says how its own numbers are looked up.

Codes of this market, patent numbers, official registration numbers, 统一社会信用代码; which text holds a number, and in
which spelling, is `search.numbers`. A lookup gives a code only to those who may see the record, so that nothing is learned
by typing numbers.
"""

from collections.abc import Callable

from sqlmodel import Session

from search.numbers import RecordNumber, find_numbers
from services.ground.actor import Actor
from services.ground.errors import Forbidden, NotFound, NotSignedIn
from services.ground.identifiers import path_of

Lookup = Callable[[Session, Actor, RecordNumber], str | None]
_lookups: dict[str, Lookup] = {}


def lookup(*kinds: str) -> Callable[[Lookup], Lookup]:
    """Name the function that looks a kind of number up: "patent", "contract", "uscc", or "code N" for codes N-…."""

    def keep(function: Lookup) -> Lookup:
        for kind in kinds:
            _lookups[kind] = function
        return function

    return keep


def page_of(session: Session, actor: Actor, typed: str) -> str | None:
    """Give the path of the record whose number was typed, when it is one number and this reader may see the record."""
    found = find_numbers(typed)
    if len(found) != 1:
        return None
    [number] = found
    kind = f"code {number.value[0]}" if number.kind == "code" else number.kind
    look = _lookups.get(kind)
    try:
        code = look(session, actor, number) if look else None
    except (NotFound, NotSignedIn, Forbidden):
        code = None
    return path_of(code) if code else None
