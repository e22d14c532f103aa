"""Levels of disclosure, and the one function that says which level somebody has reached towards a record."""

from collections.abc import Callable

from sqlmodel import Session

from services.ground.actor import Actor

LEVELS = ("public", "after_contact", "after_confidentiality", "own_side")
"""In order: who has reached a level sees it and everything before it."""

Reach = Callable[[Session, Actor, str], str]
"""(session, actor, listing code) -> level reached through deals."""

_reaches: list[Reach] = []


def register(reach: Reach) -> None:
    """Let a capability above listings (deals) say what contact has opened. Called once, by the assembled application."""
    if reach not in _reaches:
        _reaches.append(reach)


def level_reached(session: Session, actor: Actor, code: str) -> str:
    """Say the highest level that any registered capability grants this actor for the record with that code."""
    if actor.is_anonymous:
        return "public"
    found = ["public", *(reach(session, actor, code) for reach in _reaches)]
    return max(found, key=LEVELS.index)


def opens(reached: str, needed: str) -> bool:
    """Say whether somebody at `reached` may see what is marked `needed`."""
    return LEVELS.index(reached) >= LEVELS.index(needed)
