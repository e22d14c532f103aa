"""From what a user typed to a `Query`. Nothing that can be typed is an error.

Words must all be found, each as a word or inside a longer one; "words in quotes" must follow each other; -word must not
be there; 种类:专利 or title:冷榨 look in one field; numbers of records are recognised in every spelling.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from search import numbers, synonyms, text, typed_words
from search.documents import TOKEN_FIELDS
from search.query import MAX_LENGTH, MAX_OFFSET, MAX_PAGE, Age, Band, Cursor, Group, Phrase, Query, Term

_OPEN, _CLOSE = '"“”„「『«', '"“”„」』»'
QUOTED = re.compile(rf"(?P<minus>(?:(?<=\s)|^)-)?[{_OPEN}]([^{_OPEN}{_CLOSE}]{{1,200}})[{_CLOSE}]")
EXCLUDED = re.compile(r"(?:(?<=\s)|^)-([^\s\-][^\s]*)")
FIELD = re.compile(
    r"(?:(?<=\s)|^)(?P<minus>-)?(?P<name>[A-Za-z_]{2,20}|[\u4e00-\u9fff]{2,4})[:：]"
    rf"(?:[{_OPEN}](?P<quoted>[^{_OPEN}{_CLOSE}]{{1,100}})[{_CLOSE}]|(?P<bare>[^\s:：]{{1,100}})(?=\s|$))"
)
FIELD_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("种类", "类型", "类别", "kind", "type"), "kind"),
    **dict.fromkeys(("创新链", "产业链", "chain"), "chain"),
    **dict.fromkeys(("领域", "细分领域", "subfield", "field"), "subfield"),
    **dict.fromkeys(("地区", "县市区", "区县", "region"), "region"),
    **dict.fromkeys(("成熟度", "maturity"), "maturity"),
    **dict.fromkeys(("合作", "合作方式", "cooperation"), "cooperation"),
    **dict.fromkeys(("单位类型", "organisation_kind"), "organisation_kind"),
    **dict.fromkeys(("单位", "organisation", "owner"), "organisation"),
    **dict.fromkeys(("专利状态", "state_of_patent"), "state_of_patent"),
    **dict.fromkeys(("新鲜度", "freshness"), "freshness"),
    **dict.fromkeys(("标题", "title"), "title"),
}
"""What people may write before a colon -> the filter, or `title`."""
Resolve = Callable[[str, str], tuple[str, ...]]
"""(filter, what was written after the colon) -> values of the filter; none where it is no value: then it is plain words."""

WEIGHTS = {"title_words": 3.0, "words": 1.0, "title_bigrams": 1.5, "bigrams": 0.5, "title_chars": 4.0, "chars": 1.0}
SYNONYM = 0.7
"""A record with another word for the same thing comes a little after one with the word that was typed."""
SEAM = 0.5
"""Pairs of characters across the seam of two words count less than those inside: they say that the words stand together."""
LONELY = 0.25
"""A single character that was cut off a longer run says little by itself."""
MAX_TERMS = 256
MAX_GROUPS = 64
"""Words that are asked for; those of a pasted text that come after only count for the order."""


@dataclass(slots=True)
class _Draft:
    book: synonyms.Book
    groups: list[Group] = field(default_factory=list)
    terms: dict[tuple[str, str], float] = field(default_factory=dict)
    excluded: list[Phrase] = field(default_factory=list)
    must: dict[str, tuple[str, ...]] = field(default_factory=dict)
    must_not: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def score(self, name: str, token: str, factor: float = 1.0) -> None:
        """Let a token count; asked twice, the larger weight holds."""
        weight = WEIGHTS[name] * factor
        if len(self.terms) < MAX_TERMS or (name, token) in self.terms:
            self.terms[name, token] = max(weight, self.terms.get((name, token), 0.0))

    def ask(self, group: Group) -> None:
        """Ask for one more word."""
        if len(self.groups) < MAX_GROUPS:
            self.groups.append(group)


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
    """Give the ways in which one word may be found: as a word, inside a longer one, or with its letters and digits apart."""
    found = []
    if not (len(word) == 1 and text.is_han(word)):
        found = [Phrase("words", (token,)) for token in (text.joined(word) or [word]) if text.RUNS.fullmatch(token)]
    inside = phrase(word)
    apart = typed_words.letters_and_digits(word)
    return [*found, *([inside] if inside else []), *([Phrase("bigrams", apart)] if apart else [])]


def _score_word(draft: _Draft, word: str, factor: float = 1.0) -> None:
    if len(word) == 1 and text.is_han(word):
        draft.score("title_chars", word, factor)
        draft.score("chars", word, factor)
        return
    for token in text.words(word):
        draft.score("title_words", token, factor)
        draft.score("words", token, factor)
    for token in (*text.bigrams(word), *typed_words.letters_and_digits(word)):
        draft.score("title_bigrams", token, factor)
        draft.score("bigrams", token, factor)


def _add_word(draft: _Draft, parts: list[str], lonely: set[str]) -> None:
    """Ask for one word; a word of several parts may stand apart (超临界 … 萃取), and each part may be its synonym instead."""
    whole = "".join(parts)
    others = draft.book.others(whole)
    instead = []
    for other in others:
        # Another word of several tokens is only the same thing when they follow each other.
        instead += [found] if (found := phrase(other)) else []
        _score_word(draft, other, SYNONYM)
    for place, part in enumerate(parts):
        if any_of := dict.fromkeys([*_alternatives(part), *instead]):
            draft.ask(Group(part, tuple(any_of), () if place else others))
    _score_word(draft, whole, LONELY if whole in lonely else 1.0)


def _add_words(draft: _Draft, rest: str) -> None:
    stretches = typed_words.stretches(rest)
    words = typed_words.without_function_words([word for stretch in stretches for word in stretch])
    lonely = {word for stretch in stretches if len(stretch) > 1 for word in stretch if len(word) == 1}
    for parts in draft.book.joins(words):
        _add_word(draft, parts, lonely)
    for left, right in itertools.chain.from_iterable(map(itertools.pairwise, stretches)):
        if text.is_han(left) and text.is_han(right):
            draft.score("title_bigrams", left[-1] + right[0], SEAM)
            draft.score("bigrams", left[-1] + right[0], SEAM)


def _take_fields(draft: _Draft, rest: str, resolve: Resolve | None) -> str:
    def take(hit: re.Match[str]) -> str:
        name, written = FIELD_NAMES.get(hit["name"].lower()), hit["quoted"] or hit["bare"]
        if name == "title":
            return _take_title(draft, hit[0], written, minus=bool(hit["minus"]))
        values = resolve(name, text.printable(written)) if name and resolve else ()
        if not name or not values:
            return hit[0]
        kept = draft.must_not if hit["minus"] else draft.must
        kept[name] = tuple(dict.fromkeys((*kept.get(name, ()), *values)))
        return " "

    return FIELD.sub(take, rest)


def _take_title(draft: _Draft, whole: str, written: str, *, minus: bool) -> str:
    normalised = text.normalise(written)
    wanted = phrase(normalised)
    if wanted is None:
        return whole
    in_title = Phrase(f"title_{wanted.field}", wanted.tokens)
    if minus:
        draft.excluded.append(in_title)
    else:
        draft.ask(Group(normalised, (in_title,)))
        _score_word(draft, normalised)
    return " "


def _take_quoted(draft: _Draft, rest: str) -> str:
    for hit in QUOTED.finditer(rest):
        wanted = phrase(text.normalise(hit[2]))
        if wanted is None:
            continue
        if hit["minus"]:
            draft.excluded.append(wanted)
        else:
            draft.ask(Group(text.normalise(hit[2]).strip(), (wanted,)))
            _score_word(draft, text.normalise(hit[2]))
    return QUOTED.sub(" ", rest)


def _take_excluded(draft: _Draft, rest: str) -> str:
    for hit in EXCLUDED.finditer(rest):
        unwanted = phrase(text.normalise(hit[1]))
        if unwanted is not None:
            draft.excluded.append(unwanted)
    return EXCLUDED.sub(" ", rest)


_SAYS_NUMBER = re.compile(
    r"(?:(?:发明|国家|中国)?(?:专利|申请|公开|公告|授权|合同|登记|需求|成果|专家|单位|统一社会信用)*(?:代码|编号|号码|号)?|zl|cn|no\.?)"
    r"\s*[:：#-]?\s*$",
    re.IGNORECASE,
)


def _take_numbers(draft: _Draft, rest: str) -> tuple[str, tuple[str, ...]]:
    found = numbers.find_numbers(rest)
    for number in reversed(found):
        token = numbers.token(number.value)
        draft.ask(Group(number.value, (Phrase("words", (token,)),)))
        draft.score("words", token)
        # 专利号：ZL… asks for the number; the words that say what it is would only let in others.
        rest = f"{_SAYS_NUMBER.sub('', rest[: number.start])} {rest[number.end :]}"
    return rest, tuple(number.value for number in found)


def _fallback(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Give the pairs of characters of all words, for when the words themselves are not found together."""
    pairs = dict.fromkeys(
        (phrase_.field, token)
        for group in groups
        for phrase_ in group.any_of[:2]
        if phrase_.field != "words"
        for token in phrase_.tokens
    )
    several = [(name, token) for name, token in pairs if len(token) > 1]
    return tuple(Group(token, (Phrase(name, (token,)),)) for name, token in several or pairs)


