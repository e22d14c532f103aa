"""What people do to the market while it is killed: each act can be taken up again where it was cut off.

An act names its record by a word of its own, which stands in the title and is the Idempotency-Key. When no answer came,
the same act is done again later: it must find what was saved and go on from there, and never make a second one.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from services.ground import clock
from tests.crash.journal import Journal, Told

Body = dict[str, Any]


class NoAnswer(Exception):
    """The market did not say whether it is saved; do the act again later."""


@dataclass(frozen=True)
class People:
    """Those who act, each with a client that carries their token."""

    visitor: httpx.Client
    member: httpx.Client
    provider: httpx.Client
    broker: httpx.Client
    moderator: httpx.Client
    registrar: httpx.Client
    second_registrar: httpx.Client
    bureau: httpx.Client
    owner: str
    """Code of the member's organisation."""
    result: str
    """Code of a published result of the provider's organisation."""


def ask(client: httpx.Client, method: str, path: str, *expected: int, **options: Any) -> httpx.Response:
    """Send a request. Raises NoAnswer when none came, or the market said it is unwell; fails on any other surprise."""
    try:
        answer = client.request(method, path, **options)
    except httpx.TransportError as error:
        raise NoAnswer(f"{method} {path}: {type(error).__name__}") from error
    if answer.status_code in (502, 503, 504):
        raise NoAnswer(f"{method} {path}: {answer.status_code}")
    assert answer.status_code in (expected or (200,)), f"{method} {path}: {answer.status_code} {answer.text[:500]}"
    return answer


def move(client: httpx.Client, path: str, name: str, body: Body | None = None) -> None:
    """Make one move of a record. 409 means that the move was made before its answer got lost; the state will show."""
    ask(client, "POST", f"{path}/{name}", 200, 409, json=body if body is not None else {})


def publish_need(people: People, journal: Journal, word: str) -> None:
    """Write a need, hand it in, and have it published."""
    body = {
        "kind": "need",
        "title": f"{word} 号演示装置的余热回收",
        "summary": "把装置排出的热量收回来用。",
        "body": f"演示需求 {word}：每小时排出 80℃ 的水 3 吨，希望回收其中一半以上的热量。",
    }
    made = ask(
        people.member, "POST", "/api/v1/needs", 200, 201, json=body, headers={"Idempotency-Key": word}
    ).json()  # fmt: skip
    code = made["code"]
    journal.write(Told("draft", code, word))
    path = f"/api/v1/needs/{code}"
    for _ in range(4):
        state = ask(people.member, "GET", path).json()["state"]
        if state == "published":
            journal.write(Told("need", code, word))
            return
        if state == "draft":
            move(people.member, path, "submit")
        else:
            move(people.moderator, path, "publish")
    raise AssertionError(f"{code} is {state} and does not get published")


def sign_deal(people: People, journal: Journal, word: str) -> None:
    """Bring a new need and the provider's result together, and go on until both have signed and a contract is drafted."""
    publish_need(people, journal, word)
    need = next(told.code for told in reversed(journal.all()) if told.word == word)
    wanted = {"need_code": need, "result_code": people.result, "note": word}
    made = ask(people.broker, "POST", "/api/v1/deals", 201, json=wanted, headers={"Idempotency-Key": word}).json()
    path = f"/api/v1/deals/{made['code']}"
    today = clock.today()
    offer = {
        "amount_fen": 1_000_000, "payment_mode": "LUMP_SUM", "scope": "一套装置",
        "valid_until": (today + timedelta(days=30)).isoformat(),
    }  # fmt: skip
    signing = {"signed_on": today.isoformat(), "contract_amount_fen": 1_000_000, "promise": "合同下周补上"}
    for _ in range(8):
        deal = ask(people.broker, "GET", path).json()
        match deal["step"]:
            case "signed":
                journal.write(Told("deal", deal["code"], word))
                return
            case "introduced":
                move(people.member, path, "acknowledge")
                move(people.provider, path, "acknowledge")
            case "acknowledged":
                move(people.broker, path, "talk", {"happened_on": today.isoformat(), "note": "看了现场"})
            case "talking":
                ask(people.provider, "POST", f"{path}/offers", 201, 409, json=offer, headers={"Idempotency-Key": word})
            case "offered":
                move(people.member, path, "offers/1/accept")
            case _:
                move(people.member, path, "sign", signing)
                move(people.provider, path, "confirm-signature")
    raise AssertionError(f"{made['code']} stays at {deal['step']}")


