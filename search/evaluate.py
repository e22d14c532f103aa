"""Quality of matching on plain files, without a market: what `yaosu evaluate match` does.

Files: needs {"id", "title", "body"} and results {"id", "title"[, "body"]}, one JSON a line; pairs in: need id, result
id; LIST.tsv out: need id, result id, score; pairs out: need id, result id, score, level 1-4; qrels as TREC writes them;
labels: need id, result id, level 1-4. Tabs, no head; a head line in an input is tolerated.

Run it as: python -m search.evaluate --needs F --results F --out LIST.tsv [--qrels F --labels F] [--pairs F --pairs-out F]
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from search import measures, ranking, text
from search.counting import Texts
from search.documents import StoredText
from search.engine import Statistics
from search.measures import Measured
from search.ranking import NeedText, Scored

Progress = Callable[[int, int], None]
REFERENCE = "BM25 on character bigrams, title x2 + body"


class WrongFile(ValueError):
    """A line of an input file that cannot be read; names file and line."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        """Keep the place."""
        super().__init__(f"{path}, line {line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found. Without labels `measures` is empty and the lists are still written."""

    ranker: str
    needs: int
    results: int
    judged_needs: int
    measures: dict[str, Measured] = field(default_factory=dict)
    reference: dict[str, Measured] = field(default_factory=dict)
    difference: dict[str, Measured] = field(default_factory=dict)
    chain_version: str = text.CHAIN_VERSION

    def as_json(self) -> dict[str, object]:
        """Give plain values for JSON."""
        return {**asdict(self), "reference_ranker": REFERENCE}


@dataclass(slots=True)
class _Run:
    order: dict[str, list[str]] = field(default_factory=dict)
    baseline: dict[str, list[str]] = field(default_factory=dict)
    levels: dict[tuple[str, str], int] = field(default_factory=dict)


