"""The pages of the contract desk for their tests: the browser of each person of the small market."""

import pytest

from frontend.pages import (
    contracts,
    contracts_around,
    contracts_batch,
    contracts_calendar,
    contracts_desk,
    contracts_edit,
    contracts_ledger,
    contracts_type,
)
from services.ground.market import Market
from services.ground.settings import Settings
from tests.frontend.some_pages import browsers
from tests.services.contracts.conftest import world as world

MODULES = (
    contracts,
    contracts_batch,
    contracts_calendar,
    contracts_desk,
    contracts_edit,
    contracts_ledger,
    contracts_type,
    contracts_around,
)
"""In the order in which the application finds them, as far as it matters."""


@pytest.fixture
def browser(world, tmp_path):
    """browser("seller") is the browser of that person."""
    return browsers(Market(Settings(home=tmp_path), world.database, engine=None), world.actors, MODULES)


PARTS = {
    "basics": {
        "contract_title": "油茶籽低温冷榨成套技术开发合同",
        "contract_subtype": "DEV_ENTRUST",
        "is_equity_contribution": "no",
    },
    "parties": {
        "parties.0.role": "seller",
        "parties.0.name": "湘渚示范农学院",
        "parties.0.uscc": "9111 0000 1016 2374 1K",
        "parties.0.party_group": "UNIVERSITY",
        "parties.0.region_code": "431102",
        "parties.1.role": "buyer",
        "parties.1.name": "青垄茶油",
        "parties.1.uscc": "911101066976941872",
        "parties.1.party_group": "ENTERPRISE",
        "parties.1.region_code": "431181",
        "parties.1.contact.phone": "0746-0000000",
    },
    "amounts": {
        "contract_amount_fen": "１８６万元",
        "amount_status": "determined",
        "non_technical_items.0.kind": "EQUIP",
        "non_technical_items.0.name": "冷榨机组",
        "non_technical_items.0.amount_fen": "420,000.00",
        "non_technical_items.0.evidence": "附件 2，第 1 页",
        "payment_mode": "LUMP_SUM",
    },
    "elements": {
        "signed_on": "2026-02-26",
        "effective_on": "2026-03-01",
        "valid_from": "2026-03-01",
        "valid_to": "2027-08-31",
        "technical_field": "09",
        "plan_source": "NONE",
        "socio_economic_objective": "10",
        "served_industry": "C",
        "is_related_party": "no",
        "cross_border": "none",
    },
    "rights": {
        "ip_types": "PATENT_INV",
        "abstract": "开发一套低温冷榨与预调质装置。",
        "filing.filled_by": "苗老师",
        "filing.responsible_person": "苗老师",
        "filled_on": "2026-03-02",
    },
}
