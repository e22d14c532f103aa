from datetime import date

import pytest
from pydantic import ValidationError

from services.contracts.checks import Limits, completeness, missing, problems, warnings
from services.contracts.content import Content
from services.contracts.rule_sets import RuleSetView, in_force
from tests.services.contracts.factories import a_content, a_party

TODAY = date(2026, 11, 25)


def codes(found):
    return {(item.field, item.code) for item in found}


def test_a_complete_contract_misses_nothing_and_contradicts_nothing():
    content = a_content()
    assert missing(content) == []
    assert problems(content, TODAY) == []
    assert warnings(content, Limits()) == []


def test_an_empty_draft_is_allowed_and_says_what_submission_will_ask_for():
    fields = {item.field for item in missing(Content())}
    assert {
        "contract_title",
        "signed_on",
        "contract_amount_fen",
        "seller",
        "buyer",
        "abstract",
        "filing.filled_by",
    } <= fields
    assert "license_mode" not in fields
    assert problems(Content(), TODAY) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contract_category": "LIC", "contract_subtype": "LIC_PATENT"}, "license_mode"),
        ({"contract_category": "TRF", "contract_subtype": "TRF_PATENT"}, "ip_objects"),
        ({"contract_category": "TRF", "contract_subtype": "TRF_PATENT"}, "expected_new_output_fen"),
        ({"plan_source": "PROV"}, "project_number"),
        ({"payment_mode": "INSTALMENT"}, "payment_schedule"),
        ({"cross_border": "export"}, "country_code"),
        ({"is_related_party": True}, "relation_kind"),
        ({"currency": "USD"}, "fx_rate"),
        ({"contract_category": "SRV", "contract_subtype": "SRV_AGENCY"}, "main_contract"),
        ({"amount_status": "capped"}, "amount_cap_fen"),
        ({"non_technical_items": []}, "non_technical_items"),
        ({"parties": [a_party("seller", uscc=None), a_party("buyer")]}, "parties.0.uscc"),
        ({"parties": [a_party("seller"), a_party("buyer", region_code=None)]}, "parties.1.region_code"),
        ({"parties": [a_party("seller")]}, "buyer"),
    ],
)
def test_what_a_condition_asks_for_is_missing_when_the_condition_holds(changes, field):
    assert field in {item.field for item in missing(a_content(**changes))}


def test_a_natural_person_is_asked_for_no_credit_code():
    content = a_content(parties=[a_party("seller", uscc=None, party_group="PERSON"), a_party("buyer")])
    assert missing(content) == []
    line = next(item for item in completeness(content) if item.field == "parties.0.uscc")
    assert line.status == "not_applicable"


def test_a_foreign_buyer_is_asked_for_neither_credit_code_nor_region():
    buyer = a_party("buyer", uscc=None, region_code=None, country_code="502")
    assert missing(a_content(parties=[a_party("seller"), buyer], cross_border="export", country_code="502")) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"contract_subtype": "SRV_GENERAL"}, ("contract_subtype", "subtype_of_other_category")),
        ({"license_mode": "SOLE"}, ("license_mode", "only_for_licences")),
        (
            {"contract_category": "TRF", "contract_subtype": "TRF_SECRET", "ip_types": ["NONE"]},
            ("ip_types", "transfer_needs_rights"),
        ),
        ({"ip_types": ["NONE", "SECRET"]}, ("ip_types", "none_beside_others")),
        ({"contract_subtype": "DEV_COOP"}, ("parties", "joint_development_needs_two")),
        (
            {"parties": [a_party("seller"), a_party("buyer", uscc="9111 0000 1016 2374 1K")]},
            ("parties.1.uscc", "seller_is_buyer"),
        ),
        (
            {"parties": [a_party("seller", share_amount_fen=1), a_party("buyer")]},
            ("seller", "shares_do_not_add_up"),
        ),
        (
            {"contract_category": "TRF", "contract_subtype": "TRF_EQUITY"},
            ("is_equity_contribution", "equity_contradicts_subtype"),
        ),
        ({"amount_status": "capped", "amount_cap_fen": 1}, ("amount_cap_fen", "amount_above_cap")),
        (
            {"contract_amount_fen": 0, "technical_amount_fen": 0, "non_technical_items": []},
            ("amount_status", "zero_but_determined"),
        ),
        (
            {"currency": "USD", "amount_original": "1000", "fx_rate": "7.1234", "fx_date": "2026-02-26"},
            ("contract_amount_fen", "conversion_differs"),
        ),
        ({"valid_to": date(2026, 1, 1)}, ("valid_to", "date_before")),
        ({"parties": [a_party("seller"), a_party("seller"), a_party("buyer")]}, ("seller", "one_primary_only")),
    ],
)
def test_a_contradiction_is_named_at_its_field(changes, expected):
    assert expected in codes(problems(a_content(**changes), TODAY))


