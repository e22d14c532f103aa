"""From a need to a digit of the indicator, by API alone, on a market as its operator runs it, in both shapes."""

import contextlib
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.running_market import SHAPES, running_market
from tests.services.contracts.factories import a_content

NEED = {
    "kind": "need",
    "title": "茶籽饼粕残油偏高，想降到百分之五以内",
    "body": "现用液压榨，残油百分之八上下，低温冷榨后饼粕发粘，夹料停机。想找能连续运行的冷榨预调质办法。",
    "chain": "AF",
    "subfield": "AF-3",
    "parameters": [{"name": "残油", "comparison": "le", "high": 5, "unit": "%", "must": True}],
}
RESULT = {
    "kind": "result",
    "title": "油茶籽低温冷榨预调质成套技术",
    "body": "经预调质后低温冷榨，饼粕残油 4.6 %，连续运行 72 h。",
    "chain": "AF",
    "subfield": "AF-3",
    "maturity": 7,
    "parameters": [{"name": "残油", "comparison": "eq", "low": 4.6, "high": 4.6, "unit": "%"}],
}
MEMBER = ["read", "listings:write", "deals:write", "contracts:write"]
REGISTRAR = ["read", "contracts:write", "contracts:register"]


class Caller:
    """Somebody with a token."""

    def __init__(self, url, token):
        self.client = httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def __call__(self, method, path, *, status=(200, 201), **more):
        answer = self.client.request(method, path, **more)
        assert answer.status_code in (status if isinstance(status, tuple) else (status,)), f"{path}: {answer.text}"
        return answer.json() if answer.content else None


def person(market, name, role, scopes, **more):
    """Make an account and a token as the operator does."""
    options = [part for key, value in more.items() for part in (f"--{key}", value)]
    market.yaosu("user", "create", name, "--role", role, *options)
    flags = [part for scope in scopes for part in ("--scope", scope)]
    return Caller(market.url, market.yaosu_json("token", "create", "--user", name, *flags)["token"])


def make_people(market):
    """Accounts as the operator makes them: a firm, a university, a broker, two registrars, a moderator, the bureau."""

    people = {"admin": person(market, "admin", "administrator", ["admin"])}
    for who, name, kind, region in (
        ("firm", "演示油坊", "enterprise", "431181"),
        ("university", "演示农学院", "university", "431102"),
    ):
        made = people["admin"]("POST", "/organisations", json={"name": name, "kind": kind, "region_code": region})
        people[who] = person(market, who, "member", MEMBER, organisation=made["code"])
        people[f"{who}_code"] = made["code"]
    people["broker"] = person(market, "broker", "broker", ["read", "deals:write"])
    people["first"] = person(market, "first", "registrar", REGISTRAR)
    people["second"] = person(market, "second", "registrar", REGISTRAR)
    people["bureau"] = person(market, "bureau", "bureau_officer", ["read", "statistics:read"])
    return people


def publish(people, who, noun, data):
    code = people[who]("POST", f"/{noun}", json=data)["code"]
    assert people[who]("GET", f"/{noun}/{code}")["state"] == "draft"
    assert httpx.get(f"{people[who].client.base_url}/{noun}/{code}".replace("//needs", "/needs")).status_code == 404
    people[who]("POST", f"/{noun}/{code}/submit")
    assert people["admin"]("POST", f"/{noun}/{code}/publish")["state"] == "published"
    return code


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def sign_a_deal(people, need, result, today):
    deal = people["broker"](
        "POST", "/deals", json={"need_code": need, "result_code": result, "note": "残油一项已对上"}
    )["code"]
    people["firm"]("POST", f"/deals/{deal}/acknowledge")
    people["university"]("POST", f"/deals/{deal}/acknowledge")
    people["broker"]("POST", f"/deals/{deal}/talk", json={"happened_on": str(today), "note": "看了车间"})
    offer = {
        "amount_fen": 186_000_000,
        "payment_mode": "LUMP_SUM",
        "scope": "成套技术开发",
        "valid_until": str(today + timedelta(days=30)),
    }
    number = people["university"]("POST", f"/deals/{deal}/offers", json=offer)["offers"][-1]["n"]
    people["firm"]("POST", f"/deals/{deal}/offers/{number}/accept")
    signing = {"signed_on": str(today), "contract_amount_fen": 186_000_000, "promise": "盖章件下周补上"}
    people["firm"]("POST", f"/deals/{deal}/sign", json=signing)
    people["university"]("POST", f"/deals/{deal}/confirm-signature")
    shown = people["broker"]("GET", f"/deals/{deal}")
    assert shown["state"] == "signed"
    return deal


