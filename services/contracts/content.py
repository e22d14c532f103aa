"""What a contract says: every field of the record (reference, sections 2 and 3), each optional while it is a draft.

Missing is not wrong here: only what is there has to have the right shape. Completeness is asked in `checks`.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.contracts import numbers
from services.ground.database import UNSTORABLE
from services.ground.money import LARGEST_FEN

FIRST_DAY, LAST_DAY = date(1985, 1, 1), date(2100, 12, 31)
"""The first law on technology contracts is of 1987; a date outside these years is a slip of the pen."""


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    value = value.strip()
    if UNSTORABLE.search(value):
        raise PydanticCustomError("nul_in_text", "text with characters that cannot be stored")
    return value or None


def _number(value: Any) -> Any:
    return (numbers.plain(value) or None) if isinstance(_text(value), str) else _text(value)


def _day(value: date) -> date:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise PydanticCustomError("date_out_of_range", "a date between 1985 and 2100")
    return value


# Blank text counts as not written yet.
Text20 = Annotated[str | None, Field(max_length=20), BeforeValidator(_text)]
Uscc = Annotated[str | None, Field(max_length=20), BeforeValidator(_number)]
Text40 = Annotated[str | None, Field(max_length=40), BeforeValidator(_text)]
Text80 = Annotated[str | None, Field(max_length=80), BeforeValidator(_text)]
Text200 = Annotated[str | None, Field(max_length=200), BeforeValidator(_text)]
Text500 = Annotated[str | None, Field(max_length=500), BeforeValidator(_text)]
Text4000 = Annotated[str | None, Field(max_length=4000), BeforeValidator(_text)]
Name80 = Annotated[str, Field(max_length=80), BeforeValidator(_text)]
"""A short text that has to be there: blanks alone are none."""
Line500 = Annotated[str, Field(max_length=500), BeforeValidator(_text)]
Fen = Annotated[int, Field(ge=0, le=LARGEST_FEN)]
Day = Annotated[date, AfterValidator(_day)]
Share = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)]
Rate = Annotated[Decimal, Field(gt=0, lt=1_000_000, max_digits=14, decimal_places=8)]
Original = Annotated[Decimal, Field(ge=0, lt=10**15, max_digits=19, decimal_places=4)]
RowId = Annotated[int, Field(ge=1, le=2**31 - 1)]
PERSON = "PERSON"
"""The code of `party_group` for natural persons."""
UNNAMED = "自然人"
"""What a natural person is called wherever names are not erased: lists, ledger, versions."""
PartyRole = Literal["seller", "buyer"]
CrossBorder = Literal["none", "import", "export"]
AmountStatus = Literal["determined", "capped", "undetermined"]


class Part(BaseModel):
    """The base of all parts. Unknown fields are refused, so that a slip in a name is told and not lost."""

    model_config = ConfigDict(extra="forbid")


def example(**values: Any) -> ConfigDict:
    """Configure a part that shows a complete example in the description of the API."""
    return ConfigDict(extra="forbid", json_schema_extra={"example": values})


class Contact(Part):
    """Personal data of a party; kept in a table of its own and never on public pages."""

    address: Text200 = None
    legal_representative: Text80 = None
    contact: Text80 = None
    phone: Text40 = None
    postcode: Text20 = None


class Filing(Part):
    """Who filled the form in and who answers for it: personal data too."""

    filled_by: Text80 = None
    responsible_person: Text80 = None


class Party(Part):
    """One party as it stood when it signed: a snapshot, whatever becomes of the organisation."""

    role: PartyRole
    sequence: Annotated[int, Field(ge=1, le=99)] = 1
    is_primary: bool = False
    share_amount_fen: Fen | None = None
    organisation_code: Text20 = None
    name: Text200 = None
    branch_name: Text200 = None
    uscc: Uscc = None
    uscc_override_reason: Text200 = None
    party_nature: Text40 = None
    market_entity_type: Text40 = None
    party_group: Text40 = None
    region_code: Text20 = None
    country_code: Annotated[str | None, Field(pattern=r"^[0-9]{3}$")] = None
    industry: Text40 = None
    enterprise_scale: Text40 = None
    flags: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)] = []
    develops: bool = False
    """In a joint development: this party develops too, and does not only pay."""
    contact: Contact = Contact()

    @property
    def is_person(self) -> bool:
        """A natural person: the name is personal data and lies in a table of its own."""
        return self.party_group == PERSON

    @property
    def shown_name(self) -> str:
        """What lists, the ledger and versions call the party: a person only by what it is."""
        return UNNAMED if self.is_person and self.name else self.name or ""


class NonTechnicalItem(Part):
    """One line of the worksheet between the two amounts."""

    kind: Text40 = None
    name: Text200 = None
    amount_fen: Fen = 0
    evidence: Text200 = None


class PaymentItem(Part):
    """One payment: when it is due by date or by event, how much, under which condition."""

    due_rule: Text200 = None
    due_on: Day | None = None
    share_percent: Share | None = None
    amount_fen: Fen | None = None
    condition: Text200 = None


class IpObject(Part):
    """One right that the contract moves or rests on."""

    kind: Text40 = None
    number: Text80 = None
    title: Text200 = None
    owner: Text200 = None
    legal_status: Text80 = None
    number_override_reason: Text200 = None


class Content(Part):
    """The whole of what the parties write. Amounts are fen, dates are dates of law in Asia/Shanghai."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "contract_title": "冷榨成套技术开发合同",
                "contract_category": "DEV",
                "contract_subtype": "DEV_ENTRUST",
                "signed_on": "2026-02-26",
                "contract_amount_fen": 186_000_000,
                "parties": [
                    {"role": "seller", "is_primary": True, "name": "演示甲大学", "region_code": "431102"},
                    {"role": "buyer", "is_primary": True, "name": "演示乙公司", "region_code": "431181"},
                ],
            }
        },
    )

    contract_title: Text200 = None
    internal_number: Text80 = None
    contract_category: Text40 = None
    contract_subtype: Text40 = None
    license_mode: Text40 = None
    is_equity_contribution: bool | None = None
    is_confidential: bool | None = None
    """涉密: a contract marked so is refused and not stored."""
    signed_on: Day | None = None
    effective_on: Day | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    contract_amount_fen: Fen | None = None
    technical_amount_fen: Fen | None = None
    amount_status: AmountStatus | None = None
    amount_cap_fen: Fen | None = None
    non_technical_items: Annotated[list[NonTechnicalItem], Field(max_length=100)] = []
    payment_mode: Text40 = None
    payment_schedule: Annotated[list[PaymentItem], Field(max_length=100)] = []
    technical_field: Text40 = None
    ip_types: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)] = []
    """The first one is the primary one: statistics count that."""
    ip_objects: Annotated[list[IpObject], Field(max_length=300)] = []
    plan_source: Text40 = None
    project_number: Text80 = None
    socio_economic_objective: Text40 = None
    served_industry: Text40 = None
    is_related_party: bool | None = None
    relation_kind: Text200 = None
    relation_share_percent: Share | None = None
    cross_border: CrossBorder | None = None
    country_code: Annotated[str | None, Field(pattern=r"^[0-9]{3}$")] = None
    currency: Annotated[str | None, Field(pattern=r"^[A-Z]{3}$")] = None
    amount_original: Original | None = None
    fx_rate: Rate | None = None
    fx_date: Day | None = None
    fx_source: Text80 = None
    expected_new_investment_fen: Fen | None = None
    expected_new_output_fen: Fen | None = None
    abstract: Text4000 = None
    main_contract: Text80 = None
    """For agency: code or registration number of the contract that was brokered."""
    broker_id: RowId | None = None
    broker_role: Text40 = None
    need_code: Text20 = None
    result_code: Text20 = None
    deal_code: Text20 = None
    chain: Text40 = None
    subfield: Text40 = None
    registered_elsewhere: bool = False
    """异地登记: a home seller had it registered in another place; recorded, outside the indicator."""
    filled_on: Day | None = None
    filing: Filing = Filing()
    parties: Annotated[list[Party], Field(max_length=40)] = []

    def primary(self, role: PartyRole) -> Party | None:
        """Give the primary party of a side: the one marked, else the first in sequence."""
        side = self.side(role)
        return next((party for party in side if party.is_primary), side[0] if side else None)

    def side(self, role: PartyRole) -> list[Party]:
        """List the parties of one side in their sequence."""
        return sorted((party for party in self.parties if party.role == role), key=lambda party: party.sequence)

    def worksheet(self) -> list[tuple[str, int]]:
        """Give the non-technical items as (kind, fen) pairs, as the rules of amounts want them."""
        return [(item.kind or "OTHER", item.amount_fen) for item in self.non_technical_items]


