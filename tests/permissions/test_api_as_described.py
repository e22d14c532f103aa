"""The API holds what it says about itself: a fuzzing client finds no error of the server and no answer that is not described.

Everybody asks with a token of their own kind; examples come from the description, with the codes of this market in them.
"""

import io
import json
import re
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks

from etl.imports import Options
from etl.imports.api import receive
from services.accounts import service as accounts
from services.accounts import sessions
from services.accounts.schemas import TokenIn
from services.follows import service as follows
from services.ground import reference
from services.ground.database import Database
from services.ground.market import Market
from tests.frontend.market_in_process import OPERATOR
from tests.permissions.world import PDF, a_world

EXAMPLES = 12
PAPER = next(iter(reference.lists()["registration_document"]))
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
TOKENS = {
    "boss": ["read", "listings:write", "deals:write", "contracts:write", "admin"],
    "provider": ["read", "listings:write", "deals:write", "contracts:write"],
    "registrar": ["read", "contracts:register", "statistics:read"],
    "bureau": ["read", "statistics:read"],
    "keeper": ["read", "listings:write", "admin"],
}
"""Who asks with which scopes: both sides of a deal, the desk, the bureau, the administrator."""
RECORDS = {
    "/api/v1/contracts/{code}": {
        "submit": "contract_draft", "discard": "contract_draft", "reopen": "contract_refused", "accept": "contract_submitted",
        "supplement": "contract_submitted", "review": "contract_accepted", "register": "contract_approved",
        "unapprove": "contract_approved", "change": "contract", "cancel": "contract", "revoke": "contract", "copy": "contract",
        "forget": "contract", "receipts": "contract", "publicity": "contract", "reward-plan": "contract", "around": "contract", "versions": "contract", "movements": "contract", "": "contract_draft", "files": "contract_draft",
        "*": "contract_review",
    },
    "/api/v1/deals/{code}": {"acknowledge": "fresh_deal", "end": "fresh_deal", "sign": "agreed_deal", "confirm-signature": "signed_deal", "*": "deal"},
    "/api/v1/organisations/{code}": {"*": "firm"},
    "/api/v1/needs/{code}": {"*": "need"},
    "/api/v1/patents/{code}": {"*": "patent"},
    "/api/v1/experts/{code}": {"*": "expert"},
    "/api/v1/results/{code}": {"*": "result"},
    "/api/v1/indicators/{code}": {"observations": "typed_indicator", "*": "indicator"},
    "/api/v1/imports/{code}": {"*": "batch"},
    "/api/v1/{noun}/{code}": {"submit": "draft", "publish": "submitted", "return": "submitted", "*": "need"},
}  # fmt: skip
"""Which record of the market an operation is asked about, by the word after the code."""


HERE = {
    "/api/v1/me/password": {"old": "a-password-of-boss"},
    "/api/v1/contracts/{code}/revoke": {"ground": "V1"},
    "/api/v1/deals/{code}/sign": {"signed_on": "2026-03-12"},
    "/api/v1/organisations/{code}/shown": {"shown": ["uscc", "intro"]},
    "/api/v1/experts/{code}/shown": {"shown": ["fields"]},
}
"""What an example cannot know of this market."""
A_LIST = "标题,正文\n演示锰渣回收,演示".encode()
FILES = {
    "/api/v1/organisations/{code}/claims": {"paper": PDF, "note": "演示"},
}
"""Files and what goes with them, where it is not a paper of a contract or a deal."""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with a_world(tmp_path_factory.mktemp("described")) as made:
        made.names["typed_indicator"] = "1"
        yield made


@pytest.fixture(scope="module")
def tokens(world):
    """A token of each, written before everything is undone."""
    database = Database(world.market.market.database.url)
    found = {}
    with database.write() as session:
        for login, scopes in TOKENS.items():
            person = accounts.person_by_login(session, login)
            made = sessions.create_token(session, OPERATOR, TokenIn(scopes=scopes, days=9, label="t"), person_id=person)
            found[login] = {"Authorization": f"Bearer {made.token}"}
        provider = sessions.actor_of_person(session, accounts.person_by_login(session, "provider"), "api")
        boss = sessions.actor_of_person(session, accounts.person_by_login(session, "boss"), "api")
        kept = follows.keep(session, boss, follows.SearchIn(name="锰渣", words="锰渣"))
        world.names["kept_search"] = str(kept)
    market = Market(world.market.market.settings, database, engine=None)
    rows = io.BytesIO(A_LIST)
    world.names["batch"] = receive(market, provider, "results", rows, "演示.csv", Options(), state="checking")
    database.close()
    return found


@pytest.fixture(scope="module")
def api(world):
    return schemathesis.openapi.from_dict(world.market.app.openapi())


