"""Every route of the assembled application, asked by everybody: anonymous, own, other side, other organisation, other region."""

import re

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from httpx import Response

from frontend.app import create_app
from frontend.opening import open_market
from services.ground.settings import Settings
from tests.permissions.table import ALL, rows
from tests.permissions.world import a_world

ROWS = rows()
NOT_FOR_YOU = "合同现在的状态不能这样做"
"""What the contract desk answers to an act that this person has not, or that the contract has not now."""
MISSING = {401, 403, 404, 410}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with a_world(tmp_path_factory.mktemp("who-may")) as made:
        yield made


def refused(answer: Response) -> bool:
    """Whether somebody was turned away: to the sign-in, as forbidden, or as if there were no such record."""
    to_login = answer.status_code == 303 and answer.headers["location"].startswith("/login?next=")
    return to_login or answer.status_code in MISSING or (answer.status_code == 409 and NOT_FOR_YOU in answer.text)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}"[:70])
def test_who_may(world, row):
    method, path, who_may, body = row
    answers = {who: world.ask(who, method, path, body) for who in sorted(ALL)}
    assert {who: answer.status_code for who, answer in answers.items() if answer.status_code >= 500} == {}
    let_in = {who for who, answer in answers.items() if not refused(answer)}
    if method == "GET":  # a page that is merely asked wrongly is not seen by those who may see it
        assert {who: answers[who].status_code for who in let_in & who_may if answers[who].status_code >= 400} == {}
    told = {who: answers[who].status_code for who in let_in ^ who_may}
    assert let_in - who_may == set(), f"let in against the table: {told}"
    assert who_may - let_in == set(), f"turned away against the table: {told}"


def test_what_waits_at_the_desk_stands_on_the_registrars_own_page_due_first(world):
    page = world.ask("registrar", "GET", "/desk").text
    assert page.index(world.names["contract_accepted"]) < page.index(world.names["contract_submitted"])
    assert world.names["contract_draft"] not in page
    assert world.names["contract_accepted"] not in world.ask("provider", "GET", "/desk").text


def test_every_route_has_a_row(tmp_path):
    """Whoever adds a route says here who may use it."""
    market = open_market(Settings(home=tmp_path, _env_file=None))
    try:
        routes = [r for r in iter_route_contexts(create_app(market).routes) if isinstance(r.original_route, APIRoute)]
    finally:
        market.close()
    untold = [
        f"{method} {route.path}" for route in routes for method in route.methods if not told_of(method, route.path)
    ]
    assert untold == []


def told_of(method: str, path: str) -> bool:
    pattern = re.compile(
        "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", path))
    )
    return any(row[0] == method and pattern.fullmatch(row[1].partition("?")[0]) for row in ROWS)
