"""Which of the five categories and twenty-one sub-types a contract is: asked by what the parties really do.

Questions and answers are data of this market (`data/type_helper.json`); what they lead to rests on rules that are named
with their source. The helper proposes, the registrar decides, nothing is refused by it (reference, section 15).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).with_name("data") / "type_helper.json"
Answers = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """One answer that can be given."""

    code: str
    text: str


@dataclass(frozen=True)
class Question:
    """One question; it is asked when the answers before it are among those of `when`."""

    code: str
    text: str
    answers: tuple[Answer, ...]
    when: Mapping[str, list[str]]
    optional: bool = False

    def is_asked(self, answers: Answers) -> bool:
        """Say whether the answers so far lead here."""
        return all(answers.get(name) in values for name, values in self.when.items())


@dataclass(frozen=True)
class RuleNamed:
    """A rule a proposal rests on. `source` memory: written down from memory, not checked against the text."""

    text: str
    source: str


@dataclass(frozen=True)
class Proposal:
    """A sub-type, why it is proposed, and the rules that say so."""

    subtype: str
    because: str
    rules: tuple[RuleNamed, ...]

    @property
    def category(self) -> str:
        """The category the sub-type belongs to."""
        return self.subtype.split("_", maxsplit=1)[0]


@dataclass(frozen=True)
class Help:
    """What the helper says to some answers: what to ask, what it proposes, and what to think about."""

    questions: tuple[Question, ...]
    proposal: Proposal | None
    cautions: tuple[str, ...]


def help_with(answers: Answers) -> Help:
    """Answer the answers given so far. Answers to questions that are not asked, and unknown ones, count for nothing."""
    asked: list[Question] = []
    known: dict[str, str] = {}
    for question in questions():
        if not question.is_asked(known):
            continue
        asked.append(question)
        given = answers.get(question.code)
        if given in {answer.code for answer in question.answers}:
            known[question.code] = str(given)
    data = _data()
    found = next((row for row in data["proposals"] if _matches(row, known)), None)
    proposal = (
        Proposal(found["subtype"], found["because"], tuple(RuleNamed(**rule) for rule in found["rules"]))
        if found
        else None
    )
    return Help(tuple(asked), proposal, tuple(row["text"] for row in data["cautions"] if _matches(row, known)))


def ordinary_words(*texts: str | None) -> list[str]:
    """Find words of ordinary trade, construction or supply in a title or abstract: worth a look, never a refusal."""
    joined = " ".join(filter(None, texts))
    return [word for word in _data()["ordinary_words"] if word in joined]


@cache
def questions() -> tuple[Question, ...]:
    """Give all questions in their order."""
    return tuple(
        Question(
            row["code"],
            row["text"],
            tuple(Answer(**answer) for answer in row["answers"]),
            row["when"],
            row.get("optional", False),
        )
        for row in _data()["questions"]
    )


def _matches(row: Mapping[str, Any], answers: Answers) -> bool:
    return all(answers.get(name) == value for name, value in row["when"].items())


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return found
