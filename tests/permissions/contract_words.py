"""Contracts of which something is to be said on their page: the codes, and what differs from a good contract."""

from datetime import date
from decimal import Decimal

from tests.services.contracts.factories import a_party

YUAN = 100


def parties(seller=None, buyer=None, *more):
    return [a_party("seller", **(seller or {})), a_party("buyer", **(buyer or {})), *more]


def two_sellers(first=None, **second):
    return [
        a_party("seller", **(first or {})),
        a_party("seller", sequence=2, **{"is_primary": False} | second),
        a_party("buyer"),
    ]


SAID = [
    # amounts
    ("technical_above_contract", {"technical_amount_fen": 200_000_000}),
    ("items_above_contract", {"contract_amount_fen": 1_000_000, "technical_amount_fen": 0}),
    ("worksheet_differs", {"technical_amount_fen": 140_000_000}),
    ("zero_but_determined", {"contract_amount_fen": 0, "technical_amount_fen": 0, "non_technical_items": []}),
    ("amount_above_cap", {"amount_status": "capped", "amount_cap_fen": 100}),
    ("conversion_differs", {"cross_border": "export", "currency": "USD", "amount_original": Decimal(1), "fx_rate": Decimal(7), "fx_date": date(2026, 2, 26)}),
    ("shares_do_not_add_up", {"parties": parties({"share_amount_fen": 5})}),
    ("technical_share_low", {"technical_amount_fen": 100, "non_technical_items": [{"kind": "EQUIP", "name": "冷榨机组", "amount_fen": 185_999_900}]}),
    ("service_all_technical", {"contract_category": "SRV", "contract_subtype": "SRV_GENERAL", "contract_amount_fen": 600_000_000, "technical_amount_fen": 600_000_000, "non_technical_items": []}),
    ("large_contract", {"contract_amount_fen": 2_000_000_000, "technical_amount_fen": 2_000_000_000, "non_technical_items": []}),
    ("open_licence_above_cap", {"contract_category": "LIC", "contract_subtype": "LIC_PATENT", "license_mode": "OPEN", "contract_amount_fen": 3_000_000_000, "technical_amount_fen": 3_000_000_000, "non_technical_items": []}),
    # dates
    ("date_in_future", {"signed_on": date(2026, 12, 1)}),
    ("date_before", {"effective_on": date(2026, 1, 1)}),
    # kinds
    ("subtype_of_other_category", {"contract_subtype": "SRV_GENERAL"}),
    ("transfer_needs_rights", {"contract_category": "LIC", "contract_subtype": "LIC_PATENT", "ip_types": ["NONE"]}),
    ("none_beside_others", {"ip_types": ["PATENT_INV", "NONE"]}),
    ("only_for_licences", {"license_mode": "SOLE"}),
    ("equity_contradicts_subtype", {"contract_category": "TRF", "contract_subtype": "TRF_EQUITY", "is_equity_contribution": False}),
    ("equity_is_registered_as_transfer", {"is_equity_contribution": True}),
    ("joint_development_needs_two", {"contract_subtype": "DEV_COOP"}),
    ("ordinary_contract_words", {"contract_category": "SRV", "contract_subtype": "SRV_GENERAL", "contract_title": "设备采购合同", "abstract": "采购设备并施工"}),
    ("own_city_money", {"plan_source": "CITY", "project_number": "1"}),
    ("outside_the_indicator", {"registered_elsewhere": True}),
    ("related_party", {"is_related_party": True}),
    # parties
    ("one_primary_only", {"parties": two_sellers(is_primary=True)}),
    ("seller_is_buyer", {"parties": parties(None, {"uscc": "91110000101623741K"})}),
    ("several_regions", {"parties": two_sellers(region_code="431103")}),
    ("uscc_length", {"parties": parties(None, {"uscc": "9111"})}),
    ("uscc_alphabet", {"parties": parties(None, {"uscc": "9111010669769418OI"})}),
    ("uscc_checksum", {"parties": parties(None, {"uscc": "91350211M0000XUF46"})}),
    ("uscc_prefix", {"parties": parties(None, {"uscc": "Q1110106697694187J"})}),
    ("nobody_at_home", {"parties": parties({"region_code": "430102"}, {"region_code": "430102"})}),
    ("seller_registers_at_its_place", {"parties": parties({"region_code": "430102"})}),
    ("region_not_in_force", {"parties": parties({"region_code": "431121"})}),
    ("region_is_no_county", {"parties": parties({"region_code": "431171"})}),
    # borders
    ("party_abroad", {"parties": parties(None, {"country_code": "502"})}),
    ("import_from_home", {"cross_border": "import"}),
    ("export_to_home", {"cross_border": "export"}),
    ("commerce_registration_too", {"cross_border": "export"}),
    ("fx_date_is_not_signing_day", {"fx_date": date(2026, 2, 20)}),
    # rights
    ("patent_number_shape", {"ip_objects": [{"kind": "PATENT_INV", "number": "abc"}]}),
    ("patent_number_type", {"ip_objects": [{"kind": "PATENT_INV", "number": "201770601862.3"}]}),
    ("patent_number_checksum", {"ip_objects": [{"kind": "PATENT_INV", "number": "201710601862.4"}]}),
    # papers
    ("paper_branch", {"parties": parties({"branch_name": "食品学院"})}),
    ("paper_plan", {"plan_source": "PROV", "project_number": "1"}),
    ("paper_rights", {"contract_category": "LIC", "contract_subtype": "LIC_PATENT"}),
    ("paper_foreign", {"cross_border": "import"}),
    ("expert_review_usual", {"contract_amount_fen": 2_000_000_000, "technical_amount_fen": 2_000_000_000, "non_technical_items": []}),
]  # fmt: skip
