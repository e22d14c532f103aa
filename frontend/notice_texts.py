"""The sentences of notices: on the page, and in the mails that follow from them."""

from typing import Any

from frontend import i18n
from frontend.i18n import N_, _
from frontend.pages.deals_words import NEXT
from frontend.texts import _Blanks as Blanks
from services.notices.schemas import Letter, NoticeOut

SENTENCES = {
    "sign_in_new": N_("您的账号在一个没见过的浏览器上登录了：{browser}"),
    "password_changed": N_("您的密码改过了，其他地方都已退出"),
    "second_factor_on": N_("登录的第二道验证已打开"),
    "spare_codes_new": N_("第二道验证的备用码换了一套"),
    "second_factor_off": N_("登录的第二道验证已关掉"),
    "recovery_used": N_("您的密码已用邮件里的链接重设"),
    "review_due": N_("“{title}”上次确认是 {days} 天前，还有效吗？点开确认一下就行"),
    "listing_published": N_("“{title}”已通过审核，现在能搜到了"),
    "listing_returned": N_("“{title}”被退回，要改的是：{reasons}"),
    "listing_unsuitable": N_("有单位看过“{title}”，说不合适：{reason}"),
    "match_new": N_("“{need}”有新对得上的：{title}"),
    "search_new": N_("您存的搜索“{name}”新出现 {n} 条"),
    "followed_changed": N_("您关注的“{title}”有变化，现在是：{state}"),
    "deal_introduced": N_("有人为“{title}”引荐了对方，等您确认"),
    "deal_turn": N_("“{title}”的对接轮到您：{what}"),
    "deal_message": N_("“{title}”的对接里有新留言"),
    "deal_ended": N_("“{title}”的对接已结束，原因写在对接页上"),
    "contract_returned": N_("合同“{title}”要补正，请看登记员写的话"),
    "contract_refused": N_("合同“{title}”不予登记，依据写在合同页上；可以修改后再报"),
    "contract_registered": N_("合同“{title}”已登记，登记编号 {number}"),
    "contract_changed": N_("合同“{title}”已办变更登记"),
    "contract_ended": N_("合同“{title}”的登记已注销或撤销"),
    "claim_accepted": N_("“{name}”已核实，您现在是它的管理员"),
    "claim_refused": N_("“{name}”的认领没有通过：{reasons}"),
    "job_done": N_("导入“{title}”已做完：进来 {accepted} 条，退回 {refused} 条"),
}
"""kind -> sentence; the particulars stand in braces."""

STATES = {
    "draft": N_("草稿"),
    "submitted": N_("等审核"),
    "published": N_("已发布"),
    "returned": N_("退回，等修改"),
    "withdrawn": N_("已撤下"),
    "fulfilled": N_("已解决"),
}

KIND_NAMES = {
    "review_due": N_("供需信息到了该确认的时候"),
    "listing_published": N_("我的供需信息通过审核"),
    "listing_returned": N_("我的供需信息被退回"),
    "listing_unsuitable": N_("别人说我的成果不合适"),
    "match_new": N_("我的需求有新对得上的成果"),
    "search_new": N_("存下的搜索有新内容"),
    "followed_changed": N_("关注的记录有变化"),
    "deal_introduced": N_("有人为我引荐"),
    "deal_turn": N_("对接轮到我"),
    "deal_message": N_("对接里有新留言"),
    "deal_ended": N_("我的对接结束了"),
    "contract_returned": N_("我的合同要补正"),
    "contract_refused": N_("我的合同不予登记"),
    "contract_registered": N_("我的合同已登记"),
    "contract_changed": N_("我的合同已变更"),
    "contract_ended": N_("我的合同登记已注销或撤销"),
    "claim_accepted": N_("我认领的单位已核实"),
    "claim_refused": N_("我认领单位没有通过"),
    "job_done": N_("我的导入做完了"),
}
"""Kinds a person can stop, in the words of the choice."""


def sentence(notice: NoticeOut) -> str:
    """Say a notice in the language of the page."""
    params = dict(notice.params)
    if "next" in params:
        params["what"] = _(NEXT.get(params["next"], params["next"]))
    if "state" in params:
        params["state"] = _(STATES.get(params["state"], params["state"]))
    return _(SENTENCES[notice.kind]).format_map(Blanks(params))


def mail_of(letter: Letter, public_url: str, market_name: str) -> tuple[str, str]:
    """Write the mail about notices: (subject, text), in the reader's language, with the way to stop it."""
    with i18n.speaking(letter.language):
        first = sentence(letter.notices[0])
        count = len(letter.notices)
        subject = first if count == 1 else _("%(n)s 条新消息") % {"n": count}
        lines = [_line(notice, public_url) for notice in letter.notices]
        stop = f"{public_url}/notices/stop/{letter.stop_key}"
        kinds_in = dict.fromkeys(notice.kind for notice in letter.notices if notice.kind in KIND_NAMES)
        foot = _("这封信由 %(m)s 发出。不想再收：%(u)s") % {"m": market_name, "u": stop}
        for kind in kinds_in:
            foot += "\n" + _("只是不想再收“%(k)s”：%(u)s") % {"k": _(KIND_NAMES[kind]), "u": f"{stop}?kind={kind}"}
    return f"[{market_name}] {subject}"[:200], "\n\n".join([*lines, "--\n" + foot])


def _line(notice: NoticeOut, public_url: str) -> str:
    where = f"\n{public_url}{notice.url}" if notice.url else ""
    return sentence(notice) + where


def kinds() -> list[tuple[str, Any]]:
    """List the kinds a person can stop: (kind, its name)."""
    return [(kind, _(name)) for kind, name in KIND_NAMES.items()]
