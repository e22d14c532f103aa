"""Quality of matching on plain files, without a market: what `yaosu evaluate match` does.

Every need is ranked against all results by the ranking that pages and API use; with labels the order is measured and
compared with the reference. The files: plain_files.py.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from search import levels, measures, plain_files, ranking, text, vector_training
from search.counting import Texts
from search.documents import StoredText
from search.engine import Statistics
from search.measures import Measured
from search.plain_files import WrongFile
from search.ranking import NeedText, Scored
from search.vectors import Meaning

__all__ = [
    "Asked",
    "Evaluation",
    "Files",
    "WrongFile",
    "as_table",
    "evaluate_match",
    "evaluate_records",
    "reference_order",
]

Progress = Callable[[int, int], None]
Judge = Callable[[str, str, Scored], Scored]
REFERENCE = "BM25 on character bigrams, title x2 + body"


@dataclass(frozen=True, slots=True)
class Files:
    """What goes in and out of an evaluation. `train` are further texts that vectors may learn from, never judged."""

    needs: Path
    results: Path
    out: Path | None = None
    pairs: Path | None = None
    pairs_out: Path | None = None
    qrels: Path | None = None
    labels: Path | None = None
    train: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What was measured on a part of the needs."""

    needs: int
    measures: dict[str, Measured]
    reference: dict[str, Measured]
    difference: dict[str, Measured]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found. Without labels `measures` is empty and the lists are still written."""

    ranker: str
    needs: int
    results: int
    learned_from: int = 0
    """Texts that the vectors were made from; 0 where letters alone decide."""
    judged_needs: int = 0
    measures: dict[str, Measured] = field(default_factory=dict)
    reference: dict[str, Measured] = field(default_factory=dict)
    difference: dict[str, Measured] = field(default_factory=dict)
    thresholds: levels.Choice | None = None
    """Thresholds of the levels that these labels would choose; those in use stand in data/thresholds.json."""
    parts: dict[str, "Part"] = field(default_factory=dict)
    """The same measures of the order on parts of the needs, where the set names any."""
    chain_version: str = text.CHAIN_VERSION

    def as_json(self) -> dict[str, object]:
        """Give plain values for JSON."""
        return {**asdict(self), "reference_ranker": REFERENCE}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is ranked and measured: needs and results by their ids, labels, pairs to score, rows kept of each need."""

    needs: Mapping[str, NeedText]
    results: Mapping[str, StoredText]
    qrels: measures.Qrels
    labels: Sequence[measures.Label]
    pairs: Sequence[tuple[str, str]] = ()
    top: int = 50
    parts: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """What is kept of the rankings: lists, whole orders where they are measured, and the pairs asked for or labelled."""

    lines: list[str] = field(default_factory=list)
    order: dict[str, list[str]] = field(default_factory=dict)
    baseline: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[tuple[str, str], Scored] = field(default_factory=dict)


def learn(texts: Sequence[StoredText]) -> Meaning | None:
    """Make vectors from the texts of a run, each counted once; None where they are too few."""
    try:
        return vector_training.train(list(dict.fromkeys(texts)))
    except vector_training.TooFewTexts:
        return None


def reference_order(need: NeedText, texts: Texts, statistics: Statistics) -> list[int]:
    """Order the results by the reference: BM25 on character bigrams, the need's title twice and its body once."""
    counts = Counter(ranking.tokens("bigrams", need.title)) + Counter(ranking.tokens("bigrams", need.title))
    counts += Counter(ranking.tokens("bigrams", need.body))
    heavy = {token: count * ranking.idf(statistics, "bigrams", token) for token, count in counts.items()}
    scores = ranking.bm25(texts, "bigrams", heavy, statistics)
    return [int(place) for place in np.lexsort((np.array(texts.ids), -scores))]


def evaluate_match(
    files: Files,
    *,
    top: int = 50,
    vectors: bool = True,
    known_texts: Sequence[StoredText] = (),
    progress: Progress | None = None,
) -> Evaluation:
    """Rank all results for every need, write the lists, and measure them where labels are given.

    Vectors are made from the texts of the run, `train` and `known_texts` (a market's own). `progress(done, total)`
    counts needs. Files appear whole or not at all. Raises WrongFile and OSError.
    """
    asked = {key: NeedText(title, body) for key, title, body in plain_files.read_records(files.needs)}
    offered = {key: stored(title, body) for key, title, body in plain_files.read_records(files.results)}
    wanted = plain_files.read_pairs(files.pairs, asked, offered) if files.pairs else []
    grades = plain_files.read_qrels(files.qrels) if files.qrels else {}
    judged = plain_files.read_labels(files.labels) if files.labels else []
    further = [one for path in files.train for one in plain_files.read_texts(path)]
    said = [stored(need.title, need.body) for need in asked.values()]
    meaning = learn([*offered.values(), *said, *further, *known_texts]) if vectors else None
    ask = Asked(asked, offered, grades, judged, wanted, top)
    run, found = evaluate_records(ask, meaning, progress=progress)
    if files.out:
        plain_files.write_lines(files.out, run.lines)
    if files.pairs_out:
        lines = [f"{n}\t{r}\t{run.rows[n, r].score:.6f}\t{run.rows[n, r].level}" for n, r in wanted]
        plain_files.write_lines(files.pairs_out, lines)
    learned_from = len({*offered.values(), *said, *further, *known_texts}) if meaning is not None else 0
    return replace(found, learned_from=learned_from)


