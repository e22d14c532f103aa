"""Tables of deals. Introductions and the history are append-only by the database itself."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import CheckConstraint, Field, Index, SQLModel, UniqueConstraint

from services.deals.rules import NOTE_LENGTH, SENTENCE_LENGTH, STATES, STEPS
from services.ground.database import Base, FenType, UtcDateTime, append_only, fen, text_column, utc
from services.ground.money import LARGEST_FEN


def _one_of(column: str, values: tuple[str, ...], name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=name)


_SIDES = ("seeker", "provider")
_WRITERS = ("seeker", "provider", "broker")
_LEVELS = ("public", "after_contact", "after_confidentiality", "own_side")
_AMOUNT = f"{{}} > 0 AND {{}} <= {LARGEST_FEN}"


class Acted(SQLModel):
    """Who did it, when, acting for which organisation, and on whose behalf (a station clerk for a firm)."""

    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    on_behalf_of_id: int | None = Field(default=None, foreign_key="organisation.id")
    side: str = Field(max_length=10)


class Deal(Base, table=True):
    """The head of a deal: between whom, about what, how far, and what comes next."""

    __tablename__ = "deal"
    __table_args__ = (
        _one_of("step", STEPS, "step"),
        _one_of("state", STATES, "state"),
        _one_of("next_side", ("", "both", *_WRITERS), "next_side"),
        CheckConstraint("(state = 'ended') = (end_reason IS NOT NULL)", name="end_has_reason"),
        CheckConstraint("(state = 'signed') = (step = 'signed')", name="signed_step"),
        CheckConstraint("seeker_organisation_id <> provider_organisation_id", name="two_parties"),
        CheckConstraint("need_code <> '' OR result_code <> ''", name="about_something"),
        Index(
            "uq_deal_open_pair",
            "pair_key",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        Index(None, "state", "next_due_on"),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(sa_column=text_column(20, unique=True))
    need_code: str = Field(default="", sa_column=text_column(20, index=True))
    result_code: str = Field(default="", sa_column=text_column(20, index=True))
    """A result, a patent or an expert: whatever the provider offers."""
    need_title: str = Field(default="", sa_column=text_column(200))
    result_title: str = Field(default="", sa_column=text_column(200))
    pair_key: str = Field(sa_column=text_column(60, index=True))
    """What makes two deals the same one; at most one with it is open."""
    seeker_organisation_id: int = Field(foreign_key="organisation.id", index=True)
    provider_organisation_id: int = Field(foreign_key="organisation.id", index=True)
    seeker_hidden: bool = False
    """The need does not name its owner to the public: the other side reads the name once both have acknowledged."""
    provider_hidden: bool = False
    broker_person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    step: str = Field(default="introduced", max_length=20)
    state: str = Field(default="open", max_length=10)
    created_at: datetime = Field(sa_column=utc())
    moved_at: datetime = Field(sa_column=utc())
    """When anything last happened in it."""
    end_reason: str | None = Field(default=None, max_length=40)
    unsuitable_reason: str | None = Field(default=None, max_length=40)
    end_sentence: str = Field(default="", sa_column=text_column(SENTENCE_LENGTH))
    next_code: str = Field(default="", max_length=40)
    """What comes next when a rule proposed it; empty when people wrote `next_text` themselves."""
    next_text: str = Field(default="", sa_column=text_column(200))
    next_side: str = Field(default="", max_length=10)
    next_due_on: date | None = None
    contract_code: str = Field(default="", sa_column=text_column(20))
    version: int = 1


class Introduction(Base, table=True):
    """One line of the register of who introduced whom first; see chain.py."""

    __tablename__ = "introduction"
    __table_args__ = (_one_of("side", _WRITERS, "side"),)
    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(unique=True)
    at: datetime = Field(sa_column=utc())
    deal_code: str = Field(sa_column=text_column(20, unique=True))
    pair_key: str = Field(sa_column=text_column(60, index=True))
    need_code: str = Field(default="", sa_column=text_column(20))
    result_code: str = Field(default="", sa_column=text_column(20))
    side: str = Field(max_length=10)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    """The organisation acted for where it is no party: a broker's firm, a clerk's station."""
    on_behalf_of_id: int | None = Field(default=None, foreign_key="organisation.id")
    seeker_organisation_id: int = Field(foreign_key="organisation.id")
    provider_organisation_id: int = Field(foreign_key="organisation.id")
    seeker_salt: str = Field(max_length=32)
    provider_salt: str = Field(max_length=32)
    seeker_seal: str = Field(max_length=64)
    provider_seal: str = Field(max_length=64)
    previous: str = Field(max_length=64, unique=True)
    digest: str = Field(max_length=64)
    hash: str = Field(max_length=64, unique=True)


append_only("introduction")


class Acknowledgement(Acted, Base, table=True):
    """One side says: yes, we know of this and want to talk."""

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("deal_id", "side"), _one_of("side", _SIDES, "side"))
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id")


class DealFile(Acted, Base, table=True):
    """A file of a deal, and who may see it."""

    __tablename__ = "deal_file"
    __table_args__ = (_one_of("side", _WRITERS, "side"), _one_of("level", _LEVELS, "level"))
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id", index=True)
    file_id: int = Field(foreign_key="stored_file.id")
    level: str = Field(max_length=24)


class Confidentiality(Acted, Base, table=True):
    """One side's signature under the confidentiality agreement, with the file it signed."""

    __tablename__ = "confidentiality"
    __table_args__ = (UniqueConstraint("deal_id", "side"), _one_of("side", _SIDES, "side"))
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id")
    deal_file_id: int = Field(foreign_key="deal_file.id")


