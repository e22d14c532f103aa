"""The facts of one contract in words: its parties, its elements, its rights, and where it counts."""

from collections.abc import Callable
from datetime import date

from frontend.i18n import _
from frontend.pages import contracts_words as words
from services.contracts.content import Content, Party
from services.ground import money, regions

Names = Callable[[str], dict[str, str]]


def sides_of(named: Names, content: Content) -> list[tuple[str, Party, list[tuple[str, str]]]]:
    """Give the parties of both sides with their facts, headed by what they are called in such a contract."""
    groups, region_names = named("party_group"), named("region")
    natures, scales = named("party_nature"), named("enterprise_scale")
    flags = named("party_flag")
    spoken = words.role_words(content.contract_category, content.contract_subtype)
    found = []
    for role, word in zip(("seller", "buyer"), spoken, strict=True):
        for party in content.side("seller" if role == "seller" else "buyer"):
            others = [scales.get(party.enterprise_scale or "", "")]
            others += [flags[flag].removeprefix("是否") for flag in party.flags if flag in flags]
            region = party.region_code or ""
            facts = [
                (_("信用代码"), party.uscc or ""),
                (_("地区"), f"{region} {region_names.get(region, '')}".strip()),
                (_("国别"), party.country_code or ""),
                (
                    _("性质"),
                    " · ".join(
                        filter(None, (natures.get(party.party_nature or ""), groups.get(party.party_group or "")))
                    ),
                ),
                (
                    _("份额"),
                    f"{money.yuan(party.share_amount_fen)} {_('元')}" if party.share_amount_fen is not None else "",
                ),
                (_("分支机构"), party.branch_name or ""),
                (_("其他"), "；".join(filter(None, others))),
                (_("联系人"), " ".join(filter(None, (party.contact.contact, party.contact.phone)))),
                (_("法定代表人"), party.contact.legal_representative or ""),
                (_("地址"), party.contact.address or ""),
            ]
            head = _("%(word)s，第 %(n)s 方") % {"word": word, "n": party.sequence}
            found.append((head, party, facts))
    return found


def place_note(named: Names, content: Content) -> str:
    """Say where the contract will count, and where it will not."""
    region_names = named("region")
    seller, buyer = content.primary("seller"), content.primary("buyer")
    places = [party.region_code if party else None for party in (seller, buyer)]
    home = [bool(place and regions.is_home(place)) for place in places]
    spoken = [region_names.get(place or "", place or "") for place in places]
    if content.registered_elsewhere:
        return _("异地登记：只作记录，不计入本地指标。")
    if content.cross_border == "import":
        return _("技术进口：由买方登记，记一次吸纳，不计入输出。")
    if all(home):
        return _("双方都在本市：登记后%(s)s记一次输出，%(b)s记一次吸纳，全市指标只算一次。") % {
            "s": spoken[0],
            "b": spoken[1],
        }
    if home[0]:
        return _("登记后%(s)s记一次输出，计入指标。") % {"s": spoken[0]}
    if home[1]:
        return _("卖方不在本市：登记后%(b)s记一次吸纳，不计入指标。") % {"b": spoken[1]}
    return ""


def facts_of(named: Names, content: Content) -> list[list[tuple[str, str]]]:
    """Give the elements of the registration in two columns."""

    def name(list_code: str, code: str | None) -> str:
        return named(list_code).get(code or "", code or "")

    rights = [name("ip_type", code) for code in content.ip_types]
    if len(rights) > 1:
        rights[0] += _("（主）")
    industry = content.served_industry or ""
    left = [
        (_("签订 / 生效"), f"{_day(content.signed_on)} / {_day(content.effective_on)}"),
        (_("有效期"), _("%(a)s 至 %(b)s") % {"a": _day(content.valid_from), "b": _day(content.valid_to)}),
        (
            _("付款方式"),
            name("payment_mode", content.payment_mode)
            + (_("（%(n)s 期）") % {"n": len(content.payment_schedule)} if content.payment_schedule else ""),
        ),
        (
            _("技术领域"),
            " ".join(filter(None, (content.technical_field, name("technical_field", content.technical_field)))),
        ),
        (_("金额状态"), _(words.AMOUNT_STATES[content.amount_status]) if content.amount_status else ""),
        (_("涉外"), _(words.CROSS_BORDER[content.cross_border]) if content.cross_border else ""),
        (
            _("原币"),
            f"{content.currency} {content.amount_original:,} × {content.fx_rate}（{_day(content.fx_date)}，{content.fx_source}）"
            if content.amount_original is not None and content.fx_rate
            else "",
        ),
    ]
    right = [
        (
            _("知识产权"),
            "、".join(rights) + (_("，%(n)s 件清单") % {"n": len(content.ip_objects)} if content.ip_objects else ""),
        ),
        (_("许可方式"), name("license_mode", content.license_mode)),
        (_("计划来源"), " ".join(filter(None, (name("plan_source", content.plan_source), content.project_number)))),
        (_("社会经济目标"), name("socio_economic_objective", content.socio_economic_objective)),
        (_("服务的行业"), f"{industry} {name('industry_section', industry[:1])}".strip() if industry else ""),
        (_("链 / 领域"), " · ".join(filter(None, (name("chain", content.chain), name("subfield", content.subfield))))),
        (
            _("关联交易"),
            ""
            if content.is_related_party is None
            else (content.relation_kind or _("是"))
            if content.is_related_party
            else _("否"),
        ),
        (_("主合同"), content.main_contract or ""),
    ]
    return [left, right]


def rights_of(named: Names, content: Content) -> list[tuple[str, str, str, str, str]]:
    """Give kind, number, title, owner and legal status of each right."""
    kinds = named("ip_type")
    return [
        (
            kinds.get(right.kind or "", right.kind or ""),
            right.number or "",
            right.title or "",
            right.owner or "",
            right.legal_status or "",
        )
        for right in content.ip_objects
    ]


def _day(value: date | None) -> str:
    return value.isoformat() if value else "—"
