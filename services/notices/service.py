"""Telling people: `notify` is called by whoever has something to say, in the transaction in which it happened."""

import secrets
from typing import Any

from sqlmodel import Session, col, delete, func, select, update

from services.accounts import addresses
from services.accounts import service as accounts
from services.ground import clock, outbox
from services.ground.actor import Actor
from services.ground.database import lock_row
from services.ground.errors import NotFound
from services.ground.permissions import require
from services.notices import rules
from services.notices.models import Notice, NoticeChoice
from services.notices.schemas import ChoiceIn, Letter, NoticeOut


def notify(
    session: Session,
    kind: str,
    params: dict[str, Any],
    *,
    url: str = "",
    person_id: int | None = None,
    organisation_id: int | None = None,
    but: int | None = None,
) -> int:
    """Tell a person, or everybody of an organisation, in the caller's transaction; return how many were told.

    `kind` is one of `rules.KINDS`, `params` what its sentence needs (text and numbers), `url` a path of this site.
    `but` is a person who needs not be told, because it was their own doing. The same notice that somebody has not read
    yet is not given twice. Raises KeyError for a kind without a sentence.
    """
    if kind not in rules.KINDS:
        raise KeyError(f"{kind} is no kind of notice")
    people = {person_id} if person_id else set()
    if organisation_id:
        people |= {key for key, _name in accounts.members(session, organisation_id)}
    told = 0
    for person in sorted(key for key in people if key and key != but):
        told += _tell(session, person, kind, params, url)
    return told


def _tell(session: Session, person_id: int, kind: str, params: dict[str, Any], url: str) -> int:
    choice = _choice(session, person_id)
    address = addresses.proved(session, person_id)
    way = rules.way_of(kind, choice.mail, list(choice.stopped), bool(address))
    if way is None or _is_told(session, person_id, kind, params, url):
        return 0
    row = Notice(person_id=person_id, kind=kind, params=params, url=url[:300], created_at=clock.now(), mail=way)
    session.add(row)
    session.flush()
    if way == "now":
        outbox.add(session, "notice", str(row.id))
    return 1


def _is_told(session: Session, person_id: int, kind: str, params: dict[str, Any], url: str) -> bool:
    statement = select(Notice).where(
        Notice.person_id == person_id, Notice.kind == kind, Notice.url == url, col(Notice.read_at).is_(None)
    )
    return any(row.params == params for row in session.exec(statement.order_by(col(Notice.id).desc()).limit(20)))


def box(session: Session, actor: Actor, *, before: int | None = None, limit: int = 50) -> list[NoticeOut]:
    """List one's own notices, newest first; `before` is the id to continue below."""
    require(actor, "account.use")
    statement = select(Notice).where(Notice.person_id == actor.person_id).order_by(col(Notice.id).desc()).limit(limit)
    if before:
        statement = statement.where(col(Notice.id) < before)
    return [_view(row) for row in session.exec(statement)]


def unread(session: Session, actor: Actor) -> int:
    """Count one's unread notices."""
    if actor.person_id is None:
        return 0
    statement = select(func.count()).select_from(Notice)
    return int(session.exec(statement.where(Notice.person_id == actor.person_id, col(Notice.read_at).is_(None))).one())


def read(session: Session, actor: Actor, notice_id: int | None = None) -> str:
    """Mark one notice (or all) as read; return where it leads. Raises NotFound for somebody else's."""
    require(actor, "account.use")
    if notice_id is None:
        session.execute(
            update(Notice)
            .where(col(Notice.person_id) == actor.person_id, col(Notice.read_at).is_(None))
            .values(read_at=clock.now())
        )
        return ""
    row = session.get(Notice, notice_id)
    if row is None or row.person_id != actor.person_id:
        raise NotFound("notice")
    row.read_at = row.read_at or clock.now()
    session.add(row)
    return row.url


def choice_of(session: Session, actor: Actor) -> ChoiceIn:
    """Say how one wants to be told."""
    require(actor, "account.use")
    row = _choice(session, actor.person_id or 0)
    return ChoiceIn.model_validate({"mail": row.mail, "stopped": list(row.stopped), "language": row.language})


