"""One question, `may(actor, action, thing)`, and the table that answers it. Page, API and command line ask the same one."""

from collections.abc import Callable
from dataclasses import dataclass

from services.ground.actor import Actor
from services.ground.errors import Forbidden, NotSignedIn


@dataclass(frozen=True)
class Thing:
    """What the question is about, in the few facts that decide: whose it is, where it belongs, how far it has come."""

    kind: str
    code: str = ""
    organisation_ids: frozenset[int] = frozenset()
    region_code: str | None = None
    state: str = ""
    seeker_ids: frozenset[int] = frozenset()
    provider_ids: frozenset[int] = frozenset()
    broker_ids: frozenset[int] = frozenset()
    """Person ids of the brokers of a deal."""
    person_id: int | None = None
    """The person the thing belongs to (an account, a token)."""


NOTHING = Thing("")
Step = Callable[[Actor, Thing], bool]


def anyone(_actor: Actor, _thing: Thing) -> bool:
    """Everybody, without an account."""
    return True


def signed_in(actor: Actor, _thing: Thing) -> bool:
    """Everybody with an account."""
    return actor.person_id is not None


def is_public(_actor: Actor, thing: Thing) -> bool:
    """The thing is published, or was fulfilled, and everybody may see it."""
    return thing.state in {"published", "fulfilled"}


def own_organisation(actor: Actor, thing: Thing) -> bool:
    """It belongs to an organisation that the person is a member of."""
    return bool(actor.organisation_ids & thing.organisation_ids)


def organisation_admin(actor: Actor, thing: Thing) -> bool:
    """The person administers the organisation it belongs to."""
    return bool(thing.organisation_ids) and actor.has("organisation_admin", organisation_ids=thing.organisation_ids)


def for_somebody(actor: Actor, thing: Thing) -> bool:
    """A station clerk of the region, who writes for firms and names them."""
    return actor.has("station_clerk", region_code=thing.region_code)


def its_writer(actor: Actor, thing: Thing) -> bool:
    """Whoever wrote it for an organisation of others: a broker or clerk on whose account it stands."""
    return actor.person_id is not None and actor.person_id == thing.person_id


def any_broker(actor: Actor, _thing: Thing) -> bool:
    """A broker, whoever it is about."""
    return actor.has("broker")


def moderator(actor: Actor, thing: Thing) -> bool:
    """A moderator of the region it belongs to."""
    return actor.has("moderator", region_code=thing.region_code)


def any_moderator(actor: Actor, _thing: Thing) -> bool:
    """A moderator, of whatever region."""
    return any(grant.role == "moderator" for grant in actor.grants)


def registrar(actor: Actor, thing: Thing) -> bool:
    """A registrar of the region it belongs to."""
    return actor.has("registrar", region_code=thing.region_code)


def any_registrar(actor: Actor, _thing: Thing) -> bool:
    """A registrar, of whatever region."""
    return any(grant.role == "registrar" for grant in actor.grants)


def bureau(actor: Actor, thing: Thing) -> bool:
    """A bureau officer of the region it belongs to."""
    return actor.has("bureau_officer", region_code=thing.region_code)


def any_bureau(actor: Actor, _thing: Thing) -> bool:
    """A bureau officer, of whatever region."""
    return any(grant.role == "bureau_officer" for grant in actor.grants)


def administrator(actor: Actor, _thing: Thing) -> bool:
    """An administrator of the market."""
    return actor.has("administrator")


def seeker(actor: Actor, thing: Thing) -> bool:
    """A member of the side that seeks."""
    return bool(actor.organisation_ids & thing.seeker_ids)


def provider(actor: Actor, thing: Thing) -> bool:
    """A member of the side that provides."""
    return bool(actor.organisation_ids & thing.provider_ids)


def clerk_of_side(actor: Actor, thing: Thing) -> bool:
    """A station clerk who acts on behalf of one of the two sides, a firm of the clerk's region."""
    return actor.on_behalf_of_id in thing.seeker_ids | thing.provider_ids and for_somebody(actor, thing)


def its_broker(actor: Actor, thing: Thing) -> bool:
    """The broker of this deal."""
    return actor.person_id is not None and actor.person_id in thing.broker_ids


