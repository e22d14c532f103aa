"""The door of contracts: everything other rooms may do with them. The stories stand beside: drafts, desk, ledger, bulk."""

from services.contracts.access import find, thing_of, visible_clause
from services.contracts.around import add_receipt, around, save_publicity, save_reward_plan
from services.contracts.batches import discard_batch, publish_batch
from services.contracts.bulk import Recorder, record_registered
from services.contracts.capital_words import capital_words
from services.contracts.desk import (
    accept,
    add_file,
    approve,
    ask_experts,
    decide_type,
    discard,
    may_add_file,
    open_file,
    refuse,
    reopen,
    request_supplement,
    save_review,
    start_review,
    submit,
    unapprove,
)
from services.contracts.drafts import copy_draft, create_draft, draft_from, save_draft, snapshot
from services.contracts.ledger import cancel, change, register, revoke
from services.contracts.movements import list_movements, movements_of, sums, sums_by
from services.contracts.parties import forget_persons, link_party
from services.contracts.queries import contract_query, count_by_state, duplicates, list_contracts, sellers_at_the_desk
from services.contracts.together import move_together, only_registrars, register_together
from services.contracts.type_helper import help_with
from services.contracts.uses import first_about, parties_in_use
from services.contracts.views import get_version, get_visible, item_of
from services.ground.workdays import calendar_of, enter_year

__all__ = [
    "Recorder",
    "accept",
    "add_file",
    "add_receipt",
    "approve",
    "around",
    "ask_experts",
    "calendar_of",
    "cancel",
    "capital_words",
    "change",
    "contract_query",
    "copy_draft",
    "count_by_state",
    "create_draft",
    "decide_type",
    "discard",
    "discard_batch",
    "draft_from",
    "duplicates",
    "enter_year",
    "find",
    "first_about",
    "forget_persons",
    "get_version",
    "get_visible",
    "help_with",
    "item_of",
    "link_party",
    "list_contracts",
    "list_movements",
    "may_add_file",
    "move_together",
    "movements_of",
    "only_registrars",
    "open_file",
    "parties_in_use",
    "publish_batch",
    "record_registered",
    "refuse",
    "register",
    "register_together",
    "reopen",
    "request_supplement",
    "revoke",
    "save_draft",
    "save_publicity",
    "save_review",
    "save_reward_plan",
    "sellers_at_the_desk",
    "snapshot",
    "start_review",
    "submit",
    "sums",
    "sums_by",
    "thing_of",
    "unapprove",
    "visible_clause",
]
