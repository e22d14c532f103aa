"""Contracts that are registered already: official lists, older books, the demo. Thousands at a time, each only once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from services.contracts import around_rules, drafts, rules, store
from services.contracts.around_models import ContractReceipt
from services.contracts.checks import problems
from services.contracts.codes import Codes
from services.contracts.content import Content, Verification
from services.contracts.desk import claimed
from services.contracts.ledger import NumberTaken, registration_columns, registration_number
from services.contracts.models import (
    Contract,
    ContractContact,
    ContractMove,
    ContractOrganisation,
    ContractParty,
    ContractVersion,
    IpObjectRow,
    Movement,
    MovementShare,
    NonTechnicalItemRow,
    PaymentScheduleItem,
)
from services.contracts.movements import Entry, movement_values, share_rows
from services.contracts.moving import rule_set_id
from services.contracts.rule_sets import in_force, shipped
from services.contracts.schemas import Recorded, RegisteredIn
from services.ground import audit, clock, market, regions
from services.ground.actor import Actor
from services.ground.database import insert_many
from services.ground.errors import FieldError, Invalid
from services.ground.identifiers import format_code, next_number
from services.ground.permissions import Thing, require

HEAD_COLUMNS = {name: info.default for name, info in Contract.model_fields.items() if name != "id"}


class Head(Contract if TYPE_CHECKING else SimpleNamespace):  # type: ignore[misc]
    """The columns of a contract on their way into one statement; a mapped row would watch each of forty assignments."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update({"id": None} | HEAD_COLUMNS | values)


@dataclass
class _Work:
    """One row on its way into the books."""

    given: RegisteredIn
    number: str
    content: Content
    verification: Verification
    contract: "Head"
    contact_ids: list[int | None] = field(default_factory=list)
    filing_id: int | None = None
    version_id: int = 0


