"""What new words and synonyms would change, measured before they go live: `yaosu dictionary check`.

Words of the dictionary and synonyms change what *searching* finds (matching compares characters and bigrams). So each
need of a labelled set is typed as a query, its title, into an index of the labelled records, before and after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from search import measures, text
from search.documents import Document, tokens_of
from search.engine import open_engine, search_relaxing
from search.measures import Measured
from search.parse import parse
from search.plain_files import WrongFile
from search.synonyms import Book, SynonymGroup, book

DEPTH = 50
SEEN = 10


@dataclass(frozen=True, slots=True)
class Proposal:
    """Words and synonyms that are not live yet."""

    words: tuple[text.DictionaryWord, ...] = ()
    synonyms: tuple[SynonymGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """What the queries found: the records of each in their order, and how many queries found none with all words."""

    order: Mapping[str, Sequence[str]]
    empty: int
    words: Mapping[str, Sequence[str]]
    """The words every record was cut into."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The labelled measures before and after, the paired difference, and what became different."""

    before: dict[str, Measured]
    after: dict[str, Measured]
    difference: dict[str, Measured]
    empty_before: int
    empty_after: int
    cut_differently: tuple[str, ...]
    """Records whose words are others now."""
    found_differently: tuple[str, ...]
    """Queries whose first ten are others now."""


def read_proposal(path: Path) -> Proposal:
    """Read lines as in data/dictionary.tsv (word, frequency, tag, source) and data/synonyms.tsv (kind, words, source).

    Both may stand in one file; they are told apart by the first column. Raises WrongFile with the line, and OSError.
    """
    words, groups = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        cells = line.split("\t")
        if not line.strip() or line.startswith("#"):
            continue
        if cells[0] in {"term", "spelling"}:
            some = tuple(text.normalise(word) for word in cells[1].split("|")) if len(cells) == 3 else ()
            if len(some) < 2 or not all(some):
                raise WrongFile(path, number, "expected kind, words apart by |, source; apart by tabs")
            groups.append(SynonymGroup(cells[0], some, cells[2]))
        elif len(cells) == 4 and cells[1].isdigit():
            words.append(text.DictionaryWord(cells[0], int(cells[1]), cells[2], cells[3]))
        else:
            raise WrongFile(path, number, "expected word, frequency, tag, source (or term/spelling, words, source)")
    return Proposal(tuple(words), tuple(groups))


def try_out(
    records: Sequence[Document], queries: Mapping[str, str], qrels: measures.Qrels, proposal: Proposal
) -> Trial:
    """Search before and after, and measure both."""
    before = _searched(records, queries, book())
    with text.trying(proposal.words):
        after = _searched(records, queries, book(proposal.synonyms))
    old, new = (measures.per_need(one.order, qrels) for one in (before, after))
    return Trial(
        {name: measures.interval(values) for name, values in old.items()},
        {name: measures.interval(values) for name, values in new.items()},
        {name: measures.interval(new[name] - old[name]) for name in old},
        before.empty,
        after.empty,
        tuple(code for code in before.words if before.words[code] != after.words[code]),
        tuple(key for key in queries if before.order[key][:SEEN] != after.order[key][:SEEN]),
    )


def _searched(records: Sequence[Document], queries: Mapping[str, str], synonyms: Book) -> Searched:
    codes = {record.id: record.code for record in records}
    order, empty = {}, 0
    with TemporaryDirectory() as folder:
        engine = open_engine(None, Path(folder))
        try:
            engine.may_write()
            engine.write(records)
            for key, typed in queries.items():
                page = search_relaxing(engine, parse(typed, limit=DEPTH, book=synonyms))
                order[key] = [codes[number] for number, _score in page.hits]
                empty += page.relaxed or not page.total
        finally:
            engine.close()
    return Searched(order, empty, {record.code: tokens_of(record)["words"] for record in records})
