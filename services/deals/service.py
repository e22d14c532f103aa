"""The door of deals: every use case by its name. The stories lie in the files beside this one."""

from services.deals.introductions import introduce, proof, verify_introductions
from services.deals.messages import attach_file, open_file, post_message
from services.deals.offers import accept_offer, counter_offer, offer, offers
from services.deals.reach import disclosure_level_for, first_about
from services.deals.signing import confirm_signature, sign
from services.deals.steps import (
    acknowledge,
    agree_confidentiality,
    clear_next_action,
    end,
    record_talk,
    set_next_action,
)
from services.deals.unsuitable import feedback, mark_unsuitable, unsuitable_for
from services.deals.views import detail, outs
from services.deals.worklist import counts, own, work_list, year_figures

__all__ = [
    "accept_offer",
    "acknowledge",
    "agree_confidentiality",
    "attach_file",
    "clear_next_action",
    "confirm_signature",
    "counter_offer",
    "counts",
    "detail",
    "disclosure_level_for",
    "end",
    "feedback",
    "first_about",
    "introduce",
    "mark_unsuitable",
    "offer",
    "offers",
    "open_file",
    "outs",
    "own",
    "post_message",
    "proof",
    "record_talk",
    "set_next_action",
    "sign",
    "unsuitable_for",
    "verify_introductions",
    "work_list",
    "year_figures",
]
