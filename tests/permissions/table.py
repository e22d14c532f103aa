"""Who may: written by hand from what the market promises, never derived from the policy that the program asks.

A row is (method, address, who may, body). `{need}` in an address and `<need>` in a body are records of `world.py`. Whoever is not
named is refused: with a way to the sign-in, 403, 404 (as if there were none) or the tombstone of what was withdrawn.
"""

from typing import Any

from tests.permissions.world import PEOPLE

Row = tuple[str, str, frozenset[str], Any]

ALL = frozenset({"visitor", *PEOPLE})
SIGNED = frozenset(PEOPLE)
NOBODY: frozenset[str] = frozenset()
FIRM = frozenset({"member", "boss"})
KEEPER = frozenset({"keeper"})
CLERK = frozenset({"clerk"})
CLERKS = frozenset({"clerk", "far_clerk"})
BROKERS = frozenset({"broker", "other_broker"})
MODERATORS = frozenset({"moderator", "keeper"})
REGISTRARS = frozenset({"registrar", "far_registrar"})
WRITERS = FIRM | CLERK | KEEPER
"""Whoever may change a record of the firm: its people, the clerk of its region, the administrator."""
UNIVERSITY = frozenset({"provider"})
SIDES = FIRM | UNIVERSITY | {"broker"}
"""Whoever takes part in the deal."""
PARTIES = FIRM | UNIVERSITY
"""The parties of the contracts."""
WITH_A_FIRM = PARTIES | {"rival"}
"""Whoever acts for an organisation of their own; a clerk first says for which firm."""
DESK = frozenset({"registrar"})
CONTRACT_READERS = PARTIES | DESK | {"bureau"}
BUREAU = frozenset({"bureau"})
"""Whoever opens a figure down to the contracts: an administrator runs the market and reads no contracts."""
FIGURES = frozenset({"bureau", "keeper"})

NEED = {"kind": "need", "title": "演示：锰渣里的锰怎么回收"}
OFFER = {"amount_fen": 1_000_000, "payment_mode": "LUMP_SUM", "scope": "一套装置", "valid_until": "2026-04-30"}
SIGN = {"signed_on": "2026-03-12", "contract_amount_fen": 1_000_000, "promise": "合同下周补上"}
NEXT = {"text": "寄样品", "side": "seeker", "due_on": "2026-03-20"}
END = {"reason": "price"}
REGISTER = {"registration_number": "2026431100000099", "registered_on": "2026-03-12"}
VERIFY = {"verification.contract_amount_fen": "1,860,000.00"}
ENDED = {"ended_on": "2026-03-12", "ground": "agreement", "reason": "双方解除", "evidence": "解除协议"}


def rows() -> list[Row]:
    """Give every row."""
    return [
        *_public(),
        *_account(),
        *_organisations(),
        *_listings(),
        *_deals(),
        *_contracts(),
        *_imports(),
        *_figures(),
    ]