def test_an_undetermined_amount_of_zero_may_be_submitted():
    content = a_content(
        contract_amount_fen=0, technical_amount_fen=0, non_technical_items=[], amount_status="undetermined"
    )
    assert missing(content) == []
    assert problems(content, TODAY) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {
                "contract_amount_fen": 100,
                "technical_amount_fen": 29,
                "non_technical_items": [{"kind": "EQUIP", "amount_fen": 71}],
            },
            ("technical_amount_fen", "technical_share_low"),
        ),
        (
            {
                "contract_category": "SRV",
                "contract_subtype": "SRV_GENERAL",
                "contract_amount_fen": 500_000_001,
                "technical_amount_fen": 500_000_001,
                "non_technical_items": [],
            },
            ("technical_amount_fen", "service_all_technical"),
        ),
        (
            {"contract_amount_fen": 1_000_000_001, "technical_amount_fen": 1_000_000_001, "non_technical_items": []},
            ("contract_amount_fen", "large_contract"),
        ),
        ({"is_related_party": True, "relation_kind": "同一控制人"}, ("is_related_party", "related_party")),
        (
            {"parties": [a_party("seller", uscc="91350211M0000XUF46"), a_party("buyer")]},
            ("parties.0.uscc", "uscc_checksum"),
        ),
        (
            {"ip_objects": [{"kind": "PATENT_INV", "number": "201710601862.4"}]},
            ("ip_objects.0.number", "patent_number_checksum"),
        ),
        ({"cross_border": "export", "country_code": "502"}, ("cross_border", "commerce_registration_too")),
    ],
)
def test_what_is_unusual_is_pointed_out_and_blocks_nothing(changes, expected):
    content = a_content(**changes)
    assert expected in codes(warnings(content, Limits()))
    assert problems(content, TODAY) == []


def test_a_credit_code_that_fails_its_check_passes_with_a_reason():
    parties = [a_party("seller", uscc="91350211M0000XUF46", uscc_override_reason="营业执照原件如此"), a_party("buyer")]
    assert warnings(a_content(parties=parties), Limits()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("contract_amount_fen", -1),
        ("contract_amount_fen", 10**18),
        ("contract_amount_fen", "12.5"),
        ("signed_on", "2026-02-30"),
        ("signed_on", "0026-02-03"),
        ("contract_title", "长" * 201),
        ("contract_title", "a\0b"),
        ("cross_border", "both"),
        ("country_code", "CHN"),
        ("unknown_field", 1),
    ],
)
def test_a_value_of_the_wrong_shape_is_refused_even_in_a_draft(name, value):
    with pytest.raises(ValidationError):
        Content.model_validate({name: value})


def rule_set(code, valid_from, valid_to=None):
    return RuleSetView(
        code, code, valid_from, valid_to, True, "seen", "", {"decision_days": 30, "decision_day_kind": "calendar_day"}
    )


def test_the_rules_are_those_of_the_day_of_acceptance():
    sets = [rule_set("OLD", date(2000, 2, 16), date(2026, 2, 28)), rule_set("NEW", date(2026, 3, 1))]
    assert in_force(sets, date(2026, 2, 28)).code == "OLD"
    assert in_force(sets, date(2026, 3, 1)).code == "NEW"
    assert in_force(sets, date(1999, 1, 1)) is None
