"""A record edited at its page keeps what the form does not ask again: above all, who may see what."""

import re

import httpx

from tests.running_market import running_market

PASSWORD = "a-long-demo-password"


def fields_of(html):
    form = html[html.index('action="/needs') : html.rindex("</form>")]
    sent = {}
    for field in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'{part}="([^"]*)"', field) for part in ("name", "value"))
        if name and value and ('type="checkbox"' not in field or " checked" in field):
            sent[name[1]] = value[1]
    return sent


def test_a_hidden_firm_stays_hidden_and_the_chain_follows_the_field_when_the_need_is_edited():
    with (
        running_market("embedded") as market,
        httpx.Client(base_url=market.url, timeout=30, follow_redirects=True) as firm,
    ):
        token = re.search(r'name="csrf" value="([^"]+)"', firm.get("/signup").text)[1]
        account = {"csrf": token, "login": "firm", "password": PASSWORD, "name": "演示用户", "organisation": "演示油坊"}
        assert firm.post("/signup", data=account).status_code == 200
        new = fields_of(firm.get("/needs/new").text)
        made = firm.post(
            "/needs/new", data={**new, "title": "饼粕残油偏高", "subfield": "AF-3", "hide_owner": "1", "do": "save"}
        )
        assert made.status_code == 200, re.findall(r"<li>.*?</li>", made.text)
        code = made.url.path.rpartition("/")[2]
        form = fields_of(firm.get(f"/needs/{code}/edit").text)
        assert form["hide_owner"] == "1"
        firm.post(f"/needs/{code}/edit", data={**form, "title": "饼粕残油还是偏高", "subfield": "AF-3", "do": "submit"})
        market.yaosu("user", "create", "moderator", "--role", "moderator")
        key = market.yaosu_json("token", "create", "--user", "moderator", "--scope", "admin")["token"]
        httpx.post(
            f"{market.url}/api/v1/needs/{code}/publish", headers={"Authorization": f"Bearer {key}"}
        ).raise_for_status()
        shown = httpx.get(f"{market.url}/api/v1/needs/{code}").json()
        assert (shown["title"], shown["owner_name"], shown["chain"]) == ("饼粕残油还是偏高", "", "AF")
        assert shown["hidden"] == {"owner": "after_contact"}
        assert shown["levels"] == {}
