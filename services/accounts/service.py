"""What people do with organisations and accounts. The stories of signing in and of tokens lie in `sessions.py`."""

import secrets
from collections import Counter
from collections.abc import Iterable

from argon2 import PasswordHasher
from sqlmodel import Session, col, func, or_, select

from services.accounts import addresses, rules
from services.accounts.by_number import by_number  # noqa: F401 its lookup is known once it is imported
from services.accounts.models import Login, Organisation, Person, PersonData, RoleGrant
from services.accounts.owners import Owner as Owner  # noqa: PLC0414 the door to it
from services.accounts.owners import owners as owners  # noqa: PLC0414 the door to it
from services.accounts.people import brokers as brokers  # noqa: PLC0414 the door to it
from services.accounts.people import holders as holders  # noqa: PLC0414
from services.accounts.people import person_contacts as person_contacts  # noqa: PLC0414
from services.accounts.people import person_names as person_names  # noqa: PLC0414
from services.accounts.schemas import OrganisationIn, OrganisationOut, SignUpIn
from services.ground import audit, clock, market
from services.ground.actor import ORGANISATION_ROLES, ROLES, Actor, Grant
from services.ground.database import check_version, lock_row
from services.ground.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from services.ground.identifiers import next_code
from services.ground.permissions import Thing, may, require

HASHER = PasswordHasher()
"""argon2id with the library's parameters (RFC 9106, low memory)."""


def thing_of(organisation: Organisation | OrganisationOut) -> Thing:
    """Describe an organisation to the policy."""
    return Thing(
        "organisation",
        organisation.code,
        organisation_ids=frozenset({organisation.id or 0}),
        region_code=organisation.region_code,
        state=organisation.state,
    )


def view(row: Organisation) -> OrganisationOut:
    """Show an organisation as everybody may see it."""
    return OrganisationOut(
        id=row.id or 0,
        code=row.code,
        title=row.name,
        state=row.state,
        url=f"/organisations/{row.code}",
        name=row.name,
        short_name=row.short_name or row.name,
        kind=row.kind,
        region_code=row.region_code,
        uscc=row.uscc,
        verified=row.verified_at is not None,
        intro=row.intro,
        demo=row.demo,
        version=row.version,
    )


def organisation(session: Session, organisation_id: int) -> OrganisationOut:
    """Give an organisation by its internal id. Raises NotFound."""
    row = session.get(Organisation, organisation_id)
    if row is None:
        raise NotFound("organisation")
    return view(row)


def organisations(session: Session, ids: Iterable[int]) -> dict[int, OrganisationOut]:
    """Give several organisations at once, by id."""
    rows = session.exec(select(Organisation).where(col(Organisation.id).in_(set(ids))))
    return {row.id or 0: view(row) for row in rows}


def organisation_by_code(session: Session, code: str) -> OrganisationOut:
    """Give an organisation by its permanent code. Raises NotFound."""
    return view(_by_code(session, code))


def verified_by_uscc(session: Session, codes: Iterable[str]) -> dict[str, OrganisationOut]:
    """Give the organisations whose 统一社会信用代码 was verified, by it. A claim that nobody looked at finds nothing."""
    wanted = set(codes)
    if not wanted:
        return {}
    rows = session.exec(
        select(Organisation).where(col(Organisation.uscc).in_(wanted), col(Organisation.verified_at).is_not(None))
    ).all()
    # Two verified organisations with one code contradict each other: then the code says nothing.
    counts = Counter(row.uscc for row in rows)
    return {row.uscc: view(row) for row in rows if row.uscc and counts[row.uscc] == 1}


def find_organisations(session: Session, text: str = "", *, after: str = "", limit: int = 50) -> list[OrganisationOut]:
    """List organisations by pinyin; `text` is a part of the name, the code or the 统一社会信用代码."""
    statement = select(Organisation).where(col(Organisation.visible))
    statement = statement.order_by(col(Organisation.pinyin), col(Organisation.code)).limit(limit)
    if text:
        statement = statement.where(
            or_(
                col(Organisation.name).contains(text, autoescape=True),
                Organisation.code == text.upper(),
                Organisation.uscc == text.upper(),
            )
        )
    if after:
        key, _, code = after.rpartition("\n")
        statement = statement.where(
            or_(col(Organisation.pinyin) > key, (col(Organisation.pinyin) == key) & (col(Organisation.code) > code))
        )
    return [view(row) for row in session.exec(statement)]


def place_in_list(out: OrganisationOut) -> str:
    """Give the place of an organisation in the list, to continue behind it."""
    return f"{rules.sort_key(out.name)}\n{out.code}"


def create_organisation(session: Session, actor: Actor, data: OrganisationIn) -> OrganisationOut:
    """Enter an organisation, unverified. Raises Invalid for an unknown region, Conflict for a name that exists."""
    require(actor, "organisation.create")
    if session.exec(select(Organisation.code).where(Organisation.name == data.name, col(Organisation.visible))).first():
        raise Conflict("organisation_exists", name=data.name)
    return view(_new_organisation(session, actor, data))


