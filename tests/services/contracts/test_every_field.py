"""One contract with every field of sections 2 and 3 goes through the service and comes back as it was."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from services.contracts import service
from services.contracts.content import Contact, Content, Filing, IpObject, NonTechnicalItem, Party, PaymentItem
from services.contracts.ledger_models import ContractParty, ContractVersion
from services.contracts.schemas import RegistrationIn
from services.ground import clock
from services.ground.errors import Invalid
from services.ground.files import StoredFile
from tests.services.contracts.factories import BOTH_SHAPES

pytestmark = BOTH_SHAPES


def a_full_content(world) -> Content:
    contact = {
        "address": "演示路 1 号",
        "legal_representative": "法人甲",
        "contact": "联系人甲",
        "phone": "0746-0000000",
        "postcode": "425000",
    }
    rest = {
        "uscc_override_reason": "营业执照原件如此",
        "party_nature": "022",
        "market_entity_type": "100",
        "country_code": "142",
        "industry": "P83",
        "enterprise_scale": "M",
        "flags": ["is_rd_institution", "is_tech_transfer_org"],
        "branch_name": "食品学院",
    }
    seller = Party(
        role="seller",
        sequence=1,
        is_primary=True,
        share_amount_fen=500_000_00,
        name="湘渚示范农学院",
        organisation_code=world.organisations["university"].code,
        uscc="91350211M0000XUF46",
        party_group="UNIVERSITY",
        region_code="431102",
        develops=True,
        contact=Contact(**contact),
        **rest,
    )
    second = Party(
        role="seller",
        sequence=2,
        share_amount_fen=212_340_00,
        name="演示丙研究所",
        uscc="91110000101623741K",
        party_group="RESEARCH",
        region_code="431103",
        develops=True,
        contact=Contact(contact="联系人丙"),
        **rest,
    )
    buyer = Party(
        role="buyer", sequence=1, is_primary=True, name="海外演示公司", party_group="ENTERPRISE", country_code="502",
        share_amount_fen=712_340_00, uscc="X-1", uscc_override_reason="境外单位", party_nature="330",
        market_entity_type="100", industry="C", enterprise_scale="L", flags=["is_listed_company"], region_code="431181",
        branch_name="亚洲分部", contact=Contact(phone="+1 000"), organisation_code=world.organisations["firm"].code,
        develops=True,
    )  # fmt: skip
    return Content(
        contract_title="油茶籽低温冷榨专利实施许可合同", internal_number="院合字 2026-7", contract_category="LIC",
        contract_subtype="LIC_PATENT", license_mode="SOLE", is_equity_contribution=True, is_confidential=False,
        signed_on=date(2026, 2, 26), effective_on=date(2026, 3, 1), valid_from=date(2026, 3, 1), valid_to=date(2031, 2, 28),
        contract_amount_fen=712_340_00, technical_amount_fen=700_000_00, amount_status="capped", amount_cap_fen=900_000_00,
        non_technical_items=[
            NonTechnicalItem(kind="EQUIP", name="冷榨机组", amount_fen=12_340_00, evidence="附件 2，第 1 页"),
            NonTechnicalItem(kind="SAMPLE_OK", name="样机 1 台", amount_fen=5_00, evidence="附件 2，第 3 页"),
        ],
        payment_mode="ENTRY_ROYALTY",
        payment_schedule=[
            PaymentItem(due_rule="签订后 10 日", due_on=date(2026, 3, 8), share_percent=Decimal("33.3333"), amount_fen=237_444_29, condition="开票"),
        ],
        technical_field="09", ip_types=["PATENT_INV", "SECRET"],
        ip_objects=[
            IpObject(kind="PATENT_INV", number="201710601862.4", title="冷榨方法", owner="湘渚示范农学院", legal_status="有效", number_override_reason="证书如此"),
        ],
        plan_source="PROV", project_number="2025NK0001", socio_economic_objective="10", served_industry="C13",
        is_related_party=True, relation_kind="同一控制人", relation_share_percent=Decimal("51.5000"), cross_border="export",
        country_code="502", currency="USD", amount_original=Decimal("100000.0000"), fx_rate=Decimal("7.12340000"),
        fx_date=date(2026, 2, 26), fx_source="中国人民银行中间价", expected_new_investment_fen=1_000_000_00,
        expected_new_output_fen=9_000_000_00, abstract="许可实施冷榨专利。", main_contract="C-2025-000001",
        broker_id=world.actors["broker"].person_id, broker_role="中介方", need_code="N-2026-000001",
        result_code="R-2026-000001", deal_code=None, chain=None, subfield=None, registered_elsewhere=True,
        filled_on=date(2026, 3, 2), filing=Filing(filled_by="填报人甲", responsible_person="负责人乙"),
        parties=[seller, second, buyer],
    )  # fmt: skip


def a_scan(world, code):
    with world.database.write() as session:
        row = StoredFile(sha256="0" * 64, name="证明.pdf", media_type="application/pdf", size=1, created_at=clock.now())
        session.add(row)
        session.flush()
        return service.add_file(session, world.actors["registrar"], code, row, kind="certificate").id


def test_every_field_of_the_record_and_of_the_parties_is_kept(world):
    given = a_full_content(world)
    with world.database.read() as session:
        given.chain = _first(session, "chain")
        given.subfield = _first(session, "subfield")
    code = world.do(service.create_draft, "seller", given).code
    assert world.see(code).content == given
    world.do(service.submit, "seller", code)
    world.do(service.accept, "registrar", code)
    world.do(service.start_review, "registrar", code)
    registration = RegistrationIn(
        registration_number="2026431100000041", registered_on=date(2026, 3, 12), decided_on=date(2026, 3, 12),
        registrar_org="演示登记机构", registration_point="演示登记点", certificate_file_id=a_scan(world, code),
        certificate_issued_on=date(2026, 3, 12),
    )  # fmt: skip
    world.do(service.register, "second", code, registration)
    assert world.see(code).content == given
    with world.database.read() as session:
        version = session.exec(select(ContractVersion).where(ContractVersion.kind == "registered")).one()
        parties = session.exec(select(ContractParty).where(ContractParty.version_id == version.id)).all()
    empty = {name for name in ContractVersion.model_fields if getattr(version, name) in (None, "", [])}
    assert empty == {"reason", "evidence", "verification_reason", "deal_code"}
    for name in ContractParty.model_fields:
        assert any(getattr(party, name) not in (None, "", []) for party in parties), name


def test_no_field_of_the_schema_is_forgotten_by_the_test_above(world):
    given = a_full_content(world)
    left_out = {name for name in Content.model_fields if getattr(given, name) in (None, [], "")}
    assert left_out == {"deal_code", "chain", "subfield"}


def _first(session, list_code):
    from services.ground import reference

    return reference.entries(session, list_code)[0].code


def test_a_certificate_is_a_paper_of_this_contract(world):
    other, code = world.in_review(), world.in_review()
    given = RegistrationIn(
        registration_number="2026431100000041",
        registered_on=date(2026, 3, 12),
        certificate_file_id=a_scan(world, other),
    )
    with pytest.raises(Invalid) as error:
        world.do(service.register, "second", code, given)
    assert [(item.field, item.code) for item in error.value.fields] == [("certificate_file_id", "unknown_file")]