def _public() -> list[Row]:
    pages = (
        "/", "/search?q=锰", "/needs", "/results", "/patents", "/experts", "/about", "/about/statistics",
        "/about/accessibility", "/quality", "/quality/no", "/brokers", "/api/v1/brokers", "/api/v1/refusals", "/docs", "/language?to=en", "/healthz", "/readyz", "/openapi.json",
        "/needs/{need}", "/results/{result}", "/patents/{patent}", "/experts/{expert}", "/organisations/{firm}",
        "/indicators", "/indicators.csv", "/indicators.xlsx",
        "/api/v1/search?q=锰", "/api/v1/needs", "/api/v1/needs/{need}", "/api/v1/results/{result}",
        "/api/v1/patents/{patent}", "/api/v1/experts/{expert}", "/api/v1/needs/{need}/matches",
        "/api/v1/results/{result}/matches", "/api/v1/organisations", "/api/v1/organisations/{firm}",
        "/indicators/tables?period=2026", "/indicators/tables/print?period=2026", "/indicators/tables.xlsx?period=2026",
        "/indicators/tables/T0?period=2026", "/api/v1/statistics/readings", "/api/v1/statistics/tables",
        "/api/v1/statistics/tables/T0?period=2026", "/needs/{need}/why", "/api/v1/needs/{need}/matches/{result}",
        "/api/v1/patents/{patent}/matches", "/api/v1/experts/{expert}/matches",
        "/api/v1/indicators", "/api/v1/indicators/{indicator}/years",
        "/api/v1/indicators/{indicator}/breakdowns/county?year=2026",
        "/api/v1/indicators/{indicator}/cross?year=2026",
    )  # fmt: skip
    return [("GET", page, ALL, None) for page in pages] + [
        # What was withdrawn leaves a tombstone; what is no record is none, whoever asks.
        ("GET", "/needs/{gone}", WRITERS | {"moderator"}, None),
        ("GET", "/api/v1/needs/{gone}", WRITERS | {"moderator"}, None),
        ("GET", "/needs/N-2026-999999", NOBODY, None),
        ("GET", "/metrics", KEEPER, None),
        ("GET", "/operations", KEEPER, None),
        ("POST", "/operations", KEEPER, {"do": "again"}),
        ("GET", "/audit?kind=listing", FIGURES, None),
        ("GET", "/audit.csv", FIGURES, None),
        ("GET", "/api/v1/search/completions?q=锰", ALL, None),
        *((method, path, MODERATORS | {"far_moderator"}, body) for method, path, body in (
            ("GET", "/api/v1/search/queries", None), ("GET", "/api/v1/search/synonyms", None), ("GET", "/search/words", None),
            ("POST", "/api/v1/search/synonyms", {"kind": "term", "words": ["山苍子", "木姜子"]}),
            ("POST", "/search/words", {"kind": "term", "words": "山苍子、木姜子"}),
        )),
        ("DELETE", "/api/v1/search/synonyms/999", NOBODY, None),
        ("POST", "/search/words/remove", NOBODY, {"number": "999"}),
    ]  # fmt: skip


