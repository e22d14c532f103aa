"""The full contract workbook goes out, comes into another market, and goes out from there as it was."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from etl import contract_columns as columns
from etl.contract_book import write_book_file
from etl.imports import import_file
from services.accounts import service as accounts
from services.accounts.schemas import OrganisationIn
from services.contracts import service as contracts
from services.contracts.content import Verification
from services.contracts.schemas import ContractFilter, MovementFilter, ReceiptIn, RegisteredIn
from services.ground import clock
from tests.frontend.market_in_process import OPERATOR, market_here
from tests.services.contracts.factories import a_content
from tests.services.contracts.test_every_field import a_full_content

NOW = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
RECEIPTS = [
    ReceiptIn(
        received_on=date(2026, 3, 11), kind="royalty", amount_fen=100_000_00, technical_amount_fen=90_000_00,
        management_fee_fen=5_00, service_fee_fen=6_00, vat_fen=7_00, currency="USD", amount_original=Decimal("14000.5"),
        fx_rate=Decimal("7.1234"), fx_source="中国人民银行中间价", note="首期",
    ),
    ReceiptIn(received_on=date(2026, 3, 12), kind="correction", amount_fen=-1_00),
]  # fmt: skip


def market_with_its_firms(home):
    """A market that knows both parties and the broker."""
    made = market_here(home)
    here = made.__enter__()
    with here.market.database.write() as session:
        firms = {
            key: accounts.create_organisation(session, OPERATOR, OrganisationIn(name=name, kind=kind))
            for key, name, kind in (
                ("university", "湘渚示范农学院", "university"),
                ("firm", "海外演示公司", "enterprise"),
            )
        }
    broker = here.person("broker", role="broker")
    here.person("registrar", role="registrar")
    here.world = SimpleNamespace(organisations=firms, actors={"broker": SimpleNamespace(person_id=broker)})
    return made, here


@pytest.fixture
def source(tmp_path):
    with clock.at(NOW):
        made, here = market_with_its_firms(tmp_path / "from")
        content = a_full_content(here.world)
        content.need_code = content.result_code = None  # records of a market stay in it
        content.chain, content.subfield = "BM", "BM-2"
        verified = Verification(
            contract_amount_fen=712_340_00,
            technical_amount_fen=690_000_00,
            items=[{"kind": "EQUIP", "name": "冷榨机组", "amount_fen": 22_340_00, "evidence": "附件 2"}],
            reason="机组按发票计",
        )
        registered = RegisteredIn(
            content=content, registration_number="2026431100000041", registered_on=date(2026, 3, 12),
            accepted_on=date(2026, 3, 10), decided_on=date(2026, 3, 11), registrar_org="演示登记机构",
            registration_point="演示登记点", certificate_issued_on=date(2026, 3, 12), verification=verified, receipts=RECEIPTS,
        )  # fmt: skip
        with here.market.database.write() as session:
            contracts.record_registered(session, OPERATOR, [registered])
            contracts.create_draft(session, OPERATOR, a_content(contract_title="只是草稿", internal_number="7"))
        yield here
        made.__exit__(None, None, None)


@pytest.fixture
def target(tmp_path, source):
    made, here = market_with_its_firms(tmp_path / "to")
    yield here
    made.__exit__(None, None, None)


def sheets_of(path):
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def rewritten(path, name, changes):
    """The same workbook with some cells changed: (sheet, row from 1, head) -> text."""
    sheets = sheets_of(path)
    for (sheet, row, head), text in changes.items():
        sheets[sheet][row][sheets[sheet][0].index(head)] = text
    target = path.with_name(name)
    book = xlsxwriter.Workbook(str(target))
    for title, rows in sheets.items():
        made = book.add_worksheet(title)
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                made.write_string(number, place, str(cell))
    book.close()
    return target


def exported(here, name):
    path = here.market.settings.home / name
    assert write_book_file(here.market, OPERATOR, path) == 2
    return path


def brought(here, path):
    """Bring a file on the page as the registrar; give the page of the batch after the check."""
    browser = here.browser().sign_in("registrar")
    with path.open("rb") as file:
        answer = browser.post("/import", {"kind": "contracts"}, files={"file": (path.name, file)})
    assert answer.status_code == 303, answer.text
    here.drain()
    return browser, answer.headers["location"]


def test_every_column_of_a_contract_is_in_the_workbook():
    for model, heads, elsewhere in columns.MODELS:
        assert set(model.model_fields) - elsewhere == set(heads), model
    assert set(ReceiptIn.model_fields) == set(columns.RECEIPT)


def test_what_goes_out_comes_in_and_goes_out_again_as_it_was(source, target):
    out = exported(source, "all.xlsx")
    written = sheets_of(out)
    empty = {
        (name, head)
        for name, rows in written.items()
        if rows and rows[0][:1] == [columns.CODE]
        for place, head in enumerate(rows[0])
        if not any(str(row[place]) for row in rows[1:])
    }
    assert {head for _name, head in empty} == {"需求编号", "成果编号", "对接编号", columns.CHANGES}
    tried = import_file(target.market, OPERATOR, "contracts", out, dry_run=True)
    assert (tried.accepted, tried.refused, tried.of("warning")) == (2, 0, [])
    browser, batch = brought(target, out)
    assert browser.post(batch, {"do": "write"}).status_code == 303
    target.drain()
    assert sheets_of(exported(target, "again.xlsx")) == written
    with target.market.database.read() as session:
        sums = contracts.sums(session, MovementFilter())
    assert (sums.count, sums.contract_amount_fen, sums.technical_amount_fen) == (1, 712_340_00, 690_000_00)
    again = import_file(target.market, OPERATOR, "contracts", out)
    assert (again.accepted, again.unchanged, again.refused) == (0, 2, 0)


def test_a_list_never_overwrites_what_is_registered(source):
    out = exported(source, "all.xlsx")
    changed = rewritten(out, "changed.xlsx", {("合同", 2, "合同名称"): "换了名字"})
    before = sheets_of(out)
    report = import_file(source.market, OPERATOR, "contracts", changed)
    told = [fault.reason for fault in report.of("warning")]
    assert "import_known_differs" in told and report.accepted + report.unchanged + report.refused == 2
    with source.market.database.read() as session:
        [row] = contracts.list_contracts(session, OPERATOR, ContractFilter(states=("registered",)))[0]
    assert row.title == "油茶籽低温冷榨专利实施许可合同"
    assert sheets_of(exported_again(source))["合同"][2] == before["合同"][2]


def exported_again(here):
    path = here.market.settings.home / "after.xlsx"
    write_book_file(here.market, OPERATOR, path)
    return path


def test_a_wrong_cell_is_named_with_its_sheet_row_and_head(source, target):
    out = exported(source, "all.xlsx")
    wrong = rewritten(
        out,
        "wrong.xlsx",
        {
            ("合同", 1, columns.STATES): "cancelled",
            ("合同", 2, columns.CHANGES): "2",
            ("当事人", 3, "份额（元）"): "很多",
            ("合同", 2, columns.BROKER): "没有这个人",
        },
    )
    report = import_file(target.market, OPERATOR, "contracts", wrong, dry_run=True)
    refused = {(fault.sheet, fault.row, fault.column, fault.reason) for fault in report.of("refused")}
    assert ("合同", 2, columns.STATES, "import_contract_ended") in {
        (s, r, columns.STATES, c) for s, r, _h, c in refused
    }
    assert any(
        sheet == "当事人" and head == "份额（元）" and code == "import_amount" for sheet, _r, head, code in refused
    )
    good = rewritten(out, "good.xlsx", {("合同", 2, columns.CHANGES): "2", ("合同", 2, columns.BROKER): "没有这个人"})
    browser, batch = brought(target, good)
    tried = import_file(target.market, OPERATOR, "contracts", good, dry_run=True)
    assert sorted(fault.reason for fault in tried.of("warning")) == ["import_contract_changed", "import_not_here"]
    page = browser.get(f"{batch}?show=warning").text
    assert "变更过 2 次" in page
    assert "在这个市场里没有对应的" in page
