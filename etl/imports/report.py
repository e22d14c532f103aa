"""What became of a file: counts, and every cell that somebody has to look at."""

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from services.ground import batches
from services.ground.batches import ImportBatch, ImportFault

PART = 1_000


@dataclass(frozen=True)
class Fault:
    """One finding: where, what stands there, why (a code with its particulars)."""

    severity: str
    sheet: str
    row: int
    column: str
    letter: str
    field: str
    value: str
    reason: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True)
class Report:
    """What became of a file. `accepted + unchanged + refused == rows` once all rows were looked at."""

    batch: str
    kind: str
    state: str
    rows: int
    accepted: int
    unchanged: int
    refused: int
    warnings: int
    seconds: float
    dry_run: bool = False
    faults: tuple[Fault, ...] = ()

    def of(self, *severities: str) -> list[Fault]:
        """List the findings of some kinds."""
        return [fault for fault in self.faults if fault.severity in severities]

    @property
    def exit_code(self) -> int:
        """0 all rows in, 3 some refused and the good ones in, 1 none in."""
        if not self.refused:
            return 0
        return 3 if self.state != "refused" and self.accepted + self.unchanged else 1


def report_of(session: Session, row: ImportBatch, *, dry_run: bool = False) -> Report:
    """Put together what is known of a batch."""
    return Report(
        row.code,
        row.kind,
        row.state,
        row.rows,
        row.accepted,
        row.unchanged,
        row.refused,
        row.warnings,
        round(row.seconds, 1),
        dry_run,
        tuple(fault_of(item) for item in all_faults(session, row.code)),
    )


def all_faults(session: Session, code: str) -> Iterator[ImportFault]:
    """Give all findings of a batch in the order of its rows."""
    after = 0
    while part := batches.faults(session, code, after=after, limit=PART):
        yield from part
        after = part[-1].id or 0


def fault_of(row: ImportFault) -> Fault:
    """Read a stored finding."""
    return Fault(
        row.severity, row.sheet, row.row, row.column, row.letter, row.field, row.value, row.code, row.params, row.line
    )


def how_to_mend(fault: Fault | ImportFault) -> str:
    """Say the code of the sentence that tells how a kind of finding is mended; '' where the reason says it all."""
    code = fault.reason if isinstance(fault, Fault) else fault.code
    return f"mend_{code}" if re.fullmatch(r"[a-z_]+", code) and code in MENDABLE else ""


MENDABLE = frozenset(
    {
        "missing",
        "import_amount",
        "import_day_unknown",
        "import_maturity_unknown",
        "import_code_unknown",
        "import_word_unknown",
        "import_number_spoilt",
        "import_formula",
        "import_owner_not_yours",
        "patent_number_form",
        "contract_candidate",
        "required",
    }
)
