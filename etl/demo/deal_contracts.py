"""The contracts of signed demo deals, filled in by the seller and registered by the desk: the whole way, seen in the demo."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from etl.demo.contract_parties import Parties, organisations
from etl.demo.contract_records import DemoContract, DemoParty, content_of
from etl.demo.contract_texts import chance
from etl.demo.deals import Walked
from etl.demo.desk import Desk
from services.contracts import service as contracts
from services.deals import service as deals
from services.ground.market import Market


def register_signed(
    market: Market, desk: Desk, signed: Sequence[Walked], models: Sequence[DemoContract], codes: Mapping[str, str]
) -> int:
    """Fill in the draft of each signed deal and walk it through the desk; return how many were registered.

    `models` are contracts of the demo whose official particulars (field, plan, objective) are lent to the drafts. An
    organisation without 统一社会信用代码 cannot be a party of a complete form: its draft stays a draft.
    """
    known = {org.key: org for org in organisations()}
    parties = Parties(chance("yaosu-demo-deal-contracts"), list(known.values()))
    plain = [one for one in models if one.currency is None and one.amount_status == "determined" and not one.end]
    done = 0
    for walked in signed:
        if walked.seller not in known or walked.buyer not in known:
            continue
        sides = (parties.party(known[walked.seller], "seller"), parties.party(known[walked.buyer], "buyer"))
        model = next((one for one in plain if one.subfield == walked.need["subfield"]), plain[0])
        with market.database.read() as session:
            code = deals.detail(session, desk.owner, walked.code).contract_code
        assert code is not None
        content = content_of(_filled(model, walked, sides), codes)
        with market.database.write() as session:
            sent = content.model_dump(exclude={"broker_id", "broker_role", "need_code", "result_code", "deal_code"})
            contracts.save_draft(session, desk.owner, code, type(content).model_validate(sent))
        done += 1
        number = f"{walked.signed_on.year}{known[walked.seller].region_code}7{done:05d}"
        desk.walk(code, "registered", walked.signed_on, number)
    return done


def _filled(model: DemoContract, walked: Walked, sides: tuple[DemoParty, ...]) -> DemoContract:
    signed: date = walked.signed_on
    return replace(
        model,
        contract_title=f"{walked.need['title'][:60]}技术开发",
        contract_category="DEV",
        contract_subtype="DEV_ENTRUST",
        license_mode=None,
        ip_objects=(),
        main_contract=None,
        signed_on=signed,
        effective_on=signed,
        valid_from=signed,
        valid_to=signed + timedelta(days=540),
        filled_on=signed + timedelta(days=1),
        contract_amount_fen=walked.amount_fen,
        technical_amount_fen=walked.amount_fen,
        non_technical_items=(),
        amount_cap_fen=None,
        abstract=walked.need["summary"],
        chain=walked.need["chain"],
        subfield=walked.need["subfield"],
        is_related_party=False,
        relation_kind=None,
        is_equity_contribution=False,
        parties=sides,
    )
