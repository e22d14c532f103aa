"""What the page of a batch shows: progress, findings, columns, the first rows, what may be decided."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from etl import exports
from etl.imports import desk, profiles
from etl.imports.unmatched import not_in_list
from frontend import texts
from frontend.i18n import _
from frontend.pages import imports_words as words
from frontend.web import FormErrors
from services.ground import batches
from services.ground.actor import Actor
from services.ground.batches import ImportBatch
from services.ground.market import Market
from services.ground.permissions import may

PART = 10
REFRESH_SECONDS = 3


@dataclass(frozen=True)
class Listed:
    """A batch in the list."""

    code: str
    title: str
    kind: str
    state: tuple[str, str]
    rows: int
    accepted: int
    unchanged: int
    refused: int
    at: datetime
    may_undo: bool


@dataclass(frozen=True)
class Column:
    """One column of the file: where, what stands over it, what we take it for."""

    place: int
    letter: str
    head: str
    field: str
    label: str


@dataclass
class BatchPage:
    """Everything imports/batch.html may use."""

    code: str
    title: str
    kind: str
    kind_name: str
    state: str
    tag: tuple[str, str]
    steps: list[tuple[str, str, str]]
    facts: str
    at: datetime
    rows: int
    done: int
    accepted: int
    unchanged: int
    refused: int
    warnings: int
    seconds: float
    left: str
    refresh: int
    error: str
    publish: bool
    may_publish: bool
    reasons: list[tuple[str, str, bool]]
    severities: list[tuple[str, str, bool]]
    faults: list[words.FaultRow]
    next_url: str
    candidates: list[words.FaultRow]
    columns: list[Column]
    fields: list[tuple[str, str]]
    samples: list[tuple[str, int, list[tuple[str, str]]]]
    profile: str
    unmatched: list[Any]
    errors: FormErrors = field(default_factory=FormErrors)


def listed(rows: Sequence[ImportBatch]) -> list[Listed]:
    """Show batches in a list."""
    return [
        Listed(
            row.code,
            row.file_name,
            words.kind_name(row.kind),
            words.state_tag(row.state),
            row.rows,
            row.accepted,
            row.unchanged,
            row.refused,
            row.created_at,
            row.state == "done" and row.accepted > 0,
        )
        for row in rows
    ]


def batch_page(market: Market, session: Session, actor: Actor, row: ImportBatch, asked: Mapping[str, str]) -> BatchPage:
    """Put the page of a batch together. `asked` may choose a severity, a reason, and where the part begins."""
    severity = "warning" if asked.get("show") == "warning" else "refused"
    reason = asked.get("reason", "")
    working = row.state in batches.WORKING
    part, next_url = _part(session, row, severity, reason, asked.get("after", ""))
    settled = row.state in {"checked", "stopped"}
    profile = profiles.found_for(session, actor, row) if settled else None
    if profile and profile.mapping == row.options["mapping"]:
        profile = None
    return BatchPage(
        code=row.code,
        title=row.file_name,
        kind=row.kind,
        kind_name=words.kind_name(row.kind),
        state=row.state,
        tag=words.state_tag(row.state),
        steps=words.steps(row),
        facts=_facts(row),
        at=row.created_at,
        rows=row.rows,
        done=row.done,
        accepted=row.accepted,
        unchanged=row.unchanged,
        refused=row.refused,
        warnings=row.warnings,
        seconds=round(row.seconds, 1),
        left=_left(row),
        refresh=REFRESH_SECONDS if working else 0,
        error=_error(row),
        publish=bool(row.options.get("publish")),
        may_publish=row.kind not in {"contracts", "organisations"} and may(actor, "listing.queue"),
        reasons=_reasons(session, row, severity, reason),
        severities=_severities(row, severity),
        faults=[words.fault_row(row.kind, item) for item in part],
        next_url=next_url,
        candidates=[
            words.fault_row(row.kind, item)
            for item in batches.faults(session, row.code, severity="candidate", limit=200)
        ],
        columns=_columns(row),
        fields=words.labels(row.kind),
        samples=desk.samples(market, row) if not working else [],
        profile=profile.name if profile else "",
        unmatched=not_in_list(market, session, actor, row)[:200] if row.state == "done" else [],
    )


def mended(market: Market, session: Session, row: ImportBatch, ending: str) -> bytes:
    """Write the rows that stayed out as a table in their own columns, the reasons in the last one."""
    heads, lines = desk.refused_rows(market, session, row)
    faults = batches.refused_lines(session, row.code)
    more = {"_sheet": _("原表"), "_row": _("原行号"), "_why": _("要改什么")}
    columns = {f"c{place}": head for place, head in enumerate(heads)} | more

    def rows() -> Iterator[dict[str, str]]:
        for *cells, sheet, number, line in lines:
            said = "；".join(f"{item.column}：{words.why(item)}" for item in faults[int(line)])
            yield {f"c{place}": cell for place, cell in enumerate(cells)} | {
                "_sheet": sheet,
                "_row": number,
                "_why": said,
            }

    out = io.BytesIO()
    exports.write(ending, columns, rows(), out)
    return out.getvalue()


def _part(session: Session, row: ImportBatch, severity: str, reason: str, after: str) -> tuple[list[Any], str]:
    start = int(after) if after.isascii() and after.isdecimal() and len(after) < 12 else 0
    found = batches.faults(session, row.code, severity=severity, reason=reason or None, after=start, limit=PART + 1)
    if len(found) <= PART:
        return found, ""
    asked = f"?show={severity}&reason={reason}&after={found[PART - 1].id}#findings"
    return found[:PART], f"/import/{row.code}{asked}"


def _reasons(session: Session, row: ImportBatch, severity: str, chosen: str) -> list[tuple[str, str, bool]]:
    counts = batches.fault_counts(session, row.code, severity)
    if len(counts) < 2:  # noqa: PLR2004, RUF100
        return []
    base = f"/import/{row.code}?show={severity}"
    every = (_("全部 %(n)s") % {"n": sum(counts.values())}, f"{base}#findings", not chosen)
    return [every] + [
        (f"{words.short_reason(code)} {count}", f"{base}&reason={code}#findings", code == chosen)
        for code, count in counts.items()
    ]


def _severities(row: ImportBatch, chosen: str) -> list[tuple[str, str, bool]]:
    base = f"/import/{row.code}"
    return [
        (_("要改的 %(n)s 行") % {"n": row.refused}, f"{base}?show=refused#findings", chosen == "refused"),
        (_("要看的 %(n)s 处") % {"n": row.warnings}, f"{base}?show=warning#findings", chosen == "warning"),
    ]


def _facts(row: ImportBatch) -> str:
    sheets = [sheet for sheet in row.sheets if not sheet.get("left_out")]
    return _("%(s)s 张表，%(n)s 行") % {"s": len(sheets), "n": f"{row.rows:,}"}


def _left(row: ImportBatch) -> str:
    if row.state not in {"checking", "writing"} or not row.done or not row.seconds:
        return ""
    seconds = round((row.rows - row.done) * row.seconds / row.done)
    return _("约还要 %(n)s 秒") % {"n": max(1, seconds)}


def _error(row: ImportBatch) -> str:
    if not row.error:
        return ""
    heads = "、".join(head for sheet in row.sheets for head in sheet["heads"] if head)
    lacking = "、".join(words.label(row.kind, name) for name in desk.lacking(row))
    return texts.text_of(row.error, {"heads": heads[:200], "lacking": lacking, "batch": row.code})


def _columns(row: ImportBatch) -> list[Column]:
    return [
        Column(place, letter, head, name, words.label(row.kind, name) if name else "")
        for place, (letter, head, name) in enumerate(desk.columns(row))
    ]