def _account() -> list[Row]:
    return [
        ("GET", "/account/shown", SIGNED, None),
        ("POST", "/acting", CLERK, {"organisation": "<firm>"}),
        ("POST", "/account/shown", BROKERS, {"shown": "listed"}),
        ("GET", "/api/v1/me/shown", SIGNED, None),
        ("PUT", "/api/v1/me/shown", BROKERS, {"shown": ["listed"]}),
        ("GET", "/api/v1/notices", SIGNED, None),
        ("POST", "/api/v1/notices/read", SIGNED, None),
        ("GET", "/api/v1/notices/choice", SIGNED, None),
        ("PUT", "/api/v1/notices/choice", SIGNED, {"mail": "none"}),
        ("GET", "/api/v1/searches", SIGNED, None),
        ("POST", "/api/v1/searches", SIGNED, {"name": "锰", "words": "锰"}),
        ("DELETE", "/api/v1/searches/999", NOBODY, None),
        ("GET", "/api/v1/follows", SIGNED, None),
        ("POST", "/api/v1/follows", SIGNED, {"code": "<result>"}),
        ("DELETE", "/api/v1/follows/{result}", SIGNED, None),
        ("GET", "/work/day", SIGNED, None),
        ("GET", "/quality/no/cases", SIGNED, None),
        ("GET", "/api/v1/refusals/cases", SIGNED, None),
        ("GET", "/login", ALL, None),
        ("POST", "/login", ALL, {"login": "nobody", "password": "wrong"}),
        ("POST", "/login/second", NOBODY, {"token": "made-up", "code": "123456"}),
        ("GET", "/login/forgotten", ALL, None),
        ("POST", "/login/forgotten", ALL, {"login": "nobody"}),
        ("GET", "/login/new-password/made-up", NOBODY, None),
        ("POST", "/login/new-password/made-up", NOBODY, {"new": "a-long-password"}),
        ("GET", "/signup", ALL, None),
        ("POST", "/signup", ALL, {"login": "new.person", "password": "a-long-password", "name": "新人", "organisation": "新单位"}),
        ("POST", "/logout", SIGNED, {}),
        ("GET", "/account", SIGNED, None),
        ("POST", "/account", SIGNED, {"do": "password", "old": "x", "new": "y"}),
        ("GET", "/account/data.json", SIGNED, None),
        ("GET", "/account/erase", SIGNED, None),
        ("POST", "/account/erase", SIGNED, {"old": "wrong"}),
        ("GET", "/account/second-factor", SIGNED, None),
        ("GET", "/account/second-factor/picture.svg", SIGNED, None),
        ("POST", "/account/second-factor", SIGNED, {"code": "000000"}),
        ("POST", "/account/address", SIGNED, {}),
        ("GET", "/account/address/made-up", NOBODY, None),
        ("POST", "/account/address/made-up", NOBODY, {}),
        ("GET", "/account/tokens", SIGNED, None),
        ("POST", "/account/tokens", SIGNED, {"label": "x", "scopes": "read"}),
        ("GET", "/notices", SIGNED, None),
        ("POST", "/notices", SIGNED, {}),
        ("GET", "/notices/999/open", NOBODY, None),
        ("GET", "/notices/stop/made-up", ALL, None),
        ("POST", "/notices/stop/made-up", NOBODY, {}),
        ("GET", "/follows", SIGNED, None),
        ("POST", "/follows", SIGNED, {"do": "follow:<need>"}),
        ("GET", "/confirm/made-up", NOBODY, None),
        ("POST", "/confirm/made-up", NOBODY, {}),
        ("GET", "/api/v1/me", SIGNED, None),
        ("POST", "/api/v1/me/password", SIGNED, {"old": "wrong-password", "new": "a-long-password"}),
        ("GET", "/api/v1/me/sessions", SIGNED, None),
        ("DELETE", "/api/v1/me/sessions", SIGNED, None),
        ("DELETE", "/api/v1/me/sessions/999", NOBODY, None),
        ("GET", "/api/v1/tokens", SIGNED, None),
        ("POST", "/api/v1/tokens", SIGNED, {"scopes": ["read"]}),
        ("DELETE", "/api/v1/tokens/999", NOBODY, None),
    ]  # fmt: skip


def _imports() -> list[Row]:
    """A batch is its bringer's and the administrator's; what is in it is asked row by row when it is read."""
    bringers, its = SIGNED - {"bureau"}, {"member", "keeper"}
    pages = (
        "/import/{batch}",
        "/import/{batch}/refused.csv",
        "/api/v1/imports/{batch}",
        "/api/v1/imports/{batch}/findings",
    )
    return [
        ("GET", "/import", bringers, None),
        ("POST", "/import", bringers, {"kind": "needs", "a_file": True}),
        ("GET", "/import/templates/needs.xlsx", SIGNED, None),
        *(("GET", page, frozenset(its), None) for page in pages),
        ("POST", "/import/{batch}", frozenset(its), {"do": "write"}),
        ("GET", "/import/{batch}/undo", frozenset(its), None),
        ("POST", "/import/{batch}/undo", frozenset(its), {}),
        ("GET", "/api/v1/imports", SIGNED, None),
        ("POST", "/api/v1/imports", SIGNED, {"kind": "needs", "a_file": True}),
        *(("POST", f"/api/v1/imports/{{batch}}/{move}", frozenset(its), {}) for move in ("write", "stop", "remove", "undo")),
    ]  # fmt: skip