def choose(session: Session, actor: Actor, data: ChoiceIn) -> None:
    """Choose how one wants to be told. What concerns the safety of the account cannot be stopped."""
    require(actor, "account.use")
    row = _choice(session, actor.person_id or 0, keep=True)
    row.mail, row.language = data.mail, data.language
    row.stopped = sorted(set(data.stopped) & (set(rules.KINDS) - rules.SAFETY))
    session.add(row)


def stop_mail(session: Session, stop_key: str, kind: str = "") -> None:
    """Stop the mails of whoever this key was sent to (the notice box goes on), or only one kind of notice.

    Raises NotFound for an unknown key, and for a kind that there is not or that cannot be stopped.
    """
    row = session.exec(select(NoticeChoice).where(NoticeChoice.stop_key == stop_key)).first()
    if row is None:
        raise NotFound("notice")
    if not kind:
        row.mail = "none"
    elif kind in rules.KINDS and kind not in rules.SAFETY:
        row.stopped = sorted({*row.stopped, kind})
    else:
        raise NotFound("notice")
    session.add(row)


def letter(session: Session, notice_id: int) -> Letter | None:
    """Give the mail about one notice and mark it as sent; None when it was sent before or nobody can be reached."""
    row = session.get(Notice, notice_id)
    if row is None or row.mail != "now":
        return None
    return _letter(session, row.person_id, [row])


def digests(session: Session, limit: int = 200) -> list[Letter]:
    """Give the digests that wait, one per person, and mark their notices as sent; at most `limit` people.

    Nobody gets a second one on the same day. The row of the person's choice is held meanwhile, so that of two
    schedulers at work one writes the digest and the other finds it written.
    """
    today = clock.today()
    had = select(NoticeChoice.person_id).where(NoticeChoice.digested_on == today)
    waiting = select(Notice.person_id).where(Notice.mail == "waiting", col(Notice.person_id).not_in(had))
    found = []
    for person_id in session.exec(waiting.distinct().order_by(col(Notice.person_id)).limit(limit)).all():
        choice = _choice(session, person_id, keep=True)
        choice = lock_row(session, NoticeChoice, person_id, key="person_id") or choice
        if choice.digested_on == today:
            continue
        choice.digested_on = today
        session.add(choice)
        statement = select(Notice).where(Notice.person_id == person_id, Notice.mail == "waiting")
        made = _letter(session, person_id, list(session.exec(statement.order_by(col(Notice.id)))))
        if made:
            found.append(made)
    return found


def tidy(session: Session) -> None:
    """Drop notices older than they are kept."""
    session.execute(delete(Notice).where(col(Notice.created_at) < clock.now() - rules.KEEP))


def export(session: Session, person_id: int) -> list[dict[str, Any]]:
    """Give all notices of a person, for the copy of one's own data."""
    rows = session.exec(select(Notice).where(Notice.person_id == person_id).order_by(col(Notice.id)))
    return [_view(row).model_dump(mode="json") for row in rows]


def forget(session: Session, person_id: int) -> None:
    """Drop everything a person was told, and how the person wanted to be told."""
    session.execute(delete(Notice).where(col(Notice.person_id) == person_id))
    session.execute(delete(NoticeChoice).where(col(NoticeChoice.person_id) == person_id))


def _letter(session: Session, person_id: int, rows: list[Notice]) -> Letter | None:
    for row in rows:
        row.mail = "sent"
        session.add(row)
    address = addresses.proved(session, person_id)
    choice = _choice(session, person_id, keep=True)
    safe = all(row.kind in rules.SAFETY for row in rows)
    if not rows or not address or (choice.mail == "none" and not safe):
        return None
    return Letter(
        person_id=person_id,
        address=address,
        language=choice.language,
        stop_key=choice.stop_key,
        notices=[_view(row) for row in rows],
    )


def _choice(session: Session, person_id: int, *, keep: bool = False) -> NoticeChoice:
    row = session.get(NoticeChoice, person_id)
    if row is None:
        row = NoticeChoice(person_id=person_id, stop_key=secrets.token_urlsafe(24))
        if keep:
            session.add(row)
            session.flush()
    return row


def _view(row: Notice) -> NoticeOut:
    return NoticeOut(
        id=row.id or 0,
        kind=row.kind,
        params=row.params,
        url=row.url,
        created_at=row.created_at,
        read=row.read_at is not None,
    )
