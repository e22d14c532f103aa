"""Organisations from somebody's table."""

from collections.abc import Sequence
from typing import ClassVar

from sqlmodel import Session

from etl.imports import values
from etl.imports.heads import Names
from etl.imports.owners import clean
from etl.imports.table import Finding, Row
from etl.imports.taker import KNOWN, NEW, Item, Taker, Verdict, refused
from services.accounts import bulk as organisations
from services.accounts import rules
from services.accounts.schemas import OrganisationIn
from services.contracts import service as contracts
from services.ground import reference
from services.ground.errors import Invalid
from services.listings import service as listings


class OrganisationsIn(Taker):
    """Takes organisations in; one exact name is one organisation."""

    names: ClassVar[Names] = {
        "name": ("单位名称", "name", "名称", "企业名称", "机构名称"),
        "short_name": ("简称", "short_name"),
        "kind": ("单位类型", "kind", "类型", "单位性质"),
        "uscc": ("统一社会信用代码", "uscc", "信用代码"),
        "region_code": ("县市区", "region_code", "行政区划代码", "行政区划", "所在地", "region"),
        "intro": ("简介", "intro", "说明"),
    }
    needs = (("name",),)
    labels: ClassVar = {name: heads[0] for name, heads in names.items()}

    def convert(self, session: Session, row: Row) -> Item:  # noqa: ARG002 - every taker is given the session
        """Make an organisation of a row."""
        name = clean(row.text("name"))
        if len(name) < 2:
            raise Invalid("name", "missing", value=name)
        given = {"name": name, "short_name": row.text("short_name")[:60], "intro": row.text("intro")[:2000]}
        words = row.word("kind")
        kind = values.code_of(words or name, values.ORGANISATION_KINDS) or "other"
        if words and not values.code_of(words, values.ORGANISATION_KINDS):
            row.warn("kind", "import_word_unknown", words)
        uscc = row.word("uscc").replace(" ", "")
        if values.is_number_spoilt(uscc):
            raise Invalid("uscc", "import_number_spoilt", value=uscc)
        fault = rules.uscc_fault(uscc) if uscc else None
        if fault in {"uscc_length", "uscc_form"}:
            raise Invalid("uscc", fault, value=uscc, expected=18)
        if fault:
            row.warn("uscc", fault, uscc)
        region = row.word("region_code")
        entries = reference.entries(None, "region")
        code = next((e.code for e in entries if region in {e.code, e.name}), None) if region else None
        if region and code is None:
            row.warn("region_code", "import_code_unknown", region)
        data = OrganisationIn.model_validate({**given, "kind": kind, "uscc": uscc or None, "region_code": code})
        return Item(row, data, name)

    def judge(self, session: Session, items: Sequence[Item]) -> list[Verdict]:
        """Say which names are there already."""
        found = organisations.by_names(session, [item.key for item in items])
        verdicts = []
        for item in items:
            there = found.get(item.key)
            if there is None or (there.batch is None and not there.visible):
                verdicts.append(NEW)
            elif there.batch == self.batch:
                verdicts.append(Verdict("known", Finding("name", "import_row_twice", item.key)))
            elif there.batch:
                verdicts.append(refused("name", "import_in_other_batch", item.key, batch=there.batch))
            elif item.value.uscc and there.uscc not in {None, item.value.uscc.upper()}:
                finding = Finding("uscc", "import_known_differs", item.value.uscc, {"record": there.code})
                verdicts.append(Verdict("known", finding))
            else:
                verdicts.append(KNOWN)
        return verdicts

    def stage(self, session: Session, items: Sequence[Item]) -> None:
        """Write those of a chunk; those that an undone batch left come back."""
        there = organisations.by_names(session, [item.key for item in items])
        organisations.adopt_organisations(session, list(there), self.batch)
        new = [item.value for item in items if item.key not in there]
        organisations.stage_organisations(session, self.actor, new, self.batch)

    def switch(self, session: Session) -> int:
        """Make them visible."""
        return organisations.switch_on_organisations(session, self.actor, self.batch)

    def drop(self, session: Session, limit: int) -> int:
        """Delete those nobody has seen and nothing points to."""
        ids = organisations.staged_organisations(session, self.batch)
        free = sorted(set(ids) - listings.owners_in_use(session, ids) - contracts.parties_in_use(session, ids))
        return organisations.drop_staged_organisations(session, free[:limit]) if free else 0

    def undo(self, session: Session) -> int:
        """Take them out of sight. Raises Conflict for one that somebody uses."""
        ids = list(organisations.organisations_of_batch(session, self.batch))
        used = listings.owners_in_use(session, ids, seen=True) | contracts.parties_in_use(session, ids)
        return organisations.take_back_organisations(session, self.actor, self.batch, used=used, strict=True)