def _organisations() -> list[Row]:
    firm = {"name": "穗原里植提", "kind": "enterprise", "region_code": "431122"}
    return [
        ("POST", "/api/v1/organisations", SIGNED, {"name": "另一家演示单位"}),
        ("PUT", "/api/v1/organisations/{firm}", {"boss"} | CLERK | KEEPER, firm),
        ("POST", "/api/v1/organisations/{firm}/verify", MODERATORS, None),
        ("GET", "/organisations/{rival}/claim", SIGNED, None),
        ("POST", "/organisations/{rival}/claim", SIGNED, {}),
        ("GET", "/claims", SIGNED, None),  # lists only what this person may decide
        ("GET", "/claims/999/paper", NOBODY, None),
        ("POST", "/claims/999", NOBODY, {}),
        ("GET", "/organisations/{firm}/merge", MODERATORS, None),
        ("POST", "/organisations/{firm}/merge", MODERATORS, {"into": "<rival>"}),
        ("POST", "/moderation", MODERATORS | {"far_moderator"}, {}),
        ("POST", "/organisations/{rival}/shown", {"rival", "far_clerk"} | KEEPER, {"shown": "uscc"}),
        ("GET", "/organisations/{firm}/shown", {"boss"} | CLERK | KEEPER, None),
        ("GET", "/api/v1/organisations/{firm}/shown", {"boss"} | CLERK | KEEPER, None),
        ("PUT", "/api/v1/organisations/{firm}/shown", {"boss"} | CLERK | KEEPER, {"shown": ["uscc", "phone"]}),
        ("GET", "/api/v1/claims", SIGNED, None),  # lists only what this person may decide
        ("POST", "/api/v1/organisations/{rival}/claims", SIGNED, None),
        ("POST", "/api/v1/claims/999/decide", NOBODY, {"accept": True}),
        ("POST", "/api/v1/organisations/{firm}/merge", MODERATORS, {"into": "<rival>"}),
        ("POST", "/api/v1/organisations/{firm}/unmerge", MODERATORS, None),
    ]


def _listings() -> list[Row]:
    for_the_firm = {**NEED, "owner": "<firm>"}
    api = "/api/v1/needs"
    return [
        ("GET", "/needs/{draft}", WRITERS | {"moderator"}, None),
        ("GET", f"{api}/{{draft}}", WRITERS | {"moderator"}, None),
        ("GET", f"{api}/{{draft}}/matches", WRITERS | {"moderator"}, None),
        ("GET", "/results/{draft_result}", UNIVERSITY | MODERATORS, None),
        ("GET", "/api/v1/results/{draft_result}/matches", UNIVERSITY | MODERATORS, None),
        ("POST", api, WRITERS | BROKERS, for_the_firm),
        # A clerk of another county does not become the firm's clerk by writing another county into the record.
        ("POST", api, WRITERS | BROKERS, {**for_the_firm, "region_code": "431129"}),
        ("PUT", f"{api}/{{need}}", WRITERS, NEED),
        ("POST", f"{api}/{{draft}}/submit", WRITERS, None),
        ("POST", f"{api}/{{submitted}}/publish", MODERATORS, None),
        ("POST", f"{api}/{{submitted}}/return", MODERATORS, {"reasons": "请写现在的数值"}),
        ("POST", f"{api}/{{need}}/withdraw", WRITERS | {"moderator"}, None),
        ("POST", f"{api}/{{need}}/fulfil", WRITERS, None),
        ("POST", f"{api}/{{need}}/confirm", WRITERS, None),
        ("GET", "/needs/new", SIGNED, None),
        ("POST", "/needs/new", SIGNED, {"title": ""}),
        ("POST", "/needs/new", WRITERS | BROKERS, {"title": "演示：锰渣", "owner": "<firm>"}),
        ("GET", "/needs/{need}/edit", WRITERS, None),
        ("POST", "/needs/{need}/edit", WRITERS, {"title": "演示：锰渣", "version": "3"}),
        ("GET", "/results/new", SIGNED, None),
        ("POST", "/results/new", SIGNED, {"title": ""}),
        ("GET", "/results/{result}/edit", UNIVERSITY | KEEPER, None),
        ("POST", "/results/{result}/edit", UNIVERSITY | KEEPER, {"title": "演示：锰渣", "version": "3"}),
        ("GET", "/needs/sheet", ALL, None),
        ("GET", "/needs/{need}/sheet", WRITERS, None),
        *(
            row
            for noun in ("patents", "experts")
            for row in (
                ("GET", f"/{noun}/new", SIGNED, None),
                ("POST", f"/{noun}/new", SIGNED, {"title": ""}),
                ("GET", f"/{noun}/{{{noun[:-1]}}}/edit", UNIVERSITY | KEEPER, None),
                ("POST", f"/{noun}/{{{noun[:-1]}}}/edit", UNIVERSITY | KEEPER, {"title": "演示：锰渣", "version": "3"}),
            )
        ),
        ("GET", "/desk", SIGNED, None),
        ("POST", "/desk", SIGNED, {"do": "confirm", "codes": "<need>", "back": "/desk"}),  # each record is answered for
        ("GET", "/api/v1/desk", SIGNED, None),
        ("POST", "/api/v1/desk/moves", SIGNED, {"act": "confirm", "codes": ["<need>"]}),
        ("GET", "/api/v1/moderation", MODERATORS | {"far_moderator"}, None),
        (
            "POST",
            "/api/v1/moderation/moves",
            MODERATORS | {"far_moderator"},
            {"act": "return", "codes": ["<submitted>"], "reasons": "请写数"},
        ),
        ("GET", "/experts/{expert}/shown", UNIVERSITY | KEEPER, None),
        ("POST", "/experts/{expert}/shown", UNIVERSITY | KEEPER, {"shown": "fields"}),
        ("GET", "/api/v1/experts/{expert}/shown", UNIVERSITY | KEEPER, None),
        ("PUT", "/api/v1/experts/{expert}/shown", UNIVERSITY | KEEPER, {"shown": ["fields"]}),
        ("GET", "/moderation", MODERATORS | {"far_moderator"}, None),
        ("POST", "/moderation/{submitted}", MODERATORS, {"do": "publish"}),
        ("POST", "/listings/{draft}/submit", WRITERS, {}),
        ("POST", "/listings/{need}/withdraw", WRITERS | {"moderator"}, {}),
        ("GET", "/listings/{need}/withdraw", WRITERS | {"moderator"}, None),
    ]


