"""Lists of contracts: the university's, the official one, ugly ones. What is registered is never changed by a list."""

from datetime import date

import pytest

from etl import imports
from services.accounts import service as accounts
from services.contracts import service as contracts
from services.contracts.schemas import ContractFilter, EndIn, MovementFilter
from services.ground.actor import Actor, Grant
from services.ground.errors import Conflict, Invalid
from tests.etl.conftest import BOTH_DATABASES, OPERATOR

UNIVERSITY = [
    "序号", "院系", "负责人", "电话", "项目名称", "合作单位", "合作单位地区", "单位类型（企业/高校/其他事业单位/政府部门/其他）",
    "合同金额(万元)", "签章日期", "生效日期", "技术领域", "合同类型", "登记人",
]  # fmt: skip
OFFICIAL = [
    "合同登记编号",
    "项目名称",
    "合同类型",
    "卖方名称",
    "卖方行政区划",
    "买方名称",
    "合同成交额（万元）",
    "签订日期",
    "登记日期",
]


def a_project(title, amount, day, buyer="演示公司甲", place="湖南长沙", number=1):
    return [number, "机械学院", "演示教师", "13800000000", title, buyer, place, "企业", amount, day, day, "新材料", "技术服务", "演示登记人"]  # fmt: skip


def an_entry(number, title="演示冷榨装备开发", amount=12.3, day="2026.3.12", seller="演示农学院"):
    return [number, title, "技术开发", seller, "431103", "演示公司甲", amount, day, "2026-03-20"]


@pytest.fixture
def registrar(market):
    with market.database.write() as session:
        person = accounts.create_person(session, OPERATOR, login="reg", password="a-long-password", name="演示登记员")
    return Actor(person, "演示登记员", (Grant("registrar"),))


def everything(market, actor=OPERATOR):
    with market.database.read() as session:
        return contracts.list_contracts(session, actor, ContractFilter(), limit=100)[0]


def draft_of(market, code):
    with market.database.read() as session:
        return contracts.get_visible(session, OPERATOR, code).content


def counted(market):
    with market.database.read() as session:
        return contracts.sums(session, MovementFilter()).count


@BOTH_DATABASES
def test_the_university_list_becomes_drafts_of_the_university(market, member, xlsx):
    path = xlsx(
        "2026年-横向（进账）合同登记表.xlsx",
        {"2026": [["2026年-横向（进账）合同登记表"], UNIVERSITY, a_project("榨油机改进", "１２．５", "2026.3.12"), [], a_project("茶园测土", 8, 46093)]},
    )  # fmt: skip
    report = imports.import_file(market, member, "contracts", path)
    assert (report.accepted, report.refused, [f.reason for f in report.of("warning")]) == (2, 0, [])
    first, second = reversed(everything(market, member))
    assert (first.state, first.seller_name, first.contract_amount_fen) == ("draft", "演示农学院", 12_500_000)
    assert (second.contract_amount_fen, second.signed_on) == (8_000_000, date(2026, 3, 12))
    content = draft_of(market, first.code)
    buyer, seller = content.primary("buyer"), content.primary("seller")
    assert (buyer.region_code, buyer.party_group) == ("430100", "ENTERPRISE")
    assert (seller.branch_name, seller.contact.phone, content.filing.filled_by) == (
        "机械学院",
        "13800000000",
        "演示登记人",
    )
    assert (content.technical_field, content.contract_category) == ("05", "SRV")


