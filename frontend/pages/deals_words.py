"""What the states, steps and moves of deals are called on pages."""

from datetime import date, datetime

from frontend.i18n import N_, _
from services.deals.schemas import ByOut, DealOut, EventOut, NextOut
from services.ground.clock import LAW_ZONE

STEPS = {
    "introduced": N_("引荐"),
    "acknowledged": N_("双方确认"),
    "confidential": N_("保密协议"),
    "talking": N_("技术交流"),
    "offered": N_("报价与条款"),
    "agreed": N_("达成一致"),
    "signed": N_("签约"),
}
STATES = {"open": N_("进行中"), "ended": N_("已结束"), "signed": N_("已签约")}
STATE_LOOKS = {"open": "info", "ended": "plain", "signed": "ok"}
SIDES = {
    "seeker": N_("需求方"),
    "provider": N_("成果方"),
    "broker": N_("经理人"),
    "both": N_("双方"),
    "observer": N_("管理员"),
}
LEVELS = {
    "public": N_("双方与经理人，现在就可见"),
    "after_contact": N_("双方与经理人，双方确认后可见"),
    "after_confidentiality": N_("双方，签保密协议后可见"),
    "own_side": N_("仅本方"),
}
SEEN_BY = {
    "public": N_("双方与经理人可见"),
    "after_contact": N_("双方与经理人可见"),
    "after_confidentiality": N_("双方可见（保密协议后）"),
    "own_side": N_("仅本方可见"),
}
"""The same, said beside what is already there."""
NEXT = {
    "acknowledge": N_("确认这次引荐"),
    "record_talk": N_("做一次技术交流"),
    "agree_confidentiality": N_("签保密协议"),
    "offer": N_("报价"),
    "answer_offer": N_("回复报价"),
    "sign": N_("签合同"),
    "confirm_signature": N_("核对并确认签约"),
}
BUCKETS = {"overdue": N_("逾期"), "today": N_("今天"), "later": N_("往后"), "undated": N_("没定日子")}
OFFER_STATES = {
    "open": (N_("等回复"), "info"),
    "superseded": (N_("已被替代"), "plain"),
    "agreed": (N_("双方接受"), "ok"),
    "expired": (N_("已过有效期"), "warn"),
}
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


LABELS = {
    "happened_on": N_("交流日期"),
    "note": N_("纪要"),
    "level": N_("谁能看"),
    "amount_fen": N_("金额"),
    "payment_mode": N_("付款方式"),
    "scope": N_("范围"),
    "valid_until": N_("有效期到"),
    "file": N_("文件"),
    "file_id": N_("已有的文件"),
    "signed_on": N_("签约日期"),
    "contract_amount_fen": N_("合同金额"),
    "promise": N_("什么时候补上"),
    "reason": N_("原因"),
    "unsuitable_reason": N_("哪里不合适"),
    "sentence": N_("说明"),
    "text": N_("下一步"),
    "side": N_("由谁做"),
    "due_on": N_("期限"),
    "body": N_("留言"),
    "need_code": N_("需求编号"),
    "result_code": N_("成果、专利或专家编号"),
    "seeker_organisation": N_("需求方单位编号"),
    "provider_organisation": N_("成果方单位编号"),
    "record_code": N_("成果、专利或专家编号"),
}


def labels() -> dict[str, str]:
    """Give what the fields of the forms are called, for the summary of errors."""
    return {name: _(label) for name, label in LABELS.items()}


def who(by: ByOut) -> str:
    """Say who acted and for whom: 骆老师（云麓示范大学）; only the side while it stays unnamed."""
    side = _(SIDES.get(by.side, by.side))
    if not by.person:
        return side
    if by.on_behalf_of:
        station = f"{by.organisation}，" if by.organisation else ""
        return _("%(person)s（%(station)s代 %(firm)s）") % {
            "person": by.person,
            "station": station,
            "firm": by.on_behalf_of,
        }
    return f"{by.person}（{side if by.side == 'broker' else by.organisation or side}）"


def happened(event: EventOut, *, again: bool = False) -> str:
    """Say in one sentence what a line of the history is about; `again`: the other side has done the same before."""
    moved = event.from_step != event.to_step
    number = event.number
    sentences = {
        "introduce": _("引荐双方，记入首荐账本第 %(n)s 号") % {"n": number},
        "acknowledge": _("确认引荐，双方都已确认") if moved else _("确认引荐，等对方确认"),
        "agree_confidentiality": _("保密协议生效，双方都已签") if again else _("签了保密协议，等对方签"),
        "record_talk": _("记下一次技术交流"),
        "offer": _("提出第 %(n)s 版报价与条款") % {"n": number},
        "accept_offer": _("接受第 %(n)s 版报价，双方达成一致") % {"n": number},
        "sign": _("登记签约，等对方确认"),
        "confirm_signature": _("确认签约，已生成合同草稿"),
        "end": _("结束对接"),
        "next_action": _("约定下一步"),
        "next_done": _("约定的下一步已做完"),
    }
    return sentences.get(event.move, event.move)


def next_words(coming: NextOut) -> str:
    """Say what comes next, as a verb."""
    return coming.text or _(NEXT.get(coming.code, coming.code))


def next_title(deal: DealOut) -> str:
    """Say what comes next and of whom: 轮到您：回复报价 / 下一步：云麓示范大学 报价."""
    if deal.next is None:
        return ""
    words = next_words(deal.next)
    if deal.next.your_turn:
        return _("轮到您：%(what)s") % {"what": words}
    return _("下一步：%(who)s %(what)s") % {"who": side_name(deal, deal.next.side), "what": words}


def side_name(deal: DealOut, side: str) -> str:
    """Name a side by its organisation or person where the name is open."""
    names = {"seeker": deal.seeker.name, "provider": deal.provider.name, "broker": deal.broker}
    return names.get(side) or _(SIDES.get(side, side))


def clock_words(coming: NextOut) -> tuple[str, str]:
    """Say how long there is, and how loudly: (words, look of the clock)."""
    left = coming.working_days_left
    if left is None:
        return _("没定日子"), "plain"
    if coming.bucket == "overdue":
        return (_("逾期 %(n)s 个工作日") % {"n": -left} if left < 0 else _("已逾期")), "bad"
    if coming.bucket == "today":
        return _("今天到期"), "warn"
    return _("还剩 %(n)s 个工作日") % {"n": left}, "warn" if left <= 3 else "plain"


def day_title(day: date) -> str:
    """2026 年 3 月 11 日 周三."""
    return (
        _("%(y)s 年 %(m)s 月 %(d)s 日") % {"y": day.year, "m": day.month, "d": day.day}
        + f" {_(WEEKDAYS[day.weekday()])}"
    )


def local_day(moment: datetime) -> date:
    """Give the date of a moment where the market stands."""
    return moment.astimezone(LAW_ZONE).date()


def short_hash(text: str) -> str:
    """7f3a91c0 … c21d: enough to compare by eye."""
    return f"{text[:4]} {text[4:8]} … {text[-4:]}"