def claim_unverified(
    session: Session, actor: Actor, name: str, kind: str = "other", region_code: str | None = None
) -> int:
    """Find an organisation by its exact name, or make an unverified one; return its id. For imports and sign-up."""
    name = " ".join(name.split())[:200]
    found = session.exec(select(Organisation).where(Organisation.name == name).order_by(col(Organisation.id))).first()
    if found:
        # Somebody means one that an unfinished import brought along: from now on it stands without that import.
        if not found.visible:
            found.visible, found.batch = True, None
            session.add(found)
            session.flush()
        return found.id or 0
    data = OrganisationIn.model_construct(
        name=name,
        short_name="",
        kind=kind,
        region_code=region_code,
        uscc=None,
        intro="",
    )
    return _new_organisation(session, actor, data).id or 0


def edit_organisation(
    session: Session, actor: Actor, code: str, data: OrganisationIn, expected: int | None = None
) -> OrganisationOut:
    """Change an organisation. A changed name or 统一社会信用代码 makes it unverified again. Raises StaleVersion."""
    row = _by_code(session, code)
    row = lock_row(session, Organisation, row.id or 0) or row
    require(actor, "organisation.edit", thing_of(row))
    check_version(row, expected)
    _check(session, data)
    if (row.name, row.uscc) != (data.name, _upper(data.uscc)):
        row.verified_at = None
    row.name, row.short_name, row.kind = data.name, data.short_name, data.kind
    row.region_code, row.uscc, row.intro = data.region_code, _upper(data.uscc), data.intro
    row.pinyin = rules.sort_key(data.name)
    row.version += 1
    session.add(row)
    audit.record(session, actor, "organisation.edit", "organisation", code)
    return view(row)


def verify_organisation(session: Session, actor: Actor, code: str) -> OrganisationOut:
    """Say that somebody looked at the papers and the organisation is what it says."""
    row = _by_code(session, code)
    require(actor, "organisation.verify", thing_of(row))
    row.verified_at = clock.now()
    row.version += 1
    session.add(row)
    audit.record(session, actor, "organisation.verify", "organisation", code)
    return view(row)


def create_person(
    session: Session, actor: Actor, *, login: str, password: str, name: str, email: str | None = None
) -> int:
    """Make an account and return the person's id. Raises Forbidden, or Invalid for a login name that is taken."""
    require(actor, "person.manage")
    person_id = _new_person(session, login=login, password=password, name=name, email=email)
    addresses.trust(session, person_id)
    audit.record(session, actor, "person.create", "person", str(person_id))
    return person_id


def sign_up(session: Session, actor: Actor, data: SignUpIn) -> int:
    """Make one's own account and join an organisation.

    Whoever names an organisation that nobody belongs to yet administers it; whoever names one with members becomes a
    member only when its administrator says so, so nothing of the organisation opens to a stranger who knows its name.
    """
    require(actor, "account.sign_up")
    person_id = _new_person(session, login=data.login, password=data.password, name=data.name, email=data.email)
    newcomer = Actor(person_id=person_id, via=actor.via)
    organisation_id = claim_unverified(session, newcomer, data.organisation, data.organisation_kind, data.region_code)
    taken = session.exec(
        select(RoleGrant.id).where(RoleGrant.organisation_id == organisation_id, col(RoleGrant.revoked_at).is_(None))
    ).first()
    verified = organisation(session, organisation_id).verified
    if taken is None and not verified:
        add_grant(session, person_id, "organisation_admin", organisation_id, None, None)
    audit.record(session, newcomer, "account.sign_up", "person", str(person_id))
    return person_id


def grant(
    session: Session,
    actor: Actor,
    person_id: int,
    role: str,
    organisation_id: int | None = None,
    region_code: str | None = None,
) -> None:
    """Give a role. An organisation's administrator gives the roles of that organisation; an administrator gives all."""
    _may_grant(session, actor, role, organisation_id)
    if role in ORGANISATION_ROLES and organisation_id is None:
        raise Invalid("organisation", "role_needs_organisation", role=role)
    if session.get(Person, person_id) is None:
        raise NotFound("person")
    add_grant(session, person_id, role, organisation_id, region_code, actor.person_id)
    audit.record(
        session,
        actor,
        "person.grant",
        "person",
        str(person_id),
        role=role,
        organisation_id=organisation_id,
        region=region_code,
    )


def revoke(session: Session, actor: Actor, person_id: int, role: str, organisation_id: int | None = None) -> None:
    """Take a role back."""
    _may_grant(session, actor, role, organisation_id)
    statement = select(RoleGrant).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == role,
        RoleGrant.organisation_id == organisation_id,
        col(RoleGrant.revoked_at).is_(None),
    )
    for row in session.exec(statement):
        row.revoked_at = clock.now()
        session.add(row)
    audit.record(session, actor, "person.revoke", "person", str(person_id), role=role, organisation_id=organisation_id)


