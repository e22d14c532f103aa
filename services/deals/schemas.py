"""What goes into deals and what comes out of them. Money in fen, times in UTC, dates of law as dates."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.deals.rules import NOTE_LENGTH, SENTENCE_LENGTH
from services.ground.money import LARGEST_FEN

Level = Literal["public", "after_contact", "after_confidentiality", "own_side"]
Code = Annotated[str, Field(max_length=20)]
Note = Annotated[str, Field(max_length=NOTE_LENGTH)]
Sentence = Annotated[str, Field(max_length=SENTENCE_LENGTH)]
Amount = Annotated[int, Field(ge=1, le=LARGEST_FEN, description="In fen: 100 is one yuan.")]


def _example(**values: str | int) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [dict(values)]})


# -- in --------------------------------------------------------------------------------------------------------------


class IntroductionIn(BaseModel):
    """Two parties brought together: by a need and a record, or by one of them and the organisation across."""

    model_config = _example(need_code="N-2026-000123", result_code="R-2025-004417", note="四项必须指标都写明且满足")
    need_code: Code | None = None
    result_code: Code | None = Field(default=None, max_length=20, description="A result, a patent or an expert.")
    seeker_organisation: Code | None = Field(default=None, max_length=20, description="Where no need is named.")
    provider_organisation: Code | None = Field(default=None, max_length=20, description="Where no result is named.")
    note: Note = ""


class ConfidentialityIn(BaseModel):
    """One side's signature under the confidentiality agreement."""

    model_config = _example(file_id=12)
    file_id: int = Field(ge=1, le=2**31 - 1, description="The signed agreement, attached to this deal before.")


class TalkIn(BaseModel):
    """A technical talk that took place."""

    model_config = _example(
        happened_on="2026-02-27", note="到车间看了现有提取线，4 项必须指标可达", level="after_contact"
    )
    happened_on: date
    note: Note
    level: Level = "after_contact"


class OfferIn(BaseModel):
    """Price and terms of one side."""

    model_config = _example(
        amount_fen=128_000_000,
        payment_mode="INSTALMENT",
        scope="中试放大与现场调试，含三批验证",
        valid_until="2026-04-30",
    )
    amount_fen: Amount
    payment_mode: str = Field(max_length=40, description="A code of the list payment_mode.")
    scope: Note
    valid_until: date


class SigningIn(BaseModel):
    """One side says that the contract is signed."""

    model_config = _example(signed_on="2026-03-20", contract_amount_fen=128_000_000, promise="盖章件下周三前补上")
    signed_on: date
    contract_amount_fen: Amount
    file_id: int | None = Field(
        default=None, ge=1, le=2**31 - 1, description="The contract, attached to this deal before."
    )
    promise: Sentence = Field(
        default="",
        max_length=SENTENCE_LENGTH,
        description="When and how the contract follows, where there is no file yet.",
    )


class EndIn(BaseModel):
    """Why a deal ends."""

    model_config = _example(reason="not_suitable", unsuitable_reason="investment", sentence="设备要换整条线")
    reason: str = Field(max_length=40, description="A code of the list deal_end_reason.")
    unsuitable_reason: str | None = Field(
        default=None, max_length=40, description="A code of the list unsuitable_reason, where reason is not_suitable."
    )
    sentence: Sentence = ""


class NextActionIn(BaseModel):
    """What comes next, agreed by people."""

    model_config = _example(text="约双方到车间看样机", side="broker", due_on="2026-03-16")
    text: str = Field(min_length=1, max_length=200)
    side: Literal["seeker", "provider", "broker", "both"]
    due_on: date


class MessageIn(BaseModel):
    """A message to the others of the deal."""

    model_config = _example(body="第 2 版我们在走学院用印", level="after_contact")
    body: str = Field(min_length=1, max_length=NOTE_LENGTH)
    level: Level = "after_contact"


class UnsuitableIn(BaseModel):
    """A match said to be not suitable, with a coded reason; passed on to the other owner without the name."""

    model_config = _example(need_code="N-2026-000123", record_code="R-2025-004417", reason="investment", sentence="")
    need_code: Code
    record_code: Code
    reason: str = Field(max_length=40, description="A code of the list unsuitable_reason.")
    sentence: Sentence = ""


# -- out -------------------------------------------------------------------------------------------------------------


class PartyOut(BaseModel):
    """One side. Code and name are empty while the side stays unnamed to whoever asks."""

    side: str
    code: str = ""
    name: str = ""
    demo: bool = False


class AboutOut(BaseModel):
    """The need or the record that a deal is about."""

    code: str
    title: str
    url: str


class NextOut(BaseModel):
    """What the deal waits for. `code` where a rule proposed it, else `text`."""

    code: str
    text: str
    side: str
    due_on: date | None
    your_turn: bool
    bucket: Literal["overdue", "today", "later", "undated"]
    working_days_left: int | None


