"""Signing in and out, passwords, and tokens for programs."""

import secrets
from datetime import timedelta

from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, delete, select, update

from services.accounts import rules, service
from services.accounts.models import ApiToken, Login, SignInTry, WebSession
from services.accounts.schemas import NewTokenOut, OrganisationOut, SessionOut, TokenIn, TokenOut
from services.accounts.service import HASHER, grants_of, person_name
from services.ground import audit, clock
from services.ground.actor import ANONYMOUS, Actor, Via
from services.ground.errors import Forbidden, Invalid, NotFound, TooMany
from services.ground.permissions import require

_NOBODY = HASHER.hash(secrets.token_hex(16))
"""Checked when the name does not exist, so that the answer takes as long and says nothing about names."""


def count_try(session: Session, secret: bytes, login: str, address: str) -> None:
    """Refuse a sign-in when name or address failed too often in this window. Raises TooMany with the seconds to wait."""
    start = rules.window_of(clock.now())
    for kind, value in (("name", login.strip().lower()), ("address", address)):
        key = rules.throttle_key(secret, kind, value)
        count = session.exec(
            select(SignInTry.count).where(SignInTry.key == key, SignInTry.window_start == start)
        ).first()
        if count and count >= rules.THROTTLE_LIMITS[kind]:
            raise TooMany(int((start + rules.THROTTLE_WINDOW - clock.now()).total_seconds()) + 1)


def remember_failure(session: Session, secret: bytes, login: str, address: str) -> None:
    """Count a failed sign-in; called in a transaction of its own, since the failed one is rolled back."""
    start = rules.window_of(clock.now())
    session.execute(delete(SignInTry).where(col(SignInTry.window_start) < start - timedelta(days=1)))
    for kind, value in (("name", login.strip().lower()), ("address", address)):
        key = rules.throttle_key(secret, kind, value)
        row = session.exec(
            select(SignInTry).where(SignInTry.key == key, SignInTry.window_start == start).with_for_update()
        ).first()
        if row is None:
            row = SignInTry(key=key, window_start=start)
        row.count += 1
        session.add(row)


def prove(session: Session, login: str, password: str) -> int:
    """Check name and password and say whose they are (person id).

    Raises Invalid with one and the same code for a wrong name, a wrong password and a disabled account.
    """
    row = session.exec(select(Login).where(Login.name == login.strip().lower())).first()
    try:
        HASHER.verify(row.password_hash if row else _NOBODY, password)
    except (VerificationError, InvalidHashError) as error:
        raise Invalid("password", "sign_in_failed") from error
    if row is None or row.disabled_at is not None:
        raise Invalid("password", "sign_in_failed")
    if HASHER.check_needs_rehash(row.password_hash):
        row.password_hash = HASHER.hash(password)
        session.add(row)
    return row.person_id


def is_new_browser(session: Session, person_id: int, browser: str) -> bool:
    """Say whether a person signed in before, and never with this browser: then the person is told."""
    seen = session.exec(select(WebSession.browser).where(WebSession.person_id == person_id).distinct()).all()
    return bool(seen) and browser[:120] not in seen


def begin_session(session: Session, person_id: int, *, browser: str = "") -> str:
    """Begin a session for a person who has just proved who they are; return the cookie's value."""
    token = secrets.token_urlsafe(32)
    organisations = sorted({g.organisation_id for g in grants_of(session, person_id) if g.organisation_id})
    now = clock.now()
    session.add(
        WebSession(
            token_hash=rules.hash_of(token),
            person_id=person_id,
            started_at=now,
            seen_at=now,
            organisation_id=organisations[0] if organisations else None,
            expires_at=now + rules.SESSION_LENGTH,
            browser=browser[:120],
        )
    )
    audit.record(session, Actor(person_id=person_id), "account.sign_in", "person", str(person_id))
    return token


def actor_of_session(session: Session, token: str) -> tuple[Actor, int, bool] | None:
    """Find who a cookie belongs to: (actor, session id, whether to note
    that it is in use), or None when it is unknown, ended, or idle too long.
    """
    row = session.exec(select(WebSession).where(WebSession.token_hash == rules.hash_of(token))).first()
    now = clock.now()
    if row is None or row.ended_at or row.expires_at < now or row.seen_at + rules.SESSION_IDLE < now:
        return None
    actor = _actor(session, row.person_id, row.organisation_id, None, "page", row.on_behalf_of_id)
    return (actor, row.id or 0, row.seen_at + timedelta(minutes=1) < now) if actor else None