class VerifiedItem(NonTechnicalItem):
    """A line of the worksheet as the registrar sees it; the first lines answer the claimed ones in their order."""


class Verification(Part):
    """What the registrar found (核定): both amounts with their worksheet, and why they differ from what was claimed."""

    contract_amount_fen: Fen
    technical_amount_fen: Fen
    items: Annotated[list[VerifiedItem], Field(max_length=120)] = []
    reason: Text500 = None


class DecidedType(Part):
    """The type the registrar found, which is the one that counts; a reason where it is not the claimed one."""

    model_config = example(contract_subtype="DEV_ENTRUST")
    contract_subtype: Annotated[str, Field(min_length=1, max_length=40)]
    reason: Text500 = None

    @property
    def contract_category(self) -> str:
        """The category the sub-type belongs to."""
        return self.contract_subtype.split("_", maxsplit=1)[0]


class Review(Part):
    """The registrar's working notes on one contract: papers, checks that only a person can make, verified amounts."""

    model_config = example(title_matches_content=True, price_is_clear=True, seals_match=True, note="名称与内容一致")
    papers: dict[Annotated[str, Field(max_length=10)], Literal["present", "missing", "not_applicable"]] = {}
    title_matches_content: bool | None = None
    price_is_clear: bool | None = None
    seals_match: bool | None = None
    verification: Verification | None = None
    decided_type: DecidedType | None = None
    note: Text500 = None

    def applied_to(self, content: Content) -> Content:
        """Give the content with the type the registrar found."""
        found = self.decided_type
        if found is None:
            return content
        kind = {"contract_category": found.contract_category, "contract_subtype": found.contract_subtype}
        return content.model_copy(update=kind)
