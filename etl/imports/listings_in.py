"""Needs, results, patents and experts from somebody's table. A title alone is enough; unknown words are warnings."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from sqlmodel import Session

from etl.imports import values
from etl.imports.heads import Names
from etl.imports.owners import Owner, Owners
from etl.imports.table import Finding, Row
from etl.imports.taker import KNOWN, NEW, Item, Options, Taker, Verdict, refused
from services.accounts import bulk as organisations
from services.ground import money, reference, regions
from services.ground.actor import Actor
from services.ground.errors import FieldError, Invalid
from services.listings import service as listings
from services.listings.bulk import StagedRow
from services.listings.schemas import ListingIn

COMMON: dict[str, tuple[str, ...]] = {
    "title": ("标题", "名称", "title"),
    "summary": ("一句话", "summary", "简述"),
    "body": ("说明", "内容", "content", "description", "简介", "摘要", "abstract", "详细说明", "body"),
    "owner_name": ("单位", "单位名称", "所属单位", "owner", "organisation", "完成单位", "owner_name"),
    "key": ("单位自编号", "编号", "自编号", "rid", "id", "key"),
    "chain": ("创新链", "chain"),
    "subfield": ("细分领域", "subfield"),
    "region_code": ("县市区", "行政区划", "行政区划代码", "所在地", "region", "region_code"),
    "cooperation": ("合作方式", "cooperation", "转化方式", "拟转化方式", "合作意向"),
}
MONEY: dict[str, tuple[str, ...]] = {
    "budget": ("预算（万元）", "budget", "金额", "价格", "意向价格", "意向价", "转让价", "拟投入资金", "预算"),
    "deadline": ("期限", "截止日期", "有效期", "deadline"),
}
PARAMETERS: dict[str, tuple[str, ...]] = {"parameters": ("技术指标", "parameters")}
HEADS: dict[str, Names] = {
    "needs": {
        **COMMON,
        "title": ("需求名称", *COMMON["title"], "需求标题", "技术需求"),
        "owner_name": ("单位", *COMMON["owner_name"], "企业名称", "需求单位"),
        **MONEY,
        **PARAMETERS,
    },
    "results": {
        **COMMON,
        "title": ("成果名称", *COMMON["title"], "项目名称", "技术名称", "成果"),
        "maturity": ("成熟度", "maturity", "技术成熟度", "所处阶段", "目前阶段", "研发阶段", "阶段"),
        **MONEY,
        **PARAMETERS,
    },
    "patents": {
        **COMMON,
        "title": ("专利名称", *COMMON["title"], "发明名称"),
        "number": ("专利申请号", "number", "application_no", "申请号", "专利号", "申请专利号"),
        "owner_name": ("权利人", *COMMON["owner_name"], "申请人", "专利权人", "申请（专利权）人"),
        "patent_kind": ("专利类型", "patent_kind", "类型", "专利种类"),
        "legal_status": ("法律状态", "legal_status", "专利状态"),
        "maturity": ("成熟度", "maturity"),
        "application_date": ("申请日", "application_date", "申请日期"),
        "grant_date": ("授权日", "grant_date", "授权公告日", "授权日期"),
        "ipc": ("分类号", "ipc", "IPC", "主分类号"),
    },
    "experts": {
        **COMMON,
        "title": ("姓名", *COMMON["title"], "专家姓名", "name"),
        "expert_title": ("职称", "expert_title", "职务"),
        "fields": ("研究方向", "fields", "专业领域", "从事专业"),
    },
}
COOPERATION = {
    "委托": "entrust",
    "合作": "cooperate",
    "转让": "transfer",
    "许可": "license",
    "咨询": "consult",
    "服务": "service",
    "先用后付": "use_first",
    "先使用后付费": "use_first",
}
KINDS = {"needs": "need", "results": "result", "patents": "patent", "experts": "expert"}
FIELD_NAMES = {"budget_high_fen": "budget", "budget_low_fen": "budget"}


class _Listings(Taker):
    """What the four kinds share."""

    plural: ClassVar[str]
    needs = (("title", "body"),)

    def __init__(self, actor: Actor, options: Options, batch: str) -> None:
        super().__init__(actor, options, batch)
        self.kind = KINDS[self.plural]
        self.owners = Owners(actor, batch, options.owner)

    def begin(self, session: Session) -> None:
        """Look up one's own organisations and the one given."""
        self.owners.begin(session)

    def convert(self, session: Session, row: Row) -> Item:
        """Make a listing of a row."""
        given = _plain_values(self.kind, row)
        named = row.word("owner_name")
        owner = self.owners.of(session, row, named)
        data = ListingIn.model_validate(given)
        listings.check_row(session, data)
        return Item(row, (data, owner), f"{self.kind}:{_key(row, data, named)}"[:120])

    def judge(self, session: Session, items: Sequence[Item]) -> list[Verdict]:
        """Say which keys and patent numbers are there already."""
        numbers = [listings.normal_number(item.value[0].number or "") or "" for item in items]
        found = listings.held(session, [item.key for item in items], [number for number in numbers if number])
        verdicts = []
        for item, number in zip(items, numbers, strict=True):
            known = found.get(item.key) or found.get(number)
            if known is None:
                verdicts.append(NEW)
            elif not known.visible and known.batch and known.batch != self.batch:
                verdicts.append(refused("title", "import_in_other_batch", item.value[0].title, batch=known.batch))
            elif known.batch == self.batch:
                verdicts.append(Verdict("known", Finding("key", "import_row_twice", known.title)))
            elif known.title != item.value[0].title:
                finding = Finding("title", "import_known_differs", item.value[0].title, {"record": known.code})
                verdicts.append(Verdict("known", finding))
            else:
                verdicts.append(KNOWN)
        return verdicts

    def stage(self, session: Session, items: Sequence[Item]) -> None:
        """Write the records of a chunk, and the organisations nobody knew."""
        owners = self.owners.make(session, _distinct(item.value[1] for item in items))
        rows = []
        for item in items:
            owner = owners[item.value[1].name]
            rows.append(StagedRow(item.value[0], owner.id, owner.region_code, item.key))
        listings.stage(session, self.actor, self.kind, rows, self.batch)

    def switch(self, session: Session) -> int:
        """Publish them, or hand them to the moderators."""
        owners = listings.owners_of_batch(session, self.batch)
        organisations.switch_on_organisations(session, self.actor, self.batch, owners)
        return listings.switch_on(session, self.actor, self.batch, publish=self.options.publish)

    def drop(self, session: Session, limit: int) -> int:
        """Delete what nobody has seen, the organisations last."""
        count = listings.drop_staged(session, self.batch, limit=limit)
        if count == 0:
            ids = organisations.staged_organisations(session, self.batch)
            organisations.drop_staged_organisations(session, set(ids) - listings.owners_in_use(session, ids))
        return count

    def undo(self, session: Session) -> int:
        """Take the records off the market again, and the organisations that came with them and serve nothing else."""
        count = listings.take_back(session, self.actor, self.batch)
        ids = organisations.organisations_of_batch(session, self.batch)
        used = listings.owners_in_use(session, list(ids), seen=True)
        organisations.take_back_organisations(session, self.actor, self.batch, used=used, strict=False)
        return count

    def renamed(self, field_name: str) -> str:
        """Give the column in which a field of the service's words stands."""
        return FIELD_NAMES.get(field_name, field_name.partition(".")[0])


