"""The words of a typed query: what was typed together or apart is the same, where a blank does not say otherwise."""

import re

from search import text

UNIT = re.compile(rf"{text.MODEL_NUMBER.pattern}|[\u4e00-\u9fff]+|[a-z0-9]+")
_LETTERS_DIGITS = re.compile(r"([a-z]{1,4})([0-9]{1,4})")
_SHORT_LETTERS, _SHORT_DIGITS = re.compile(r"[a-z]{1,3}"), re.compile(r"[0-9]{1,3}")
FUNCTION_WORDS = frozenset("的了和与及或在为是对等之其于以并而用从由将被把向中上下一个这那有能可请找求做")
"""Single characters that are not asked for when other words are there."""
ASKING = frozenset(
    "怎么 怎样 怎么样 如何 什么 哪些 哪里 哪家 谁能 有没有 是否 能否 可否 能不能 可以 请问 需要 希望 想要 寻求 寻找 求助 帮忙 我们 我厂 我司".split()  # noqa: SIM905
)
"""Words of a question, not of what it is about: a vague sentence is asked for by the rest of it."""


def letters_and_digits(word: str) -> tuple[str, ...]:
    """Give the two parts of a word like pa66 or q235, for texts that write PA 66; nothing for other words."""
    hit = _LETTERS_DIGITS.fullmatch(word)
    return (hit[1], hit[2]) if hit else ()


def stretches(typed: str) -> list[list[str]]:
    """Cut into words; words of one stretch of Han characters come together, model numbers stay whole."""
    found: list[list[str]] = []
    pieces: list[str] = []
    for piece in typed.split():
        for place, unit in enumerate(UNIT.findall(text.normalise(piece))):
            if text.is_han(unit):
                if place and pieces:
                    found += _cut(pieces)
                    pieces = []
                pieces.append(unit)
                continue
            found += _cut(pieces)
            pieces = []
            before = found[-1][-1] if found and not place else ""
            if _SHORT_LETTERS.fullmatch(before) and _SHORT_DIGITS.fullmatch(unit):
                found[-1] = [before + unit]  # PA 66
            else:
                found.append([unit])
    return found + _cut(pieces)


def _cut(pieces: list[str]) -> list[list[str]]:
    """Cut Han characters that were typed in pieces: as if there were no blanks, unless that tears a typed word apart."""
    if not pieces:
        return []
    words = text.whole_words("".join(pieces))
    ends, at = set(), 0
    for piece in pieces:
        at += len(piece)
        ends.add(at)
    place = 0
    for word in words:
        start, place = place, place + len(word)
        torn = [end for end in ends if start < end < place]
        if torn and not (start in {0, *ends} and place in ends):
            number = sorted(ends).index(torn[0])
            if _is_word(pieces[number]) and _is_word(pieces[number + 1]):
                return _cut(pieces[: number + 1]) + _cut(pieces[number + 1 :])
    return [words]


def _is_word(piece: str) -> bool:
    return len(piece) > 1 and text.whole_words(piece) == [piece]


def without_function_words(words: list[str]) -> list[str]:
    """Leave out words that carry no meaning of their own, unless nothing else was typed; every word once."""
    told = [word for word in words if word not in FUNCTION_WORDS and word not in ASKING]
    return list(dict.fromkeys(told or words))
