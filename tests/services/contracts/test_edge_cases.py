"""The cases of the reference, sections 13.3, 13.4 and 15, each by what the registrar is shown or told."""

from datetime import date

import pytest

from services.contracts import schemas, service
from services.contracts.checks import Limits, problems, warnings
from services.contracts.content import Content
from services.contracts.papers import papers_needed
from services.ground import regions
from services.ground.errors import Invalid
from tests.services.contracts.factories import a_content, a_party
from tests.services.contracts.world import NUMBER, TODAY

ABROAD = {"country_code": "502", "region_code": None, "uscc": None}


def remarked(content):
    return {(item.field, item.code) for item in warnings(content, Limits())}


# -- places (13.3) -----------------------------------------------------------------------------------------------------


def test_the_old_code_of_a_renamed_county_is_right_for_an_old_contract_and_pointed_out_in_a_new_one():
    parties = [a_party("seller", region_code="431121"), a_party("buyer")]
    found = [item for item in warnings(a_content(parties=parties), Limits()) if item.code == "region_not_in_force"]
    assert found[0].field == "parties.0.region_code"
    assert found[0].params == {"name": "祁阳县", "code": "431181", "successor": "祁阳市"}
    old = a_content(parties=parties, signed_on=date(2019, 5, 1))
    assert ("parties.0.region_code", "region_not_in_force") not in remarked(old)
    assert regions.current_code("431121") == "431181"


def test_the_region_is_chosen_and_never_read_out_of_the_credit_code():
    seller = a_party("seller", uscc="91431121MA4L00000X", region_code="431181", uscc_override_reason="证照如此")
    assert not {code for field, code in remarked(a_content(parties=[seller, a_party("buyer")])) if "region" in field}


def test_a_statistical_unit_is_no_county():
    seller = a_party("seller", region_code="431171")
    assert ("parties.0.region_code", "region_is_no_county") in remarked(a_content(parties=[seller, a_party("buyer")]))


def test_a_contract_of_people_from_elsewhere_is_told_where_it_belongs():
    here, there = a_party("buyer"), a_party("seller", region_code="430102")
    assert ("seller", "seller_registers_at_its_place") in remarked(a_content(parties=[there, here]))
    assert not remarked(a_content(parties=[there, here], registered_elsewhere=True)) & {
        ("seller", "seller_registers_at_its_place")
    }
    strangers = [there, a_party("buyer", region_code="430103")]
    assert ("parties", "nobody_at_home") in remarked(a_content(parties=strangers))


def test_all_eleven_counties_are_at_home():
    codes = {entry.code for entry in regions.home_counties()}
    assert len(codes) == 11
    assert all(
        not remarked(a_content(parties=[a_party("seller", region_code=code), a_party("buyer")])) for code in codes
    )


def test_a_contract_of_a_renamed_county_keeps_the_code_of_its_day_in_the_ledger(world):
    parties = [a_party("seller", region_code="431121"), a_party("buyer")]
    world.registered(parties=parties)
    with world.database.read() as session:
        lines, _more = service.list_movements(session, world.actors["registrar"], schemas.MovementFilter())
    assert lines[0].seller_region == "431121"
    assert world.sums(home_output=True)[0] == 1


# -- borders and money (15) ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"parties": [a_party("seller"), a_party("buyer", **ABROAD)]}, ("cross_border", "party_abroad")),
        ({"cross_border": "import", "country_code": "502"}, ("cross_border", "import_from_home")),
        ({"cross_border": "export", "country_code": "502"}, ("cross_border", "export_to_home")),
        (
            {"currency": "USD", "amount_original": "1", "fx_rate": "7", "fx_date": "2026-02-27", "fx_source": "中间价"},
            ("fx_date", "fx_date_is_not_signing_day"),
        ),
        ({"is_equity_contribution": True}, ("is_equity_contribution", "equity_is_registered_as_transfer")),
        ({"plan_source": "CITY", "project_number": "甲"}, ("plan_source", "own_city_money")),
        ({"registered_elsewhere": True}, ("registered_elsewhere", "outside_the_indicator")),
        (
            {"license_mode": "OPEN", "contract_category": "LIC", "contract_amount_fen": 2_000_000_001},
            ("contract_amount_fen", "open_licence_above_cap"),
        ),
    ],
)
def test_a_case_to_look_at_is_pointed_out_and_blocks_nothing(changes, expected):
    assert expected in remarked(a_content(**changes))


def test_an_export_and_an_import_as_they_should_be_say_only_what_the_commerce_office_wants():
    export = a_content(
        cross_border="export", country_code="502", parties=[a_party("seller"), a_party("buyer", **ABROAD)]
    )
    assert remarked(export) == {("cross_border", "commerce_registration_too")}
    seller = a_party("seller", **ABROAD)
    assert remarked(a_content(cross_border="import", country_code="502", parties=[seller, a_party("buyer")])) == {
        ("cross_border", "commerce_registration_too")
    }