def send(world, tokens, case: Any, who: str) -> Any:
    """Send a case of the fuzzing client through the application and hold the answer against the description."""
    given = case.as_transport_kwargs(base_url="http://127.0.0.1:8000")
    headers = {name: value for name, value in given.pop("headers", {}).items() if name.lower() != "user-agent"}
    given = {
        name: value
        for name, value in given.items()
        if value is not None and name in {"json", "data", "files", "params"}
    }
    if isinstance(given.get("data"), bytes):
        given["content"] = given.pop("data")
    path = case.formatted_path
    browser = world.browsers["visitor"]
    browser.client.cookies.clear()
    try:
        if any(isinstance(part, int) for part in dict(given.get("files") or {}).values()):
            hypothesis.reject()
        answer = browser.ask(case.method, path, headers={**headers, **tokens[who]}, **given)
        answer.request.read()  # the description's check wants to see what was sent
    except (ValueError, TypeError, UnicodeError, AttributeError):
        hypothesis.reject()  # no client can put this on the wire
    case.validate_response(answer, checks=CHECKS)
    return answer


def words_of(operation) -> str:
    return operation.path.rpartition("{code}/")[2].partition("/")[0] if "{code}/" in operation.path else ""


def code_for(world, operation) -> str:
    """Choose the record that an operation is about."""
    for prefix, records in RECORDS.items():
        if operation.path.startswith(prefix):
            return world.names[records.get(words_of(operation), records["*"])]
    return "N-2026-000001"


def with_codes(world, value: Any) -> Any:
    """Put codes of this market in the place of those in the examples."""
    text = json.dumps(value, ensure_ascii=False)
    for letter, name in (("N", "other_need"), ("R", "other_result"), ("O", "firm"), ("P", "patent")):
        text = re.sub(rf"{letter}-20\d\d-\d{{6}}", world.names[name], text)
    return json.loads(text)


def parameters_of(world, operation) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the path and the required query of an operation, for a record of this market."""
    path: dict[str, Any] = {
        "code": code_for(world, operation),
        "noun": "needs",
        "dimension": "county",
        "number": 1,
        "n": 1,
    }
    path |= {
        "token_id": 1,
        "session_id": 2,
        "record": world.names["result"],
        "figure": "output:county:431102@2026",
        "period": "2026Q1",
    }
    if "/deals/" in operation.path:
        path["number"] = int(world.names["deal_file"])
    if "/calendar/" in operation.path:
        path["year"] = 2031
    path |= {"county": "431122", "move": "accept", "name": "T0.csv"}
    if "/searches/" in operation.path:
        path["number"] = int(world.names["kept_search"])
    if "/introductions/" in operation.path:
        path["number"] = 1
    query: dict[str, Any] = {}
    if "/statistics/tables/" in operation.path:
        path["code"], query["period"] = "T0", "2026"
    if operation.path.endswith(("/search", "/completions")):
        query["q"] = "锰"
    if "/indicators/" in operation.path and operation.path.rpartition("/")[2] in {
        "{dimension}",
        "cross",
        "movements",
        "gap",
        "{county}",
    }:
        query["year"] = 2026
    return {name: value for name, value in path.items() if f"{{{name}}}" in operation.path}, query


def example_case(world, operation) -> Any:
    """Make the request that the description itself shows."""
    path, query = parameters_of(world, operation)
    more: dict[str, Any] = {}
    whole = world.market.app.openapi()
    definition = whole["paths"][operation.path][operation.method]
    for media_type, content in definition.get("requestBody", {}).get("content", {}).items():
        if media_type == "multipart/form-data":
            paper = {"file": PDF, "kind": PAPER, "level": "after_contact"}
            more = {"media_type": media_type, "body": FILES.get(operation.path, paper)}
        else:
            schema = content["schema"]
            name = schema.get("$ref", "").rpartition("/")[2]
            schema = whole["components"]["schemas"][name] if name else schema
            example = content.get("example") or schema.get("example") or next(iter(schema.get("examples", [])), {})
            body = with_codes(world, example) | HERE.get(operation.path, {})
            if "file_id" in body:
                body["file_id"] = int(world.names["deal_file"])
            more = {"media_type": media_type, "body": body}
    return operation.Case(path_parameters=path, query=query, **more)


def test_nine_of_ten_operations_do_what_their_example_asks(world, tokens, api):
    unmoved = {}
    total = 0
    for result in api.get_all_operations():
        operation = result.ok()
        total += 1
        said = [send(world, tokens, example_case(world, operation), who) for who in TOKENS]
        if not any(answer.is_success for answer in said):
            unmoved[f"{operation.method.upper()} {operation.path}"] = [(a.status_code, a.text[:120]) for a in said]
    assert total > 70
    assert len(unmoved) * 10 <= total, unmoved


@pytest.mark.parametrize("part", ["accounts", "contracts", "deals", "listings", "indicators", "rest"])
def test_no_request_makes_the_server_fail_or_answer_what_is_not_described(world, tokens, api, part):
    tested = 0
    for result in api.get_all_operations():
        operation = result.ok()
        tag = operation.tags[0] if operation.tags else ""
        if tag == part or (part == "rest" and tag not in PARTS):
            fuzz(world, tokens, operation)
            tested += 1
    assert tested


PARTS = {"accounts", "contracts", "deals", "listings", "indicators"}


def fuzz(world, tokens, operation) -> None:
    path, _query = parameters_of(world, operation)

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(), who=st.sampled_from(sorted(TOKENS)), known=st.booleans())
    def ask(case, who, known):
        if known and path:  # a code that exists leads further than one that does not
            case.path_parameters = {**case.path_parameters, **path}
        send(world, tokens, case, who)

    ask()