def _deals() -> list[Row]:
    api, page = "/api/v1/deals/{deal}", "/deals/{deal}"
    introduce = {"need_code": "<other_need>", "result_code": "<other_result>"}
    unsuitable = {"need_code": "<need>", "record_code": "<result>", "reason": "price"}
    looking = [("GET", path, SIDES | KEEPER, None) for path in (
        api, f"{api}/offers", f"{api}/messages", f"{api}/files", f"{api}/files/{{deal_file}}", page,
        "/api/v1/introductions/1/proof",
    )]  # fmt: skip
    acting = [("POST", f"{api}/{move}", SIDES, body) for move, body in (
        ("talk", {"happened_on": "2026-03-12", "note": "看了车间"}), ("next-action", NEXT),
        ("next-done", None), ("messages", {"body": "您好"}), ("files", {"a_file": True}),
    )]  # fmt: skip
    deciding = [("POST", f"{api}/{move}", PARTIES, body) for move, body in (
        ("acknowledge", None), ("confidentiality", {"file_id": 1}), ("offers", OFFER), ("offers/1/accept", None),
        ("sign", SIGN), ("confirm-signature", None), ("end", END),
    )]  # fmt: skip
    forms = [("POST", f"{page}/{move}", PARTIES, body) for move, body in (
        ("acknowledge", {}), ("accept", {"n": "1"}), ("confirm-signature", {}),
    )]  # fmt: skip
    contact = [
        (method, f"/{noun}/contact", SIGNED, {} if method == "POST" else None)
        for noun in ("needs/{need}", "results/{result}", "patents/{patent}", "experts/{expert}")
        for method in ("GET", "POST")
    ]
    unfit = [
        (method, f"/{noun}/unsuitable", SIGNED, {} if method == "POST" else None)
        for noun in ("needs/{need}", "results/{result}", "patents/{patent}", "experts/{expert}")
        for method in ("GET", "POST")
    ]
    return [
        *looking, *acting, *deciding, *forms, *contact, *unfit,
        ("GET", "/work", SIGNED, None),
        ("GET", "/work/new", SIGNED, None),
        ("POST", "/work/new", PARTIES | BROKERS | CLERK, introduce),
        ("GET", "/api/v1/work", SIGNED, None),
        ("GET", "/api/v1/deals", SIGNED, None),
        ("POST", "/api/v1/deals", PARTIES | BROKERS, introduce),
        ("POST", "/api/v1/unsuitable-marks", PARTIES, unsuitable),
        ("POST", f"{page}/message", SIDES, {"body": "您好"}),
        ("POST", f"{page}/next-done", SIDES, {}),
        ("GET", f"{page}/offer", SIDES | KEEPER, None),  # the form shows what the room shows; sending it is below
        ("GET", f"{page}/talk", SIDES | KEEPER, None),
        ("POST", f"{page}/offer", PARTIES, {**OFFER, "amount_fen": "1 万元"}),
        ("POST", f"{page}/talk", SIDES, {"happened_on": "2026-03-12", "note": "看了车间", "level": "after_contact"}),
        ("POST", f"{page}/end", PARTIES, END),
    ]  # fmt: skip


