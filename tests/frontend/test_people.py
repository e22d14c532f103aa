"""What people live with every day: the day sheet, what they agreed to show, why others say no, and lists that stay quick."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.accounts import service as accounts
from services.accounts import shown
from services.accounts.shown import ShownIn
from services.deals import refusals
from services.deals import service as deals
from services.deals.daysheet import day_sheet
from services.deals.models import Acknowledgement, Deal, DealEvent
from services.deals.schemas import EndIn, IntroductionIn, UnsuitableIn
from services.follows import service as follows
from services.ground import audit, clock, reference
from services.ground.actor import ANONYMOUS, Actor, Grant
from services.listings import freshness
from services.listings import service as listings
from services.listings.schemas import ListingIn
from tests.frontend.market_in_process import OPERATOR, market_here


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with market_here(tmp_path_factory.mktemp("people")) as made:
        made.person("firm", organisation="演示植提甲")
        made.person("professor", organisation="演示大学乙")
        made.person("colleague", organisation="演示大学乙")
        made.person("broker", role="broker")
        made.person("moderator", role="moderator")
        yield made


def organisation(here, name, kind="enterprise"):
    with here.market.database.write() as session:
        key = accounts.claim_unverified(session, OPERATOR, name, kind)
        return key, accounts.organisation(session, key).code


def published(here, kind, title, owner, **more):
    with here.market.database.write() as session:
        code = listings.create(session, OPERATOR, ListingIn(kind=kind, title=title, owner=owner, **more)).code
        listings.submit(session, OPERATOR, code)
        listings.publish(session, OPERATOR, code)
    return code


def member(key, role="member"):
    return Actor(person_id=2, name="甲", grants=(Grant(role, organisation_id=key),), organisation_id=key)


CHAINS = [entry.code for entry in reference.entries(None, "chain")]


# -- what was agreed to --------------------------------------------------------------------------------------------------


def test_an_expert_takes_the_entry_over_and_hides_from_page_api_search_and_export_at_once(here):
    _key, owner = organisation(here, "演示大学乙", "university")
    details = {"position": "所长", "fields": "植物多酚", "keywords": ["多酚"]}
    code = published(here, "expert", "钱某 教授", owner, body="做过茶皂素提取中试", details=details)
    here.drain()
    visitor, professor = here.browser(), here.browser().sign_in("professor")
    assert code in visitor.get("/search?q=茶皂素").text
    form = f"/experts/{code}/shown"
    keep = {"shown": ["fields", "region"], "is_me": "1", "version": ""}
    assert professor.post(form, keep).status_code == 303
    page = visitor.get(f"/experts/{code}").text
    assert "植物多酚" in page
    assert "所长" not in page
    assert "茶皂素" not in page
    assert "演示大学乙" not in page
    told = visitor.get(f"/api/v1/experts/{code}").json()
    assert (told["body"], told["owner_name"], told["details"]) == ("", "", {"fields": "植物多酚"})
    assert "茶皂素" not in visitor.get("/api/v1/experts?format=csv").text
    here.drain()
    assert code not in visitor.get("/search?q=茶皂素").text
    assert here.browser().sign_in("colleague").get(form).status_code == 403, "not even the own organisation any more"
    refused = (
        here.browser()
        .sign_in("firm")
        .post("/work/new", {"result_code": code, "need_code": ""}, f"/experts/{code}/contact")
    )
    assert "本人不接受联系" in refused.text
    assert professor.post(form, {"shown": ["fields", "contact", "body"], "version": "1"}).status_code == 303
    assert "茶皂素" in visitor.get(f"/experts/{code}").text
    with here.market.database.read() as session:
        trail = [event.detail["shown"] for event in audit.events(session, code=code) if event.action == "shown.change"]
    assert trail == [["fields", "body", "contact"], ["fields", "region"]]


def test_a_broker_is_listed_only_by_own_word_and_only_with_what_was_agreed(here):
    broker, visitor = here.browser().sign_in("broker"), here.browser()
    assert "还没有经理人同意列在这里" in visitor.get("/brokers").text
    broker.post("/account", {"do": "profile", "name": "柳经理", "phone": "0746-0000000", "email": ""}, "/account")
    broker.post("/account/shown", {"shown": ["listed", "phone"], "words": "植物提取", "version": ""})
    page = visitor.get("/brokers").text
    assert "柳经理" in page
    assert "0746-0000000" in page
    assert "植物提取" not in page
    broker.post("/account/shown", {"shown": [], "words": "植物提取", "version": "1"})
    assert "柳经理" not in visitor.get("/brokers").text
    assert visitor.get("/api/v1/brokers").json() == []


def test_an_organisation_keeps_its_number_and_shows_its_telephone(here):
    key, code = organisation(here, "演示植提甲")
    with here.market.database.write() as session:
        session.execute(sa.text("UPDATE organisation SET uscc='91431100MA4L2XJK8T' WHERE id=:id"), {"id": key})
        admin = member(key, "organisation_admin")
        shown.choose_for_organisation(
            session, admin, code, ShownIn(shown=["phone"], words="永阳路 1 号", phone="0746-1")
        )
    visitor = here.browser()
    told = visitor.get(f"/api/v1/organisations/{code}").json()
    assert (told["uscc"], told["phone"], told["address"]) == (None, "0746-1", "")
    assert "91431100MA4L2XJK8T" not in visitor.get("/api/v1/organisations?format=csv").text
    assert (
        "91431100MA4L2XJK8T"
        not in visitor.get("/search?q=91431100MA4L2XJK8T")
        .text.split("<main", 1)[1]
        .replace('value="91431100MA4L2XJK8T"', "")
        .partition("没有")[2]
    )
    own = here.browser().sign_in("firm").get(f"/api/v1/organisations/{code}").json()
    assert own["uscc"] == "91431100MA4L2XJK8T"


# -- why firms say no ------------------------------------------------------------------------------------------------------


def test_reasons_are_public_from_three_firms_on_and_open_to_their_cases_for_those_who_may(here):
    _key, university = organisation(here, "演示大学丙", "university")
    result = published(here, "result", "低温冷榨成套", university, chain=CHAINS[0])
    for number in range(4):
        key, firm = organisation(here, f"演示油坊 {number}")
        need = published(here, "need", f"残油偏高 {number}", firm, chain=CHAINS[number // 3])
        with here.market.database.write() as session:
            wanted = UnsuitableIn(need_code=need, record_code=result, reason="investment")
            deals.mark_unsuitable(session, member(key), wanted)
    with here.market.database.read() as session:
        told = refusals.refusals(session, ANONYMOUS)
    [row] = [row for row in told.reasons if row.source == "match"]
    counts = {cell.chain: cell.count for cell in row.cells if cell.count != 0}
    assert sorted(counts.values(), key=str) == [3, None]
    assert row.sum_of_shown == 3
    visitor, moderator = here.browser(), here.browser().sign_in("moderator")
    assert "设备或改造投入太大" in visitor.get("/quality/no").text
    assert "/quality/no/cases" not in visitor.get("/quality/no").text
    door = re.search(r'href="(/quality/no/cases\?[^"]+)"', moderator.get("/quality/no").text)[1].replace("&amp;", "&")
    cases = moderator.get(door).text
    assert "残油偏高 0" in cases
    assert "演示油坊" not in cases, "who said so is not told"
    with here.market.database.read() as session:
        assert any(event.action == "refusal.open" for event in audit.events(session))
        outsider = refusals.cases(session, member(999), refusals.Wanted())
    assert outsider == []


def test_a_deal_that_ended_counts_with_what_did_not_suit(here):
    key, firm = organisation(here, "演示油坊 0")
    other, university = organisation(here, "演示大学丙", "university")
    need, result = published(here, "need", "脱壳破碎", firm), published(here, "result", "柔性脱壳", university)
    with here.market.database.write() as session:
        deal = deals.introduce(session, member(key), IntroductionIn(need_code=need, result_code=result))
        deals.end(session, member(other), deal.code, EndIn(reason="not_suitable", unsuitable_reason="too_early"))
    with here.market.database.read() as session:
        [case] = refusals.cases(session, member(key), refusals.Wanted(source="deal"))
    assert (case.reason, case.deal_code) == ("not_suitable.too_early", deal.code)


# -- the day sheet -----------------------------------------------------------------------------------------------------------


def test_the_day_sheet_names_what_is_due_whom_to_call_and_where_to_go(here):
    key, firm = organisation(here, "演示植提甲")
    _other, university = organisation(here, "演示大学乙", "university")
    need, result = published(here, "need", "提取收率低", firm), published(here, "result", "连续逆流提取", university)
    broker, seller = here.browser().sign_in("broker"), here.browser().sign_in("professor")
    buyer = here.browser().sign_in("firm")
    buyer.post("/account", {"do": "profile", "name": "孟厂长", "phone": "13900000000", "email": ""}, "/account")
    made = broker.post("/work/new", {"need_code": need, "result_code": result}).headers["location"]
    assert "13900000000" not in broker.get("/work/day").text
    for side in (buyer, seller):
        side.post(f"{made}/acknowledge", {"version": ""}, made)
    with clock.at(clock.now() + timedelta(days=30)):
        page = here.browser().sign_in("broker").get("/work/day").text
    assert "今天要办的" in page
    assert "做一次技术交流" in page
    assert "孟厂长" in page
    assert "13900000000" in page
    assert "永阳路 1 号" in page
    assert key


def test_a_clerk_s_sheet_lists_the_firms_to_ask(here):
    here.person("clerk", role="station_clerk", region="431122")
    clerk = here.browser().sign_in("clerk")
    clerk.post(
        "/needs/new",
        {
            "owner": "演示笋厂",
            "owner_new": "1",
            "region_code": "431122",
            "body": "笋壳没地方去",
            "rows": "0",
            "do": "save",
        },
    )
    page = clerk.get("/work/day").text
    assert "要问的单位" in page
    assert "演示笋厂" in page
    assert "还没写完，问缺的" in page


# -- as many questions for many rows as for few ------------------------------------------------------------------------------


class Counted:
    """Counts the statements that a piece of work sends to the database."""

    def __init__(self, here):
        self.engine, self.statements = here.market.database.engine, []

    def __enter__(self):
        sa.event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_error):
        sa.event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, *_more):
        self.statements.append(statement)


@pytest.fixture(scope="module")
def long_lists(here):
    key, _firm = organisation(here, "演示长单")
    _other, university = organisation(here, "演示大学长", "university")
    results = [published(here, "result", f"长单成果 {number:03d}", university) for number in range(20)]
    seller, now = organisation(here, "演示大学长")[0], clock.now()
    with here.market.database.write() as session:
        for result in results:
            follows.follow(session, member(key), result)
        for number in range(200):
            deal = Deal(
                code=f"D-1999-{number:06d}",
                result_code=results[0],
                pair_key=f"long {number}",
                seeker_organisation_id=key,
                provider_organisation_id=seller,
                broker_person_id=1 + number % 4,
                created_at=now,
                moved_at=now,
                next_code="acknowledge",
                next_side="both",
                next_due_on=clock.today(),
            )
            session.add(deal)
            session.flush()
            acted = {"deal_id": deal.id or 0, "at": now, "person_id": 1 + number % 4, "side": "seeker"}
            session.add(Acknowledgement(**acted))
            session.add(DealEvent(**acted, move="introduce", to_step="introduced"))
    return key, member(key)


def test_a_list_of_two_hundred_asks_the_database_as_often_as_one_of_twenty(here, long_lists):
    key, follower = long_lists
    counts = {}
    reads = {
        "work": lambda session, n: deals.work_list(session, member(key), limit=n),
        "own deals": lambda session, n: deals.own(session, member(key), limit=n),
        "audit kinds": lambda session, n: audit.kinds(session) if n else None,
        "freshness": lambda session, n: freshness.figures(session) if n else None,
        "day sheet": lambda session, n: day_sheet(session, member(key)) if n else None,
    }
    for name, read in reads.items():
        for size in (20, 200):
            with here.market.database.read() as session, Counted(here) as counted:
                read(session, size)
            counts.setdefault(name, []).append(len(counted.statements))
    assert all(few == many for few, many in counts.values()), counts
    with here.market.database.read() as session, Counted(here) as counted:
        assert len(follows.followed(session, follower)) == 20
    assert len(counted.statements) <= 3
    with here.market.database.read() as session, Counted(here) as counted:
        freshness.figures(session)
        audit.kinds(session)
    assert not any(
        "SELECT listing.confirmed_at \nFROM listing" in text and "LIMIT" not in text for text in counted.statements
    )


# -- the same by programs ------------------------------------------------------------------------------------------------------


def test_notices_searches_and_follows_are_there_for_programs(here):
    _key, university = organisation(here, "演示大学丙", "university")
    code = published(here, "result", "给程序关注的", university)
    firm = here.browser().sign_in("firm")
    token = re.search(r'name="csrf" value="(\w+)"', firm.get("/account").text)[1]
    send = {"headers": {"X-CSRF-Token": token}}
    kept = firm.ask("POST", "/api/v1/searches", json={"name": "提取", "words": "提取"}, **send)
    assert kept.status_code == 201
    assert [row["name"] for row in firm.get("/api/v1/searches").json()] == ["提取"]
    assert firm.ask("DELETE", kept.headers["location"], **send).status_code == 204
    followed = firm.ask("POST", "/api/v1/follows", json={"code": code}, **send)
    assert followed.json()["title"] == "给程序关注的"
    assert firm.ask("DELETE", f"/api/v1/follows/{code}", **send).status_code == 204
    assert firm.get("/api/v1/follows").json() == []
    box = firm.get("/api/v1/notices").json()["items"]
    assert any(row["kind"] == "deal_introduced" for row in box)
    assert firm.ask("POST", "/api/v1/notices/read", **send).json() == {"unread": 0}


def test_a_claim_and_a_merge_are_decided_by_a_program_and_told(here):
    _key, double = organisation(here, "演示植提甲（旧）")
    _other, kept = organisation(here, "演示植提甲")
    firm, moderator = here.browser().sign_in("firm"), here.browser().sign_in("moderator")
    tokens = {
        who: {"headers": {"X-CSRF-Token": re.search(r'name="csrf" value="(\w+)"', who.get("/account").text)[1]}}
        for who in (firm, moderator)
    }
    paper = {"paper": ("licence.pdf", b"%PDF-1.7\n% a licence\n", "application/pdf")}
    made = firm.ask("POST", f"/api/v1/organisations/{double}/claims", files=paper, **tokens[firm])
    assert made.status_code == 201
    [row] = moderator.get("/api/v1/claims").json()
    assert (row["id"], row["code"]) == (made.json()["id"], double)
    answer = moderator.ask("POST", f"/api/v1/claims/{row['id']}/decide", json={"accept": True}, **tokens[moderator])
    assert answer.json() == {"code": double, "accepted": True}
    assert "已核实" in firm.get("/notices").text
    merged = moderator.ask("POST", f"/api/v1/organisations/{double}/merge", json={"into": kept}, **tokens[moderator])
    assert merged.json()["merged_into"] == kept
    assert moderator.ask("POST", f"/api/v1/organisations/{double}/unmerge", **tokens[moderator]).status_code == 200
