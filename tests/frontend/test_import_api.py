"""Imports by programs: the same batches as on the page, with tokens and their scopes."""

import pytest

from services.accounts import service as accounts
from services.accounts import sessions
from services.accounts.schemas import TokenIn
from tests.frontend.market_in_process import OPERATOR, market_here

TABLE = "成果名称,预算（万元）\n演示低温冷榨,120\n演示茶粕脱毒,面议\n".encode()


@pytest.fixture
def here(tmp_path):
    with market_here(tmp_path) as made:
        yield made


def program(here, login, *scopes):
    """Somebody's program: a client with a token that has these scopes."""
    person = here.person(login, "member", "演示农学院")
    with here.market.database.write() as session:
        token = sessions.create_token(
            session, OPERATOR, TokenIn(scopes=list(scopes), label="x"), person_id=person
        ).token
    client = here.browser()
    client.client.headers["authorization"] = f"Bearer {token}"
    return client


def send(client, content=TABLE, name="成果.csv", **fields):
    return client.ask("POST", "/api/v1/imports", data={"kind": "results", **fields}, files={"file": (name, content)})


def test_a_program_brings_a_file_reads_the_findings_writes_and_takes_back(here):
    client = program(here, "robot", "read", "listings:write")
    answer = send(client)
    assert (answer.status_code, answer.json()["state"]) == (202, "checking")
    at = answer.headers["location"]
    here.drain()
    batch = client.get(at).json()
    assert (batch["state"], batch["accepted"], batch["refused"], batch["url"]) == (
        "checked",
        1,
        1,
        f"/import/{batch['code']}",
    )
    finding = client.get(f"{at}/findings?severity=refused").json()["items"][0]
    assert {name: finding[name] for name in ("row", "column", "letter", "value", "reason")} == {
        "row": 3,
        "column": "预算（万元）",
        "letter": "B",
        "value": "面议",
        "reason": "import_amount",
    }
    assert client.ask("POST", f"{at}/write").json()["state"] == "writing"
    here.drain()
    assert client.get(at).json()["state"] == "done"
    assert client.ask("POST", f"{at}/remove").json()["code"] == "batch_move_not_possible"
    assert client.ask("POST", f"{at}/undo").json() == {"code": batch["code"], "count": 1}
    assert [row["state"] for row in client.get("/api/v1/imports").json()["items"]] == ["undone"]


def test_write_at_once_needs_no_second_request_and_stop_holds_it(here):
    client = program(here, "robot", "read", "listings:write")
    at = send(client, write="true", map="title=成果名称").headers["location"]
    assert client.ask("POST", f"{at}/stop").json()["state"] == "stopped"
    here.drain()
    assert client.get(at).json()["state"] == "stopped"
    client.ask("POST", f"{at}/write")
    here.drain()
    assert (client.get(at).json()["state"], client.get(at).json()["accepted"]) == ("done", 1)


def test_a_token_without_the_scope_of_the_kind_is_refused(here):
    reader = program(here, "reader", "read")
    assert (send(reader).status_code, send(reader).json()["code"]) == (403, "scope_missing")
    writer = program(here, "writer", "listings:write")
    assert send(writer, kind="contracts").status_code == 403


def test_what_cannot_be_read_is_answered_as_a_problem_with_its_field(here):
    client = program(here, "robot", "listings:write")
    broken = send(client, b"PK\x03\x04broken", "a.xlsx")
    assert (broken.status_code, broken.json()["fields"][0]["code"]) == (422, "file_broken")
    wrong = send(client, map="nonsense")
    assert (wrong.status_code, wrong.json()["fields"][0]["code"]) == (422, "import_map_form")
    assert send(client, kind="nothing").status_code == 422


def test_an_owner_that_nobody_has_is_told_before_anything_is_kept(here):
    client = program(here, "robot", "read", "listings:write")
    assert send(client, owner="O-2026-999999").status_code == 404
    assert client.get("/api/v1/imports").json()["items"] == []


def test_somebody_who_lost_the_roles_meanwhile_does_not_write_and_the_batch_stops(here):
    client = program(here, "robot", "read", "listings:write")
    at = send(client).headers["location"]
    here.drain()
    client.ask("POST", f"{at}/write")
    with here.market.database.write() as session:
        person = accounts.person_by_login(session, "robot")
        owner = accounts.find_organisations(session, "演示农学院")[0].id
        accounts.revoke(session, OPERATOR, person, "member", owner)
    here.drain()
    batch = client.get(at).json()
    assert (batch["accepted"], batch["refused"]) == (0, 2)
