"""A number typed into the search box leads to its record, in any spelling."""

import pytest

from services.accounts import service as accounts
from services.accounts.schemas import OrganisationIn
from services.ground.actor import ANONYMOUS
from services.listings import service as listings
from services.matching import service
from tests.services.matching.test_matches import OPERATOR, published

USCC = "91350100M000100Y43"


def leads_to(market, typed):
    with market.database.read() as session:
        return service.search(session, ANONYMOUS, market, service.Asked(typed)).record


@pytest.fixture
def patent(market):
    return published(market, "patent", "一种硫铟锌及其制备方法", "光催化", number="CN202310375785.X")


SPELLINGS = [
    "ZL 2023 1 0375785.X",
    "202310375785x",
    "cn202310375785",
    "专利号ＺＬ２０２３１０３７５７８５．Ｘ",
    "看看 202310375785.X",
    "ZL202310375785.3",
]


@pytest.mark.parametrize("written", SPELLINGS)
def test_a_patent_number_leads_to_the_patent(market, patent, written):
    assert leads_to(market, written) == f"/patents/{patent}"


def test_a_code_leads_to_its_record_and_one_that_is_not_public_leads_nowhere(market, patent):
    assert leads_to(market, f" {patent.lower()} ") == f"/patents/{patent}"
    assert (
        leads_to(market, "N-2026-999999")
        is leads_to(market, "D-2026-999999")
        is leads_to(market, "C-2026-999999")
        is None
    )


def test_a_withdrawn_record_is_led_to_because_its_page_says_so(market, patent):
    with market.database.write() as session:
        listings.withdraw(session, OPERATOR, patent, "专利已转让")
    assert leads_to(market, "202310375785.X") == f"/patents/{patent}"


def test_a_credit_code_leads_to_the_organisation_unless_two_claim_it(market):
    with market.database.write() as session:
        first = accounts.create_organisation(
            session, OPERATOR, OrganisationIn(name="示范油坊", kind="enterprise", uscc=USCC)
        )
    assert leads_to(market, USCC.lower()) == f"/organisations/{first.code}"
    with market.database.write() as session:
        accounts.create_organisation(session, OPERATOR, OrganisationIn(name="另一家", kind="enterprise", uscc=USCC))
    assert leads_to(market, USCC) is None
