"""Floors, subsidies and hints around a contract: dated rows, each applied only where it was verified."""

from datetime import date
from decimal import Decimal

import pytest

from services.contracts import around_rules
from services.contracts.around_rules import ShareOfReward, estimates, reward_floor, reward_problems, tax_hints
from services.contracts.around_schemas import PublicityIn, RewardPlanIn
from services.ground import reference
from tests.services.contracts.factories import a_content, a_party
from tests.services.contracts.world import TODAY

YUAN = 100
LAW = reference.find("dated_rules", "REWARD_TRANSFER_MIN")


def wrong(shares, base=40_000, own=None, founded=True):
    floor = reward_floor(base, LAW, own, "本校办法" if own is not None else None)
    found = reward_problems(floor, LAW, shares, main_percent=Decimal(50), base=base, state_founded=founded)
    return [item.code for item in found]


def test_an_institutes_own_rule_goes_before_the_law_but_not_below_it():
    assert wrong([ShareOfReward(28_000, True)], own=Decimal(70)) == []
    assert wrong([ShareOfReward(20_000, True)], own=Decimal(70)) == ["reward_below_floor"]
    assert wrong([ShareOfReward(16_000, True)], own=Decimal(40)) == ["own_rule_below_law"]
    assert wrong([ShareOfReward(16_000, True)], own=Decimal(40), founded=False) == []


def test_main_contributors_get_half_and_nobody_gets_more_than_there_is():
    assert wrong([ShareOfReward(9_000, True), ShareOfReward(11_000)]) == ["main_contributors_below_half"]
    assert wrong([ShareOfReward(41_000, True)]) == ["reward_above_base"]
    assert wrong([]) == []


def test_the_unverified_seventy_per_cent_is_never_the_floor():
    assert reference.find("dated_rules", "REWARD_HUNAN_MIN").verified is False
    assert "REWARD_HUNAN_MIN" not in around_rules.FLOOR_OF.values()
    assert reward_floor(100, LAW, None, None).percent == 50


def test_a_floor_is_rounded_up_to_the_fen():
    assert reward_floor(3, LAW, None, None).amount == 2


def test_rewards_paid_later_than_thirty_six_months_are_counted():
    paid = [ShareOfReward(1, paid_on=date(2026, 2, 28)), ShareOfReward(1, paid_on=date(2026, 3, 1))]
    assert around_rules.late_payments(paid, date(2023, 2, 28), 36, TODAY) == 1
    assert around_rules.late_payments([ShareOfReward(1)], date(2023, 2, 28), 36, TODAY) == 1
    assert around_rules.late_payments(paid, None, 36, TODAY) == 0
    assert around_rules.add_months(date(2024, 2, 29), 36) == date(2027, 2, 28)
    assert around_rules.add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)


def test_a_publicity_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="beginning"):
        PublicityIn(published_from=date(2026, 2, 10), published_to=date(2026, 2, 9))


BASES = {"contract_amount": 100_000_000, "technical_amount": 80_000_000, "amount_paid": 10_000_000}


def in_changsha(**changes):
    return a_content(
        parties=[a_party("seller", region_code="430102"), a_party("buyer", region_code="430103")], **changes
    )


def test_a_subsidy_takes_the_rule_of_its_place_and_time_from_a_registered_value():
    [found] = estimates(in_changsha(), date(2023, 5, 1), BASES)
    assert (found.rule.code, found.amount) == ("CS_2022", 1_600_000)
    [capped] = estimates(in_changsha(), date(2023, 5, 1), BASES | {"technical_amount": 10_000_000_000})
    assert capped.amount == 500_000 * YUAN
    assert estimates(in_changsha(), date(2025, 5, 1), BASES) == []
    assert estimates(in_changsha(contract_category="CON"), date(2023, 5, 1), BASES) == []


def test_for_the_home_market_no_rule_is_borrowed_from_another_place():
    [found] = estimates(a_content(), date(2026, 3, 12), BASES)
    assert (found.rule.place, found.amount) == ("永州", None)


def test_every_hint_on_taxes_has_its_date_and_source_and_says_when_it_was_not_checked():
    hints = {hint.code: hint for hint in tax_hints(a_content(contract_category="DEV"), TODAY)}
    assert set(hints) == {"VAT_EXEMPT", "STAMP", "RD_DEDUCTION"}
    assert not hints["VAT_EXEMPT"].verified
    assert hints["STAMP"].source == "memory"
    assert all(hint.dated and hint.ref for hint in hints.values())


def test_advice_and_service_get_the_exemption_hint_only_beside_a_main_contract():
    alone = {hint.code for hint in tax_hints(a_content(contract_category="SRV"), TODAY)}
    beside = {hint.code for hint in tax_hints(a_content(contract_category="SRV", main_contract="C-2026-000001"), TODAY)}
    assert "VAT_EXEMPT" not in alone
    assert "VAT_EXEMPT" in beside
    crossing = a_content(cross_border="import", country_code="116")
    assert "CROSS_BORDER" in {hint.code for hint in tax_hints(crossing, TODAY)}


@pytest.mark.parametrize("name", ["a\0b", "", "  ", "名" * 81])
def test_a_name_that_cannot_be_kept_is_refused(name):
    with pytest.raises(ValueError):
        RewardPlanIn(shares=[{"name": name, "amount_fen": 1}])
    with pytest.raises(ValueError):
        RewardPlanIn(costs=[{"name": name, "amount_fen": 1}])


def test_an_objection_with_characters_that_cannot_be_stored_is_refused():
    with pytest.raises(ValueError):
        PublicityIn(published_from=TODAY, published_to=TODAY, objections=["a\0b"])
