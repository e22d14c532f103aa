"""From what a user typed to a `Query`. Nothing that can be typed is an error.

Words must all be found, each as a word or inside a longer one; "words in quotes" must follow each other; -word must not
be there; numbers of records are recognised in every spelling.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from search import numbers, synonyms, text
from search.documents import TOKEN_FIELDS
from search.query import MAX_LENGTH, MAX_OFFSET, MAX_PAGE, Cursor, Group, Phrase, Query, Term

QUOTED = re.compile(r"(?P<minus>(?:(?<=\s)|^)-)?[\"“”„「『«]([^\"“”„「」『』«»]{1,200})[\"“”„」』»]")
EXCLUDED = re.compile(r"(?:(?<=\s)|^)-([^\s\-][^\s]*)")
LATIN_UNIT = re.compile(rf"{text.MODEL_NUMBER.pattern}|[\u4e00-\u9fff]+|[a-z0-9]+")

WEIGHTS = {"title_words": 3.0, "words": 1.0, "title_bigrams": 1.5, "bigrams": 0.5, "title_chars": 4.0, "chars": 1.0}
SYNONYM = 0.7
"""A record with another word for the same thing comes a little after one with the word that was typed."""
MAX_TERMS = 256
FUNCTION_WORDS = frozenset("的了和与及或在为是对等之其于以并而用从由将被把向中上下一个这那有能可请找求做")
"""Single characters that are not asked for when other words are there."""


@dataclass(slots=True)
class _Draft:
    groups: list[Group] = field(default_factory=list)
    terms: dict[tuple[str, str], float] = field(default_factory=dict)
    excluded: list[Phrase] = field(default_factory=list)

    def score(self, name: str, token: str, factor: float = 1.0) -> None:
        """Let a token count; asked twice, the larger weight holds."""
        weight = WEIGHTS[name] * factor
        if len(self.terms) < MAX_TERMS or (name, token) in self.terms:
            self.terms[name, token] = max(weight, self.terms.get((name, token), 0.0))


def phrase(normalised: str) -> Phrase | None:
    """Make the phrase of bigrams that finds a piece of text anywhere; None for a piece without tokens.

    One Han character is looked for among characters. A single character at an end beside latin text is left out: in the
    text it may be part of a longer run, whose bigrams hide it.
    """
    tokens = text.bigrams(normalised)
    if not tokens:
        return None
    if len(tokens) == 1 and text.is_han(tokens[0]) and len(tokens[0]) == 1:
        return Phrase("chars", (tokens[0],))
    while len(tokens) > 1 and len(tokens[0]) == 1 and text.is_han(tokens[0]):
        tokens = tokens[1:]
    while len(tokens) > 1 and len(tokens[-1]) == 1 and text.is_han(tokens[-1]):
        tokens = tokens[:-1]
    return Phrase("bigrams", tuple(tokens))


def _alternatives(word: str) -> list[Phrase]:
    """Give the ways in which one word may be found: as a word, or inside a longer one."""
    found = []
    if not (len(word) == 1 and text.is_han(word)):
        found = [Phrase("words", (token,)) for token in (text.joined(word) or [word]) if text.RUNS.fullmatch(token)]
    inside = phrase(word)
    return [*found, *([inside] if inside else [])]


def _score_word(draft: _Draft, word: str, factor: float = 1.0) -> None:
    if len(word) == 1 and text.is_han(word):
        draft.score("title_chars", word, factor)
        draft.score("chars", word, factor)
        return
    for token in [*text.words(word)]:
        draft.score("title_words", token, factor)
        draft.score("words", token, factor)
    for token in text.bigrams(word):
        draft.score("title_bigrams", token, factor)
        draft.score("bigrams", token, factor)


def _add_word(draft: _Draft, word: str) -> None:
    others = synonyms.others(word)
    any_of = dict.fromkeys(_alternatives(word))
    for other in others:
        # Another word of several tokens is only the same thing when they follow each other.
        whole = phrase(other)
        any_of.update(dict.fromkeys([whole] if whole else []))
        _score_word(draft, other, SYNONYM)
    if any_of:
        draft.groups.append(Group(word, tuple(any_of)))
        _score_word(draft, word)


def _units(normalised: str) -> list[str]:
    """Cut into the words that are asked for one by one; model numbers stay whole."""
    found: list[str] = []
    for unit in LATIN_UNIT.findall(normalised):
        found.extend(text.whole_words(unit) if text.is_han(unit) else [unit])
    found = synonyms.join_known(found)
    told = [word for word in found if not (len(word) == 1 and word in FUNCTION_WORDS)]
    return list(dict.fromkeys(told or found))


def _take_quoted(draft: _Draft, rest: str) -> str:
    for hit in QUOTED.finditer(rest):
        wanted = phrase(text.normalise(hit[2]))
        if wanted is None:
            continue
        if hit["minus"]:
            draft.excluded.append(wanted)
        else:
            draft.groups.append(Group(hit[2], (wanted,)))
            _score_word(draft, text.normalise(hit[2]))
    return QUOTED.sub(" ", rest)


def _take_excluded(draft: _Draft, rest: str) -> str:
    for hit in EXCLUDED.finditer(rest):
        unwanted = phrase(text.normalise(hit[1]))
        if unwanted is not None:
            draft.excluded.append(unwanted)
    return EXCLUDED.sub(" ", rest)


def _take_numbers(draft: _Draft, rest: str) -> tuple[str, tuple[str, ...]]:
    found = numbers.find_numbers(rest)
    for number in reversed(found):
        token = numbers.token(number.value)
        draft.groups.append(Group(number.value, (Phrase("words", (token,)),)))
        draft.score("words", token)
        rest = f"{rest[: number.start]} {rest[number.end :]}"
    return rest, tuple(number.value for number in found)


def _fallback(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Give the pairs of characters of all words, for when the words themselves are not found together."""
    pairs = dict.fromkeys(
        (phrase_.field, token) for group in groups for phrase_ in group.any_of[-1:] for token in phrase_.tokens
    )
    return tuple(Group(token, (Phrase(name, (token,)),)) for name, token in pairs)


