"""How Chinese technology text becomes tokens. Every token of the market, in the index or in a query, is made here.

normalise -> split into Han runs and latin/digit runs -> words (jieba's search mode), bigrams, characters.
jieba is the definition; rjieba gives the same tokens behind the split, ten times faster, and is used where it is
installed. Why: docs/decisions/0011-segmentation.md.
"""

import csv
import hashlib
import importlib
import importlib.metadata
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from operator import add
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent / "data"
CHAIN = 1
"""Counts changes of this module that change tokens."""

RUNS = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9]+")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_BLANKS_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
# It begins only where a run begins: else a long run without joints would be read again from each of its characters.
MODEL_NUMBER = re.compile(r"(?<![a-z0-9])[a-z0-9]+(?:[.\-/_+][a-z0-9]+)+")
_JOINTS = re.compile(r"[.\-/_+]")
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
MAX_JOINED = 40
"""Longer joined latin runs are addresses or sequences, not model numbers."""


class Analysed(NamedTuple):
    """The tokens of one text."""

    words: list[str]
    bigrams: list[str]
    characters: list[str]


class Cutter(NamedTuple):
    """Cuts a run of Han characters: in search mode (overlapping), and plainly."""

    search: Callable[[str], list[str]]
    plain: Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class DictionaryWord:
    """One line of the user dictionary; the frequency makes the segmenter keep the word whole."""

    word: str
    frequency: int
    tag: str
    source: str


