"""The indicator's pages as they are served: what is looked at leaves a trace, files open, figures come every night."""

import io
import re
import time
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from python_calamine import CalamineWorkbook

from services.contracts import service as contracts
from services.contracts.schemas import RegisteredIn
from services.ground import clock
from services.ground.actor import system_actor
from services.ground.database import Database
from tests.running_market import SHAPES, running_market
from tests.services.contracts.factories import a_content


def database_of(market):
    url = market.settings.get("YAOSU_DATABASE_URL", f"sqlite:///{market.home / 'yaosu.sqlite3'}")
    return Database(url.replace("postgresql://", "postgresql+psycopg://"))


def record(market, count, *, known_at, registered_on):
    """Put registered contracts into a market's books, as an official list would."""
    rows = []
    for index in range(count):
        content = a_content(contract_title=f"演示合同 {index}", signed_on=registered_on, effective_on=registered_on)
        content.valid_from, content.valid_to = registered_on, registered_on + timedelta(days=900)
        content.filled_on = registered_on
        number = f"20264311{index:08d}"
        given = RegisteredIn(
            content=content, registration_number=number, registered_on=registered_on, recorded_at=known_at
        )
        rows.append(given)
    database = database_of(market)
    with database.write() as session:
        contracts.record_registered(session, system_actor("operator", "cli"), rows)
    database.close()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_figures_of_the_night_are_published_by_the_running_processes(shape):
    with running_market(shape, start=False) as market:
        market.settings["YAOSU_NIGHTLY_SECONDS"] = "1"
        yesterday = clock.now() - timedelta(days=2)
        record(market, 4, known_at=yesterday, registered_on=yesterday.date())
        market.start()
        deadline = time.monotonic() + 90
        found = {}
        while time.monotonic() < deadline and not found.get("at"):
            found = httpx.get(f"{market.url}/api/v1/indicators/13/years", timeout=20).json()
            time.sleep(0.2)
        assert found["view"] == "published"
        assert sum(row["count"] for row in found["items"]) == 4


@pytest.fixture(scope="module")
def office():
    """A market with 230 contracts of this year, and a client for the bureau."""
    with running_market("embedded") as market:
        record(market, 230, known_at=datetime.now(UTC), registered_on=date(2026, 3, 2))
        [login] = market.yaosu_json("user", "create", "bureau", "--role", "bureau_officer")
        with httpx.Client(base_url=market.url, timeout=30) as client:
            csrf = r'name="csrf" value="(\w+)"'
            form = {"csrf": re.search(csrf, client.get("/login").text)[1], "login": "bureau"}
            client.post("/login", data={**form, "password": login["password"]})
            client.headers["x-csrf-token"] = re.search(csrf, client.get("/account").text)[1]
            client.market = market
            yield client


def looks(market):
    from sqlmodel import select

    from services.ground.audit import AuditEvent

    database = database_of(market)
    with database.read() as session:
        rows = session.exec(select(AuditEvent).where(AuditEvent.action == "indicator.look")).all()
        found = [(row.person_id, row.detail["path"]) for row in rows]
    database.close()
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/indicators",
        "/indicators.csv",
        "/indicators.xlsx",
        "/api/v1/indicators/13/years",
        "/api/v1/indicators/13/cross?year=2026",
        "/api/v1/indicators/13/breakdowns/county?year=2026",
    ],
)
def test_looking_at_live_figures_leaves_a_trace_and_looking_at_published_ones_none(office, path):
    before = len(looks(office.market))
    assert office.get(path).status_code == 200
    assert httpx.get(office.market.url + path, timeout=30).status_code == 200
    found = looks(office.market)
    assert len(found) == before + 1
    assert found[-1][1] == path.partition("?")[0]
    assert found[-1][0] is not None


def test_the_lines_of_a_figure_come_in_parts_and_their_sum_stands_on_every_part(office):
    first = office.get("/indicators/movements?year=2026").text
    assert first.count("<tr>") == 201
    following = first.split('rel="next"')[0].rpartition('href="')[2].split('"')[0].replace("&amp;", "&")
    second = office.get(f"/indicators/movements{following}").text
    assert second.count("<tr>") == 31
    for page in (first, second):
        assert "427,800,000.00" in page, "230 contracts of 1,860,000 yuan"
    assert 'rel="next"' not in second