@BOTH_DATABASES
def test_an_official_list_is_recorded_by_a_registrar_and_counts_only_after_the_switch(market, registrar, xlsx):
    path = xlsx("清单.xlsx", {"一": [OFFICIAL, an_entry("2026430000000001"), an_entry("2026430000000002", "第二份")]})

    def stop(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.import_file(market, registrar, "contracts", path, progress=stop)
    assert (everything(market), counted(market)) == ([], 0)
    report = imports.import_file(market, registrar, "contracts", path)
    assert (report.state, report.accepted, counted(market)) == ("done", 2, 2)
    assert {row.registration_number for row in everything(market)} == {"2026430000000001", "2026430000000002"}


@BOTH_DATABASES
def test_a_member_cannot_enter_contracts_as_registered(market, member, xlsx):
    path = xlsx("清单.xlsx", {"一": [OFFICIAL, an_entry("2026430000000001")]})
    report = imports.import_file(market, member, "contracts", path)
    assert [(f.column, f.reason) for f in report.of("refused")] == [("合同登记编号", "contract_record_not_yours")]


@BOTH_DATABASES
def test_a_known_number_that_says_something_else_changes_nothing_and_is_told(market, registrar, xlsx):
    first = xlsx("一.xlsx", {"一": [OFFICIAL, an_entry("2026430000000001")]})
    imports.import_file(market, registrar, "contracts", first)
    second = xlsx("二.xlsx", {"一": [OFFICIAL, an_entry("2026430000000001", amount=99)]})
    report = imports.import_file(market, registrar, "contracts", second)
    assert (report.accepted, report.unchanged) == (0, 1)
    assert [(f.column, f.value, f.reason) for f in report.of("warning")] == [
        ("合同成交额（万元）", "99", "import_known_differs")
    ]
    assert everything(market)[0].contract_amount_fen == 12_300_000


@BOTH_DATABASES
def test_a_row_that_looks_like_a_draft_of_ours_waits_for_a_person(market, registrar, member, xlsx):
    ours = xlsx("校.xlsx", {"一": [UNIVERSITY, a_project("演示冷榨装备开发", 12.3, "2026-03-12")]})
    imports.import_file(market, member, "contracts", ours)
    official = xlsx("清单.xlsx", {"一": [OFFICIAL, an_entry("2026430000000001")]})
    report = imports.import_file(market, registrar, "contracts", official)
    assert (report.accepted, report.refused, report.exit_code) == (0, 1, 1)
    fault = report.of("candidate")[0]
    assert (fault.reason, fault.params["record"]) == ("contract_candidate", everything(market)[0].code)
    again = imports.import_file(market, registrar, "contracts", official, again=True)
    assert (again.accepted, len(everything(market))) == (1, 2)


@BOTH_DATABASES
def test_heads_of_two_rows_units_in_cells_footers_and_several_sheets_are_read(market, member, xlsx):
    head = ["序号", "项目名称", "合作单位", "", "合同金额", "", "签章日期", "合同类型"]
    under = ["", "", "名称", "地区", "总额", "技术交易额（万元）", "", ""]
    rows = [
        ["横向合同登记表"], head, under,
        [1, "榨油机改进", "演示公司甲", "长沙市", "18.6万元", "18.6", "2026年3月12日", "技术开发（委托）"],
        [2, "茶园测土", "演示公司乙", "北京", "1,200,000元", "120", "2026/3/1", "技术咨询"],
        ["合计", "", "", "", "138.6万元"],
        ["制表人：演示"],
    ]  # fmt: skip
    notes = [["填表说明"], ["金额写万元"]]
    merge = [(1, 4, 1, 5, "合同金额"), (1, 2, 1, 3, "合作单位")]
    path = xlsx("横向.xlsx", {"上半年": rows, "说明": notes, "下半年": [head, under, *rows[3:4]]}, merge)
    report = imports.import_file(market, member, "contracts", path)
    assert (report.rows, report.accepted, report.unchanged, report.refused) == (3, 2, 1, 0), report.faults
    assert {row.contract_amount_fen for row in everything(market)} == {18_600_000, 120_000_000}
    assert [(f.sheet, f.reason) for f in report.of("warning")] == [("下半年", "import_row_twice")]


@BOTH_DATABASES
def test_cells_that_cannot_be_read_are_named_all_at_once(market, member, xlsx):
    row = a_project("榨油机改进", "面议", "去年底", buyer="")
    report = imports.import_file(market, member, "contracts", xlsx("a.xlsx", {"一": [UNIVERSITY, row]}))
    assert sorted((f.letter, f.column, f.value, f.reason) for f in report.of("refused")) == [
        ("F", "合作单位", "", "required"),
        ("I", "合同金额(万元)", "面议", "import_amount"),
        ("J", "签章日期", "去年底", "import_day_unknown"),
    ]


@BOTH_DATABASES
def test_a_long_number_that_a_spreadsheet_spoilt_is_refused_and_a_text_or_whole_float_is_not(market, registrar, xlsx):
    rows = [an_entry("2.02643E+15"), an_entry(20264300000002, "第二份"), an_entry("2026430000000003", "第三份")]
    report = imports.import_file(market, registrar, "contracts", xlsx("a.xlsx", {"一": [OFFICIAL, *rows]}))
    assert [(f.row, f.reason) for f in report.of("refused")] == [(2, "import_number_spoilt")]
    assert {row.registration_number for row in everything(market)} == {"20264300000002", "2026430000000003"}


@BOTH_DATABASES
def test_a_list_in_gb18030_without_a_unit_is_read_as_yuan_and_says_so(market, member, tmp_path):
    path = tmp_path / "合同.csv"
    path.write_text("合同名称,买方,合同金额,签订日期\n榨油机改进,演示公司甲,186000,20260312\n", encoding="gb18030")
    report = imports.import_file(market, member, "contracts", path)
    assert [f.reason for f in report.of("warning")] == ["import_unit_assumed"]
    assert everything(market)[0].contract_amount_fen == 18_600_000


@BOTH_DATABASES
def test_a_list_with_other_heads_is_read_by_the_mapping_given(market, member, xlsx):
    path = xlsx("a.xlsx", {"一": [["课题", "对方", "数额（万元）"], ["榨油机改进", "演示公司甲", 3]]})
    with pytest.raises(Invalid) as unknown:
        imports.import_file(market, member, "contracts", path)
    assert unknown.value.fields[0].code == "import_head_unknown"
    mapping = {"contract_title": "课题", "买方": "对方", "contract_amount_fen": "C"}
    assert imports.import_file(market, member, "contracts", path, mapping=mapping).accepted == 1
    assert everything(market)[0].contract_amount_fen == 3_000_000
    for wrong, code in (({"课题": "课题"}, "import_map_field"), ({"contract_title": "没有"}, "import_map_head")):
        with pytest.raises(Invalid) as refused:
            imports.import_file(market, member, "contracts", path, mapping=wrong)
        assert refused.value.fields[0].code == code


@BOTH_DATABASES
def test_a_recorded_list_can_be_undone_until_somebody_works_on_a_contract(market, registrar, xlsx):
    path = xlsx("清单.xlsx", {"一": [OFFICIAL, an_entry("2026430000000001"), an_entry("2026430000000002", "第二份")]})
    first = imports.import_file(market, registrar, "contracts", path)
    assert imports.undo(market, registrar, first.batch) == 2
    assert (everything(market), counted(market)) == ([], 0)
    again = imports.import_file(market, registrar, "contracts", path)
    assert (again.accepted, counted(market)) == (2, 2)
    with market.database.write() as session:
        end = EndIn(ended_on=date(2026, 5, 1), reason="演示")
        contracts.cancel(session, registrar, everything(market)[0].code, end)
    with pytest.raises(Conflict) as refused:
        imports.undo(market, registrar, again.batch)
    assert refused.value.code == "batch_in_use"


@BOTH_DATABASES
def test_removing_a_stopped_list_lets_it_come_in_again(market, member, xlsx):
    path = xlsx("校.xlsx", {"一": [UNIVERSITY, a_project("榨油机改进", 12.3, "2026-03-12")]})

    def stop(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.import_file(market, member, "contracts", path, progress=stop)
    with market.database.read() as session:
        code = imports.batches.listed(session, member)[0].code
    imports.remove(market, member, code)
    assert imports.import_file(market, member, "contracts", path).accepted == 1
    assert len(everything(market)) == 1


def test_the_unit_in_a_merged_cell_above_the_head_counts_for_its_columns(market, registrar, xlsx):
    groups = ["登记信息", None, None, "当事人", None, None, "金额（万元）", "日期", None]
    heads = [head.removesuffix("（万元）") for head in OFFICIAL]
    path = xlsx("清单.xlsx", {"一": [groups, heads, an_entry("20264311000001", amount=12.3)]})
    assert imports.import_file(market, registrar, "contracts", path).accepted == 1
    with market.database.read() as session:
        assert contracts.sums(session, MovementFilter()).contract_amount_fen == 12_300_000


def test_the_unit_in_a_line_above_the_table_counts_for_columns_that_name_none(market, registrar, xlsx):
    heads = [head.removesuffix("（万元）") for head in OFFICIAL]
    above = [["演示市技术合同登记清单"], [None, None, None, None, "单位： 万元"]]
    path = xlsx("清单.xlsx", {"一": [*above, heads, an_entry("20264311000001", amount=12.3)]})
    report = imports.import_file(market, registrar, "contracts", path)
    assert (report.accepted, report.of("warning")) == (1, [])
    with market.database.read() as session:
        assert contracts.sums(session, MovementFilter()).contract_amount_fen == 12_300_000