def contract_body(word: str, amount_fen: int) -> Body:
    """A complete contract of which a quarter is equipment."""
    equipment = amount_fen // 4
    party = {"sequence": 1, "is_primary": True}
    return {
        "contract_title": f"{word} 号演示装置开发合同",
        "contract_category": "DEV",
        "contract_subtype": "DEV_ENTRUST",
        "is_equity_contribution": False,
        "signed_on": "2026-02-26",
        "effective_on": "2026-03-01",
        "valid_from": "2026-03-01",
        "valid_to": "2027-08-31",
        "contract_amount_fen": amount_fen,
        "technical_amount_fen": amount_fen - equipment,
        "amount_status": "determined",
        "non_technical_items": [
            {"kind": "EQUIP", "name": "演示机组", "amount_fen": equipment, "evidence": "附件 2"},
        ],
        "payment_mode": "LUMP_SUM",
        "technical_field": "09",
        "ip_types": ["NONE"],
        "plan_source": "NONE",
        "socio_economic_objective": "10",
        "served_industry": "C",
        "is_related_party": False,
        "cross_border": "none",
        "abstract": "开发一套演示装置。",
        "filled_on": "2026-03-02",
        "filing": {"filled_by": "填报人甲", "responsible_person": "负责人乙"},
        "parties": [
            party | {
                "role": "seller", "name": "演示甲大学", "uscc": "91110000101623741K",
                "party_group": "UNIVERSITY", "region_code": "431102",
            },
            party | {
                "role": "buyer", "name": "演示乙公司", "uscc": "911101066976941872",
                "party_group": "ENTERPRISE", "region_code": "431181",
            },
        ],
    }  # fmt: skip


def register_contract(people: People, journal: Journal, word: str, amount_fen: int) -> None:
    """Write a contract and bring it through the desk until the second registrar has recorded its number."""
    body = contract_body(word, amount_fen)
    body["parties"][1]["organisation_code"] = people.owner
    code = ask(
        people.member, "POST", "/api/v1/contracts", 200, 201, json=body, headers={"Idempotency-Key": word}
    ).json()["code"]  # fmt: skip
    path = f"/api/v1/contracts/{code}"
    for _ in range(8):
        contract = ask(people.registrar, "GET", path, 200, 403, 404)
        state = contract.json()["state"] if contract.status_code == 200 else "draft"
        if state == "registered":
            journal.write(Told("contract", code, word, amount_fen))
            return
        if state == "draft":
            move(people.member, path, "submit")
        elif state == "submitted":
            move(people.registrar, path, "accept")
        elif state == "accepted":
            move(people.registrar, path, "review")
        elif contract.json().get("decided_on") is None:
            move(people.registrar, path, "approve")
        else:
            given = {"registration_number": f"2026-{word}", "registered_on": contract.json()["decided_on"]}
            move(people.second_registrar, path, "register", given)
    raise AssertionError(f"{code} is {state} and does not get registered: {contract.text[:500]}")


BATCH = 600
"""Rows of a file: more than one chunk."""


def close_period(people: People, journal: Journal, word: str) -> None:
    """Close a month of long ago, a new one for each word. One that is closed already was closed before the answer got lost."""
    number = int(word.rpartition("x")[2])
    period = f"{1990 + number // 12}-{number % 12 + 1:02d}"
    answer = ask(people.bureau, "POST", "/api/v1/statistics/closings", 201, 409, 422, json={"period": period})
    assert answer.status_code == 201 or answer.json()["code"] == "period_closed", answer.text[:2000]
    journal.write(Told("closing", period, word))


def import_batch(people: People, journal: Journal, word: str) -> None:
    """Hand in a file that the worker writes and switches on by itself."""
    rows = [{"title": f"{word}y{row} 号演示批次", "body": f"演示批次 {word} 第 {row} 行。"} for row in range(BATCH)]
    file = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    answer = ask(
        people.provider, "POST", "/api/v1/imports", 202,
        data={"kind": "results", "write": "true"}, files={"file": (f"{word}.jsonl", file)},
    )  # fmt: skip
    journal.write(Told("batch", answer.json()["code"], word))