class DealEvent(Acted, Base, table=True):
    """One line of a deal's history: what was done, from which step to which, and who may read its note."""

    __tablename__ = "deal_event"
    __table_args__ = (_one_of("level", _LEVELS, "level"),)
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id", index=True)
    move: str = Field(max_length=40)
    from_step: str = Field(default="", max_length=20)
    to_step: str = Field(max_length=20)
    number: int | None = None
    """Of the offer, the signing or the introduction it is about."""
    note: str = Field(default="", sa_column=text_column(NOTE_LENGTH))
    level: str = Field(default="public", max_length=24)


append_only("deal_event")


class Talk(Acted, Base, table=True):
    """A technical talk that took place."""

    __tablename__ = "talk"
    __table_args__ = (_one_of("side", _WRITERS, "side"), _one_of("level", _LEVELS, "level"))
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id", index=True)
    happened_on: date
    note: str = Field(sa_column=text_column(NOTE_LENGTH))
    level: str = Field(max_length=24)


class Offer(Acted, Base, table=True):
    """Price and terms; a counter-offer is a new one and puts the one before aside."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("deal_id", "n"),
        _one_of("side", _SIDES, "side"),
        CheckConstraint(_AMOUNT.replace("{}", "amount_fen"), name="amount"),
    )
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id")
    n: int
    amount_fen: int = Field(sa_column=fen())
    payment_mode: str = Field(max_length=40)
    scope: str = Field(sa_column=text_column(NOTE_LENGTH))
    valid_until: date
    superseded: bool = False
    accepted_by_seeker_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    accepted_by_seeker_id: int | None = Field(default=None, foreign_key="person.id")
    accepted_by_provider_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    accepted_by_provider_id: int | None = Field(default=None, foreign_key="person.id")


class DealMessage(Acted, Base, table=True):
    """What somebody wrote to the others of a deal."""

    __tablename__ = "deal_message"
    __table_args__ = (_one_of("side", _WRITERS, "side"), _one_of("level", _LEVELS, "level"))
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id", index=True)
    body: str = Field(sa_column=text_column(NOTE_LENGTH))
    level: str = Field(max_length=24)


class Signing(Acted, Base, table=True):
    """One side says that the contract is signed; it counts once the other side has confirmed it."""

    __tablename__ = "signing"
    __table_args__ = (
        UniqueConstraint("deal_id", "n"),
        _one_of("side", _SIDES, "side"),
        CheckConstraint(_AMOUNT.replace("{}", "contract_amount_fen"), name="amount"),
        CheckConstraint("deal_file_id IS NOT NULL OR promise <> ''", name="contract_or_promise"),
    )
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id")
    n: int
    signed_on: date
    contract_amount_fen: int = Field(sa_type=FenType)
    deal_file_id: int | None = Field(default=None, foreign_key="deal_file.id")
    promise: str = Field(default="", sa_column=text_column(SENTENCE_LENGTH))
    superseded: bool = False
    confirmed_at: datetime | None = Field(default=None, sa_column=utc(nullable=True))
    confirmed_by_id: int | None = Field(default=None, foreign_key="person.id")


class UnsuitableMark(Acted, Base, table=True):
    """Somebody's "not suitable" on a match, with a coded reason. Passed on to the other owner without the name."""

    __tablename__ = "unsuitable_mark"
    __table_args__ = (UniqueConstraint("need_code", "record_code", "owner_id"),)
    id: int | None = Field(default=None, primary_key=True)
    need_code: str = Field(sa_column=text_column(20))
    record_code: str = Field(sa_column=text_column(20, index=True))
    owner_id: int = Field(foreign_key="organisation.id")
    """The organisation that says so: the owner of the need or of the record."""
    told_organisation_id: int = Field(foreign_key="organisation.id", index=True)
    reason: str = Field(max_length=40)
    sentence: str = Field(default="", sa_column=text_column(SENTENCE_LENGTH))