def test_the_workbook_of_the_series_opens_in_a_spreadsheet_reader(office):
    book = CalamineWorkbook.from_filelike(io.BytesIO(office.get("/indicators.xlsx").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["年份", "合同数（项）", "成交额（元）"]
    assert [row[1:3] for row in rows if row[0] == "2026"] == [["230", "427800000.00"]]


PAGES = [
    "/indicators?reading=c",
    "/indicators/tables?year=2026&span=Q1",
    "/indicators/tables/T8?period=2026-03",
    "/indicators/tables/T17?period=2026&view=restated",
    "/indicators/tables/print?period=2026",
    "/indicators/figure?figure=output:county*chain:431102/@2026",
    "/indicators/gap",
    "/indicators/gap/431102?year=2026",
    "/indicators/closings",
    "/indicators/plan/13",
]
OPEN = ["/indicators/plan", "/indicators/plan/5", "/indicators/gdp", "/indicators/tables"]


@pytest.mark.parametrize("path", [*PAGES, *OPEN])
def test_every_page_of_statistics_answers_the_bureau(office, path):
    answer = office.get(path)
    assert answer.status_code == 200, path
    assert "<h1" in answer.text


@pytest.mark.parametrize("path", OPEN)
def test_what_is_public_is_shown_to_visitors(office, path):
    assert httpx.get(office.market.url + path, timeout=30).status_code == 200


@pytest.mark.parametrize("path", ["/indicators/gap", "/indicators/closings", "/indicators/figure?figure=output::@2026"])
def test_what_is_not_public_asks_visitors_to_sign_in(office, path):
    answer = httpx.get(office.market.url + path, timeout=30, follow_redirects=False)
    assert answer.status_code in (303, 401)


def code_of(answer):
    return answer.status_code, answer.json()["code"]


def test_what_cannot_be_read_is_told_by_its_code(office):
    tables = "/api/v1/statistics/tables/T8"
    assert code_of(office.get(f"{tables}?period=2025Q7")) == (400, "period_unreadable")
    assert code_of(office.get(f"{tables}?period=2025&reading=z")) == (400, "reading_unknown")
    assert code_of(office.get(f"{tables}?period=2025&view=past")) == (400, "view_unknown")
    assert code_of(office.get("/api/v1/statistics/figures/nowhere")) == (400, "figure_unknown")
    entered = {"period": "2025", "value": "1.4", "source": "某处"}
    assert code_of(office.post("/api/v1/indicators/13/observations", json=entered)) == (409, "indicator_computed")
    goal = {"year": 2026, "value": "5", "label": "考核", "source": "某处", "region": "431102"}
    reader = office.market.yaosu_json("token", "create", "--user", "bureau", "--scope", "statistics:read")["token"]
    refused = httpx.post(
        f"{office.base_url}/api/v1/indicators/1/targets", json=goal, headers={"Authorization": f"Bearer {reader}"}
    )
    assert code_of(refused) == (403, "scope_missing"), "a token for reading writes no target"
    answer = office.post("/api/v1/indicators/1/targets", json=goal)
    assert (answer.status_code, answer.json()["fields"][0]["code"]) == (422, "split_only_computed")


def test_a_period_is_closed_from_the_command_line_once_and_not_before_it_is_over(office):
    market = office.market
    market.yaosu("indicator", "--close", "2026Q1")
    assert office.get("/api/v1/statistics/closings/2026Q1").json()["published_fen"] == 42_780_000_000
    assert office.get("/indicators/closings/2026Q1/statistics-2026Q1.xlsx").content[:2] == b"PK"
    for period, words in (("2026Q1", "已经封账"), ("2099", "还没有过完")):
        with pytest.raises(AssertionError, match=words):
            market.yaosu("indicator", "--close", period)


def test_the_api_opens_a_figure_to_lines_that_sum_to_it(office):
    table = office.get("/api/v1/statistics/tables/T8?period=2026").json()
    place = next(n for n, column in enumerate(table["columns"]) if column["key"] == "amount")
    cell = next(row["cells"][place] for row in table["rows"][1:] if row["cells"][place]["value"])
    total, cursor = 0, ""
    while cursor is not None:
        part = office.get(
            f"/api/v1/statistics/figures/{cell['opens']}?limit=100" + (f"&cursor={cursor}" if cursor else "")
        )
        total += sum(line["amount_fen"] for line in part.json()["items"])
        cursor = part.json()["next"]
    assert total == cell["value"] == 42_780_000_000


def test_the_workbook_of_all_tables_opens_in_a_spreadsheet_reader(office):
    book = CalamineWorkbook.from_filelike(io.BytesIO(office.get("/indicators/tables.xlsx?period=2026").content))
    assert book.sheet_names[0] == "说明"
    assert len(book.sheet_names) == 20
    said = dict(row[:2] for row in book.get_sheet_by_name("说明").to_python())
    assert len(said["校验（各表单元格的 SHA-256）"]) == 64


def test_the_files_of_the_list_hold_every_line_where_the_page_shows_the_first(office):
    assert office.get("/indicators/tables/T17.csv?period=2026").text.count("\n") == 231
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(office.get("/indicators/tables/T17.xlsx?period=2026").content))
    assert len(sheet.get_sheet_by_index(1).to_python()) == 232
    assert "页面只列前 200 行" in office.get("/indicators/tables/T17?period=2026").text


@pytest.mark.parametrize("code", ["T4", "T8", "T11", "T12", "TC", "T10"])
def test_what_people_would_rather_look_at_is_drawn_with_its_table_beside_it(office, code):
    page = office.get(f"/indicators/tables/{code}?period=2026").text
    drawing = page.partition("<main")[2].partition("<table")[0]
    assert 'role="img"' in drawing
    assert "<rect" in drawing


def test_a_closing_that_is_killed_is_there_whole_or_not_at_all(office):
    import contextlib
    import hashlib
    import signal
    import subprocess
    import sys

    market, periods = office.market, ["2026-01", "2026-02", "2026-03", "2025Q4", "2025"]
    for number, period in enumerate(periods):
        command = [sys.executable, "-m", "frontend.cli", "indicator", "--close", period]
        process = subprocess.Popen(
            command, env=market.environment, cwd=market.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1.5 + number * 0.7)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    for entry in office.get("/api/v1/statistics/closings").json()["items"]:
        assert len(entry["files"]) == 2
        for item in entry["files"]:
            content = office.get(f"/indicators/closings/{entry['code']}/{item['name']}").content
            assert hashlib.sha256(content).hexdigest() == item["sha256"]
    market.yaosu("indicator", "--close", "2025Q3")
    assert "2025Q3" in {entry["code"] for entry in office.get("/api/v1/statistics/closings").json()["items"]}