def touch_session(session: Session, session_id: int) -> None:
    """Note that a session is in use, at most once a minute."""
    now = clock.now()
    session.execute(
        update(WebSession)
        .where(col(WebSession.id) == session_id, col(WebSession.seen_at) < now - timedelta(minutes=1))
        .values(seen_at=now)
    )


def actor_of_token(session: Session, token: str) -> Actor | None:
    """Find who an API token belongs to, or None when it is unknown, expired or revoked."""
    row = session.exec(select(ApiToken).where(ApiToken.token_hash == rules.hash_of(token))).first()
    if row is None or row.revoked_at or row.expires_at < clock.now():
        return None
    return _actor(session, row.person_id, row.organisation_id, frozenset(row.scopes), "api")


def actor_of_person(session: Session, person_id: int, via: Via = "cli") -> Actor:
    """Make the actor for a person, as `--as USER` does. Raises NotFound."""
    organisations = sorted({g.organisation_id for g in grants_of(session, person_id) if g.organisation_id})
    actor = _actor(session, person_id, organisations[0] if organisations else None, None, via)
    if actor is None:
        raise NotFound("person")
    return actor


def act_for(session: Session, actor: Actor, session_id: int, organisation_id: int) -> None:
    """Choose the organisation one acts for, of those one belongs to."""
    if organisation_id not in actor.organisation_ids:
        raise Forbidden("account.use")
    session.execute(update(WebSession).where(col(WebSession.id) == session_id).values(organisation_id=organisation_id))


def act_on_behalf(session: Session, actor: Actor, session_id: int, code: str) -> OrganisationOut | None:
    """Choose the firm a station clerk acts for from now on, until another is chosen or none ("").

    Raises Forbidden for a firm outside the clerk's region, NotFound for no organisation.
    """
    firm = service.organisation_by_code(session, code) if code else None
    if firm is not None:
        require(actor, "organisation.act_for", service.thing_of(firm))
        audit.record(session, actor, "account.act_for", "organisation", code)
    chosen = update(WebSession).where(col(WebSession.id) == session_id, col(WebSession.person_id) == actor.person_id)
    session.execute(chosen.values(on_behalf_of_id=firm.id if firm else None))
    return firm


def sign_out(session: Session, actor: Actor, session_id: int) -> None:
    """End one session of one's own."""
    row = session.get(WebSession, session_id)
    if row is None or row.person_id != actor.person_id:
        raise NotFound("session")
    row.ended_at = clock.now()
    session.add(row)
    audit.record(session, actor, "account.sign_out", "person", str(actor.person_id))


def sign_out_everywhere(session: Session, actor: Actor, *, but: int | None = None) -> None:
    """End all sessions of one's own, but one if it is named."""
    require(actor, "account.use")
    statement = update(WebSession).where(
        col(WebSession.person_id) == actor.person_id,
        col(WebSession.ended_at).is_(None),
        col(WebSession.id) != (but or 0),
    )
    session.execute(statement.values(ended_at=clock.now()))
    audit.record(session, actor, "account.sign_out_everywhere", "person", str(actor.person_id))


def change_password(session: Session, actor: Actor, old: str, new: str, *, keep: int | None = None) -> None:
    """Change the password and end all other sessions. Raises Invalid when the old one is wrong."""
    require(actor, "account.use")
    row = check_own_password(session, actor, old)
    if old == new:
        raise Invalid("new", "password_same")
    row.password_hash, row.changed_at = HASHER.hash(new), clock.now()
    session.add(row)
    sign_out_everywhere(session, actor, but=keep)
    audit.record(session, actor, "account.password", "person", str(actor.person_id))


def check_own_password(session: Session, actor: Actor, password: str, field: str = "old") -> Login:
    """Give one's own login when the password is right. Raises Invalid naming the field."""
    row = session.get(Login, actor.person_id)
    try:
        HASHER.verify(row.password_hash if row else _NOBODY, password)
    except (VerificationError, InvalidHashError) as error:
        raise Invalid(field, "password_wrong") from error
    if row is None:
        raise Invalid(field, "password_wrong")
    return row


