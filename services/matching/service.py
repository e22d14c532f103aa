"""The door of matching and searching. The engine ranks ids; rows come from the database, asked `may` once more."""

from services.matching.completing import complete
from services.matching.index import follow, reconcile, reindex
from services.matching.learning import is_due as vectors_are_due
from services.matching.learning import learn
from services.matching.matches import matches, similar, why_not
from services.matching.queries import note_click, troubled, write_down
from services.matching.searching import FACETS, Asked, search
from services.matching.synonyms import add as add_synonym
from services.matching.synonyms import added as added_synonyms
from services.matching.synonyms import remove as remove_synonym

__all__ = [
    "FACETS",
    "Asked",
    "add_synonym",
    "added_synonyms",
    "complete",
    "follow",
    "learn",
    "matches",
    "note_click",
    "reconcile",
    "reindex",
    "remove_synonym",
    "search",
    "similar",
    "troubled",
    "vectors_are_due",
    "why_not",
    "write_down",
]
