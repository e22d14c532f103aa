"""What waits for those who work for the market: the registrar's queue and the bureau's figures, at the head of their desk."""

from dataclasses import dataclass, field

from sqlmodel import Session

from frontend.i18n import _
from frontend.labels import period_words
from frontend.pages import contracts_words as words
from frontend.pages.closings import over
from services.contracts import schemas
from services.contracts import service as contracts
from services.ground import clock
from services.ground.actor import Actor
from services.ground.permissions import may
from services.indicators import closing

SHOWN = 8
AT_THE_DESK = ("submitted", "accepted", "in_review", "expert_review")


@dataclass(frozen=True)
class Task:
    """One line of a duty: what, where, a word beside it, and when it is due (words and look)."""

    text: str
    url: str
    beside: str = ""
    due: tuple[str, str] = ("", "plain")


@dataclass(frozen=True)
class Duty:
    """A part of somebody's work: its heading, how much of it there is, the first of it, and the way to the rest."""

    heading: str
    aside: str
    tasks: list[Task]
    more: tuple[str, str]
    ways: list[tuple[str, str]] = field(default_factory=list)


def duties_of(session: Session, actor: Actor) -> list[Duty]:
    """Give what waits for the roles of the actor; nothing for those who only have records of their own."""
    roles = {grant.role for grant in actor.grants}
    found = []
    if roles & {"registrar", "station_clerk"}:
        found.append(_queue(session, actor))
    if may(actor, "indicator.manage") and "bureau_officer" in roles:
        found.append(_figures(session, actor))
    return found


def _queue(session: Session, actor: Actor) -> Duty:
    wanted = schemas.ContractFilter(states=AT_THE_DESK, order="due")
    rows, _more = contracts.list_contracts(session, actor, wanted, limit=SHOWN)
    counts = contracts.count_by_state(session, actor, wanted)
    calendar = contracts.calendar_of(session)
    items = [contracts.item_of(row) for row in rows]
    late = sum(item.due_on is not None and item.due_on < clock.today() for item in items)
    waiting = sum(counts.get(state, 0) for state in AT_THE_DESK)
    aside = _("%(n)s 份在等您") % {"n": waiting} if waiting else _("没有在等的")
    if late:
        aside += _("，%(n)s 份已逾期") % {"n": late}
    tasks = [
        Task(
            item.title or item.code, f"/contracts/{item.code}", words.state_of(item)[0], words.due_words(item, calendar)
        )
        for item in items
    ]
    ways = [(_("成批办理"), "/contracts/together"), (_("导入清单"), "/import?kind=contracts")]
    if not any(grant.role == "registrar" for grant in actor.grants):
        ways = [(_("填一份合同"), "/contracts/new")]
    return Duty(_("合同登记"), aside, tasks, (_("全部待办"), "/contracts"), ways)


def _figures(session: Session, actor: Actor) -> Duty:
    closed = {item.period for item in closing.closings(session, actor)}
    ready = [period for period in over() if period.code not in closed]
    latest = next((period for period in ready if "Q" in period.code), ready[0] if ready else None)
    tasks = [
        Task(_("离目标还差多少、哪个县市区落后"), "/indicators/gap", _("点县名看原因")),
        Task(_("统计表 T0–T17"), "/indicators/tables", _("任何一期，可打印、可导出")),
        Task(_("录入 GDP"), "/indicators/gdp", _("新一版不改旧版")),
    ]
    if latest:
        tasks.insert(
            1,
            Task(
                _("封账：%(p)s") % {"p": period_words(latest.code, latest.label)},
                "/indicators/closings",
                _("已过完，还没封账"),
            ),
        )
    return Duty(_("指标"), "", tasks, (_("看指标"), "/indicators"))
