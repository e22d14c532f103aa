"""Fill the contract ledger with invented contracts by plain inserts: registering a million one by one would measure the desk."""

import csv
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.contracts.models import Contract, ContractVersion, Movement
from services.ground.database import Database
from services.ground.regions import home_counties

FIRST_YEAR, YEARS = 2016, 10
CHUNK = 20_000


def fill(database: Database, count: int) -> None:
    """Write `count` registered contracts of ten years with one movement each, and an end for every fiftieth."""
    dice = random.Random(11)
    counties = [entry.code for entry in home_counties()]
    places = [*counties, "430100", "440100", "310000"]
    now = datetime(2026, 1, 2, tzinfo=UTC)
    for start in range(0, count, CHUNK):
        with database.write() as session:
            contracts, versions, movements = [], [], []
            for number in range(start + 1, min(start + CHUNK, count) + 1):
                day = date(FIRST_YEAR, 1, 1) + timedelta(days=dice.randrange(365 * YEARS))
                amount = int(dice.lognormvariate(17, 1.2))
                contracts.append(_contract(number, day, amount, now))
                versions.append(_version(number, day, amount, now))
                movements.append(_movement(number, day, amount, dice, counties, places))
            for table, rows in ((Contract, contracts), (ContractVersion, versions), (Movement, movements)):
                session.execute(sa.insert(table), rows)
    with database.write() as session:
        if not database.is_sqlite:
            for table in ("contract", "contract_version"):  # the rows brought their numbers: the next ones come after
                session.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {count})"))
        session.execute(sa.text("ANALYZE"))


def file_to_import(path: Path, count: int, first: int) -> None:
    """Write a list of contracts as a registration point keeps it, each with a number of its own."""
    heads = "合同登记编号 登记日期 项目名称 合同类型 签订日期 合同成交额（元） 技术交易额（元） 技术领域 卖方 卖方所在地 买方 合作单位地区"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(heads.split())
        for number in range(count):
            day = date(FIRST_YEAR + YEARS - 1, 1, 1) + timedelta(days=number % 365)
            row = [
                f"7{first + number:015}",
                day,
                f"演示导入合同 {number} 号",
                "技术服务",
                day,
                100_000 + number,
                60_000,
                "电子信息技术",
            ]
            writer.writerow([*row, f"演示卖方 {number % 300}", "冷水滩区", f"演示买方 {number % 700}", "零陵区"])


def _contract(number: int, day: date, amount: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "code": f"C-{day.year}-{number:07d}",
        "state": "registered",
        "version": 1,
        "current_version": 1,
        "registration_number": f"2026{number:012d}",
        "registered_on": day,
        "title": f"演示合同 {number}",
        "seller_name": f"演示卖方 {number % 3000}",
        "buyer_name": f"演示买方 {number % 7000}",
        "contract_amount_fen": amount,
        "technical_amount_fen": amount // 2,
        "created_at": now,
        "updated_at": now,
    }


def _version(number: int, day: date, amount: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "contract_id": number,
        "number": 1,
        "kind": "registered",
        "true_from": day,
        "recorded_at": now,
        "contract_title": "演示合同",
        "contract_category": "SRV",
        "ip_types": [],
        "verified_contract_amount_fen": amount,
        "verified_technical_amount_fen": amount // 2,
        "amount_status": "determined",
        "cross_border": "none",
    }


def _movement(
    number: int, day: date, amount: int, dice: random.Random, counties: list[str], places: list[str]
) -> dict[str, Any]:
    return {
        "contract_id": number,
        "version_id": number,
        "kind": "registration",
        "dated_on": day,
        "recorded_at": datetime(day.year, day.month, day.day, 4, tzinfo=UTC),
        "contract_amount_fen": amount,
        "technical_amount_fen": amount // 2,
        "count_delta": 1,
        "original_year": day.year,
        "original_on": day,
        "category": dice.choice(("DEV", "SRV", "SRV", "SRV", "CON", "TRF")),
        "technical_field": f"{dice.randint(1, 11):02}",
        "ip_type": dice.choice(("NONE", "SECRET", "PATENT_INV")),
        "socio_economic_objective": "10",
        "plan_source": "NONE",
        "chain": dice.choice(("EI", "BM", "NM", "EM", "AF", "LI")),
        "seller_region": dice.choice(counties),
        "buyer_region": dice.choice(places),
        "seller_group": "ENTERPRISE",
        "buyer_group": "ENTERPRISE",
        "signed_on": day,
        "standing_amount_fen": amount,
        "amount_status": "determined",
        "is_home_output": True,
        "is_import": False,
        "is_related_party": False,
        "is_split": False,
    }
