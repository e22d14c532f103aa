"""What is said to somebody whose input is wrong: one row a code, asked through the application.

Together with the other tests these rows raise every code of frontend/error_texts (tests/conftest.py holds it).
"""

import contextlib
from datetime import UTC, date, datetime

import pytest
from httpx import Cookies

from etl.statistics_files import closed_report
from frontend import texts
from services.accounts import service as accounts
from services.accounts import sessions
from services.accounts.schemas import OrganisationIn, TokenIn
from services.contracts import service as contracts
from services.deals import service as deals
from services.deals.schemas import ConfidentialityIn
from services.ground import clock
from services.ground.database import Database
from services.ground.idempotency import IdempotencyRow
from services.indicators import closing
from services.matching import synonyms
from services.matching.schemas import SynonymIn
from tests.frontend.market_in_process import OPERATOR
from tests.permissions.contract_words import SAID
from tests.permissions.moves_refused import MOVES
from tests.permissions.world import a_world
from tests.services.contracts.factories import a_content, a_party
from tests.services.contracts.world import World as Contracts
from tests.services.deals.factories import a_listing
from tests.services.deals.world import World as Deals

NEEDS, CONTRACTS, DRAFT = "/api/v1/needs", "/api/v1/contracts", "/api/v1/contracts/{contract_draft}"
NOTES, REGISTER = "/api/v1/contracts/{contract_review}/review-notes", "/api/v1/contracts/{contract_approved}/register"
NEED = {"kind": "need", "title": "演示：锰渣里的锰怎么回收"}
PLAN = {
    "code": "fyp15", "name": "演示规划", "short": "演示", "base_year": 2025, "first_year": 2026, "last_year": 2030, "source": "演示文本",
}  # fmt: skip
PARTY = {"role": "seller", "name": "演示甲大学"}


def need(**more):
    return ("member", "POST", NEEDS, NEED | more)


def draft(**more):
    return ("provider", "PATCH", DRAFT, more)


def parameter(**more):
    return need(parameters=[{"name": "含量", "comparison": "ge", "low": 1, "unit": "%"} | more])


