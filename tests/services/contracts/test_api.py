"""The routes of contracts: who may call them, what they answer, and that a repeated request creates once."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from services.contracts import api, around_api, type_api
from services.ground.errors import DomainError
from services.ground.market import Market
from services.ground.settings import Settings
from tests.services.contracts.world import NUMBER

ROOT = "/api/v1/contracts"


@pytest.fixture
def call(world, tmp_path):
    """Call a route as somebody: call("seller", "POST", "/api/v1/contracts", json={...})."""
    app = FastAPI()
    app.state.market = Market(Settings(home=tmp_path), world.database, engine=None)

    @app.middleware("http")
    async def who(request: Request, proceed):
        request.state.actor = world.actors[request.headers["x-who"]]
        return await proceed(request)

    @app.exception_handler(DomainError)
    def tell(_request: Request, error: DomainError) -> JSONResponse:
        return JSONResponse({"code": error.code, "fields": [[f.field, f.code] for f in error.fields]}, error.status)

    app.include_router(api.router)
    app.include_router(api.ledger)
    app.include_router(type_api.router)
    app.include_router(around_api.router)

    def send(who, method, path, *, headers=None, **more):
        async def ask():
            transport = httpx.ASGITransport(app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://market") as client:
                return await client.request(method, path, headers={"x-who": who, **(headers or {})}, **more)

        return asyncio.run(ask())

    return send


def whole(world, **changes):
    return world.content(**changes).model_dump(mode="json")


def test_the_whole_way_from_draft_to_the_ledger_by_api_alone(world, call):
    made = call("seller", "POST", ROOT, json={"contract_title": "先写名称"})
    assert made.status_code == 201
    url = made.headers["location"]
    assert (made.json()["url"], made.json()["state"]) == (f"/contracts/{made.json()['code']}", "draft")
    assert call("seller", "POST", f"{url}/submit").status_code == 422
    saved = call("seller", "PATCH", url, json=whole(world))
    assert saved.status_code == 200, saved.text
    assert call("seller", "POST", f"{url}/submit").json()["state"] == "submitted"
    assert call("registrar", "POST", f"{url}/accept").json()["state"] == "accepted"
    assert call("registrar", "POST", f"{url}/review").json()["state"] == "in_review"
    notes = {"papers": {"D1": "present"}, "seals_match": True}
    assert call("registrar", "PUT", f"{url}/review-notes", json=notes).status_code == 200
    assert call("registrar", "POST", f"{url}/approve").json()["approved"]
    given = {"registration_number": NUMBER, "registered_on": "2026-03-12"}
    same = call("registrar", "POST", f"{url}/register", json=given)
    assert (same.status_code, same.json()["code"]) == (409, "second_person_needed")
    done = call("second", "POST", f"{url}/register", json=given)
    assert done.status_code == 200, done.text
    assert done.json()["movements"][0]["contract_amount_fen"] == 186_000_000
    assert call("buyer", "GET", f"{url}/movements").json()["items"][0]["kind"] == "registration"
    lines = call("bureau", "GET", "/api/v1/movements", params={"home_output": True}).json()
    assert [line["contract_code"] for line in lines["items"]] == [made.json()["code"]]
    assert call("buyer", "GET", f"{url}/versions/1").json()["content"]["contract_title"] == "冷榨成套技术开发合同"
    assert call("buyer", "GET", f"{url}/versions/9").status_code == 404


def test_the_other_moves_by_api(world, call):
    refused = f"{ROOT}/{world.in_review()}"
    assert (
        call("registrar", "POST", f"{refused}/refuse", json={"ground": "R2", "reason": "贸易合同"}).status_code == 200
    )
    assert call("seller", "POST", f"{refused}/reopen").json()["state"] == "draft"
    assert call("seller", "POST", f"{refused}/discard", json={}).status_code == 200
    assert call("seller", "GET", refused).status_code == 404
    asked = f"{ROOT}/{world.in_review()}"
    assert call("registrar", "POST", f"{asked}/experts", json={"reason": "有争议"}).json()["state"] == "expert_review"
    more = call("registrar", "POST", f"{asked}/supplement", json={"reason": "缺页"})
    assert more.json()["state"] == "supplement_requested"
    kept = f"{ROOT}/{world.registered()}"
    change = {
        "content": {"contract_amount_fen": 1_000_000, "technical_amount_fen": 1_000_000, "non_technical_items": []},
        "changed_on": "2026-03-12",
        "reason": "补充协议",
    }
    assert call("registrar", "POST", f"{kept}/change", json=change).json()["contract_amount_fen"] == 1_000_000
    end = {"ended_on": "2026-03-12", "ground": "CANCEL_PARTY", "reason": "解除"}
    assert call("registrar", "POST", f"{kept}/cancel", json=end).json()["state"] == "cancelled"
    revoked = f"{ROOT}/{world.registered('2026431100000077')}"
    end = {"ended_on": "2026-03-12", "ground": "V3", "reason": "重复登记"}
    assert call("registrar", "POST", f"{revoked}/revoke", json=end).json()["state"] == "revoked"


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("visitor", "", 401),
        ("visitor", "/{code}", 401),
        ("outsider", "/{code}", 404),
        ("administrator", "/{code}", 404),
        ("buyer", "/{code}", 200),
        ("bureau", "/{code}", 200),
    ],
)
def test_who_reads_a_contract(world, call, who, path, status):
    code = world.draft()
    assert call(who, "GET", ROOT + path.format(code=code)).status_code == status


@pytest.mark.parametrize("move", ["submit", "accept", "review", "approve", "unapprove", "reopen"])
def test_a_stranger_moves_nothing(world, call, move):
    code = world.draft()
    assert call("outsider", "POST", f"{ROOT}/{code}/{move}").status_code == 404
    assert call("visitor", "POST", f"{ROOT}/{code}/{move}").status_code == 401


def test_a_stale_version_is_told(world, call):
    url = f"{ROOT}/{world.draft()}"
    tag = call("seller", "GET", url).headers["etag"]
    assert call("seller", "PATCH", url, json={"abstract": "甲"}, headers={"If-Match": tag}).status_code == 200
    assert call("seller", "PATCH", url, json={"abstract": "乙"}, headers={"If-Match": tag}).status_code == 412


def test_a_repeated_key_opens_one_contract(world, call):
    send = {"json": {"contract_title": "一份"}, "headers": {"Idempotency-Key": "k1"}}
    first, second = (call("seller", "POST", ROOT, **send) for _ in range(2))
    assert first.json()["code"] == second.json()["code"]
    assert len(call("seller", "GET", ROOT).json()["items"]) == 1


def test_a_list_is_paged_filtered_and_ordered(world, call):
    codes = [world.draft() for _ in range(3)]
    first = call("seller", "GET", ROOT, params={"limit": 2}).json()
    second = call("seller", "GET", ROOT, params={"limit": 2, "cursor": first["next"]}).json()
    assert [item["code"] for item in first["items"] + second["items"]] == codes[::-1]
    assert second["next"] is None
    assert call("seller", "GET", ROOT, params={"state": "submitted"}).json()["items"] == []
    for order in ("due", "registered", "newest"):
        page, seen, cursor = 0, [], None
        while page < 5:
            part = call(
                "seller", "GET", ROOT, params={"limit": 1, "order": order} | ({"cursor": cursor} if cursor else {})
            )
            seen += [item["code"] for item in part.json()["items"]]
            cursor, page = part.json()["next"], page + 1
            if not cursor:
                break
        assert sorted(seen) == codes, order
    assert call("seller", "GET", ROOT, params={"cursor": "bm9uc2Vuc2U"}).status_code == 400


def test_papers_are_attached_by_the_parties_and_handed_out_as_downloads(world, call):
    url = f"{ROOT}/{world.draft()}"
    paper = {"file": ("合同.pdf", b"%PDF-1.7\n", "application/pdf")}
    made = call("seller", "POST", f"{url}/files", files=paper, data={"kind": "D1"})
    assert made.status_code == 201, made.text
    number = made.json()["files"][0]["id"]
    got = call("registrar", "GET", f"{url}/files/{number}")
    assert got.content == b"%PDF-1.7\n"
    assert got.headers["content-disposition"].startswith("attachment")
    assert call("outsider", "GET", f"{url}/files/{number}").status_code == 404
    assert call("registrar", "POST", f"{url}/files", files=paper, data={"kind": "D1"}).status_code == 403
    assert call("seller", "POST", f"{url}/files", files=paper, data={"kind": "D99"}).status_code == 422


def test_a_field_nobody_knows_is_refused(world, call):
    assert call("seller", "POST", ROOT, json={"contract_titel": "x"}).status_code == 422


def test_the_type_helper_answers_over_the_api(call):
    first = call("seller", "GET", "/api/v1/contract-types/help").json()
    assert [question["code"] for question in first["questions"]] == ["work"]
    assert first["proposal"] is None
    found = call("seller", "GET", "/api/v1/contract-types/help?work=allow_use&right=patent").json()["proposal"]
    assert (found["category"], found["subtype"]) == ("LIC", "LIC_PATENT")
    assert call("visitor", "GET", "/api/v1/contract-types/help").status_code == 401


def test_the_registrar_decides_the_type_and_links_a_party_over_the_api(call, world):
    code = world.in_review()
    found = {"contract_subtype": "SRV_GENERAL", "reason": "照成熟工艺做"}
    assert call("seller", "POST", f"{ROOT}/{code}/decide-type", json=found).status_code == 403
    answer = call("registrar", "POST", f"{ROOT}/{code}/decide-type", json=found)
    assert answer.json()["review"]["decided_type"]["contract_subtype"] == "SRV_GENERAL"
    wrong = call("registrar", "POST", f"{ROOT}/{code}/link-party", json={"organisation_code": "O-2026-999999"})
    assert wrong.json()["fields"] == [["organisation_code", "party_is_not_that_organisation"]]
    assert call("registrar", "POST", f"{ROOT}/{code}/forget").json()["code"] == "contract_move_impossible"


def test_receipts_publicity_and_sharing_over_the_api(call, world):
    code = world.registered()
    paid = {"received_on": "2026-03-12", "amount_fen": 50_000_000}
    first = call("seller", "POST", f"{ROOT}/{code}/receipts", json=paid, headers={"idempotency-key": "receipt-1"})
    again = call("seller", "POST", f"{ROOT}/{code}/receipts", json=paid, headers={"idempotency-key": "receipt-1"})
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    found = call("seller", "GET", f"{ROOT}/{code}/around")
    assert found.json()["received_fen"] == 50_000_000
    published = {"published_from": "2026-02-01", "published_to": "2026-02-20"}
    assert call("seller", "PUT", f"{ROOT}/{code}/publicity", json=published).json()["publicity_findings"] == []
    plan = {"shares": [{"name": "苗老师", "amount_fen": 1}]}
    told = call("seller", "PUT", f"{ROOT}/{code}/reward-plan", json=plan).json()["reward_findings"]
    assert [item["code"] for item in told] == ["reward_below_floor", "main_contributors_below_half"]
    assert call("bureau", "POST", f"{ROOT}/{code}/receipts", json=paid).status_code == 403


def test_an_earlier_contract_is_copied_over_the_api_once_per_key(call, world):
    code = world.registered()
    key = {"idempotency-key": "copy-1"}
    first = call("seller", "POST", f"{ROOT}/{code}/copy", headers=key)
    assert (first.status_code, first.json()["state"]) == (201, "draft")
    assert call("seller", "POST", f"{ROOT}/{code}/copy", headers=key).json()["code"] == first.json()["code"]
