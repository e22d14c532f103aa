"""Empty tables to fill in: the columns of a kind, with a sheet that says what may stand in them."""

import csv
import io

import xlsxwriter

from etl.imports import kinds
from services.ground import reference

OPTIONS = {
    "chain": "chain",
    "subfield": "subfield",
    "contract_category": "contract_category",
    "contract_subtype": "contract_subtype",
    "technical_field": "technical_field",
    "payment_mode": "payment_mode",
    "ip_types": "ip_type",
    "plan_source": "plan_source",
    "socio_economic_objective": "socio_economic_objective",
    "seller_group": "party_group",
    "buyer_group": "party_group",
}
WORDS = {
    "maturity": "1–9，或：概念、小试、样品、样机、中试、小批、批量",
    "patent_kind": "发明专利、实用新型、外观设计",
    "legal_status": "有效、审中、失效、撤回",
    "cooperation": "委托、合作、转让、许可、咨询、服务、先用后付；几种用顿号隔开",
    "kind": "企业、高校、研究院所、中介机构、政府机关、工作站、其他",
    "deadline": "2026-03-12",
    "signed_on": "2026-03-12",
    "registered_on": "2026-03-12",
    "region_code": "县市区的名称或六位代码",
    "seller_region": "地名或六位代码",
    "buyer_region": "地名或六位代码",
    "registration_number": "官方登记编号，只由登记员填；这一列请设为文本",
    "number": "202310375785.X 这样；这一列请设为文本",
    "uscc": "18 位；这一列请设为文本",
    "key": "单位自己的编号；同一个编号只收一次",
}


def heads(kind: str) -> list[str]:
    """Give the heads of the empty table, needed columns first. Raises Invalid for a kind that cannot be imported."""
    taker = kinds.taker(kind)
    return [taker.labels[name] for name in _fields(kind)]


def as_csv(kind: str) -> bytes:
    """Make the empty table as csv that office programs open rightly."""
    out = io.StringIO()
    csv.writer(out).writerow(heads(kind))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(kind: str) -> bytes:
    """Make the empty table as a workbook; all columns are text, so that long numbers keep their digits."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    bold = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@"})
    table = book.add_worksheet("填写")
    names = heads(kind)
    table.set_column(0, len(names) - 1, 18, text)
    table.write_row(0, 0, names, bold)
    table.freeze_panes(1, 0)
    notes = book.add_worksheet("填写说明")
    notes.set_column(0, 0, 24)
    notes.set_column(1, 1, 10)
    notes.set_column(2, 2, 90)
    notes.write_row(0, 0, ["栏目", "要求", "写法"], bold)
    for number, (name, needed, how) in enumerate(explained(kind), start=1):
        notes.write_row(number, 0, [name, "必填" if needed else "选填", how])
    book.close()
    return out.getvalue()


def explained(kind: str) -> list[tuple[str, bool, str]]:
    """Explain every column: its name, whether it is needed, what may stand in it and how else it may be called."""
    taker = kinds.taker(kind)
    needed = {group[0] for group in taker.needs}
    rows = []
    for name in _fields(kind):
        others = [head for head in taker.names[name][1:] if not head.isascii()][:4]
        options = reference.lists().get(OPTIONS.get(name, ""), {})
        how = WORDS.get(name, "、".join(entry.name for entry in list(options.values())[:40]))
        also = f"也认：{'、'.join(others)}" if others else ""
        rows.append((taker.labels[name], name in needed, "。".join(filter(None, (how, also)))))
    return rows


def _fields(kind: str) -> list[str]:
    taker = kinds.taker(kind)
    needed = [group[0] for group in taker.needs]
    return [*needed, *(name for name in taker.labels if name not in needed)]
