"""Contracts for tests: `a_content()` is complete and right; name what should differ."""

from datetime import date
from typing import Any

import pytest

from services.contracts.content import Content

BOTH_SHAPES = pytest.mark.parametrize(
    "world", ["sqlite", pytest.param("postgresql", marks=pytest.mark.city)], indirect=True
)
"""Put as `pytestmark` into a module whose tests have to hold on both databases."""


def a_party(role: str, **changes: Any) -> dict[str, Any]:
    """One party with all that submission asks for."""
    party: dict[str, Any] = {
        "role": role,
        "sequence": 1,
        "is_primary": True,
        "name": "演示甲大学" if role == "seller" else "演示乙公司",
        "uscc": "91110000101623741K" if role == "seller" else "911101066976941872",
        "party_group": "UNIVERSITY" if role == "seller" else "ENTERPRISE",
        "region_code": "431102" if role == "seller" else "431181",
    }
    return party | changes


def a_content(**changes: Any) -> Content:
    """A development contract of 1,860,000 元 with 458,500 元 of equipment and material in it."""
    base: dict[str, Any] = {
        "contract_title": "冷榨成套技术开发合同",
        "contract_category": "DEV",
        "contract_subtype": "DEV_ENTRUST",
        "is_equity_contribution": False,
        "signed_on": date(2026, 2, 26),
        "effective_on": date(2026, 3, 1),
        "valid_from": date(2026, 3, 1),
        "valid_to": date(2027, 8, 31),
        "contract_amount_fen": 186_000_000,
        "technical_amount_fen": 140_150_000,
        "amount_status": "determined",
        "non_technical_items": [
            {"kind": "EQUIP", "name": "冷榨机组", "amount_fen": 42_000_000, "evidence": "附件 2"},
            {"kind": "MATERIAL", "name": "试验原料", "amount_fen": 3_850_000, "evidence": "附件 2"},
        ],
        "payment_mode": "LUMP_SUM",
        "technical_field": "09",
        "ip_types": ["PATENT_INV"],
        "plan_source": "NONE",
        "socio_economic_objective": "10",
        "served_industry": "C",
        "is_related_party": False,
        "cross_border": "none",
        "abstract": "开发一套低温冷榨与预调质装置。",
        "filled_on": date(2026, 3, 2),
        "filing": {"filled_by": "填报人甲", "responsible_person": "负责人乙"},
        "parties": [a_party("seller"), a_party("buyer")],
    }
    return Content.model_validate(base | changes)