def sessions_of(session: Session, actor: Actor, current: int | None = None) -> list[SessionOut]:
    """List one's own running sessions, newest first."""
    statement = (
        select(WebSession)
        .where(
            WebSession.person_id == actor.person_id,
            col(WebSession.ended_at).is_(None),
            col(WebSession.expires_at) > clock.now(),
        )
        .order_by(col(WebSession.id).desc())
    )
    return [
        SessionOut(
            id=row.id or 0,
            started_at=row.started_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
            browser=row.browser,
            current=row.id == current,
        )
        for row in session.exec(statement)
    ]


def create_token(session: Session, actor: Actor, data: TokenIn, *, person_id: int | None = None) -> NewTokenOut:
    """Make a token for oneself (an operator: for `person_id`). Its text is in the answer and nowhere else.

    A person at a page gives any scope, for the token can never do more than its owner. A token cannot make one with
    scopes it lacks.
    """
    owner = person_id if person_id and actor.trusted else actor.person_id
    if not actor.trusted:
        require(actor, "account.use")
    if owner is None:
        raise NotFound("person")
    for scope in data.scopes:
        if not actor.may_use(scope):
            raise Forbidden("account.use", "scope_missing", scope=scope)
    text = f"yao_{secrets.token_urlsafe(32)}"
    now = clock.now()
    organisations = sorted({g.organisation_id for g in grants_of(session, owner) if g.organisation_id})
    row = ApiToken(
        prefix=text[:10],
        token_hash=rules.hash_of(text),
        person_id=owner,
        label=data.label,
        scopes=sorted(set(data.scopes)),
        organisation_id=actor.organisation_id or (organisations[0] if organisations else None),
        created_at=now,
        expires_at=now + timedelta(days=data.days),
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "token.create", "token", row.prefix, scopes=row.scopes)
    return NewTokenOut(**_token(row).model_dump(), token=text)


def tokens_of(session: Session, actor: Actor) -> list[TokenOut]:
    """List one's own tokens, newest first."""
    require(actor, "account.use")
    statement = (
        select(ApiToken).where(ApiToken.person_id == actor.person_id).order_by(col(ApiToken.id).desc()).limit(100)
    )
    return [_token(row) for row in session.exec(statement)]


def revoke_token(session: Session, actor: Actor, token_id: int) -> None:
    """End a token of one's own. Raises NotFound for somebody else's."""
    row = session.get(ApiToken, token_id)
    if row is None or row.person_id != actor.person_id:
        raise NotFound("token")
    row.revoked_at = row.revoked_at or clock.now()
    session.add(row)
    audit.record(session, actor, "token.revoke", "token", row.prefix)


def _token(row: ApiToken) -> TokenOut:
    return TokenOut(
        id=row.id or 0,
        prefix=row.prefix,
        label=row.label,
        scopes=row.scopes,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )


def _actor(
    session: Session,
    person_id: int,
    organisation_id: int | None,
    scopes: frozenset[str] | None,
    via: Via,
    on_behalf_of_id: int | None = None,
) -> Actor | None:
    login = session.get(Login, person_id)
    if login is None or login.disabled_at:
        return None
    grants = grants_of(session, person_id)
    actor = Actor(person_id=person_id, name=person_name(session, person_id), grants=grants, scopes=scopes, via=via)
    if organisation_id not in actor.organisation_ids:
        organisation_id = min(actor.organisation_ids, default=None)
    return Actor(
        person_id=person_id,
        name=actor.name,
        grants=grants,
        organisation_id=organisation_id,
        on_behalf_of_id=on_behalf_of_id,
        scopes=scopes,
        via=via,
    )


__all__ = [
    "ANONYMOUS",
    "act_for",
    "act_on_behalf",
    "actor_of_person",
    "actor_of_session",
    "actor_of_token",
    "begin_session",
    "change_password",
    "check_own_password",
    "count_try",
    "create_token",
    "is_new_browser",
    "prove",
    "remember_failure",
    "revoke_token",
    "sessions_of",
    "sign_out",
    "sign_out_everywhere",
    "tokens_of",
    "touch_session",
]
