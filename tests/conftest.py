"""Every error code is raised once in a test through the application: a whole run of the embedded part holds this.

frontend/texts.py tells which codes were put into words for somebody: in problem+json, on a page, by a form, on the
terminal. Each process of a run gathers them and hands its set to the first one, which compares with all there are when
`--every-error-code` is given (scripts/run_tests.py gives it). Where YAOSU_ERROR_CODES names a file, the codes that nobody
was told are written there after any run. Codes that only processes of their own tell are not seen here.
"""

import os
from pathlib import Path

import pytest

from frontend import texts

TOLD: set[str] = set()
NOT_YET = frozenset(
    [
        "address_is_proved",
        "batch_busy",
        "batch_depended_on",
        "batch_in_use",
        "deal_amount_not_positive",
        "demo_half_made",
        "demo_logins_elsewhere",
        "demo_market_not_empty",
        "disk_full",
        "expert_takes_no_contact",
        "export_too_long",
        "import_contract_ended",
        "import_copy_gone",
        "import_in_other_batch",
        "import_known_differs",
        "import_map_field",
        "import_map_head",
        "import_row_twice",
        "import_no_profiles",
        "import_profile_unknown",
        "line_break",
        "main_contributors_below_half",
        "objections_open",
        "offer_expired",
        "own_rule_below_law",
        "person_unknown",
        "registration_number_length",
        "reward_above_base",
        "shown_by_the_expert_only",
        "shown_not_a_member",
        "token_for_api_only",
        "too_many_searches",
        "unavailable",
        "written_at_once",
    ]
)
"""Codes for which it was not seen yet that a test raises them through the application. Take out what you add a test for."""


def pytest_addoption(parser):
    parser.addoption("--every-error-code", action="store_true", help="fail when an error code was raised in no test")


def pytest_configure(config):
    texts.listeners.append(TOLD.add)


def pytest_unconfigure(config):
    texts.listeners.remove(TOLD.add)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    TOLD.update(getattr(node, "workeroutput", {}).get("error_codes", ()))


def untold():
    """Codes of frontend/error_texts that no test of this run has raised."""
    return texts.all_texts().keys() - TOLD


def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["error_codes"] = sorted(TOLD)
        return
    if where := os.environ.get("YAOSU_ERROR_CODES"):
        Path(where).write_text("\n".join(sorted(untold())))
    if config.getoption("every_error_code") and exitstatus == pytest.ExitCode.OK and untold() - NOT_YET:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    if not config.getoption("every_error_code"):
        return
    for code in sorted(untold() - NOT_YET):
        terminalreporter.line(f"error code raised in no test: {code} ({texts.all_texts()[code]})", red=True)
    terminalreporter.line(f"error codes that no test is known to raise: {len(untold() & NOT_YET)}")