ROWS = [
    # single fields, as the schemas read them
    ("missing", "boss", "POST", "/api/v1/tokens", {}),
    ("string_too_long", *need(title="锰" * 3000)),
    ("string_too_short", "registrar", "POST", REGISTER, {"registration_number": "", "registered_on": "2026-03-12"}),
    ("string_pattern_mismatch", *draft(currency="usd")),
    ("string_type", *need(title=5)),
    ("literal_error", *draft(cross_border="sideways")),
    ("enum", "member", "GET", "/api/v1/planets", None),
    ("int_parsing", "visitor", "GET", f"{NEEDS}?limit=x", None),
    ("int_type", *draft(contract_amount_fen=[])),
    ("int_from_float", *draft(contract_amount_fen=1.5)),
    ("float_parsing", *parameter(low="abc")),
    ("float_type", *parameter(low=[])),
    ("decimal_parsing", *draft(fx_rate="abc")),
    ("decimal_type", *draft(fx_rate=[])),
    ("finite_number", *draft(fx_rate="NaN")),
    ("bool_parsing", *draft(is_confidential="maybe")),
    ("date_parsing", "provider", "POST", "/patents/new", {"title": "演示：一种方法", "number": "202310375785.X", "application_date": "someday"}),
    ("decimal_whole_digits", *draft(fx_rate=10_000_000)),
    ("decimal_max_places", *draft(fx_rate="1.1234567891")),
    ("date_type", *draft(signed_on=[])),
    ("date_from_datetime_parsing", *draft(signed_on="2026-13-45")),
    ("date_from_datetime_inexact", *draft(signed_on="2026-03-12T10:00:00")),
    ("greater_than", *draft(fx_rate=0)),
    ("greater_than_equal", *draft(contract_amount_fen=-1)),
    ("less_than_equal", *draft(contract_amount_fen=10**18)),
    ("too_short", "boss", "POST", "/api/v1/tokens", {"scopes": []}),
    ("too_long", *draft(parties=[PARTY] * 41)),
    ("extra_forbidden", *draft(colour="red")),
    ("list_type", *draft(parties=5)),
    ("dict_type", "registrar", "PUT", NOTES, {"papers": 5}),
    ("model_attributes_type", *draft(parties=[5])),
    ("date_out_of_range", *draft(signed_on="1900-01-01")),
    ("party_sequence_twice", *draft(parties=[PARTY, PARTY])),
    ("unknown_organisation", *draft(parties=[PARTY | {"organisation_code": "O-2026-999999"}])),
    ("unknown_broker", *draft(broker_id=999)),
    ("low_above_high", *parameter(comparison="between", low=5, high=1)),
    ("budget_in_order", *need(budget_low_fen=5, budget_high_fen=1)),
    ("number_only_for_patents", *need(number="202310375785.X")),
    ("region_unknown", *need(region_code="999999")),
    ("kind_fixed", "member", "POST", NEEDS, NEED | {"kind": "result"}),
    ("patent_number_form", "provider", "POST", "/api/v1/patents", {"kind": "patent", "title": "演示：一种方法", "number": "12"}),
    ("patent_known", "provider", "POST", "/api/v1/patents", {"kind": "patent", "title": "演示：一种方法", "number": "CN202410123456.X"}),
    ("value_no_number", "member", "POST", "/needs/{draft}/edit", {"do": "save", "title": "演示：锰渣", "version": "1", "rows": "1", "parameters.0.name": "含量", "parameters.0.value": "很多"}),
    ("owner_missing", "broker", "POST", NEEDS, NEED),
    # moves that a record does not make
    ("listing_not_editable", "boss", "PUT", "/api/v1/needs/{gone}", NEED),
    ("move_not_possible", "moderator", "POST", "/api/v1/needs/{draft}/publish", None),
    ("reasons_missing", "moderator", "POST", "/api/v1/needs/{submitted}/return", {"reasons": ""}),
    ("not_approved", "registrar", "POST", "/api/v1/contracts/{contract_review}/unapprove", None),
    ("deal_nothing_set", "member", "POST", "/api/v1/deals/{fresh_deal}/next-done", None),
    ("deal_confirmed_by_the_other", "member", "POST", "/api/v1/deals/{signed_deal}/confirm-signature", None),
    # accounts
    ("organisation_exists", "member", "POST", "/api/v1/organisations", {"name": "穗原里植提"}),
    ("uscc_form", "member", "POST", "/api/v1/organisations", {"name": "另一家演示单位", "uscc": "???????????????？?!"}),
    ("login_name_form", "visitor", "POST", "/signup", {"login": "a b", "password": "a-long-password", "name": "新人"}),
    ("login_taken", "visitor", "POST", "/signup", {"login": "member", "password": "a-long-password", "name": "新人", "organisation": "新单位"}),
    ("password_wrong", "member", "POST", "/api/v1/me/password", {"old": "wrong-password", "new": "a-long-password"}),
    ("password_same", "boss", "POST", "/api/v1/me/password", {"old": "a-password-of-boss", "new": "a-password-of-boss"}),
    ("sign_in_failed", "visitor", "POST", "/login", {"login": "nobody", "password": "wrong"}),
    ("second_factor_not_begun", "broker", "POST", "/account/second-factor", {"code": "000000"}),
    ("last_administrator", "keeper", "POST", "/account/erase", {"old": "a-password-of-keeper"}),
    ("merge_not_possible", "keeper", "POST", "/organisations/{firm}/merge", {"into": "<firm>"}),
    ("organisation_several", "keeper", "POST", "/needs/new", {"title": "演示：锰渣", "owner": "号油坊"}),
    ("organisation_none", "keeper", "POST", "/needs/new", {"title": "演示：锰渣", "owner": "没有这一家"}),
    # searching, figures, pages
    ("query_too_long", "visitor", "GET", f"/search?q={'a' * 25_000}", None),
    ("sort_unknown", "visitor", "GET", "/api/v1/search?q=锰&sort=colour", None),
    ("filter_unknown", "visitor", "GET", "/api/v1/search?q=锰&colour=red", None),
    ("too_many_values", "visitor", "GET", "/api/v1/search?q=锰&" + "&".join(f"chain=C{n}" for n in range(1001)), None),
    ("page_too_deep", "visitor", "GET", "/search?q=锰&page=99999", None),
    ("page_unreadable", "visitor", "GET", "/search?q=锰&page=two", None),
    ("cursor_unknown", "visitor", "GET", f"{NEEDS}?cursor=x", None),
    ("synonym_without_letters", "moderator", "POST", "/api/v1/search/synonyms", {"kind": "term", "words": ["？", "木姜子"]}),
    ("synonym_needs_two", "moderator", "POST", "/api/v1/search/synonyms", {"kind": "term", "words": ["木姜子", "木姜子"]}),
    ("dimension_unknown", "visitor", "GET", "/api/v1/indicators/{indicator}/breakdowns/colour?year=2026", None),
    ("pace_year_unreadable", "visitor", "GET", "/indicators?plan_year=soon&target=1&gdp=1&so_far=1", None),
    ("pace_target_unreadable", "visitor", "GET", "/indicators?plan_year=2026&target=much&gdp=1&so_far=1", None),
    ("pace_gdp_not_positive", "visitor", "GET", "/indicators?plan_year=2026&target=1&gdp=0&so_far=1", None),
    ("period_not_over", "bureau", "POST", "/indicators/closings", {"period": "2026"}),
    ("not_signed_in", "visitor", "GET", "/api/v1/me", None),
    ("forbidden", "member", "GET", "/metrics", None),
    ("method_not_allowed", "visitor", "PATCH", "/api/v1/search", None),
    ("export_kind", "visitor", "GET", f"{NEEDS}?format=pdf", None),
    ("plan_set_taken", "bureau", "POST", "/api/v1/indicators/plan-sets", PLAN | {"code": "fyp14"}),
    ("plan_indicator_unknown", "bureau", "POST", "/api/v1/indicators/plan-sets", PLAN | {"values": [{"indicator": "99", "base": "1", "target": "2"}]}),
    ("split_only_computed", "bureau", "POST", "/api/v1/indicators/1/targets", {"year": 2030, "value": "9", "label": "演示", "source": "演示", "region": "431122"}),
    ("too_many_days", "registrar", "POST", "/contracts/calendar", {"year": "2027", "days": "\n".join(f"2027-{month:02d}-{day:02d} 休" for month in range(1, 13) for day in range(1, 29))}),
    ("too_many_at_once", "registrar", "POST", "/contracts/together", {"do": "accept", "codes": [f"C-2026-{n:06d}" for n in range(1, 102)]}),
    ("too_many_ticked", "member", "POST", "/desk", {"do": "confirm", "codes": [f"N-2026-{n:06d}" for n in range(1, 1100)]}),
    # lists brought in
    ("import_kind_missing", "member", "POST", "/import", {"a_file": True}),
    ("import_file_missing", "member", "POST", "/import", {"kind": "needs"}),
    ("import_no_line", "member", "POST", "/import/{batch}", {"do": "new"}),
    ("batch_no_candidates", "member", "POST", "/import/{batch}", {"do": "new", "line": "7"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with a_world(tmp_path_factory.mktemp("codes")) as made:
        with contextlib.closing(Database(made.market.market.database.url)) as database, database.write() as session:
            for name in ("演示一号油坊", "演示二号油坊"):
                accounts.create_organisation(session, OPERATOR, OrganisationIn(name=name, kind="enterprise"))
            seller = sessions.actor_of_person(session, accounts.person_by_login(session, "provider"))
            for number, (_code, more) in enumerate(SAID):
                content = a_content(**more)
                for party in content.side("seller")[:1]:
                    party.organisation_code = made.names["university"]
                made.names[f"said_{number}"] = contracts.create_draft(session, seller, content).code
        with contextlib.closing(Database(made.market.market.database.url)) as database:
            _further(made, database)
        yield made


def _further(world, database):
    """Deals and contracts in the states that some moves are refused in."""
    with database.read() as session:
        actors = {
            name: sessions.actor_of_person(session, accounts.person_by_login(session, name))
            for name in ("member", "provider", "broker", "registrar", "moderator", "bureau")
        }
    actors |= {"seeker": actors["member"], "seller": actors["provider"]}
    names, settings = world.names, world.market.market.settings
    here = Deals(database, settings, need=names["need"], result=names["result"], actors=actors)

    def another(name, who="broker", to="introduced"):
        with database.write() as session:
            need = a_listing(session, "need", f"演示 {name} 的需求", int(names["firm_id"]))
        names[name] = here.walk(to, here.introduce(who, need_code=need, result_code=here.result))

    another("ended_deal")
    here.end("seeker", names["ended_deal"])
    another("done_deal", to="signed")
    another("direct_deal", who="seeker")
    another("secret_deal", to="acknowledged")
    agreement = here.attach("seeker", names["secret_deal"])
    here.do(deals.agree_confidentiality, "seeker", names["secret_deal"], ConfidentialityIn(file_id=agreement))
    names["own_file"] = str(here.attach("seeker", names["deal"], "own_side"))
    desk = Contracts(database, actors)
    parties = [a_party("seller", organisation_code=names["university"]), a_party("buyer")]
    short = names["short_contract"] = desk.do(
        contracts.create_draft, "seller", a_content(parties=parties, valid_to=date(2026, 3, 1))
    ).code
    for who, step in (
        ("seller", contracts.submit),
        (OPERATOR, contracts.accept),
        (OPERATOR, contracts.start_review),
        (OPERATOR, contracts.approve),
    ):
        desk.do(step, who, short)
    with database.write() as session:
        member = accounts.person_by_login(session, "member")
        session.add(
            IdempotencyRow(person_id=member, key="used", fingerprint="0" * 64, code="N-2026-000001", at=clock.now())
        )
        made = sessions.create_token(session, OPERATOR, TokenIn(scopes=["read"], days=9, label="t"), person_id=member)
        names["reading_token"] = made.token
        names["taken_number"] = contracts.find(session, names["contract"]).registration_number
        synonyms.add(session, actors["moderator"], SynonymIn(kind="term", words=["山苍子", "木姜子"]))
        closing.close(session, actors["bureau"], "2026-01", closed_report)


@pytest.fixture
def told():
    """The codes that somebody is told during a test."""
    found = set()
    texts.listeners.append(found.add)
    yield found
    texts.listeners.remove(found.add)


@pytest.mark.parametrize("row", ROWS + MOVES, ids=[row[0] for row in ROWS + MOVES])
def test_what_is_wrong_is_told_by_its_code(world, told, row):
    code, who, method, path, body = row
    answer = world.ask(who, method, path, body)
    assert code in told, f"{answer.status_code} {sorted(told)} {answer.text[:300]}"
    assert answer.status_code < 500


@pytest.mark.parametrize("number", range(len(SAID)), ids=[code for code, _more in SAID])
def test_what_is_to_be_said_of_a_contract_stands_on_its_page(world, told, number):
    answer = world.ask("provider", "GET", f"/contracts/{{said_{number}}}")
    assert answer.status_code == 200
    assert SAID[number][0] in told, sorted(told)


JSON = {"content-type": "application/json"}
RAW = [
    ("csrf_missing", "member", "POST", "/needs/new", {"data": {"title": "演示：锰渣"}}),
    ("json_invalid", "member", "POST", NEEDS, {"content": b"{", "headers": JSON}),
    ("bad_request", "member", "POST", "/needs/new", {"content": b"x", "headers": {"content-type": "multipart/form-data"}}),
    ("if_match_unreadable", "provider", "PATCH", DRAFT, {"json": {}, "headers": {"if-match": "newest"}}),
    ("key_unreadable", "member", "POST", NEEDS, {"json": NEED, "headers": {"idempotency-key": ""}}),
    ("key_used_otherwise", "member", "POST", NEEDS, {"json": NEED, "headers": {"idempotency-key": "used"}}),
    ("scope_missing", "visitor", "POST", NEEDS, {"json": NEED, "headers": {"authorization": "Bearer {reading_token}"}}),
    ("token_unknown", "visitor", "GET", NEEDS, {"headers": {"authorization": "Bearer made-up"}}),
]  # fmt: skip


@pytest.mark.parametrize("row", RAW, ids=[row[0] for row in RAW])
def test_a_request_that_cannot_be_taken_is_told_by_its_code(world, told, row):
    code, who, method, path, more = row
    browser = world.browsers[who]
    browser.client.cookies = Cookies(world.cookies[who])
    headers = {name: value.format(**world.names) for name, value in more.get("headers", {}).items()}
    given = {**more, "headers": headers | {"x-csrf-token": world.csrf[who]}}
    answer = browser.ask(method, path.format(**world.names), **given)
    assert code in told, f"{answer.status_code} {sorted(told)} {answer.text[:300]}"
    assert 400 <= answer.status_code < 500


def test_before_the_first_rules_nothing_is_accepted(world, told):
    with clock.at(datetime(1990, 1, 5, tzinfo=UTC)):
        answer = world.ask("registrar", "POST", "/api/v1/contracts/{contract_submitted}/accept", None)
    assert answer.status_code == 409
    assert "no_rules_in_force" in told
