"""Words of demo contracts: titles, abstracts, reasons. No two are equal, and all is invented."""

import json
import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def chance(name: str) -> random.Random:
    """Give a source of chance that always runs the same for a name."""
    return random.Random(name)  # noqa: S311 -- invented data, not secrets


@cache
def words() -> dict[str, Any]:
    """Read the word lists."""
    loaded: dict[str, Any] = json.loads((DATA / "contract_words.json").read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True)
class Subject:
    """What a contract is about: a thing of a subfield, and what is done to it."""

    thing: str
    aspect: str


@dataclass
class Texts:
    """Gives texts from one source of chance and remembers them, so that none comes twice."""

    rng: random.Random
    used: set[str] = field(default_factory=set)

    def subject(self, subfield: str) -> Subject:
        """Choose what a contract of a subfield is about."""
        lists = words()["subfields"][subfield]
        return Subject(self.rng.choice(lists["objects"]), self.rng.choice(lists["aspects"]))

    def title(self, subfield: str, subtype: str, buyer: str) -> tuple[str, Subject]:
        """Make a title that ends in the kind of contract, and say what it is about. `buyer` may be empty."""
        shapes, kinds = words()["shapes"], words()["kinds"]
        choices = shapes.get(subtype) or shapes[subtype.split("_", maxsplit=1)[0]]
        if not buyer:
            choices = [shape for shape in choices if "{b}" not in shape]
        for attempt in range(400):
            subject = self.subject(subfield)
            shape = self.rng.choice(choices)
            if attempt >= 12 and "{b}" not in shape:
                shape = "{b}" + shape
            body = shape.format(o=subject.thing, a=subject.aspect, b=buyer)
            if attempt >= 60:
                body += f"（第{attempt - 58}批）"
            title = body + kinds[subtype]
            if title not in self.used:
                self.used.add(title)
                return title, subject
        raise RuntimeError(f"no unused title left for {subfield} {subtype}")

    def abstract(self, title: str, subtype: str, months: int) -> str:
        """Say in one sentence what is delivered; it carries the title's own words, so it is nobody else's."""
        works = words()["work"]
        work = self.rng.choice(works.get(subtype) or works[subtype.split("_", maxsplit=1)[0]])
        name = title.removesuffix(words()["kinds"][subtype])
        lead = self.rng.choice(("围绕{n}", "标的为{n}", "就{n}", "本合同针对{n}", "双方约定以{n}为标的"))
        tail = self.rng.choice(("{w}，为期{m}个月", "卖方{w}，周期{m}个月", "{m}个月内{w}", "期限{m}个月，由卖方{w}"))
        return f"{lead.format(n=name)}，{tail.format(w=work, m=months)}（演示）。"

    def reason(self, kind: str, subject: Subject) -> str:
        """Say why a contract was changed or ended (`change_reasons` or `end_reasons`)."""
        return str(self.rng.choice(words()[kind])).format(o=subject.thing)
