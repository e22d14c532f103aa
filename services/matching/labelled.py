"""Measuring matching on a labelled set whose records have parameters: the ranking of page and API, musts included."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from search import evaluate, ranking, reasons
from search.counting import Texts
from search.evaluate import Evaluation
from services.listings.schemas import ParameterOut
from services.matching import parameters, rules

FAR = 0.12
"""A record that nobody judged and whose texts give less than this is far behind all that a page shows; its values move nothing."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LabelledRecord:
    """A need or a record of a labelled set."""

    title: str
    body: str
    parameters: list[ParameterOut]
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Needs and records by their keys, and grades 0-3 of pairs; a pair that is not there was not judged."""

    needs: Mapping[str, LabelledRecord]
    records: Mapping[str, LabelledRecord]
    grades: Mapping[str, Mapping[str, int]]
    parts: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Names of parts of the needs that are measured by themselves too."""


def measure(labelled: Labelled, progress: Progress | None = None) -> Evaluation:
    """Rank the records for every need, with vectors made from these texts, and measure order and levels."""
    needs = {key: ranking.NeedText(one.title, one.body) for key, one in labelled.needs.items()}
    records = {key: evaluate.stored(one.title, one.body) for key, one in labelled.records.items()}
    labels = [(need, record, grade + 1) for need, row in labelled.grades.items() for record, grade in row.items()]
    meaning = evaluate.learn([*records.values(), *(evaluate.stored(one.title, one.body) for one in needs.values())])

    statistics = ranking.statistics_of(Texts(dict(enumerate(records.values()))), list(needs.values()))

    def judge(need: str, record: str, scored: ranking.Scored) -> ranking.Scored:
        if scored.score < FAR and record not in labelled.grades[need]:
            return scored
        one = labelled.records[record]
        checks = parameters.compare(labelled.needs[need], one)
        score = max(0.0, round(scored.score + rules.adjustment(checks), 6))
        if record not in labelled.grades[need]:
            return replace(scored, score=score)
        shown = "\n".join(part for part in (one.title, one.summary, one.body) if part)
        words = reasons.shared_words(needs[need], shown, statistics)
        said = reasons.said(needs[need], shown, statistics, words)
        return replace(scored, score=score, level=rules.level_with(scored.level, checks, said))

    asked = evaluate.Asked(needs, records, labelled.grades, labels, parts=labelled.parts)
    _run, found = evaluate.evaluate_records(asked, meaning, judge=judge, balanced=True, progress=progress)
    return found
