"""Around a contract: what came in, what was published, how the income is shared; estimates and hints beside it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from frontend.i18n import N_, _
from frontend.pages import contracts_words as words
from frontend.pages.contracts_desk import money_of
from frontend.texts import message_of, text_of
from frontend.web import (
    Again,
    CurrentActor,
    Form,
    FormErrors,
    PostedForm,
    ReadSession,
    TheMarket,
    WriteSession,
    build,
    form_errors,
    render,
    see_other,
)
from services.contracts import service
from services.contracts.around_schemas import AroundOut, PublicityIn, ReceiptIn, RewardPlanIn
from services.contracts.views import ContractItem, Finding
from services.ground import clock, money
from services.ground.actor import Actor
from services.ground.errors import Conflict, FieldError, Invalid, StaleVersion

pages = APIRouter()
LINES = 100
"""As many as the API takes: what the form left out would be lost by saving it."""
RECEIPTS = {"payment": N_("付款"), "royalty": N_("提成"), "correction": N_("更正")}
REWARDS = {
    "transfer": N_("转让、许可（按净收入）"),
    "equity": N_("作价入股（按股份或出资）"),
    "self_use": N_("自行或合作实施（按营业利润）"),
}
BASES = {"technical_amount": N_("技术交易额"), "contract_amount": N_("成交额"), "amount_paid": N_("到账")}
SOURCES = {"seen": N_("见过文本"), "memory": N_("凭记忆，未核对"), "own": N_("本单位规定")}
LABELS = {
    "received_on": N_("到账日期"),
    "amount_fen": N_("金额"),
    "technical_amount_fen": N_("其中技术交易额"),
    "management_fee_fen": N_("管理费用"),
    "service_fee_fen": N_("认定服务费"),
    "vat_fen": N_("增值税"),
    "published_from": N_("公示开始"),
    "published_to": N_("公示结束"),
    "objections": N_("异议"),
    "handled_on": N_("处理日期"),
    "base_fen": N_("作价额或营业利润"),
    "own_rule": N_("本单位规定"),
    "own_percent": N_("本单位规定的比例"),
    "costs.*.amount_fen": N_("第 {n} 项成本的金额"),
    "costs.*.name": N_("第 {n} 项成本"),
    "shares.*.amount_fen": N_("第 {n} 人的金额"),
    "shares.*.name": N_("第 {n} 人的姓名"),
    "shares.*.paid_on": N_("第 {n} 人的发放日期"),
    "shares": N_("分配"),
}


@dataclass
class AroundPage:
    """Everything contracts/around.html may use."""

    contract: ContractItem
    base: str
    around: AroundOut
    receipt_names: dict[str, str]
    reward_names: list[tuple[str, str]]
    base_names: dict[str, str]
    source_names: dict[str, str]
    publicity_said: list[str]
    reward_said: list[str]
    rows: dict[str, int]
    values: dict[str, str] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)
    problem: str = ""


@pages.get("/contracts/{code}/around")
def show(request: Request, code: str, session: ReadSession, actor: CurrentActor) -> HTMLResponse:
    """Show what lies around a contract."""
    return render(request, "contracts/around.html", around_page(session, actor, code))


@pages.post("/contracts/{code}/around/{part}")
def save(
    *,
    request: Request,
    code: str,
    part: str,
    form: PostedForm,
    session: WriteSession,
    actor: CurrentActor,
    market: TheMarket,
) -> Response:
    """Save one part."""
    try:
        act, said = PARTS.get(part, (_no_part, ""))
        act(session, actor, code, form)
    except (Invalid, Conflict, StaleVersion) as error:
        labels = words.labels() | {name: _(text) for name, text in LABELS.items()}
        errors = form_errors(error, labels) if isinstance(error, Invalid) else FormErrors()
        problem = "" if isinstance(error, Invalid) else message_of(error)
        with market.database.read() as fresh:
            page = around_page(fresh, actor, code)
            page.values, page.errors, page.problem = page.values | form.values(), errors, problem
            raise Again(render(request, "contracts/around.html", page, error.status)) from error
    return see_other(request, f"/contracts/{code}/around#{part}", _(said))


def around_page(session: Session, actor: Actor, code: str) -> AroundPage:
    """Gather what lies around a contract for one reader."""
    found = service.around(session, actor, code)
    plan = found.plan
    return AroundPage(
        contract=service.item_of(service.find(session, code)),
        base=f"/contracts/{code}",
        around=found,
        receipt_names={key: _(text) for key, text in RECEIPTS.items()},
        reward_names=[(key, _(text)) for key, text in REWARDS.items()],
        base_names={key: _(text) for key, text in BASES.items()},
        source_names={key: _(text) for key, text in SOURCES.items()},
        publicity_said=_said(found.publicity_findings),
        reward_said=_said(found.reward_findings),
        rows={
            "costs": min((len(plan.costs) if plan else 0) + 2, LINES),
            "shares": min((len(plan.shares) if plan else 0) + 3, LINES),
        },
        values=_values(found),
    )


def _said(found: list[Finding]) -> list[str]:
    labels = {name: _(text) for name, text in LABELS.items()}
    return [f"{labels.get(item.field, item.field)}：{text_of(item.code, item.params)}" for item in found]


def _values(found: AroundOut) -> dict[str, str]:
    values = {"received_on": clock.today().isoformat(), "kind": "payment", "plan.kind": "transfer"}
    for prefix, part in (("publicity.", found.publicity), ("plan.", found.plan)):
        for name, value in (part.model_dump() if part else {}).items():
            if isinstance(value, list):
                values |= _rows(f"{prefix}{name}.", value)
            elif value is not None:
                values[prefix + name] = money.yuan(value) if name.endswith("_fen") else str(value)
    return values


def _rows(prefix: str, rows: list[Any]) -> dict[str, str]:
    if rows and isinstance(rows[0], str):
        return {prefix.rstrip("."): "\n".join(rows)}
    found = {}
    for index, row in enumerate(rows):
        for name, value in row.items():
            if value not in (None, False):
                text = money.yuan(value) if name.endswith("_fen") else "1" if value is True else str(value)
                found[f"{prefix}{index}.{name}"] = text
    return found


# -- from the forms ---------------------------------------------------------------------------------------------------


def _no_part(_session: Session, _actor: Actor, _code: str, _form: Form) -> None:
    raise Invalid("part", "literal_error")


def _receipt(session: Session, actor: Actor, code: str, form: Form) -> None:
    wrong: list[FieldError] = []
    correction = form.text("kind") == "correction"
    amount = _signed(form, wrong) if correction else money_of(form, "amount_fen", wrong)
    if amount is None and not wrong:
        wrong.append(FieldError("amount_fen", "required"))
    names = ("technical_amount_fen", "management_fee_fen", "service_fee_fen", "vat_fen")
    others = {name: money_of(form, name, wrong) for name in names}
    if wrong:
        raise Invalid(wrong)
    texts = {name: form.optional(name) for name in ("received_on", "kind", "note")}
    service.add_receipt(
        session, actor, code, build(ReceiptIn, texts | {"amount_fen": amount} | others), expected=form.version()
    )


def _signed(form: Form, wrong: list[FieldError]) -> int | None:
    try:
        return money.parse(form.text("amount_fen")) if form.text("amount_fen") else None
    except ValueError:
        wrong.append(FieldError("amount_fen", "amount_unreadable"))
        return None


def _publicity(session: Session, actor: Actor, code: str, form: Form) -> None:
    given = {
        name: form.optional(f"publicity.{name}") for name in ("published_from", "published_to", "place", "handled_on")
    }
    empty = [FieldError(name, "required") for name in ("published_from", "published_to") if not given[name]]
    if empty:
        raise Invalid(empty)
    objections = [line.strip() for line in form.text("publicity.objections").splitlines() if line.strip()]
    found = build(PublicityIn, given | {"objections": objections})
    service.save_publicity(session, actor, code, found, expected=form.version())


def _plan(session: Session, actor: Actor, code: str, form: Form) -> None:
    wrong: list[FieldError] = []
    given: dict[str, Any] = {
        name: form.optional(f"plan.{name}")
        for name in ("kind", "own_rule", "own_percent", "published_from", "published_to")
    }
    given["base_fen"] = money_of(form, "plan.base_fen", wrong)
    for part, texts in (("costs", ("name",)), ("shares", ("name", "paid_on"))):
        given[part] = []
        for index in range(LINES):
            prefix = f"plan.{part}.{index}."
            amount = money_of(form, f"{prefix}amount_fen", wrong)
            line: dict[str, Any] = {name: form.optional(prefix + name) for name in texts}
            if line["name"] or amount is not None:
                more = {"is_main": form.ticked(f"{prefix}is_main")} if part == "shares" else {}
                given[part].append(line | more | {"amount_fen": amount or 0})
    if wrong:
        raise Invalid(wrong)
    service.save_reward_plan(session, actor, code, build(RewardPlanIn, given), expected=form.version())


PARTS: dict[str, tuple[Callable[[Session, Actor, str, Form], None], str]] = {
    "receipts": (_receipt, N_("到账已记下")),
    "publicity": (_publicity, N_("公示已保存")),
    "plan": (_plan, N_("分配已保存")),
}