def _records(path: Path) -> Iterator[tuple[str, str, str]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                yield str(row["id"]), str(row["title"] or ""), str(row.get("body") or "")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise WrongFile(path, number, 'expected {"id", "title", "body"}') from error


def _rows(path: Path, columns: int, *, separator: str | None = "\t") -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            cells = line.rstrip("\r\n").split(separator)
            if len(cells) < columns:
                raise WrongFile(path, number, f"expected {columns} columns")
            yield number, cells


def read_labels(
    path: Path, *, need: int = 0, result: int = 1, value: int = 2, trec: bool = False
) -> list[measures.Label]:
    """Read labels or qrels; a head line is skipped. Raises WrongFile for a value that is no number."""
    found = []
    for number, cells in _rows(path, value + 1, separator=None if trec else "\t"):
        if not cells[value].lstrip("-").isdigit():
            if number == 1:
                continue
            raise WrongFile(path, number, f"{cells[value]!r} is no level")
        found.append((cells[need], cells[result], int(cells[value])))
    return found


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read TREC qrels: need, 0, result, grade."""
    qrels: dict[str, dict[str, int]] = {}
    for need, result, grade in read_labels(path, result=2, value=3, trec=True):
        qrels.setdefault(need, {})[result] = grade
    return qrels


def read_pairs(path: Path, needs: Mapping[str, object], results: Mapping[str, object]) -> list[tuple[str, str]]:
    """Read pairs to score. Raises WrongFile for an id that no file holds; a head line is tolerated."""
    found = []
    for number, cells in _rows(path, 2):
        need, result = cells[0].strip(), cells[1].strip()
        if need not in needs or result not in results:
            if number == 1:
                continue
            raise WrongFile(path, number, "a need or result of this pair is in neither file")
        found.append((need, result))
    return found


def reference_order(need: NeedText, texts: Texts, statistics: Statistics) -> list[int]:
    """Order the results by the reference: BM25 on character bigrams, the need's title twice and its body once."""
    counts = Counter(ranking.tokens("bigrams", need.title)) + Counter(ranking.tokens("bigrams", need.title))
    counts += Counter(ranking.tokens("bigrams", need.body))
    heavy = {token: count * ranking.idf(statistics, "bigrams", token) for token, count in counts.items()}
    scores = ranking.bm25(texts, "bigrams", heavy, statistics)
    return [int(place) for place in np.lexsort((np.array(texts.ids), -scores))]


def _write(path: Path, lines: Sequence[str]) -> None:
    draft = path.with_name(f"{path.name}.part")
    draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    draft.replace(path)


def _rank_all(
    needs: Mapping[str, NeedText],
    texts: Texts,
    statistics: Statistics,
    each: Callable[[str, list[Scored], list[int]], None],
    progress: Progress | None,
) -> None:
    for number, (key, need) in enumerate(needs.items(), 1):
        each(key, ranking.rank(need, texts, statistics), reference_order(need, texts, statistics))
        if progress:
            progress(number, len(needs))


def _compare(run: _Run, qrels: measures.Qrels, labels: Sequence[measures.Label]) -> dict[str, dict[str, Measured]]:
    ours, theirs = measures.per_need(run.order, qrels), measures.per_need(run.baseline, qrels)
    found = {
        "measures": {name: measures.interval(values) for name, values in ours.items()},
        "reference": {name: measures.interval(values) for name, values in theirs.items()},
        "difference": {name: measures.interval(ours[name] - theirs[name]) for name in ours},
    }
    if labels:
        found["measures"]["grade"] = measures.grade(run.levels, labels)
    return found


def evaluate_match(
    needs: Path,
    results: Path,
    out: Path | None = None,
    *,
    pairs: Path | None = None,
    pairs_out: Path | None = None,
    top: int = 50,
    qrels: Path | None = None,
    labels: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Rank all results for every need, write the lists, and measure them where labels are given.

    `progress(done, total)` counts needs. Files appear whole or not at all. Raises WrongFile and OSError.
    """
    asked = {key: NeedText(title, body) for key, title, body in _records(needs)}
    offered = list(_records(results))
    names = [key for key, _, _ in offered]
    place_of = {key: place for place, key in enumerate(names)}
    texts = Texts({n: StoredText(text.normalise(t), text.normalise(b)) for n, (_, t, b) in enumerate(offered)})
    statistics = ranking.statistics_of(texts, list(asked.values()))
    wanted = read_pairs(pairs, asked, place_of) if pairs else []
    grades = read_qrels(qrels) if qrels else {}
    judged = read_labels(labels) if labels else []
    keep = {*wanted, *((need, result) for need, result, _ in judged)}
    run = _Run()
    lines: list[str] = []
    scores: dict[tuple[str, str], float] = {}

    def each(need: str, rows: list[Scored], baseline: list[int]) -> None:
        lines.extend(f"{need}\t{names[row.id]}\t{row.score:.6f}" for row in rows[:top])
        for row in rows:
            if (need, names[row.id]) in keep:
                run.levels[need, names[row.id]] = row.level
                scores[need, names[row.id]] = row.score
        if need in grades:
            run.order[need] = [names[row.id] for row in rows]
            run.baseline[need] = [names[place] for place in baseline]

    _rank_all(asked, texts, statistics, each, progress)
    if out:
        _write(out, lines)
    if pairs_out:
        _write(pairs_out, [f"{n}\t{r}\t{scores[n, r]:.6f}\t{run.levels[n, r]}" for n, r in wanted])
    found = _compare(run, grades, judged) if grades else {}
    judged_needs = len(measures.per_need(run.order, grades)["judged"]) if grades else 0
    return Evaluation(
        ranking.RANKER,
        len(asked),
        len(names),
        judged_needs,
        found.get("measures", {}),
        found.get("reference", {}),
        found.get("difference", {}),
    )


def as_table(found: Evaluation) -> list[str]:
    """Write an evaluation as lines for people."""
    lines = [
        f"{found.ranker}: {found.needs} needs, {found.results} results, {found.judged_needs} needs with a good result"
    ]
    for name, value in found.measures.items():
        line = f"{name:8} {value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"
        if name in found.reference:
            other, difference = found.reference[name], found.difference[name]
            line += f"   reference {other.value:.3f}   difference {difference.value:+.3f}"
            line += f" [{difference.low:+.3f}, {difference.high:+.3f}]"
        lines.append(line)
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m search.evaluate", description=__doc__)
    for name in ("needs", "results"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("out", "pairs", "pairs-out", "qrels", "labels"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--top", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    options = vars(parser.parse_args(arguments))
    as_json = options.pop("json")
    try:
        found = evaluate_match(**options)
    except (WrongFile, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(found.as_json(), ensure_ascii=False) if as_json else "\n".join(as_table(found)))
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