def taker_of(plural: str) -> type[_Listings]:
    """Make the taker of one of the four kinds."""
    names = HEADS[plural]
    labels = {name: heads[0] for name, heads in names.items()}
    needs = (("title", "body"), ("number",)) if plural == "patents" else (("title", "body"),)
    return type(
        f"{plural.title()}In", (_Listings,), {"plural": plural, "names": names, "labels": labels, "needs": needs}
    )


def _distinct(owners: Iterable[Owner]) -> list[Owner]:
    return list({owner.name: owner for owner in owners}.values())


def _key(row: Row, data: ListingIn, named: str) -> str:
    """Give what names a row for ever: its own number, the patent's, else what it says."""
    if data.kind == "patent":
        return listings.normal_number(data.number or "") or ""
    return row.word("key") or hashlib.sha256(f"{named}|{data.title}|{data.body}".encode()).hexdigest()[:40]


def _plain_values(kind: str, row: Row) -> dict[str, Any]:
    title, body = row.text("title"), row.text("body")
    if not title and body:
        title = body.splitlines()[0]
    if len(title) < 2:
        raise Invalid("title", "missing", value=title)
    given: dict[str, Any] = {"kind": kind, "title": _cut(row, "title", title, 200)}
    given["summary"] = _cut(row, "summary", row.text("summary"), 500)
    given["body"] = _cut(row, "body", body, 20_000)
    for name, read in READERS.items():
        text = row.word(name) if row.has(name) else ""
        if text:
            given |= read(row, text)
    if row.has("parameters"):
        given |= _parameters(row)
    if kind == "patent":
        given |= _patent(row)
    if kind == "expert":
        given["details"] = {
            name: text[:200]
            for name, column in (("title", "expert_title"), ("fields", "fields"))
            if (text := row.word(column))
        }
    return given