def _contracts() -> list[Row]:
    api, page = "/api/v1/contracts", "/contracts"
    reading = [("GET", path, CONTRACT_READERS, None) for path in (
        f"{api}/{{contract}}", f"{api}/{{contract}}/versions/1", f"{api}/{{contract}}/movements",
        f"{page}/{{contract}}", f"{page}/{{contract}}/print",
    )]  # fmt: skip
    desk = [("POST", f"{api}/{{contract_{state}}}/{move}", DESK, body) for state, move, body in (
        ("submitted", "accept", None), ("accepted", "review", None), ("review", "approve", None),
        ("review", "unapprove", None), ("review", "refuse", {"ground": "1", "reason": "不是技术合同"}),
        ("review", "experts", {"reason": "请专家看看"}), ("review", "register", REGISTER),
        ("review", "decide-type", {"contract_subtype": "DEV_ENTRUST"}), ("review", "link-party", {"organisation_code": "<firm>"}),
    )]  # fmt: skip
    ledger = [("POST", f"{api}/{{contract}}/{move}", DESK, body) for move, body in (
        ("change", {"changed_on": "2026-03-12"}), ("forget", None), ("cancel", ENDED), ("revoke", ENDED),
    )]  # fmt: skip
    moves = [
        (method, f"{page}/{{contract}}/{move}", DESK, {} if method == "POST" else None)
        for move in ("forget", "revoke", "cancel", "change")
        for method in ("GET", "POST")
    ]
    moves += [
        ("GET", f"{page}/{{contract_approved}}/register", DESK, None),
        ("POST", f"{page}/{{contract_approved}}/register", DESK, {}),
        ("GET", "/api/v1/contract-types/help", SIGNED, None),
    ]
    return [
        *reading, *desk, *ledger, *moves,
        ("GET", api, SIGNED, None),
        ("POST", api, WITH_A_FIRM, {"contract_title": "一份合同"}),
        ("POST", f"{api}/{{contract}}/copy", PARTIES, None),
        ("PATCH", f"{api}/{{contract_draft}}", PARTIES, {"contract_title": "一份合同"}),
        ("POST", f"{api}/{{contract_draft}}/submit", PARTIES, None),
        ("POST", f"{api}/{{contract_draft}}/discard", PARTIES, {"reason": "不签了"}),
        ("POST", f"{api}/{{contract_refused}}/reopen", PARTIES, None),
        ("POST", f"{api}/{{contract_submitted}}/supplement", DESK, {"reason": "缺附件"}),
        ("PUT", f"{api}/{{contract_review}}/review-notes", DESK, {"note": "看过"}),
        ("POST", f"{api}/{{contract_draft}}/files", PARTIES, {"a_file": True, "kind": "contract"}),
        ("POST", f"{api}/{{contract}}/files", DESK, {"a_file": True, "kind": "contract"}),
        ("GET", f"{api}/{{contract}}/files/999", NOBODY, None),
        ("GET", f"{api}/{{contract}}/around", CONTRACT_READERS, None),
        ("GET", f"{page}/{{contract}}/around", CONTRACT_READERS, None),
        ("POST", f"{api}/{{contract}}/receipts", PARTIES | DESK, {"received_on": "2026-03-12", "amount_fen": 100}),
        ("PUT", f"{api}/{{contract}}/publicity", PARTIES | DESK, {"published_from": "2026-03-01", "published_to": "2026-03-20"}),
        ("PUT", f"{api}/{{contract}}/reward-plan", PARTIES | DESK, {"kind": "transfer"}),
        ("POST", f"{page}/{{contract}}/around/publicity", PARTIES | DESK, {"publicity.published_from": "2026-03-01", "publicity.published_to": "2026-03-20"}),
        ("GET", f"{page}/calendar", REGISTRARS | KEEPER, None),
        ("POST", f"{page}/calendar", REGISTRARS | KEEPER, {"year": "2027", "days": "2027-01-01"}),
        ("GET", "/api/v1/calendar", REGISTRARS | KEEPER, None),
        ("GET", "/api/v1/calendar/2031", REGISTRARS | KEEPER, None),
        ("PUT", "/api/v1/calendar/2031", REGISTRARS | KEEPER, {"days": [{"day": "2031-01-01", "works": False}]}),
        ("GET", f"{api}/sellers-at-the-desk", REGISTRARS, None),
        ("POST", f"{api}/together/approve", REGISTRARS, {"contracts": [{"code": "C-2026-999999"}]}),
        ("POST", f"{api}/together/register", REGISTRARS, {"contracts": [{"code": "C-2026-999999", "registration": {
            "registration_number": "2026431100009999", "registered_on": "2026-03-12"}}]}),
        ("GET", "/api/v1/movements", REGISTRARS | {"bureau"}, None),
        ("GET", page, SIGNED, None),
        ("GET", f"{page}/full.xlsx", SIGNED, None),
        ("GET", f"{page}/ledger", REGISTRARS | {"bureau"}, None),
        ("GET", f"{page}/new", WITH_A_FIRM | CLERKS, None),
        ("POST", f"{page}/new", WITH_A_FIRM | CLERK, {"contract_title": "一份合同", "is_confidential": "no", "owner": "<firm>"}),
        ("GET", f"{page}/together", REGISTRARS, None),
        ("POST", f"{page}/together", REGISTRARS, {"do": "accept"}),
        ("POST", f"{page}/{{contract_submitted}}/decide", DESK, {"decision": "accept"}),
        ("POST", f"{page}/{{contract_review}}/verify", DESK, VERIFY),
        ("POST", f"{page}/{{contract}}/copy", PARTIES, {}),
        ("POST", f"{page}/{{contract_review}}/link", DESK, {"organisation_code": "<firm>"}),
        ("POST", f"{page}/{{contract_draft}}/files", PARTIES, {"a_file": True, "kind": "contract"}),
        ("POST", f"{page}/{{contract}}/files", DESK, {"a_file": True, "kind": "contract"}),
        ("GET", f"{page}/{{contract}}/files/999", NOBODY, None),
        ("GET", f"{page}/{{contract_draft}}/edit", PARTIES, None),
        ("POST", f"{page}/{{contract_draft}}/edit/basics", PARTIES, {"contract_title": "一份合同"}),
        ("GET", f"{page}/{{contract_draft}}/discard", PARTIES, None),
        ("POST", f"{page}/{{contract_draft}}/discard", PARTIES, {}),
        ("GET", f"{page}/{{contract_draft}}/type", CONTRACT_READERS, None),
        ("POST", f"{page}/{{contract_draft}}/type", PARTIES, {"contract_subtype": "DEV_ENTRUST"}),
    ]  # fmt: skip