def register(people, contract, today):
    content = a_content(
        signed_on=today, effective_on=today, valid_from=today, valid_to=today + timedelta(days=500), filled_on=today
    )
    for party, who in zip(content.parties, ("university", "firm"), strict=True):
        party.organisation_code = people[f"{who}_code"]
        party.name = people[who]("GET", f"/organisations/{people[f'{who}_code']}")["name"]
    url = f"/contracts/{contract}"
    people["university"]("PATCH", url, json=content.model_dump(mode="json"))
    people["university"]("POST", f"{url}/submit")
    people["first"]("POST", f"{url}/accept")
    people["first"]("POST", f"{url}/review")
    people["first"]("PUT", f"{url}/review-notes", json={"papers": {"D1": "present"}, "seals_match": True})
    people["first"]("POST", f"{url}/approve")
    given = {"registration_number": "20264311000001", "registered_on": str(today)}
    people["first"]("POST", f"{url}/register", json=given, status=409)
    assert people["second"]("POST", f"{url}/register", json=given)["state"] == "registered"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_need_becomes_a_digit_of_the_indicator(shape):
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    with running_market(shape) as market, contextlib.ExitStack() as stack:
        people = make_people(market)
        for caller in people.values():
            if isinstance(caller, Caller):
                stack.callback(caller.client.close)
        need = publish(people, "firm", "needs", NEED)
        result = publish(people, "university", "results", RESULT)

        def found():
            # A server that has just made its index may be slow once and is answered for by 503: people search again.
            said = people["broker"]("GET", "/search", status=(200, 503), params={"q": "冷榨"})
            return [row["code"] for row in said.get("items", [])]

        assert wait_until(lambda: set(found()) == {need, result}), found()
        best = people["firm"]("GET", f"/needs/{need}/matches")["items"][0]
        assert best["code"] == result
        assert best["parameters"][0]["verdict"] == "met"
        words = [reason["text"] for reason in best["reasons"] if reason["kind"] == "word"]
        assert words
        assert all(word in NEED["title"] + NEED["body"] and word in RESULT["title"] + RESULT["body"] for word in words)

        deal_and_register(people, need, result, today)


def deal_and_register(people, need, record, today):
    """Go on from a match: deal, contract, ledger, the figure of the year."""
    deal = sign_a_deal(people, need, record, today)
    contracts = people["university"]("GET", "/contracts")["items"]
    assert [item["state"] for item in contracts] == ["draft"]
    register(people, contracts[0]["code"], today)
    lines = people["bureau"]("GET", "/movements", params={"home_output": True})["items"]
    assert [(line["contract_code"], line["contract_amount_fen"]) for line in lines] == [
        (contracts[0]["code"], 186_000_000)
    ]
    years = people["bureau"]("GET", "/indicators/13/years")["items"]
    this_year = next(row for row in years if row["year"] == today.year)
    assert (this_year["amount_fen"], this_year["count"]) == (186_000_000, 1)
    assert people["firm"]("GET", f"/deals/{deal}")["code"] == deal


@pytest.mark.timeout(2400)
@pytest.mark.skipif("YAOSU_REALDATA" not in os.environ, reason="YAOSU_REALDATA names no folder of real records")
@pytest.mark.parametrize("shape", SHAPES)
def test_a_real_need_becomes_a_digit_of_the_indicator(shape):
    folder, today = Path(os.environ["YAOSU_REALDATA"]), datetime.now(ZoneInfo("Asia/Shanghai")).date()
    with running_market(shape) as market, contextlib.ExitStack() as stack:
        people = make_people(market)
        market.yaosu("import", "patents", str(folder / "patents.jsonl"), "--publish", timeout=1200)
        market.yaosu("import", "needs", str(folder / "needs.jsonl"), "--owner", people["firm_code"], "--publish")
        needs = {"q": "日产500吨 石灰窑", "kind": "need"}
        assert wait_until(lambda: people["broker"]("GET", "/search", params=needs)["items"], 60)
        need = people["broker"]("GET", "/search", params=needs)["items"][0]["code"]
        matches = people["firm"]("GET", f"/needs/{need}/matches")["items"]
        patent = next(row["code"] for row in matches if row["code"].startswith("P-"))
        people["university_code"] = people["broker"]("GET", f"/patents/{patent}")["owner_code"]
        people["university"].client.close()
        people["university"] = person(market, "owner", "member", MEMBER, organisation=people["university_code"])
        for caller in people.values():
            if isinstance(caller, Caller):
                stack.callback(caller.client.close)
        deal_and_register(people, need, patent, today)