def parse(
    typed: str,
    *,
    filters: Mapping[str, Iterable[str]] | None = None,
    facets: Iterable[str] = (),
    sort: str = "relevance",
    descending: bool = True,
    offset: int = 0,
    limit: int = 20,
    cursor: Cursor | None = None,
) -> Query:
    """Understand what was typed. Never raises; wrong names of filters and sorts are refused by the engine.

    More than MAX_LENGTH characters are cut off and `clamped` says so; offset and limit are clamped too.
    """
    draft = _Draft()
    rest = typed[:MAX_LENGTH].replace("\x00", " ").translate(str.maketrans("－﹣−", "---"))
    rest, recognised = _take_numbers(draft, rest)
    rest = _take_excluded(draft, _take_quoted(draft, rest))
    for word in _units(text.normalise(rest)):
        _add_word(draft, word)
    nothing = bool(typed.strip()) and not draft.groups and not draft.excluded
    return Query(
        text=typed[:MAX_LENGTH],
        terms=tuple(Term(name, token, weight) for (name, token), weight in draft.terms.items()),
        groups=tuple(draft.groups),
        required=len(draft.groups),
        fallback=_fallback(draft.groups) if not recognised else (),
        excluded=tuple(dict.fromkeys(draft.excluded)),
        matches_nothing=nothing,
        filters={name: tuple(dict.fromkeys(values)) for name, values in (filters or {}).items()},
        facets=tuple(dict.fromkeys(facets)),
        sort=sort,
        descending=descending,
        offset=max(0, min(offset, MAX_OFFSET)),
        limit=max(1, min(limit, MAX_PAGE)),
        cursor=cursor,
        numbers=recognised,
        clamped=len(typed) > MAX_LENGTH,
    )


def highlight_words(query: Query) -> tuple[str, ...]:
    """Give the normalised words and synonyms that a snippet should mark, longest first."""
    found = {group.words: None for group in query.groups}
    for group in query.groups:
        found.update(dict.fromkeys(synonyms.others(group.words)))
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


assert set(WEIGHTS) == set(TOKEN_FIELDS)