def _figures() -> list[Row]:
    gdp = {"year": 2025, "value_yi": "2701.50", "source": "演示"}
    return [
        ("GET", "/api/v1/indicators/{indicator}/movements?year=2026", BUREAU, None),
        ("POST", "/api/v1/indicators/gdp", FIGURES, gdp),
        ("GET", "/indicators/movements?year=2026", BUREAU, None),
        ("POST", "/indicators/publish", FIGURES, {}),
        *_plan(),
        ("GET", "/api/v1/statistics/closings", FIGURES, None),
        ("GET", "/api/v1/statistics/closings/2026-02", NOBODY, None),
        ("GET", "/api/v1/statistics/closings/2026-02/files/T0.csv", NOBODY, None),
        ("POST", "/api/v1/statistics/closings", FIGURES, {"period": "2026-01"}),
        ("POST", "/api/v1/statistics/cut-offs", FIGURES, None),
        ("GET", "/indicators/closings", FIGURES, None),
        ("POST", "/indicators/closings", FIGURES, {"period": "2026-02"}),
        ("GET", "/indicators/closings/2026-02", NOBODY, None),
        ("GET", "/indicators/closings/2026-02/T0.csv", NOBODY, None),
        ("GET", "/indicators/figure?figure=output:county:431102@2026", FIGURES, None),
        ("GET", "/api/v1/statistics/figures/output:county:431102@2026", FIGURES, None),
    ]