POLICY: dict[str, tuple[tuple[Step, ...], str]] = {
    # -- everybody -----------------------------------------------------------------------------------------------
    "market.look": ((anyone,), "看首页、搜索和公开页面"),
    "market.operate": ((administrator,), "看运行状态，重建索引"),
    "audit.see": ((any_bureau, administrator), "看审计记录"),
    "import.use": ((signed_in, administrator), "成批导入文件，看自己的批次"),
    "import.see_all": ((administrator,), "看所有人的导入批次"),
    "search.curate": ((any_moderator, administrator), "看搜索词表，补同义词"),
    # -- accounts ------------------------------------------------------------------------------------------------
    "account.sign_up": ((anyone,), "注册"),
    "account.sign_in": ((anyone,), "登录"),
    "account.use": ((signed_in,), "看和改自己的账户"),
    "organisation.see": ((anyone,), "看单位的公开页"),
    "organisation.create": ((signed_in,), "登记一个单位"),
    "organisation.edit": ((organisation_admin, for_somebody, administrator), "改单位资料"),
    "organisation.act_for": ((for_somebody,), "替一家单位办事"),
    "organisation.members": ((organisation_admin, administrator), "管单位的成员"),
    "organisation.verify": ((moderator, administrator), "核实单位"),
    "person.manage": ((administrator,), "建账号、给角色"),
    # -- listings ------------------------------------------------------------------------------------------------
    "listing.see": (
        (is_public, own_organisation, for_somebody, its_writer, moderator, administrator),
        "看一条供需信息",
    ),
    "listing.create": ((own_organisation, for_somebody, any_broker, administrator), "写一条供需信息"),
    "listing.edit": ((own_organisation, for_somebody, its_writer, administrator), "改一条供需信息"),
    "listing.submit": ((own_organisation, for_somebody, its_writer, administrator), "提交审核"),
    "listing.withdraw": ((own_organisation, for_somebody, its_writer, moderator, administrator), "撤下"),
    "listing.moderate": ((moderator, administrator), "审核：发布或退回"),
    "listing.queue": ((moderator, administrator), "看审核队列"),
    "listing.import": ((own_organisation, for_somebody, any_broker, moderator, administrator), "替一个单位成批导入"),
    "listing.see_own_side": ((own_organisation, for_somebody, its_writer, administrator), "看仅本方可见的内容"),
    # -- deals ---------------------------------------------------------------------------------------------------
    "deal.work": ((signed_in,), "看自己的对接和待办"),
    "deal.introduce": ((seeker, provider, clerk_of_side, any_broker), "引荐双方"),
    "deal.see": ((seeker, provider, clerk_of_side, its_broker, administrator), "看一次对接"),
    "deal.take_part": ((seeker, provider, clerk_of_side, its_broker), "在对接里留言、附文件、记交流、定下一步"),
    "deal.decide": ((seeker, provider, clerk_of_side, its_broker), "替本方确认、报价、接受、签约；经理人只能撤回引荐"),
    "deal.mark_unsuitable": ((own_organisation, for_somebody), "说一条匹配不合适"),
    "refusal.see_all": ((any_moderator, any_bureau, administrator), "看所有说“不”的案例和准数（留痕）"),
    "introduction.verify": ((administrator,), "核对整本首荐账本"),
    # -- contracts -----------------------------------------------------------------------------------------------
    "contract.list": ((signed_in,), "看自己能看的合同的清单"),
    "contract.see": ((own_organisation, registrar, bureau, for_somebody), "看一份合同"),
    "contract.see_contacts": ((own_organisation, registrar, for_somebody), "看合同里的联系人"),
    "contract.create": ((own_organisation, for_somebody), "写一份合同"),
    "contract.edit": ((own_organisation, for_somebody), "改还没有受理的合同"),
    "contract.submit": ((own_organisation, for_somebody), "把合同交给登记机构"),
    "contract.return": ((registrar, for_somebody), "受理前退回补正"),
    "contract.handle": ((registrar,), "受理、审核、要求补正、不予登记"),
    "contract.register": ((registrar,), "登记、变更、注销、撤销"),
    "contract.around": ((own_organisation, registrar, for_somebody), "记到账、公示和收益分配"),
    "contract.calendar": ((any_registrar, administrator), "录入一年的放假和调休"),
    "contract.forget": ((registrar,), "把一份合同里的个人信息抹去"),
    "contract.record": ((registrar,), "补录已经登记的合同"),
    "contract.ledger": ((any_registrar, any_bureau), "看登记变动的明细"),
    # -- indicators ----------------------------------------------------------------------------------------------
    "indicator.see": ((anyone,), "看指标的公开数（最近一次截数）"),
    "indicator.see_internal": ((any_bureau, administrator), "看即时数，一直看到每份合同（留痕）"),
    "indicator.manage": ((any_bureau, administrator), "录入 GDP 和目标，公布截数"),
}
"""action -> (whoever passes one of the steps may, what it is in the words of the policy)."""


def may(actor: Actor, action: str, thing: Thing | None = None) -> bool:
    """Say whether the actor may do that to the thing. The default is nobody: an action without a line is refused."""
    if action not in POLICY:
        raise KeyError(f"{action} has no line in the policy")
    if actor.trusted:
        return True
    steps, _sentence = POLICY[action]
    subject = thing or NOTHING
    for step in steps:  # noqa: SIM110 - lists ask this thirty times a page, and a generator costs as much as its steps
        if step(actor, subject):
            return True
    return False


def require(actor: Actor, action: str, thing: Thing | None = None) -> None:
    """Raise NotSignedIn or Forbidden unless the actor may."""
    if may(actor, action, thing):
        return
    if actor.is_anonymous:
        raise NotSignedIn
    raise Forbidden(action)
