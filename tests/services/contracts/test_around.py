"""Around the contract: receipts never move 成交额, income is shared by dated floors, nothing unverified is applied."""

import dataclasses
from datetime import date

import pytest
import sqlalchemy as sa
from sqlmodel import select

from services.contracts import service
from services.contracts.around_models import RewardPerson
from services.contracts.around_schemas import PublicityIn, ReceiptIn, RewardPlanIn
from services.contracts.schemas import ReasonIn
from services.ground import reference
from services.ground.errors import Forbidden, Invalid, NotFound, StaleVersion
from tests.services.contracts.factories import BOTH_SHAPES
from tests.services.contracts.world import TODAY

pytestmark = BOTH_SHAPES
YUAN = 100


def around(world, code, who="seller"):
    with world.database.read() as session:
        return service.around(session, world.actors[who], code)


def receive(world, code, amount, who="seller", **more):
    given = ReceiptIn(**({"received_on": TODAY, "amount_fen": amount} | more))
    return world.do(service.add_receipt, who, code, given)


# -- receipts ----------------------------------------------------------------------------------------------------------


def test_money_that_comes_in_is_counted_and_the_registered_amount_stays(world):
    code = world.registered()
    before = world.sums()
    receive(world, code, 50_000_000)
    receive(world, code, 1_000_000, kind="royalty", vat_fen=60_000, note="第一季度提成")
    found = around(world, code)
    assert found.received_fen == 51_000_000
    assert [line.kind for line in found.receipts] == ["payment", "royalty"]
    assert world.sums() == before
    assert world.see(code).contract_amount_fen == 186_000_000


