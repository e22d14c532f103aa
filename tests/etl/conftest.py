"""A fresh market for imports, a member of one of its organisations, and files as people send them."""

import contextlib
import json

import pytest
import xlsxwriter
from sqlmodel import SQLModel

from etl import imports as _imports  # noqa: F401 - all tables
from search.engine import open_engine
from services.accounts import service as accounts
from services.ground.actor import Actor, Grant, system_actor
from services.ground.database import Database
from services.ground.market import Market
from services.ground.settings import Settings
from tests import servers

OPERATOR = system_actor("operator", "cli")


BOTH_DATABASES = pytest.mark.parametrize(
    "market", ["sqlite", pytest.param("postgresql", marks=pytest.mark.city)], indirect=True
)


@pytest.fixture
def market(request, tmp_path):
    shape = getattr(request, "param", "sqlite")
    with contextlib.ExitStack() as stack:
        url = (
            f"sqlite:///{tmp_path / 'market.db'}" if shape == "sqlite" else stack.enter_context(servers.new_database())
        )
        database = Database(url)
        SQLModel.metadata.create_all(database.engine)
        made = Market(Settings(home=tmp_path, _env_file=None), database, open_engine(None, tmp_path / "index"))
        yield made
        made.close()


@pytest.fixture
def member(market):
    """Somebody of 演示农学院."""
    with market.database.write() as session:
        organisation = accounts.claim_unverified(session, OPERATOR, "演示农学院", "university")
        person = accounts.create_person(session, OPERATOR, login="member", password="a-long-password", name="演示成员")
    return Actor(person, "演示成员", (Grant("member", organisation),), organisation_id=organisation)


@pytest.fixture
def jsonl(tmp_path):
    def write(name, rows):
        path = tmp_path / name
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def xlsx(tmp_path):
    """Write a workbook: sheet -> rows; `merge` merges ranges of the first sheet."""

    def write(name, sheets, merge=()):
        path = tmp_path / name
        book = xlsxwriter.Workbook(str(path))
        for index, (title, rows) in enumerate(sheets.items()):
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            for first_row, first_column, last_row, last_column, words in merge if index == 0 else ():
                sheet.merge_range(first_row, first_column, last_row, last_column, words)
        book.close()
        return path

    return write
