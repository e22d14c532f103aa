"""The frame around every page: what the menu offers to whom."""

from dataclasses import dataclass

from frontend.i18n import N_, _
from services.ground.actor import Actor


@dataclass(frozen=True)
class NavItem:
    """One entry of the menu."""

    url: str
    label: str
    current: bool


ROLE_NAMES = {
    "member": N_("单位成员"),
    "organisation_admin": N_("单位管理员"),
    "broker": N_("技术经理人"),
    "registrar": N_("合同登记员"),
    "moderator": N_("审核员"),
    "bureau_officer": N_("科技局"),
    "station_clerk": N_("工作站"),
    "administrator": N_("管理员"),
}
IMPORTERS = frozenset({"member", "organisation_admin", "registrar", "moderator", "station_clerk", "administrator"})
_LISTS = {"/needs": "need", "/results": "result", "/patents": "patent", "/experts": "expert"}


def role_name(role: str) -> str:
    """Say what people call a role."""
    return _(ROLE_NAMES.get(role, role))


def user_label(actor: Actor) -> str:
    """Say who is signed in and as what: 何经理（技术经理人）."""
    if actor.is_anonymous:
        return ""
    roles = {grant.role for grant in actor.grants}
    first = next((role for role in reversed(ROLE_NAMES) if role in roles), None)
    return _("%(name)s（%(role)s）") % {"name": actor.name, "role": role_name(first)} if first else actor.name


def navigation(actor: Actor, path: str, kind: str = "") -> list[NavItem]:
    """Give the menu: one's own work first, then what everybody may see. `kind` is the tab of the search page."""
    own = []
    if actor.has("broker"):
        own.append(("/work", _("我的对接")))
    if any(grant.role in {"registrar", "bureau_officer"} for grant in actor.grants) or actor.has("administrator"):
        own.append(("/contracts", _("合同登记")))
    if any(grant.role == "moderator" for grant in actor.grants) or actor.has("administrator"):
        own.append(("/moderation", _("审核")))
    if {grant.role for grant in actor.grants} & IMPORTERS:
        own.append(("/import", _("导入")))
    everybody = [
        ("/needs", _("需求")),
        ("/results", _("成果")),
        ("/patents", _("专利")),
        ("/experts", _("专家")),
        ("/indicators", _("指标")),
    ]
    return [NavItem(url, label, _is_current(url, path, kind)) for url, label in own + everybody]


def _is_current(url: str, path: str, kind: str) -> bool:
    if path == "/search":
        return _LISTS.get(url) == kind and bool(kind)
    return path == url or path.startswith(url + "/")
