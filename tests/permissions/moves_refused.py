"""Moves that are refused, and requests that cannot be read: code, who, method, path, body. See test_error_codes."""

DEALS, DEAL, FRESH = "/api/v1/deals", "/api/v1/deals/{deal}", "/api/v1/deals/{fresh_deal}"
AGREED, ENDED, SIGNED = "/api/v1/deals/{agreed_deal}", "/api/v1/deals/{ended_deal}", "/api/v1/deals/{done_deal}"
NEXT = {"text": "寄样品", "side": "seeker", "due_on": "2026-03-20"}
SIGN = {"signed_on": "2026-03-12", "contract_amount_fen": 1_000_000, "promise": "合同下周补上"}
OFFER = {"amount_fen": 1_000_000, "payment_mode": "LUMP_SUM", "scope": "一套装置", "valid_until": "2026-04-30"}
CONTRACT = "/api/v1/contracts/{contract}"
APPROVED = "/api/v1/contracts/{contract_approved}/register"
DRAFT = "/api/v1/contracts/{contract_draft}"
NUMBER = {"registration_number": "2026431100000099", "registered_on": "2026-03-12"}


def introduce(code, **body):
    return (code, "broker", "POST", DEALS, body)


MOVES = [
    # deals
    introduce("deal_already_introduced", need_code="<need>", result_code="<result>"),
    introduce("deal_listing_unknown", need_code="N-2026-999999", result_code="<result>"),
    introduce("deal_listing_kind", need_code="<result>", result_code="<need>"),
    introduce("deal_listing_not_open", need_code="<gone>", result_code="<result>"),
    introduce("deal_organisation_unknown", need_code="<other_need>", provider_organisation="O-2026-999999"),
    introduce("deal_need_or_result"),
    ("deal_date_in_future", "broker", "POST", f"{DEAL}/talk", {"happened_on": "2026-12-01", "note": "看了车间"}),
    ("deal_date_in_past", "broker", "POST", f"{DEAL}/next-action", NEXT | {"due_on": "2026-01-01"}),
    ("deal_date_too_far", "broker", "POST", f"{DEAL}/next-action", NEXT | {"due_on": "2090-01-01"}),
    ("deal_no_broker", "member", "POST", "/api/v1/deals/{direct_deal}/next-action", NEXT | {"side": "broker"}),
    ("deal_contract_or_promise", "member", "POST", f"{AGREED}/sign", {"signed_on": "2026-03-12", "contract_amount_fen": 5}),
    ("deal_nothing_to_confirm", "provider", "POST", f"{AGREED}/confirm-signature", None),
    ("deal_file_unknown", "member", "POST", f"{DEAL}/confidentiality", {"file_id": 9999}),
    ("deal_file_own_side", "member", "POST", f"{DEAL}/confidentiality", {"file_id": "<own_file>"}),
    ("deal_already_confidential", "member", "POST", "/api/v1/deals/{secret_deal}/confidentiality", {"file_id": 1}),
    ("deal_level_not_yours", "broker", "POST", f"{DEAL}/messages", {"body": "您好", "level": "after_confidentiality"}),
    ("deal_reason_not_wanted", "member", "POST", f"{DEAL}/end", {"reason": "price", "unsuitable_reason": "price"}),
    ("deal_sentence_needed", "member", "POST", f"{DEAL}/end", {"reason": "other"}),
    ("deal_ended", "member", "POST", f"{ENDED}/end", {"reason": "price"}),
    ("deal_signed", "member", "POST", f"{SIGNED}/end", {"reason": "price"}),
    ("match_kind_unknown", "visitor", "GET", "/api/v1/needs/{need}/matches?kind=planets", None),
    ("match_of_two_kinds", "visitor", "GET", "/api/v1/needs/{need}/matches/{other_need}", None),
    # contracts
    ("amount_not_positive", "provider", "POST", f"{CONTRACT}/receipts", {"received_on": "2026-03-12", "amount_fen": 0}),
    ("more_taken_off_than_received", "provider", "POST", f"{CONTRACT}/receipts", {"received_on": "2026-03-12", "amount_fen": -5, "kind": "correction"}),
    ("date_in_future", "provider", "POST", f"{CONTRACT}/receipts", {"received_on": "2026-12-12", "amount_fen": 5}),
    ("after_validity", "registrar", "POST", "/api/v1/contracts/{short_contract}/register", NUMBER),
    ("registration_number_taken", "registrar", "POST", APPROVED, NUMBER | {"registration_number": "<taken_number>"}),
    ("registration_number_characters", "registrar", "POST", APPROVED, NUMBER | {"registration_number": "登记一号"}),
    ("unknown_file", "registrar", "POST", APPROVED, NUMBER | {"certificate_file_id": 9999}),
    ("year_in_library", "registrar", "POST", "/contracts/calendar", {"year": "2025", "days": "2025-01-01 休 元旦"}),
    # figures
    ("period_unreadable", "bureau", "GET", "/api/v1/statistics/tables/T0?period=soon", None),
    ("reading_unknown", "bureau", "GET", "/api/v1/statistics/tables/T0?period=2026&reading=mine", None),
    ("view_unknown", "bureau", "GET", "/api/v1/statistics/tables/T0?period=2026&view=mine", None),
    ("figure_unknown", "bureau", "GET", "/api/v1/statistics/figures/planets", None),
    ("pace_amount_unreadable", "visitor", "GET", "/indicators?plan_year=2026&target=1&gdp=much&so_far=1", None),
    ("period_closed", "bureau", "POST", "/indicators/closings", {"period": "2026-01"}),
    ("synonym_known", "moderator", "POST", "/api/v1/search/synonyms", {"kind": "term", "words": ["山苍子", "木姜子"]}),
    ("export_field_unknown", "visitor", "GET", "/api/v1/needs?fields=colour&format=csv", None),
    # lists brought in
    ("import_map_form", "member", "POST", "/api/v1/imports", {"kind": "needs", "map": "title", "a_file": True}),
    ("import_file_kind", "member", "POST", "/api/v1/imports", {"kind": "needs", "a_file": True}),
]  # fmt: skip
