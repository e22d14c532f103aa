"""The door of matching and searching. The engine ranks ids; rows come from the database, asked `may` once more."""

from services.matching.around import around
from services.matching.completing import complete
from services.matching.index import follow, is_outdated, reconcile, reindex, reindex_if_outdated
from services.matching.learning import is_due as vectors_are_due
from services.matching.learning import learn
from services.matching.matches import matches, similar, why_not
from services.matching.quality import is_due as quality_is_due
from services.matching.quality import latest as latest_quality
from services.matching.quality import measure_labelled, measure_market
from services.matching.queries import note_click, troubled, write_down
from services.matching.searching import FACETS, Asked, search
from services.matching.synonyms import add as add_synonym
from services.matching.synonyms import added as added_synonyms
from services.matching.synonyms import remove as remove_synonym
from services.matching.waking import hits_for, hits_of, register_brokers

__all__ = [
    "FACETS",
    "Asked",
    "add_synonym",
    "added_synonyms",
    "around",
    "complete",
    "follow",
    "hits_for",
    "hits_of",
    "is_outdated",
    "latest_quality",
    "learn",
    "matches",
    "measure_labelled",
    "measure_market",
    "note_click",
    "quality_is_due",
    "reconcile",
    "register_brokers",
    "reindex",
    "reindex_if_outdated",
    "remove_synonym",
    "search",
    "similar",
    "troubled",
    "vectors_are_due",
    "why_not",
    "write_down",
]