def parse(
    typed: str,
    *,
    filters: Mapping[str, Iterable[str]] | None = None,
    facets: Iterable[str] = (),
    bands: Mapping[str, tuple[Band, ...]] | None = None,
    ages: tuple[Age, ...] = (),
    sort: str = "relevance",
    descending: bool = True,
    offset: int = 0,
    limit: int = 20,
    cursor: Cursor | None = None,
    book: synonyms.Book | None = None,
    resolve: Resolve | None = None,
) -> Query:
    """Understand what was typed. Never raises; wrong names of filters and sorts are refused by the engine.

    More than MAX_LENGTH characters are cut off and `clamped` says so; offset and limit are clamped too. Without a
    `book` the synonyms of the release are used.
    """
    draft = _Draft(synonyms.book() if book is None else book)
    rest = typed[:MAX_LENGTH].replace("\x00", " ").translate(str.maketrans("－﹣−", "---"))
    rest, recognised = _take_numbers(draft, rest)
    rest = _take_excluded(draft, _take_quoted(draft, _take_fields(draft, rest, resolve)))
    _add_words(draft, rest)
    asked = draft.groups or draft.excluded or draft.must or draft.must_not
    return Query(
        text=typed[:MAX_LENGTH],
        terms=tuple(Term(name, token, weight) for (name, token), weight in draft.terms.items()),
        groups=tuple(draft.groups),
        required=len(draft.groups),
        fallback=_fallback(draft.groups) if not recognised else (),
        excluded=tuple(dict.fromkeys(draft.excluded)),
        matches_nothing=bool(typed.strip()) and not asked,
        filters={name: tuple(dict.fromkeys(values)) for name, values in (filters or {}).items()},
        must=draft.must,
        must_not=draft.must_not,
        bands=bands or {},
        ages=ages,
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
    found = {word: None for group in query.groups for word in (group.words, *group.others)}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


assert set(WEIGHTS) == set(TOKEN_FIELDS)