def read_table(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a data file: tab-separated, comments begin with #."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row and row[0] and not row[0].startswith("#"):
                yield row


@cache
def dictionary() -> tuple[DictionaryWord, ...]:
    """Read the user dictionary: every data/dictionary*.tsv, in the order of their names."""
    found = {}
    for path in sorted(DATA.glob("dictionary*.tsv")):
        for word, frequency, tag, source in read_table(path):
            found[word] = DictionaryWord(word, int(frequency), tag, source)
    found.update({entry.word: entry for entry in _tried})
    return tuple(found.values())


_tried: tuple[DictionaryWord, ...] = ()


@contextmanager
def trying(words: Iterable[DictionaryWord]) -> Iterator[None]:
    """Cut with further words of the dictionary for the length of a block: to see what they would change.

    For commands only: the whole process cuts with them meanwhile.
    """
    global _tried  # noqa: PLW0603 - the cutter is one for the process, and so is the trial
    _tried = tuple(words)
    dictionary.cache_clear()
    _cutter.cache_clear()
    try:
        yield
    finally:
        _tried = ()
        dictionary.cache_clear()
        _cutter.cache_clear()


def is_han(text: str) -> bool:
    """Tell whether a text consists of Han characters only."""
    return bool(_HAN.fullmatch(text))


# ---- normalising


@cache
def _converter() -> Callable[[str], str]:
    opencc = importlib.import_module("opencc")
    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


@cache
def _traditional() -> re.Pattern[str]:
    """Match the characters that the conversion may change; a text without any is passed by (nine in ten are)."""
    han = [chr(code) for code in range(0x4E00, 0xA000)]
    changed = [a for a in han if _converter()(a) != a]
    return re.compile("[" + "".join(changed) + "]")


def normalise(text: str) -> str:
    """Make one spelling of a text: NFKC, lower case, simplified characters, no blanks between Han characters.

    Never fails: lone surrogates and NUL become blanks.
    """
    text = _UNUSABLE.sub(" ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        if _traditional().search(text):
            text = _converter()(text)
    text = text.lower()
    return _BLANKS_BETWEEN_HAN.sub("", text)


def has_traditional(text: str) -> bool:
    """Say whether a text holds traditional characters."""
    return bool(_traditional().search(text))


def printable(text: str) -> str:
    """Give a text without what a database could not hold: NUL and halves of surrogate pairs become blanks."""
    return _UNUSABLE.sub(" ", text)


# ---- words


@cache
def segmenter_name() -> str:
    """Name the segmenter in use: rjieba, or jieba where rjieba has no wheel."""
    try:
        importlib.import_module("rjieba")
    except ImportError:
        return "jieba"
    return "rjieba"


def rjieba_cutter() -> Cutter:
    """Make a cutter of Han runs with rjieba and the user dictionary."""
    segmenter = importlib.import_module("rjieba").Jieba()
    for entry in dictionary():
        if is_han(entry.word):
            segmenter.add_word(entry.word, entry.frequency, entry.tag)
    return Cutter(segmenter.cut_for_search, segmenter.cut)


def jieba_cutter() -> Cutter:
    """Make the same cutter with jieba itself, the definition."""
    jieba = importlib.import_module("jieba")
    jieba.setLogLevel("WARNING")
    segmenter = jieba.Tokenizer()
    for entry in dictionary():
        if is_han(entry.word):
            segmenter.add_word(entry.word, entry.frequency, entry.tag)
    return Cutter(segmenter.lcut_for_search, segmenter.lcut)


@cache
def _cutter() -> Cutter:
    return rjieba_cutter() if segmenter_name() == "rjieba" else jieba_cutter()


def runs(normalised: str) -> list[str]:
    """Split a normalised text into runs of Han characters and of latin letters and digits."""
    return RUNS.findall(normalised)


def words_with(cut: Callable[[str], list[str]], normalised: str) -> list[str]:
    """Cut into words with a given cutter of Han runs; model numbers come whole besides their pieces."""
    found: list[str] = []
    for run in RUNS.findall(normalised):
        if run[0] >= "\u4e00":
            found.extend(cut(run))
        else:
            found.append(run)
    found.extend(joined(normalised))
    return found


def words(normalised: str) -> list[str]:
    """Cut a normalised text into words, in search mode: long words and the dictionary words inside them."""
    return words_with(_cutter().search, normalised)


def whole_words(normalised: str) -> list[str]:
    """Cut a normalised text into words that follow each other without overlap."""
    plain = _cutter().plain
    return [word for run in RUNS.findall(normalised) for word in (plain(run) if run[0] >= "\u4e00" else (run,))]


def joined(normalised: str) -> list[str]:
    """Give latin runs that are joined by . - / _ + as one token without the joints: Q235-B -> q235b, 3.5 -> 35."""
    whole = (_JOINTS.sub("", hit) for hit in MODEL_NUMBER.findall(normalised))
    return [token for token in whole if len(token) <= MAX_JOINED]


def bigrams(normalised: str) -> list[str]:
    """Give pairs of neighbouring Han characters; a single character and a latin run stand for themselves."""
    found: list[str] = []
    for run in RUNS.findall(normalised):
        if run[0] >= "\u4e00" and len(run) > 1:
            found.extend([run[i : i + 2] for i in range(len(run) - 1)])
        else:
            found.append(run)
    return found


def characters(normalised: str) -> list[str]:
    """Give single Han characters and whole latin runs."""
    found: list[str] = []
    for run in RUNS.findall(normalised):
        if run[0] >= "\u4e00":
            found.extend(run)
        else:
            found.append(run)
    return found


def analyse(normalised: str) -> Analysed:
    """Give all tokens of a normalised text: what `words`, `bigrams` and `characters` give, in one walk over its runs."""
    cut = _cutter().search
    found = Analysed([], [], [])
    for run in RUNS.findall(normalised):
        if run[0] < "\u4e00":
            for tokens in found:
                tokens.append(run)
            continue
        found.words.extend(cut(run))
        found.bigrams.extend(map(add, run, run[1:]) if len(run) > 1 else run)
        found.characters.extend(run)
    found.words.extend(joined(normalised))
    return found


@cache
def chain_version() -> str:
    """Name everything that tokens depend on: this module, the libraries, the characters' tables and the dictionary.

    An index keeps the version it was made with; another one means a rebuild.
    """
    digest = hashlib.sha256()
    for path in sorted(DATA.glob("dictionary*.tsv")):
        digest.update(path.read_bytes())
    name = segmenter_name()
    libraries = f"{name}{importlib.metadata.version(name)}-opencc{importlib.metadata.version('opencc')}"
    return f"{CHAIN}-{libraries}-u{unicodedata.unidata_version}-{digest.hexdigest()[:12]}"


CHAIN_VERSION = chain_version()