def test_a_slip_is_mended_by_a_line_of_the_difference_and_no_line_is_changed(world):
    code = world.registered()
    receive(world, code, 50_000_000)
    receive(world, code, -45_000_000, kind="correction", note="多写了一个零")
    assert around(world, code).received_fen == 5_000_000
    with pytest.raises(Exception, match="append-only"), world.database.write() as session:
        session.execute(sa.text("UPDATE contract_receipt SET amount_fen = 1"))


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"amount_fen": 0}, "amount_fen", "amount_not_positive"),
        ({"amount_fen": -1}, "amount_fen", "amount_not_positive"),
        ({"amount_fen": -1, "kind": "correction"}, "amount_fen", "more_taken_off_than_received"),
        ({"amount_fen": 1, "received_on": date(2026, 3, 13)}, "received_on", "date_in_future"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_at_its_field(world, given, field, code):
    contract = world.registered()
    with pytest.raises(Invalid) as told:
        world.do(service.add_receipt, "seller", contract, ReceiptIn(**({"received_on": TODAY} | given)))
    assert (field, code) in [(item.field, item.code) for item in told.value.fields]


def test_who_keeps_the_books_around_a_contract(world):
    code = world.registered()
    for who in ("seller", "buyer", "registrar", "clerk"):
        receive(world, code, 100, who)
    with pytest.raises(Forbidden):
        receive(world, code, 100, "bureau")
    with pytest.raises(NotFound):
        receive(world, code, 100, "outsider")
    assert not around(world, code, "bureau").may_write
    version = around(world, code).version
    with pytest.raises(StaleVersion):
        world.do(
            service.save_publicity,
            "seller",
            code,
            PublicityIn(published_from=TODAY, published_to=TODAY),
            expected=version - 1,
        )


# -- publicity ---------------------------------------------------------------------------------------------------------


def test_a_publicity_that_was_too_short_or_ended_after_the_signature_is_told(world):
    code = world.registered()
    short = PublicityIn(published_from=date(2026, 2, 20), published_to=date(2026, 3, 1), objections=["价格偏低"])
    world.do(service.save_publicity, "seller", code, short)
    found = around(world, code)
    assert [item.code for item in found.publicity_findings] == [
        "publicity_short",
        "signed_before_publicity_ended",
        "objections_open",
    ]
    assert found.publicity_findings[0].params == {"days": 15, "length": 10}
    good = PublicityIn(published_from=date(2026, 2, 10), published_to=date(2026, 2, 24))
    world.do(service.save_publicity, "seller", code, good)
    assert around(world, code).publicity_findings == []
    assert around(world, code).state_founded


# -- sharing -----------------------------------------------------------------------------------------------------------


def plan(**changes):
    base = {
        "costs": [{"name": "评估费", "amount_fen": 10_000_000}],
        "shares": [
            {"name": "苗老师", "amount_fen": 15_000_000, "is_main": True},
            {"name": "唐老师", "amount_fen": 5_000_000},
        ],
    }
    return RewardPlanIn(**(base | changes))


def test_half_of_the_net_income_is_the_floor_of_a_transfer(world):
    code = world.registered()
    receive(world, code, 50_000_000)
    world.do(service.save_reward_plan, "seller", code, plan())
    found = around(world, code)
    assert (found.costs_fen, found.base_fen) == (10_000_000, 40_000_000)
    assert (found.floor.percent, found.floor.amount, found.floor.verified) == (50, 20_000_000, True)
    assert found.reward_findings == []
    assert [share.name for share in found.plan.shares] == ["苗老师", "唐老师"]


def test_a_sharing_below_the_floor_is_told_and_saved(world):
    code = world.registered()
    receive(world, code, 100_000_000)
    world.do(service.save_reward_plan, "seller", code, plan())
    assert [item.code for item in around(world, code).reward_findings] == ["reward_below_floor"]


def test_names_of_those_rewarded_are_for_the_parties_and_can_be_taken_away(world):
    code = world.registered()
    world.do(service.save_reward_plan, "seller", code, plan())
    assert [share.name for share in around(world, code, "bureau").plan.shares] == ["第 1 人", "第 2 人"]
    world.do(service.forget_persons, "registrar", code)
    assert [share.name for share in around(world, code).plan.shares] == ["第 1 人", "第 2 人"]
    with world.database.read() as session:
        assert session.exec(select(RewardPerson.name)).all() == [None, None]


# -- estimates and hints -----------------------------------------------------------------------------------------------


def test_for_the_home_market_no_rule_was_found_and_none_is_borrowed(world):
    code = world.registered()
    shown = around(world, code).estimates
    assert [(row.place, row.amount_fen, row.verified) for row in shown] == [("永州", None, False)]
    assert around(world, world.in_review(contract_title="没登记的")).estimates == []


def test_a_discarded_contract_has_nothing_around_it(world):
    code = world.draft()
    world.do(service.discard, "seller", code, ReasonIn())
    with pytest.raises(NotFound):
        around(world, code)


@pytest.fixture
def changed_rules():
    """Rows of a rule that changed at the beginning of March 2026, as a release would bring them."""
    rows = reference.lists()["dated_rules"]
    kept = dict(rows)
    for code, value in (("PUBLICITY_DAYS", 30), ("REWARD_TRANSFER_MIN", 60)):
        rows[code] = dataclasses.replace(kept[code], valid_to=date(2026, 2, 28))
        attributes = kept[code].attributes | {"value": value}
        later = dataclasses.replace(kept[code], valid_from=date(2026, 3, 1), attributes=attributes)
        rows[f"{code}@2026-03-01"] = later
    yield
    rows.clear()
    rows.update(kept)


def test_days_and_floors_are_those_of_the_day_of_signature(world, changed_rules):
    early = world.draft(signed_on=date(2026, 2, 27))
    late = world.draft(contract_title="后签的", signed_on=date(2026, 3, 2), effective_on=date(2026, 3, 2))
    for code in (early, late):
        given = PublicityIn(published_from=date(2026, 1, 1), published_to=date(2026, 1, 20))
        world.do(service.save_publicity, "seller", code, given)
        receive(world, code, 1_000_000)
        shares = [{"name": "演示完成人", "amount_fen": 550_000, "is_main": True}]
        world.do(service.save_reward_plan, "seller", code, RewardPlanIn(kind="transfer", shares=shares))
    before, after = around(world, early), around(world, late)
    assert (before.publicity_days, before.publicity_findings, before.reward_findings) == (15, [], [])
    assert (after.publicity_days, [item.code for item in after.publicity_findings]) == (30, ["publicity_short"])
    assert [item.code for item in after.reward_findings] == ["reward_below_floor"]
    assert (before.rules_on, after.rules_on) == (date(2026, 2, 27), date(2026, 3, 2))


def test_a_contract_older_than_a_rule_is_not_judged_by_it(world):
    days = dict.fromkeys(("signed_on", "effective_on", "valid_from"), date(2016, 3, 1))
    code = world.draft(**days)
    receive(world, code, 1_000_000, received_on=date(2016, 5, 1))
    found = around(world, code)
    assert (found.payment_months, found.late_payments) == (None, 0)
    assert "IIT_REWARD" not in {hint.code for hint in found.tax_hints}
