"""The labelled set of our own: which demo records answer which demo needs. Invented like the demo market (演示).

How it was graded: docs/develop/quality.md. What it is for: measuring matching on every change and on /quality.
"""

import json
from collections.abc import Mapping
from typing import Any

from etl.demo.load import DATA, lines
from services.listings.schemas import ParameterIn, ParameterOut
from services.matching.labelled import Labelled, LabelledRecord

HARD = "said otherwise"
NEAR, CONFLICT = 1, 2


def load() -> Labelled:
    """Read needs, records and grades (0-3) from the demo's files: the market's own needs, and those said otherwise."""
    grades: dict[str, dict[str, int]] = {}
    for line in (DATA / "judged_pairs.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            need, record, grade = line.split("\t")
            grades.setdefault(need, {})[record] = int(grade)
    needs = {row["key"]: _record(row) for row in lines("needs")}
    records = {row["key"]: _record(row) for kind in ("results", "patents") for row in lines(kind)}
    asked = {key: needs[key] for key in grades}
    hard = [json.loads(line) for line in (DATA / "judged_hard.jsonl").read_text(encoding="utf-8").splitlines() if line]
    for row in hard:
        of, key = row["of"], f"h-{row['of']}"
        near, conflict = f"x-{of}-near", f"x-{of}-conflict"
        records[near], records[conflict] = (
            LabelledRecord(one["title"], one["body"], []) for one in (row["near"], row["conflict"])
        )
        grades[of] |= {near: NEAR, conflict: CONFLICT}
        grades[key] = grades[of]
        asked[key] = LabelledRecord(row["title"], row["body"], needs[of].parameters)
    return Labelled(asked, records, grades, {HARD: [f"h-{row['of']}" for row in hard]})


def _record(row: Mapping[str, Any]) -> LabelledRecord:
    body = "\n".join(row[name] for name in ("summary", "body", "abstract") if row.get(name))
    rows = [{name: value for name, value in one.items() if value is not None} for one in row.get("parameters", ())]
    known = [
        {key: str(one[key]) if key == "present" else one[key] for key in one if key in ParameterIn.model_fields}
        for one in rows
    ]
    return LabelledRecord(row["title"], body, [ParameterOut.model_validate(one) for one in known])