def _plan() -> list[Row]:
    api, page = "/api/v1/indicators/{indicator}", "/indicators/plan/{indicator}"
    target = {"year": 2030, "value": "2.0", "label": "目标 2.0", "source": "演示规划"}
    next_plan = {
        "code": "fyp15", "name": "演示规划", "short": "演示", "base_year": 2025, "first_year": 2026, "last_year": 2030,
        "source": "演示文本",
    }  # fmt: skip
    seen = {"period": "2024", "value": "1.98", "source": "演示公报"}
    meant = {"definition": "研发经费内部支出 ÷ 地区生产总值 × 100", "unit": "%", "owner": "统计局", "scope": "全社会"}
    return [
        *(("GET", path, ALL, None) for path in (
            "/api/v1/indicators/plan-sets", "/indicators/plan-sets",
            "/api/v1/quality", "/api/v1/indicators/gdp", api, "/indicators/plan", page, "/indicators/gdp",
        )),
        ("GET", f"{api}/gap?year=2026", FIGURES, None),
        ("GET", f"{api}/gap/431122?year=2026", FIGURES, None),
        ("POST", f"{api}/splits", FIGURES, {"year": 2026, "label": "2026 年考核", "source": "演示", "values": [
            {"region": "431122", "value": "100"}]}),
        ("POST", "/api/v1/indicators/plan-sets", FIGURES, next_plan),
        ("POST", "/api/v1/indicators/plan-sets/fyp99/withdraw", NOBODY, None),
        ("POST", "/indicators/plan-sets", FIGURES, next_plan | {"code": "fyp16"}),
        ("POST", "/indicators/plan-sets/fyp99/withdraw", NOBODY, {}),
        ("GET", "/indicators/split", FIGURES, None),
        ("POST", "/indicators/split", FIGURES, {"year": "2026", "label": "2026 年考核", "source": "演示", "value.431122": "9"}),
        ("GET", "/indicators/gap?year=2026", FIGURES, None),
        ("GET", "/indicators/gap/431122?year=2026", FIGURES, None),
        ("POST", f"{api}/targets", FIGURES, target),
        ("POST", f"{api}/targets/999999/withdraw", NOBODY, None),
        ("POST", f"{api}/observations", FIGURES, seen),
        ("POST", f"{api}/definitions", FIGURES, meant),
        ("POST", f"{page}/targets", FIGURES, target),
        ("POST", f"{page}/targets/999999/withdraw", NOBODY, {}),
        ("POST", "/indicators/gdp", FIGURES, {"year": "2025", "value_yi": "2701.5", "source": "演示"}),
    ]  # fmt: skip