def stored(title: str, body: str) -> StoredText:
    """Normalise a text as the index keeps it."""
    return StoredText(text.normalise(title), text.normalise(body))


def evaluate_records(
    ask: Asked,
    meaning: Meaning | None,
    *,
    judge: Judge | None = None,
    balanced: bool = False,
    progress: Progress | None = None,
) -> tuple[Run, Evaluation]:
    """Rank and measure records that are in memory; `judge` may change score and level, as parameters do."""
    candidates = ranking.prepare(dict(enumerate(ask.results.values())), meaning)
    statistics = ranking.statistics_of(candidates.texts, list(ask.needs.values()))
    names = list(ask.results)
    keep = {*ask.pairs, *((need, result) for need, result, _ in ask.labels)}
    run = Run()
    for number, (key, need) in enumerate(ask.needs.items(), 1):
        rows = ranking.rank(need, candidates, statistics)
        if judge:
            judged = [judge(key, names[row.id], row) for row in rows]
            rows = sorted(judged, key=lambda row: (-row.score, row.id))
        run.lines.extend(f"{key}\t{names[row.id]}\t{row.score:.6f}" for row in rows[: ask.top])
        run.rows.update({(key, names[row.id]): row for row in rows if (key, names[row.id]) in keep})
        if key in ask.qrels:
            run.order[key] = [names[row.id] for row in rows]
            run.baseline[key] = [names[place] for place in reference_order(need, candidates.texts, statistics)]
        if progress:
            progress(number, len(ask.needs))
    found = Evaluation(candidates.ranker, len(ask.needs), len(ask.results))
    return run, _measured(run, found, ask, balanced=balanced)


def _measured(run: Run, found: Evaluation, ask: Asked, *, balanced: bool) -> Evaluation:
    ours = measures.per_need(run.order, ask.qrels)
    if ask.qrels:
        whole = _part(run, ask.qrels)
        found.measures.update(whole.measures)
        found.reference.update(whole.reference)
        found.difference.update(whole.difference)
        found.parts.update(
            {name: _part(run, {need: ask.qrels[need] for need in needs}) for name, needs in ask.parts.items()}
        )
    known = [
        (need, run.rows[need, result].strength, level)
        for need, result, level in ask.labels
        if (need, result) in run.rows
    ]
    if ask.labels:
        found.measures["grade"] = measures.grade({pair: row.level for pair, row in run.rows.items()}, ask.labels)
    columns = [list(column) for column in zip(*known, strict=True)]
    choice = levels.choose(*columns, balanced=balanced) if known else None
    return replace(found, judged_needs=len(ours["judged"]), thresholds=choice)


def _part(run: Run, qrels: measures.Qrels) -> Part:
    """Measure the order of some needs beside the reference's."""
    ours, theirs = measures.per_need(run.order, qrels), measures.per_need(run.baseline, qrels)
    return Part(
        len(ours["judged"]),
        {name: measures.interval(values) for name, values in ours.items()},
        {name: measures.interval(values) for name, values in theirs.items()},
        {name: measures.interval(ours[name] - theirs[name]) for name in ours},
    )


def as_table(found: Evaluation) -> list[str]:
    """Write an evaluation as lines for people."""
    lines = [
        found.ranker,
        f"{found.needs} needs, {found.results} results, {found.judged_needs} needs with a good result"
        + (f"; vectors made from {found.learned_from} texts" if found.learned_from else ""),
    ]
    if found.reference:
        lines.append(f"reference: {REFERENCE}; intervals: 95 %, bootstrap over needs; difference: paired")
    for name, value in found.measures.items():
        line = f"{name:8} {value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"
        if name in found.reference:
            other, difference = found.reference[name], found.difference[name]
            line += f"   reference {other.value:.3f}   difference {difference.value:+.3f}"
            line += f" [{difference.low:+.3f}, {difference.high:+.3f}]"
        lines.append(line)
    for name, part in found.parts.items():
        told = ", ".join(
            f"{key} {v.value:.3f} (reference {part.reference[key].value:.3f})" for key, v in part.measures.items()
        )
        lines.append(f"{name}, {part.needs} needs: {told}")
    if found.thresholds:
        limits = ", ".join(f"{limit:.2f}" for limit in found.thresholds.thresholds)
        lines.append(
            f"these labels would choose the thresholds {limits}: grade {found.thresholds.grade_unseen:.3f} on needs not seen"
        )
    return lines