def grants_of(session: Session, person_id: int) -> tuple[Grant, ...]:
    """Give the roles a person holds now."""
    statement = select(RoleGrant).where(RoleGrant.person_id == person_id, col(RoleGrant.revoked_at).is_(None))
    rows = session.exec(statement.order_by(col(RoleGrant.id)))
    return tuple(Grant(row.role, row.organisation_id, row.region_code) for row in rows)


def members(session: Session, organisation_id: int) -> list[tuple[int, str]]:
    """List the people of an organisation: (person id, name)."""
    statement = (
        select(PersonData.person_id, PersonData.name)
        .join(RoleGrant, col(RoleGrant.person_id) == PersonData.person_id)
        .where(RoleGrant.organisation_id == organisation_id, col(RoleGrant.revoked_at).is_(None))
        .distinct()
        .order_by(col(PersonData.person_id))
    )
    return [(person_id, name) for person_id, name in session.exec(statement)]


def person_name(session: Session, person_id: int | None) -> str:
    """Give a person's name, or the pseudonym once the data are erased."""
    if person_id is None:
        return ""
    data = session.get(PersonData, person_id)
    if data:
        return data.name
    person = session.get(Person, person_id)
    return person.pseudonym if person else ""


def person_contact(session: Session, person_id: int) -> tuple[str | None, str | None]:
    """Give e-mail and phone, for those to whom contact has been opened; the caller asks `may`."""
    data = session.get(PersonData, person_id)
    return (data.email, data.phone) if data else (None, None)


def person_by_login(session: Session, login: str) -> int:
    """Find a person by login name. Raises NotFound; for the command line."""
    found = session.exec(select(Login.person_id).where(Login.name == login.strip().lower())).first()
    if found is None:
        raise NotFound("person", login)
    return found


def count_organisations(session: Session) -> int:
    """Count organisations."""
    return int(session.exec(select(func.count()).select_from(Organisation).where(col(Organisation.visible))).one())


def is_in_use(session: Session) -> bool:
    """Say whether anybody or any organisation was ever entered in this market."""
    return any(session.exec(select(model.id).limit(1)).first() is not None for model in (Organisation, Person))


def _may_grant(session: Session, actor: Actor, role: str, organisation_id: int | None) -> None:
    if role not in ROLES:
        raise Invalid("role", "role_unknown", role=role)
    if may(actor, "person.manage"):
        return
    if role in ORGANISATION_ROLES and organisation_id is not None:
        row = session.get(Organisation, organisation_id)
        if row and may(actor, "organisation.members", thing_of(row)):
            return
    raise Forbidden("person.manage")


def _by_code(session: Session, code: str) -> Organisation:
    row = session.exec(select(Organisation).where(Organisation.code == code, col(Organisation.visible))).first()
    if row is None:
        raise NotFound("organisation", code)
    return row


def _upper(value: str | None) -> str | None:
    return value.upper() if value else None


def _check(session: Session, data: OrganisationIn) -> None:
    from services.ground import regions  # noqa: PLC0415 - reference data is only read where a region is given

    faults = []
    if data.region_code and regions.region(session, data.region_code) is None:
        faults.append(FieldError("region_code", "region_unknown", {"value": data.region_code}))
    if data.uscc and rules.uscc_fault(data.uscc) in {"uscc_length", "uscc_form"}:
        faults.append(FieldError("uscc", rules.uscc_fault(data.uscc) or "", {"value": data.uscc, "expected": 18}))
    if faults:
        raise Invalid(faults)


def _new_organisation(session: Session, actor: Actor, data: OrganisationIn) -> Organisation:
    _check(session, data)
    row = Organisation(
        code=next_code(session, "O"),
        name=data.name,
        short_name=data.short_name,
        pinyin=rules.sort_key(data.name),
        kind=data.kind,
        region_code=data.region_code,
        uscc=_upper(data.uscc),
        intro=data.intro,
        demo=market.is_demo(session),
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "organisation.create", "organisation", row.code)
    return row


def _new_person(session: Session, *, login: str, password: str, name: str, email: str | None) -> int:
    login = login.strip().lower()
    if session.exec(select(Login.person_id).where(Login.name == login)).first():
        raise Invalid("login", "login_taken")
    person = Person(pseudonym=f"用户{secrets.token_hex(3)}", created_at=clock.now(), demo=market.is_demo(session))
    session.add(person)
    session.flush()
    person_id = person.id or 0
    session.add(PersonData(person_id=person_id, name=name, email=email))
    session.add(Login(person_id=person_id, name=login, password_hash=HASHER.hash(password), changed_at=clock.now()))
    session.flush()
    return person_id


def add_grant(
    session: Session, person_id: int, role: str, organisation_id: int | None, region_code: str | None, by: int | None
) -> None:
    """Write a role down; whoever calls has asked whether it may be given."""
    session.add(
        RoleGrant(
            person_id=person_id,
            role=role,
            organisation_id=organisation_id,
            region_code=region_code,
            granted_at=clock.now(),
            granted_by=by,
        )
    )
    session.flush()