class DealOut(BaseModel):
    """A deal as a line of a list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "D-2026-000058",
                    "title": "青蒿素提取收率与溶剂残留同时达标",
                    "state": "open",
                    "url": "/deals/D-2026-000058",
                    "step": "offered",
                    "seeker": {"side": "seeker", "code": "O-2026-000011", "name": "穗原里植提", "demo": True},
                    "provider": {"side": "provider", "code": "O-2026-000012", "name": "云麓示范大学", "demo": True},
                    "need": {"code": "N-2026-000123", "title": "青蒿素提取", "url": "/needs/N-2026-000123"},
                    "result": {"code": "R-2025-004417", "title": "连续逆流", "url": "/results/R-2025-004417"},
                    "broker": "何经理",
                    "your_side": "broker",
                    "next": None,
                    "end_reason": None,
                    "unsuitable_reason": None,
                    "end_sentence": "",
                    "contract_code": "",
                    "created_at": "2026-01-19T02:42:07Z",
                    "moved_at": "2026-03-11T07:20:00Z",
                    "version": 9,
                }
            ]
        }
    )
    code: str
    title: str
    state: str
    url: str
    step: str
    need: AboutOut | None
    result: AboutOut | None
    seeker: PartyOut
    provider: PartyOut
    broker: str
    your_side: str
    next: NextOut | None
    end_reason: str | None
    unsuitable_reason: str | None
    end_sentence: str
    contract_code: str
    created_at: datetime
    moved_at: datetime
    version: int


class StepOut(BaseModel):
    """One step of the seven, and whether it is done, now, later, or was skipped."""

    code: str
    state: Literal["done", "now", "later", "skipped"]
    at: datetime | None = None


class ByOut(BaseModel):
    """Who acted, for which organisation, and on whose behalf. Names are empty while that side stays unnamed."""

    at: datetime
    side: str
    person: str = ""
    organisation: str = ""
    on_behalf_of: str = ""


class IntroductionOut(ByOut):
    """The line of the register that this deal began with, and whether the pair had been introduced before."""

    number: int
    hash: str
    first: bool
    first_number: int
    proof_url: str


class OfferOut(ByOut):
    """One offer and who has accepted it."""

    n: int
    amount_fen: int
    payment_mode: str
    scope: str
    valid_until: date
    state: Literal["open", "superseded", "agreed", "expired"]
    accepted_by_seeker_at: datetime | None
    accepted_by_provider_at: datetime | None


class SigningOut(ByOut):
    """A signing as one side told it, and whether the other has confirmed it."""

    n: int
    signed_on: date
    contract_amount_fen: int
    file_id: int | None
    promise: str
    superseded: bool
    confirmed_at: datetime | None


class FileOut(ByOut):
    """A file of the deal; `url` hands it out as a download."""

    id: int
    name: str
    media_type: str
    size: int
    level: str
    url: str


class MessageOut(ByOut):
    """A message of the deal."""

    id: int
    body: str
    level: str


class EventOut(ByOut):
    """One line of the history."""

    move: str
    from_step: str
    to_step: str
    number: int | None
    note: str
    level: str


class ParticipantOut(BaseModel):
    """Somebody who has acted in the deal. E-mail and phone open with both acknowledgements; names as for a party."""

    side: str
    name: str = ""
    organisation: str = ""
    email: str | None = None
    phone: str | None = None


class DealDetail(DealOut):
    """A deal as its participants see it: only what their level opens."""

    level: str
    steps: list[StepOut]
    moves: list[str]
    acknowledged: list[str]
    confidential: list[str]
    introduction: IntroductionOut
    people: list[ParticipantOut]
    offers: list[OfferOut]
    signings: list[SigningOut]
    files: list[FileOut]
    messages: list[MessageOut]
    history: list[EventOut]


class FeedbackOut(BaseModel):
    """A "not suitable" passed on to the owner of the other record, without saying who."""

    record_code: str
    need_code: str
    reason: str
    sentence: str
    at: datetime


class UnsuitableOut(BaseModel):
    """A "not suitable" as its owner said it."""

    need_code: str
    record_code: str
    reason: str
    sentence: str
    at: datetime


class ProofHead(BaseModel):
    """The newest row of the register when the proof was made."""

    number: int
    hash: str


class ProofSeal(BaseModel):
    """An opened seal: sha256(salt + code) stands in the row."""

    salt: str
    code: str
    name: str


class ProofOut(BaseModel):
    """A proof of an introduction that anybody can check without a connection."""

    made_at: datetime
    row: dict[str, bool | int | str | None]
    previous: str
    hash: str
    following: list[str]
    head: ProofHead
    opened: dict[str, ProofSeal]
    introduced_by: str
    how_to_check: list[str]