def _cut(row: Row, name: str, text: str, length: int) -> str:
    if len(text) > length:
        row.warn(name, "import_cut", text[:60], length=length)
    return text[:length]


def _maturity(row: Row, text: str) -> dict[str, Any]:
    found = values.level(text)
    if found is None:
        row.warn("maturity", "import_maturity_unknown", text)
    return {"maturity": found}


def _budget(row: Row, text: str) -> dict[str, Any]:
    unit = row.unit("budget", "万元")
    low, dash, high = text.replace("～", "-").replace("~", "-").replace("至", "-").partition("-")
    try:
        if dash and low.strip():
            ends = (money.parse(low, unit), money.parse(high, unit))  # type: ignore[arg-type]
            return {"budget_low_fen": min(ends), "budget_high_fen": max(ends)}
        amount = money.parse(text, unit)  # type: ignore[arg-type]
    except ValueError as error:
        raise Invalid("budget", "import_amount", value=text[:40]) from error
    if amount < 0:
        raise Invalid("budget", "import_amount", value=text[:40])
    return {"budget_high_fen": amount}


def _deadline(row: Row, text: str) -> dict[str, Any]:
    try:
        return {"deadline": values.day(text)}
    except ValueError:
        row.warn("deadline", "import_day_unknown", text)
        return {}


def _listed(name: str, list_code: str) -> Callable[[Row, str], dict[str, Any]]:
    def read(row: Row, text: str) -> dict[str, Any]:
        entries = reference.lists()[list_code]
        code = text if text in entries else next((e.code for e in entries.values() if e.name == text), "")
        if not code:
            row.warn(name, "import_code_unknown", text)
        return {name: code} if code else {}

    return read


def _region(row: Row, text: str) -> dict[str, Any]:
    entries = [*regions.home_counties(), *reference.entries(None, "region")]
    code = next((e.code for e in entries if text in {e.code, e.name}), "")
    if not code:
        row.warn("region_code", "import_code_unknown", text)
    return {"region_code": code} if code else {}


def _cooperation(row: Row, text: str) -> dict[str, Any]:
    known = set(COOPERATION.values())
    found = [word for word in known if word in text.split("、")]
    found += [code for word, code in COOPERATION.items() if word in text]
    if not found:
        row.warn("cooperation", "import_code_unknown", text)
    return {"cooperation": sorted(set(found))}


READERS: Mapping[str, Callable[[Row, str], dict[str, Any]]] = {
    "maturity": _maturity,
    "budget": _budget,
    "deadline": _deadline,
    "chain": _listed("chain", "chain"),
    "subfield": _listed("subfield", "subfield"),
    "region_code": _region,
    "cooperation": _cooperation,
}


def _parameters(row: Row) -> dict[str, Any]:
    raw = row.raw("parameters")
    if isinstance(raw, str) and raw.lstrip().startswith("["):
        try:
            raw = json.loads(raw)
        except ValueError:
            raw = str(raw)
    if isinstance(raw, list):
        return {"parameters": raw}
    if raw:
        row.warn("parameters", "import_parameters_as_text", str(raw)[:60])
    return {}


def _patent(row: Row) -> dict[str, Any]:
    number = row.word("number")
    if values.is_number_spoilt(number):
        raise Invalid([FieldError("number", "import_number_spoilt", {"value": number})])
    details: dict[str, Any] = {"ipc": row.word("ipc")[:200]}
    for name in ("application_date", "grant_date"):
        text = row.word(name)
        try:
            details[name] = values.partial_day(text) if text else ""
        except ValueError:
            row.warn(name, "import_day_unknown", text)
    status, shape = row.word("legal_status"), row.word("patent_kind")
    granted = "granted" if details.get("grant_date") or "授权" in shape else ""
    details["legal_status"] = values.code_of(status, values.STATUS) if status else granted
    details["kind"] = values.code_of(shape, values.PATENT_KINDS) if shape else ""
    for name, text, found in (("legal_status", status, "legal_status"), ("patent_kind", shape, "kind")):
        if text and not details[found]:
            row.warn(name, "import_word_unknown", text)
    return {"number": number, "details": {name: value for name, value in details.items() if value}}