def test_foreign_money_is_converted_by_the_rate_of_the_day_and_kept_with_it(world):
    money = {
        "currency": "USD",
        "amount_original": "100000.50",
        "fx_rate": "7.1234",
        "fx_date": date(2026, 2, 26),
        "fx_source": "中国人民银行中间价",
        "contract_amount_fen": 71_234_356,
        "technical_amount_fen": 71_234_356,
        "non_technical_items": [],
    }
    assert problems(a_content(**money), TODAY) == []
    code = world.registered(**money)
    content = world.see(code).content
    assert (str(content.amount_original), str(content.fx_rate)) == ("100000.50", "7.1234")
    assert world.sums()[1] == 71_234_356


def test_an_import_counts_as_taken_in_and_never_as_given_out(world):
    parties = [a_party("seller", **ABROAD), a_party("buyer")]
    code = world.do(
        service.create_draft,
        "buyer",
        a_content(
            cross_border="import",
            country_code="502",
            parties=[*parties[:1], a_party("buyer", organisation_code=world.organisations["firm"].code)],
        ),
    ).code
    world.do(service.submit, "buyer", code)
    world.do(service.accept, "registrar", code)
    world.do(service.start_review, "registrar", code)
    world.register(code)
    assert world.sums(home_output=True)[0] == 0
    assert world.sums(buyer_regions=("431181",))[0] == 1


def test_a_contract_registered_elsewhere_is_kept_and_stays_outside_the_indicator(world):
    world.registered(registered_elsewhere=True)
    assert world.sums()[0] == 1
    assert world.sums(home_output=True)[0] == 0


def test_a_branch_signs_for_its_legal_person_and_needs_its_authority(world):
    seller = a_party("seller", branch_name="食品学院")
    needs = {
        item.code: item.need for item in papers_needed(a_content(parties=[seller, a_party("buyer")]), first_time=False)
    }
    assert needs["D4"] == "needed"
    code = world.registered(parties=[seller, a_party("buyer")])
    assert world.see(code).content.primary("seller").branch_name == "食品学院"


def test_several_buyers_in_several_counties_share_the_amount_and_the_first_counts(world):
    buyers = [
        a_party("buyer", share_amount_fen=100_000_001),
        a_party(
            "buyer",
            sequence=2,
            is_primary=False,
            name="演示丙公司",
            uscc=None,
            region_code="431129",
            share_amount_fen=85_999_999,
            country_code="502",
        ),
    ]
    code = world.registered(parties=[a_party("seller"), *buyers])
    assert ("buyer", "several_regions") in {(item.field, item.code) for item in world.see(code).warnings}
    assert world.sums() == (1, 186_000_000, 140_150_000)


def test_a_confidential_contract_leaves_nothing_behind(world):
    with pytest.raises(Invalid) as told:
        world.do(service.create_draft, "seller", Content(is_confidential=True, contract_title="不该进来的"))
    assert told.value.fields[0].code == "confidential_contract"
    with world.database.read() as session:
        assert service.list_contracts(session, world.actors["registrar"], schemas.ContractFilter())[0] == []


def test_an_amount_not_settled_counts_once_with_what_is_settled_and_is_set_by_a_change(world):
    code = world.registered(
        contract_amount_fen=0, technical_amount_fen=0, non_technical_items=[], amount_status="undetermined"
    )
    assert world.sums() == (1, 0, 0)
    settled = {"contract_amount_fen": 5_000_000, "technical_amount_fen": 5_000_000, "amount_status": "determined"}
    given = schemas.ChangeIn(content=settled, changed_on=TODAY, reason="价款确定", evidence="补充协议一")
    world.do(service.change, "registrar", code, given)
    assert world.sums() == (1, 5_000_000, 5_000_000)


def test_the_same_contract_twice_is_named_before_it_is_submitted_again(world):
    code = world.registered()
    again = world.draft()
    assert world.see(again, "seller").duplicates == [code]


def test_numbers_dates_and_rules_of_the_year_2000_and_of_2026(world):
    code = world.registered()
    shown = world.see(code)
    assert shown.registration_number == NUMBER
    assert (shown.rules.code, shown.rules.verified) == ("REG_2026", False)


# -- papers (5.2) ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "first_time", "needed"),
    [
        ({}, True, {"D1", "D2", "D3", "D10"}),
        ({}, False, {"D1", "D2", "D10"}),
        ({"contract_category": "LIC"}, False, {"D1", "D2", "D7", "D10"}),
        ({"plan_source": "PROV"}, False, {"D1", "D2", "D5", "D10"}),
        ({"cross_border": "export"}, False, {"D1", "D2", "D8", "D10"}),
    ],
)
def test_the_list_of_papers_follows_the_record(changes, first_time, needed):
    found = papers_needed(a_content(**changes), first_time=first_time)
    assert {item.code for item in found if item.need == "needed"} == needed
    assert [item.code for item in found] == [f"D{number}" for number in range(1, 11)]


def test_a_seller_that_registered_before_need_not_show_who_it_is_again(world):
    def needs(code):
        return {paper.code: paper.need for paper in world.see(code).papers}

    first = world.submitted()
    assert needs(first)["D3"] == "needed"
    world.registered(contract_title="先登记的一份")
    assert needs(first)["D3"] == "not_needed"
