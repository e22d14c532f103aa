"""Demo deals, one at every step, between the demo firm and the demo university."""

from datetime import date, timedelta
from typing import Any

from services.accounts import sessions
from services.deals import schemas, service
from services.ground.market import Market
from services.listings import service as listings

STEPS = ("introduced", "acknowledged", "talking", "offered", "agreed", "signed")


def make_deals(
    market: Market, people: dict[str, int], records: dict[str, str], ids: dict[str, int], today: date
) -> int:
    """Walk one deal to each step, through the services as the people themselves would; return how many were made."""
    with market.database.read() as session:
        actors = {
            name: sessions.actor_of_person(session, people[name], "page") for name in ("qiye", "gaoxiao", "broker")
        }
        found = {code: listings.find(session, code) for code in records.values()}
    needs = sorted(
        code
        for code, ref in found.items()
        if ref.kind == "need" and ref.state == "published" and ref.owner_id == ids["firm"]
    )
    offers = sorted(
        code
        for code, ref in found.items()
        if ref.kind == "result" and ref.state == "published" and ref.owner_id == ids["school"]
    )
    # What belongs together comes first: the same subfield, then the same chain.
    pairs = sorted(
        ((need, offer) for need in needs for offer in offers),
        key=lambda pair: (
            found[pair[0]].subfield != found[pair[1]].subfield,
            found[pair[0]].chain != found[pair[1]].chain,
            pair,
        ),
    )[: len(STEPS)]
    for step, (need, offer) in zip(STEPS, pairs, strict=False):
        _walk(market, actors, need, offer, step, today)
    return len(pairs)


def _walk(market: Market, actors: dict[str, Any], need: str, offer: str, step: str, today: date) -> None:
    firm, school, broker = actors["qiye"], actors["gaoxiao"], actors["broker"]
    reached = STEPS.index(step)
    with market.database.write() as session:
        wanted = schemas.IntroductionIn(need_code=need, result_code=offer, note="看过双方材料，先引荐")
        code = service.introduce(session, broker, wanted).code
        if reached >= 1:
            service.acknowledge(session, firm, code)
            service.acknowledge(session, school, code)
        if reached >= 2:
            service.record_talk(session, broker, code, schemas.TalkIn(happened_on=today, note="电话里对过一遍指标"))
        if reached >= 3:
            terms = schemas.OfferIn(
                amount_fen=68_000_000,
                payment_mode="INSTALMENT",
                scope="工艺开发与现场调试",
                valid_until=today + timedelta(days=30),
            )
            number = service.offer(session, school, code, terms).n
        if reached >= 4:
            service.accept_offer(session, firm, code, number)
        if reached >= 5:
            signing = schemas.SigningIn(signed_on=today, contract_amount_fen=68_000_000, promise="盖章件下周补上")
            service.sign(session, firm, code, signing)
            service.confirm_signature(session, school, code)
