"""Contracts from somebody's list: the university's fourteen columns, our own workbook, any list with a mapping.

A row with a registration number and date is recorded as registered, which only a registrar may; a row without becomes
a draft. Nothing that is registered is ever changed by a list: a row with a known number is unchanged, and what differs
is told. A row that looks like a contract we have waits for a person to say whether it is the same one.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from sqlmodel import Session

from etl.imports import contract_whole, values
from etl.imports import contract_words as words
from etl.imports.heads import Names
from etl.imports.owners import clean
from etl.imports.table import Finding, Row
from etl.imports.taker import KNOWN, NEW, Item, Options, Taker, Verdict, refused
from services.accounts import service as accounts
from services.contracts import bulk_drafts as drafts
from services.contracts import numbers, service
from services.contracts.bulk_drafts import DraftRow, HeldContract
from services.contracts.content import Content
from services.contracts.drafts import GROUP_OF_KIND
from services.contracts.schemas import RegisteredIn
from services.ground import money
from services.ground.actor import Actor
from services.ground.errors import FieldError, Invalid

HEADS: Names = {
    "registration_number": ("合同登记编号", "登记编号", "登记号", "认定登记编号"),
    "registered_on": ("登记日期", "认定登记日期", "登记时间"),
    "accepted_on": ("受理日期",),
    "decided_on": ("决定日期",),
    "registrar_org": ("登记机构", "认定登记机构"),
    "registration_point": ("登记点", "登记站"),
    "contract_title": ("项目名称", "合同名称", "项目（合同）名称", "title"),
    "internal_number": ("合同编号", "单位自编号", "合同号", "校内编号"),
    "contract_category": ("合同类型", "合同类别", "合同种类", "类型"),
    "contract_subtype": ("合同类型（细分）", "合同细类"),
    "signed_on": ("合同签订日期", "签订日期", "签章日期", "签约日期", "签订时间"),
    "effective_on": ("生效日期", "合同生效日期"),
    "valid_from": ("合同有效期起", "有效期开始", "合同开始日期", "开始日期"),
    "valid_to": ("合同有效期止", "有效期截止", "合同截止日期", "结束日期", "截止日期"),
    "contract_amount_fen": ("合同成交总额（元）", "合同成交额", "成交额", "合同金额", "合同总金额", "总额", "合同额"),
    "technical_amount_fen": ("技术交易额（元）", "技术交易额", "核定技术交易额", "合同金额技术交易额"),
    "payment_mode": ("合同付款方式", "付款方式", "支付方式"),
    "technical_field": ("技术领域",),
    "ip_types": ("知识产权形式", "知识产权分类", "知识产权类型"),
    "plan_source": ("计划来源",),
    "project_number": ("计划项目编号", "项目编号"),
    "socio_economic_objective": ("社会经济目标",),
    "served_industry": ("服务的国民经济行业", "国民行业", "国民经济行业"),
    "abstract": ("合同标的简介", "合同内容", "简介", "内容摘要"),
    "chain": ("创新链",),
    "subfield": ("细分领域",),
    "seller_name": ("卖方名称", "卖方", "技术输出方", "出让方", "让与方", "受托方", "研究开发人", "乙方"),
    "seller_uscc": ("卖方统一社会信用代码", "卖方信用代码"),
    "seller_region": ("卖方行政区划", "卖方所在地", "卖方地区"),
    "seller_group": ("卖方统计类别", "卖方性质", "卖方类型"),
    "buyer_name": ("买方名称", "买方", "合作单位", "技术吸纳方", "受让方", "委托方", "委托人", "甲方", "合作单位名称"),
    "buyer_uscc": ("买方统一社会信用代码", "买方信用代码"),
    "buyer_region": ("买方行政区划", "合作单位地区", "买方所在地", "买方地区", "区域"),
    "buyer_group": ("买方统计类别", "单位类型", "买方性质", "买方类型", "合作单位类型"),
    "department": ("院系", "学院", "部门"),
    "responsible": ("负责人", "项目负责人"),
    "phone": ("电话", "联系电话"),
    "filled_by": ("登记人", "填报人", "经办人"),
}
DATES = ("signed_on", "effective_on", "valid_from", "valid_to")
REGISTRATION_DATES = ("registered_on", "accepted_on", "decided_on")
AMOUNTS = ("contract_amount_fen", "technical_amount_fen")
CODES = ("payment_mode", "technical_field", "plan_source", "socio_economic_objective", "chain", "subfield")
TEXTS = (("internal_number", 80), ("project_number", 80), ("abstract", 4000))
PARTY_FIELDS = {"name": "name", "uscc": "uscc", "region_code": "region", "party_group": "group"}


@dataclass(frozen=True)
class _Seller:
    """Whose list it is, where the rows do not say."""

    id: int
    code: str
    name: str
    region_code: str | None
    uscc: str | None
    group: str | None


class ContractsIn(Taker):
    """Takes contracts in."""

    names = HEADS
    needs = (("contract_title",), ("contract_amount_fen",), ("buyer_name",))
    labels: ClassVar[Mapping[str, str]] = {name: heads[0] for name, heads in HEADS.items()}

    def __init__(self, actor: Actor, options: Options, batch: str) -> None:
        super().__init__(actor, options, batch)
        self._seller: _Seller | None = None
        self._unit_told = False
        self._recorder: service.Recorder | None = None

    def begin(self, session: Session) -> None:
        """Find the organisation whose list it is: the one given, or one's own. Raises NotFound for an unknown code."""
        number = self.actor.on_behalf_of_id or self.actor.organisation_id
        if self.options.owner:
            row = accounts.organisation_by_code(session, self.options.owner)
        elif number:
            row = accounts.organisation(session, number)
        else:
            return
        self._seller = _Seller(row.id, row.code, row.name, row.region_code, row.uscc, GROUP_OF_KIND.get(row.kind))

    def convert(self, session: Session, row: Row) -> Item:
        """Make a contract of a row: registered where a number says so, else a draft."""
        record = contract_whole.record_of(row)
        content = (
            contract_whole.content_of(session, row, record) if record else Content.model_validate(self._content(row))
        )
        number = _plain_number(row, "registration_number")
        title, seller = content.contract_title or "", content.primary("seller")
        facts = "|".join(
            map(str, (seller.name if seller else "", title, content.signed_on, content.contract_amount_fen))
        )
        own = row.word("internal_number")
        name = own and f"{seller.name if seller else ''}|{own}"
        key = f"contract:{number or hashlib.sha256((name or facts).encode()).hexdigest()[:40]}"
        if number:
            given = RegisteredIn.model_validate(
                {
                    "content": content,
                    "registration_number": number,
                    **(contract_whole.registration_of(record) if record else _registration(row)),
                    "import_key": key,
                }
            )
            if not drafts.may_record(self.actor, content):
                raise Invalid("registration_number", "contract_record_not_yours", value=number)
            self._recorder_of(session).check(given)
            return Item(row, given, key)
        if record and record.get("receipts"):
            row.warn("receipts", "import_not_here", str(len(record["receipts"])))
        owner = self._owner(content)
        if not drafts.may_stage(self.actor, owner, content):
            raise Invalid("seller_name", "import_owner_not_yours", value=seller.name if seller else "")
        drafts.check_draft(session, content)
        return Item(row, DraftRow(content, owner, key), key)

    def judge(self, session: Session, items: Sequence[Item]) -> list[Verdict]:
        """Match by registration number, then by seller, title, day and amount, which a person has to confirm."""
        registered = {item.value.registration_number for item in items if isinstance(item.value, RegisteredIn)}
        contents = [item.value.content for item in items]
        signed = [(c.signed_on, c.contract_amount_fen) for c in contents if c.signed_on and c.contract_amount_fen]
        held = drafts.held_contracts(
            session, numbers=sorted(registered), keys=[item.key for item in items], signed=signed
        )
        by_number = {row.registration_number: row for row in held if row.registration_number}
        by_key = {row.import_key: row for row in held if row.import_key}
        alike = {_looks(row): row for row in held}
        verdicts = []
        for item in items:
            number = getattr(item.value, "registration_number", None)
            known = by_number.get(number) if number else None
            known = known or by_key.get(item.key)
            if known:
                verdicts.append(self._known(item, known))
                continue
            candidate = alike.get(_looks_of(item.value.content))
            if candidate is None or self.options.again or (number and candidate.registration_number):
                verdicts.append(NEW)
                continue
            if candidate.batch == self.batch and not candidate.visible:
                verdicts.append(NEW)
                continue
            finding = Finding("contract_title", "contract_candidate", candidate.title, {"record": candidate.code})
            verdicts.append(Verdict("candidate", finding))
        return verdicts

    def stage(self, session: Session, items: Sequence[Item]) -> None:
        """Write registered rows into the ledger and the others as drafts, all invisible."""
        registered = [item.value for item in items if isinstance(item.value, RegisteredIn)]
        if registered:
            self._recorder_of(session).record(registered, batch=self.batch)
        others = [item.value for item in items if isinstance(item.value, DraftRow)]
        drafts.stage_drafts(session, self.actor, others, self.batch)

    def switch(self, session: Session) -> int:
        """Make them visible, and their movements count."""
        return service.publish_batch(session, self.actor, self.batch) + drafts.switch_drafts(
            session, self.actor, self.batch
        )

    def drop(self, session: Session, limit: int) -> int:
        """Delete staged drafts, and take staged registrations out of the books: their rows never change or go."""
        count = drafts.drop_drafts(session, self.batch, limit=limit)
        return count or service.discard_batch(session, self.actor, self.batch)

    def undo(self, session: Session) -> int:
        """Take the batch back. Raises Conflict once somebody worked on one of its contracts."""
        count = drafts.take_back_drafts(session, self.actor, self.batch)
        return count + service.discard_batch(session, self.actor, self.batch)

    def renamed(self, field_name: str) -> str:
        """Give the column in which a field of the service's words stands: parties.1.region_code is buyer_region."""
        head, _, rest = field_name.partition("parties.")
        if not rest or head:
            return field_name.removeprefix("content.")
        index, _, part = rest.partition(".")
        return f"{'seller' if index == '0' else 'buyer'}_{PARTY_FIELDS.get(part, 'name')}"

    def _recorder_of(self, session: Session) -> service.Recorder:
        """Give the recorder of this chunk: it remembers code lists and organisations, and belongs to one transaction."""
        if self._recorder is None or self._recorder.session is not session:
            self._recorder = service.Recorder(session, self.actor)
        return self._recorder

    def _known(self, item: Item, known: HeldContract) -> Verdict:
        if known.batch == self.batch:
            return Verdict("known", Finding("registration_number", "import_row_twice", known.title))
        if not known.visible:
            return refused("registration_number", "import_in_other_batch", known.title, batch=known.batch)
        content = item.value.content
        differs = [
            name
            for name, ours, theirs in (
                ("contract_title", known.title, content.contract_title),
                ("contract_amount_fen", known.contract_amount_fen, content.contract_amount_fen),
                ("signed_on", known.signed_on, content.signed_on),
            )
            if theirs is not None and ours != theirs
        ]
        if not differs:
            return KNOWN
        text = str(item.row.raw(differs[0]) or "")[:200]
        return Verdict("known", Finding(differs[0], "import_known_differs", text, {"record": known.code}))

    def _content(self, row: Row) -> dict[str, Any]:
        title = row.text("contract_title")
        faults: list[FieldError] = []
        given: dict[str, Any] = {"contract_title": title[:200], "is_confidential": False, "cross_border": "none"}
        if len(title) < 2:
            faults.append(FieldError("contract_title", "missing", {"value": title}))
        for read in (self._amounts, lambda r: _days(r, DATES), _type, _codes, self._parties):
            try:
                given |= read(row)
            except Invalid as error:
                faults += error.fields
        if faults:
            raise Invalid(faults)
        for name, length in TEXTS:
            given[name] = row.word(name)[:length]
        given["filing"] = {
            "filled_by": row.word("filled_by")[:80],
            "responsible_person": row.word("responsible")[:80],
        }
        return given

    def _amounts(self, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = {"amount_status": "determined"}
        for name in AMOUNTS:
            text = row.word(name)
            if not text:
                continue
            unit = row.unit(name, "")
            try:
                found[name] = money.parse(text, unit or "元")  # type: ignore[arg-type]
            except ValueError as error:
                raise Invalid(name, "import_amount", value=text[:40]) from error
            if found[name] < 0:
                raise Invalid(name, "amount_negative", value=text[:40])
            if not unit and "元" not in text and "万" not in text and not self._unit_told:
                self._unit_told = True
                row.warn(name, "import_unit_assumed", text[:40])
        whole, technical = (found.get(name) for name in AMOUNTS)
        if whole is None:
            raise Invalid("contract_amount_fen", "required")
        if technical is not None and technical < whole:
            # A list states both amounts and not what lies between them.
            between = {"kind": "OTHER", "name": "清单未列明的非技术性费用", "amount_fen": whole - technical}
            found["non_technical_items"] = [between]
        return found

    def _parties(self, row: Row) -> dict[str, Any]:
        seller, buyer = _party(row, "seller"), _party(row, "buyer")
        if not buyer["name"]:
            raise Invalid("buyer_name", "required")
        ours = self._seller
        if ours and seller["name"] in {"", ours.name}:
            seller |= {"name": ours.name, "organisation_code": ours.code}
            known = {"region_code": ours.region_code, "uscc": ours.uscc, "party_group": ours.group}
            seller |= {name: value for name, value in known.items() if not seller.get(name)}
        if not seller["name"]:
            raise Invalid("seller_name", "required")
        seller["branch_name"] = row.word("department")[:200]
        seller["contact"] = {"contact": row.word("responsible")[:80], "phone": row.word("phone")[:40]}
        return {"parties": [seller, buyer]}

    def _owner(self, content: Content) -> int | None:
        seller = content.primary("seller")
        ours = self._seller
        return ours.id if ours and seller and seller.organisation_code == ours.code else None


def _looks(row: HeldContract) -> tuple[str, str, date | None, int | None]:
    return (clean(row.seller_name), clean(row.title), row.signed_on, row.contract_amount_fen)


def _looks_of(content: Content) -> tuple[str, str, date | None, int | None]:
    seller = content.primary("seller")
    name = seller.shown_name if seller else ""
    return (clean(name), clean(content.contract_title or ""), content.signed_on, content.contract_amount_fen)


def _registration(row: Row) -> dict[str, Any]:
    places = {name: row.word(name) or None for name in ("registrar_org", "registration_point")}
    return _days(row, REGISTRATION_DATES) | places


def _plain_number(row: Row, name: str) -> str:
    text = row.word(name)
    if values.is_number_spoilt(text):
        raise Invalid(name, "import_number_spoilt", value=text)
    return numbers.plain(text)[:40]


def _days(row: Row, names: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in names:
        text = row.word(name)
        if not text:
            continue
        try:
            found[name] = values.day(text)
        except ValueError as error:
            raise Invalid(name, "import_day_unknown", value=text[:40]) from error
    return found


def _type(row: Row) -> dict[str, Any]:
    text = row.word("contract_subtype") or row.word("contract_category")
    found = words.contract_type(text) if text else None
    if found is None:
        if text:
            row.warn("contract_category", "import_code_unknown", text)
        return {}
    category = words.contract_type(row.word("contract_category")) or found
    subtype = found.subtype or category.subtype
    return {"contract_category": found.category if found.subtype else category.category, "contract_subtype": subtype}


def _codes(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in CODES:
        text = row.word(name)
        if not text:
            continue
        found[name] = words.code(name, text)
        if found[name] is None:
            row.warn(name, "import_code_unknown", text)
    industry = row.word("served_industry")
    if industry:
        found["served_industry"] = words.code("industry_section", industry[:1]) and industry
        if not found["served_industry"]:
            row.warn("served_industry", "import_code_unknown", industry)
    rights = [words.code("ip_type", part) for part in row.word("ip_types").replace(",", "、").split("、") if part]
    if None in rights:
        row.warn("ip_types", "import_code_unknown", row.word("ip_types"))
    return found | {"ip_types": [right for right in rights if right]}


def _party(row: Row, side: str) -> dict[str, Any]:
    read: dict[str, tuple[str, Callable[[str], str | None]]] = {
        "region_code": (f"{side}_region", words.region),
        "party_group": (f"{side}_group", words.party_group),
    }
    party: dict[str, Any] = {"role": side, "is_primary": True, "name": clean(row.text(f"{side}_name"))}
    uscc = _plain_number(row, f"{side}_uscc")
    party["uscc"] = uscc[:20]
    problem = numbers.check_uscc(uscc).problem if uscc else None
    if problem:
        row.warn(f"{side}_uscc", problem, uscc, expected=numbers.check_uscc(uscc).expected)
    for name, (column, find) in read.items():
        text = row.word(column)
        if text:
            party[name] = find(text)
            if party[name] is None:
                row.warn(column, "import_code_unknown", text)
    return party
