"""The routes of deals: what they answer, and that a repeated request creates once."""

import asyncio
import json

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from services.deals import api, chain, service
from services.ground.errors import DomainError
from services.ground.market import Market
from services.ground.web import encode_cursor


@pytest.fixture
def call(world):
    """Call a route as somebody: call("seeker", "POST", "/api/v1/deals", json={...})."""
    app = FastAPI()
    app.state.market = Market(world.settings, world.database, engine=None)

    @app.middleware("http")
    async def who(request: Request, proceed):
        request.state.actor = world.actors[request.headers["x-who"]]
        return await proceed(request)

    @app.exception_handler(DomainError)
    def tell(_request: Request, error: DomainError) -> JSONResponse:
        return JSONResponse(
            {"code": error.code, "params": json.loads(json.dumps(error.params, default=str))}, error.status
        )

    for router in (api.router, api.introductions, api.work, api.unsuitable):
        app.include_router(router)

    def send(who, method, path, *, headers=None, **more):
        async def ask():
            transport = httpx.ASGITransport(app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://market") as client:
                return await client.request(method, path, headers={"x-who": who, **(headers or {})}, **more)

        return asyncio.run(ask())

    return send


def test_the_whole_way_from_introduction_to_contract_by_api_alone(world, call):
    made = call("broker", "POST", "/api/v1/deals", json={"need_code": world.need, "result_code": world.result})
    assert made.status_code == 201
    url = made.headers["location"]
    assert url == f"/api/v1/deals/{made.json()['code']}"
    for side in ("seeker", "provider"):
        assert call(side, "POST", f"{url}/acknowledge").status_code == 200
    agreement = {"file": ("协议.pdf", b"%PDF-1.7\n", "application/pdf")}
    kept = call("seeker", "POST", f"{url}/files", files=agreement, data={"level": "after_contact"})
    assert kept.status_code == 201, kept.text
    file_id = kept.json()["files"][0]["id"]
    for side in ("seeker", "provider"):
        assert call(side, "POST", f"{url}/confidentiality", json={"file_id": file_id}).status_code == 200
    call("broker", "POST", f"{url}/talk", json={"happened_on": "2026-03-12", "note": "看了车间"})
    offer = {"amount_fen": 128_000_000, "payment_mode": "INSTALMENT", "scope": "中试", "valid_until": "2026-04-30"}
    assert call("provider", "POST", f"{url}/offers", json=offer).status_code == 201
    assert call("seeker", "GET", f"{url}/offers").json()["items"][0]["n"] == 1
    assert call("seeker", "POST", f"{url}/offers/1/accept").json()["step"] == "agreed"
    signing = {"signed_on": "2026-03-12", "contract_amount_fen": 128_000_000, "file_id": file_id}
    assert call("seeker", "POST", f"{url}/sign", json=signing).status_code == 200
    done = call("provider", "POST", f"{url}/confirm-signature").json()
    assert (done["state"], done["step"]) == ("signed", "signed")
    assert done["contract_code"].startswith("C-")


def test_a_repeated_introduction_with_the_same_key_opens_one_deal(world, call):
    send = {"json": {"need_code": world.need, "result_code": world.result}, "headers": {"Idempotency-Key": "k1"}}
    first, second = (call("broker", "POST", "/api/v1/deals", **send) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["code"] == second.json()["code"]
    assert len(call("broker", "GET", "/api/v1/deals").json()["items"]) == 1


def test_a_double_click_on_an_offer_makes_one_offer(world, call):
    url = f"/api/v1/deals/{world.walk('talking')}"
    offer = {"amount_fen": 1, "payment_mode": "OTHER", "scope": "图纸", "valid_until": "2026-04-30"}
    for _ in range(2):
        assert (
            call("provider", "POST", f"{url}/offers", json=offer, headers={"Idempotency-Key": "k"}).status_code == 201
        )
    assert len(call("provider", "GET", f"{url}/offers").json()["items"]) == 1


def test_a_repeated_upload_with_the_same_key_keeps_one_file(world, call):
    url = f"/api/v1/deals/{world.walk('acknowledged')}/files"
    for content, status in ((b"%PDF-1.7 a", 201), (b"%PDF-1.7 a", 201), (b"%PDF-1.7 b", 409)):
        upload = {"file": ("协议.pdf", content, "application/pdf")}
        assert call("seeker", "POST", url, files=upload, headers={"Idempotency-Key": "k"}).status_code == status
    assert len(call("seeker", "GET", url).json()["items"]) == 1


def test_an_outsider_gets_the_answer_of_a_deal_that_does_not_exist(world, call):
    url = f"/api/v1/deals/{world.introduce()}"
    for path in ("", "/offers", "/messages", "/files", "/files/1"):
        theirs, nobodys = (
            call("outsider", "GET", url + path),
            call("outsider", "GET", f"/api/v1/deals/D-2026-999999{path}"),
        )
        assert theirs.status_code == nobodys.status_code == 404
    assert call("visitor", "GET", url).status_code == 401


def test_an_old_version_is_told_with_412(world, call):
    url = f"/api/v1/deals/{world.introduce()}"
    etag = call("seeker", "GET", url).headers["etag"]
    assert call("provider", "POST", f"{url}/acknowledge").status_code == 200
    assert call("seeker", "POST", f"{url}/acknowledge", headers={"If-Match": etag}).status_code == 412
    fresh = call("seeker", "GET", url).headers["etag"]
    assert call("seeker", "POST", f"{url}/acknowledge", headers={"If-Match": fresh}).status_code == 200


def test_a_file_comes_as_a_download_and_nothing_else(world, call):
    code = world.walk("acknowledged")
    number = world.attach("seeker", code, content=b"<script>alert(1)</script>", name="页面.html")
    got = call("provider", "GET", f"/api/v1/deals/{code}/files/{number}")
    assert got.status_code == 200
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["x-content-type-options"] == "nosniff"


def test_the_proof_that_the_api_hands_out_holds(world, call):
    world.introduce("broker")
    got = call("broker", "GET", "/api/v1/introductions/1/proof")
    assert got.headers["content-disposition"] == 'attachment; filename="introduction-1.json"'
    assert chain.proof_problems(got.json()) == []


def test_the_work_list_pages_by_its_cursor(world, call):
    for result in (world.result, world.other_result):
        world.introduce("broker", need_code=world.need, result_code=result)
    for path in ("/api/v1/work?turn=any&limit=1", "/api/v1/deals?limit=1"):
        first = call("seeker", "GET", path).json()
        second = call("seeker", "GET", f"{path}&cursor={first['next']}").json()
        assert second["next"] is None
        assert first["items"][0]["code"] != second["items"][0]["code"]
    for values in (("2026-03-12T10:00:00", 1), ("0001-01-01T00:00:00+14:00", 1), ("yesterday", 1), (1, 2)):
        assert call("seeker", "GET", f"/api/v1/deals?cursor={encode_cursor(*values)}").status_code == 400


def test_messages_next_action_and_end_by_api(world, call):
    url = f"/api/v1/deals/{world.walk('talking')}"
    assert call("seeker", "POST", f"{url}/messages", json={"body": "周三可以"}).status_code == 201
    assert call("provider", "GET", f"{url}/messages").json()["items"][0]["body"] == "周三可以"
    action = {"text": "约看样机", "side": "broker", "due_on": "2026-03-16"}
    assert call("seeker", "POST", f"{url}/next-action", json=action).json()["next"]["text"] == "约看样机"
    assert call("broker", "POST", f"{url}/next-done").json()["next"]["code"] == "offer"
    assert call("seeker", "POST", f"{url}/end", json={"reason": "no_budget"}).json()["state"] == "ended"
    assert call("seeker", "POST", f"{url}/end", json={"reason": "no_budget"}).status_code == 409


def test_not_suitable_is_said_by_api(world, call):
    mark = {"need_code": world.need, "record_code": world.result, "reason": "rights"}
    assert call("seeker", "POST", "/api/v1/unsuitable-marks", json=mark).status_code == 201
    with world.database.read() as session:
        assert service.unsuitable_for(session, world.actors["seeker"], world.need) == {world.result: "rights"}