class Recorder:
    """Records chunk after chunk and remembers code lists and organisations between them."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor
        self.codes = Codes(session)
        self.today = clock.today()
        self.demo = market.is_demo(session)
        self.rule_sets: dict[str, int] = {}
        self.organisations: dict[str, int] = {}
        self.homes: dict[str, bool] = {}
        self.allowed: set[str | None] = set()

    def is_home(self, region_code: str) -> bool:
        """Say whether a region is at home in this market; each is looked up once."""
        if region_code not in self.homes:
            self.homes[region_code] = regions.is_home(region_code)
        return self.homes[region_code]

    def check(self, given: RegisteredIn) -> None:
        """Raise Invalid for a row that cannot go in: unknown codes, dates out of order, amounts that clash, secrets.

        Historic lists are thinner than our form, so nothing is asked for but title, category, a party on each side,
        amount, number and date.
        """
        content = given.content
        if content.is_confidential:
            raise Invalid("is_confidential", "confidential_contract")
        wrong = [
            FieldError(name, "required")
            for name in ("contract_title", "contract_category")
            if not getattr(content, name)
        ]
        wrong += [
            FieldError(role, "required") for role in ("seller", "buyer") if not any(p.name for p in content.side(role))
        ]
        if given.verification is None and content.contract_amount_fen is None:
            wrong.append(FieldError("contract_amount_fen", "required"))
        wrong += self.codes.problems(content)
        wrong += problems(content, self.today)
        wrong += rules.registration_date_problems(
            self.today,
            accepted_on=given.accepted_on,
            decided_on=given.decided_on,
            registered_on=given.registered_on,
            signed_on=content.signed_on,
        )
        received = [(line.received_on, line.kind, line.amount_fen) for line in given.receipts]
        wrong += around_rules.receipt_problems(received, self.today)
        wrong += self._unknown_organisations(content)
        if wrong:
            raise Invalid(wrong)
        registration_number(given.registration_number)

    def record(self, rows: Sequence[RegisteredIn], *, batch: str | None = None) -> list[Recorded]:
        """Record a chunk: one head, version and movement for each new row, in as few statements as rows allow.

        A row whose number or import key is known already is left alone and answered with the code it has. With a
        batch the rows stay invisible until `publish_batch`.
        """
        for row in rows:
            self.check(row)
        known = self._known(rows)
        work: dict[int, _Work] = {}
        fresh: dict[str, int] = {}
        for index, row in enumerate(rows):
            number = registration_number(row.registration_number)
            if number in known or (row.import_key or "") in known or number in fresh:
                continue
            fresh[number] = index
            work[index] = self._prepare(row, number, batch)
        self._write(list(work.values()))
        answers = []
        for index, row in enumerate(rows):
            if index in work:
                answers.append(Recorded(work[index].contract.code, created=True))
                continue
            number = registration_number(row.registration_number)
            code = known.get(number) or known.get(row.import_key or "") or work[fresh[number]].contract.code
            answers.append(Recorded(code, created=False))
        return answers

    def _unknown_organisations(self, content: Content) -> list[FieldError]:
        wrong = []
        for index, party in enumerate(content.parties):
            code = party.organisation_code
            if not code or code in self.organisations:
                continue
            known = drafts.organisation_ids(self.session, [code])
            if not known:
                wrong.append(FieldError(f"parties.{index}.organisation_code", "unknown_organisation", {"value": code}))
            else:
                self.organisations |= known
        return wrong

    def _known(self, rows: Sequence[RegisteredIn]) -> dict[str, str]:
        numbers = [registration_number(row.registration_number) for row in rows]
        keys = [row.import_key for row in rows if row.import_key]
        held = self.session.execute(
            select(Contract.registration_number, Contract.code).where(
                col(Contract.registration_number).in_(numbers), col(Contract.state).in_(rules.NUMBER_HELD)
            )
        )
        known = {str(number): str(code) for number, code in held}
        if keys:
            imported = self.session.execute(
                select(Contract.import_key, Contract.code).where(col(Contract.import_key).in_(keys))
            )
            known |= {str(key): str(code) for key, code in imported}
        return known

    def _prepare(self, row: RegisteredIn, number: str, batch: str | None) -> _Work:
        content = row.content
        if content.technical_amount_fen is None and content.contract_amount_fen is not None:
            technical = rules.technical_amount(content.contract_amount_fen, content.worksheet())
            content = content.model_copy(update={"technical_amount_fen": technical})
        verification = row.verification or claimed(content)
        region = rules.desk_region(content, self.is_home)
        if region not in self.allowed:
            require(self.actor, "contract.record", Thing("contract", region_code=region))
            self.allowed.add(region)
        now = (row.recorded_at if self.actor.trusted else None) or clock.now()
        contract = Head(
            code="",
            state="registered",
            current_version=1,
            visible=batch is None,
            batch=batch,
            import_key=row.import_key,
            demo=self.demo,
            rule_set_id=self._rule_set_id(row.accepted_on or row.registered_on),
            accepted_on=row.accepted_on,
            decided_on=row.decided_on,
            registration_number=number,
            registered_on=row.registered_on,
            registrar_org=row.registrar_org,
            registration_point=row.registration_point,
            certificate_issued_on=row.certificate_issued_on,
            created_at=now,
            created_by_id=self.actor.person_id,
            updated_at=now,
        )
        amounts = (verification.contract_amount_fen, verification.technical_amount_fen)
        drafts.set_head(contract, content, amounts, is_home=self.is_home)
        return _Work(row, number, content, verification, contract)

    def _rule_set_id(self, on: date) -> int | None:
        view = in_force(shipped(), on)
        if view is None:
            return None
        if view.code not in self.rule_sets:
            self.rule_sets[view.code] = rule_set_id(self.session, view)
        return self.rule_sets[view.code]

    def _write(self, work: list[_Work]) -> None:
        if not work:
            return
        self._give_codes(work)
        rows = [{name: getattr(item.contract, name) for name in HEAD_COLUMNS} for item in work]
        try:
            ids = insert_many(self.session, Contract, rows)
        except IntegrityError as error:
            if "registration_number" in str(error.orig):
                raise NumberTaken(number="", contract="") from error
            raise
        for item, number in zip(work, ids, strict=True):
            item.contract.id = number
        self._write_contacts(work)
        self._write_versions(work)
        self._write_movements(work)
        self._write_rest(work)
        codes = [item.contract.code for item in work]
        audit.record(
            self.session, self.actor, "contract.record", "contract", codes[0], count=len(codes), last=codes[-1]
        )
        self.session.flush()

    def _give_codes(self, work: list[_Work]) -> None:
        by_year: dict[int, list[_Work]] = defaultdict(list)
        for item in work:
            by_year[item.given.registered_on.year].append(item)
        for year, items in by_year.items():
            first = next_number(self.session, "C", year=year, count=len(items))
            for offset, item in enumerate(items):
                item.contract.code = format_code("C", year, first + offset)

    def _write_contacts(self, work: list[_Work]) -> None:
        rows: list[dict[str, Any]] = []
        places: list[tuple[_Work, int | None]] = []
        blank = dict.fromkeys(
            name for name in ContractContact.model_fields if name not in {"id", "contract_id", "kind"}
        )
        for item in work:
            item.contact_ids = [None] * len(item.content.parties)
            parts: list[tuple[int | None, str, dict[str, Any]]] = [(None, "filing", item.content.filing.model_dump())]
            parts += [(i, "party", store.contact_values(party)) for i, party in enumerate(item.content.parties)]
            for index, kind, values in parts:
                if any(values.values()):
                    rows.append(blank | values | {"contract_id": item.contract.id, "kind": kind})
                    places.append((item, index))
        for (item, index), number in zip(places, insert_many(self.session, ContractContact, rows), strict=True):
            if index is None:
                item.filing_id = number
            else:
                item.contact_ids[index] = number

    def _write_versions(self, work: list[_Work]) -> None:
        rows = []
        for item in work:
            facts = store.VersionFacts(
                number=1,
                kind="registered",
                true_from=item.given.registered_on,
                recorded_at=item.contract.created_at,
                recorded_by_id=self.actor.person_id,
                rule_set_id=item.contract.rule_set_id,
                registration=registration_columns(item.contract),
            )
            rows.append(
                store.version_values(item.contract.id or 0, item.content, facts, item.verification, item.filing_id)
            )
        parties: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        payments: list[dict[str, Any]] = []
        rights: list[dict[str, Any]] = []
        for item, version_id in zip(work, insert_many(self.session, ContractVersion, rows), strict=True):
            item.version_id = version_id
            parties += store.party_rows(version_id, item.content, self.organisations, item.contact_ids)
            lines += store.item_rows(version_id, item.content, item.verification)
            more_payments, more_rights = store.list_rows(version_id, item.content)
            payments += more_payments
            rights += more_rights
        for model, found in (
            (ContractParty, parties),
            (NonTechnicalItemRow, lines),
            (PaymentScheduleItem, payments),
            (IpObjectRow, rights),
        ):
            insert_many(self.session, model, found)

    def _write_movements(self, work: list[_Work]) -> None:
        rows: list[Mapping[str, Any]] = []
        for item in work:
            amounts = (item.verification.contract_amount_fen, item.verification.technical_amount_fen)
            entry = Entry(
                "registration",
                item.given.registered_on,
                rules.registration_deltas(*amounts),
                amounts[0],
                self.actor.person_id,
                item.contract.created_at,
            )
            line = movement_values(
                item.contract,
                item.content,
                item.version_id,
                entry,
                organisations=self.organisations,
                is_home=self.is_home,
            )
            rows.append(line)
        ids = insert_many(self.session, Movement, rows)
        shares: list[dict[str, Any]] = []
        for item, values, movement_id in zip(work, rows, ids, strict=True):
            if values["is_split"]:
                shares += share_rows(movement_id, values, item.content)
        insert_many(self.session, MovementShare, shares)

    def _receipts(self, item: _Work) -> list[dict[str, Any]]:
        who = {
            "contract_id": item.contract.id,
            "recorded_at": item.contract.created_at,
            "recorded_by_id": self.actor.person_id,
        }
        return [line.model_dump() | who for line in item.given.receipts]

    def _write_rest(self, work: list[_Work]) -> None:
        moves, parties = [], []
        for item in work:
            moves.append(
                {
                    "contract_id": item.contract.id,
                    "at": item.contract.created_at,
                    "move": "record",
                    "from_state": "draft",
                    "to_state": "registered",
                    "version_number": 1,
                    "person_id": self.actor.person_id,
                    "organisation_id": self.actor.organisation_id,
                    "on_behalf_of_id": self.actor.on_behalf_of_id,
                }
            )
            codes = {party.organisation_code for party in item.content.parties if party.organisation_code}
            parties += [
                {"contract_id": item.contract.id, "organisation_id": number}
                for number in {self.organisations[code] for code in codes}
            ]
        insert_many(self.session, ContractMove, moves)
        insert_many(self.session, ContractReceipt, [line for item in work for line in self._receipts(item)])
        if parties:
            self.session.execute(ContractOrganisation.__table__.insert(), parties)  # type: ignore[attr-defined]


def record_registered(
    session: Session, actor: Actor, rows: Sequence[RegisteredIn], *, batch: str | None = None
) -> list[Recorded]:
    """Record contracts that are registered already, in one chunk; see `Recorder` for many chunks of one import."""
    return Recorder(session, actor).record(rows, batch=batch)
