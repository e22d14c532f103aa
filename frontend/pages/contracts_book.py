"""The full workbook of the contracts one may see, as a file.

The name of this module comes before `contracts_desk`, whose `/contracts/{code}` would take the address otherwise.
"""

import tempfile
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from etl import exports
from etl.contract_book import write_book
from frontend.web import CurrentActor, TheMarket
from services.ground import clock
from services.ground.permissions import require
from services.ground.web import access

pages = APIRouter()
BLOCK = 1 << 16


@pages.get("/contracts/full.xlsx", **access("contract.list"))
def full_workbook(actor: CurrentActor, market: TheMarket) -> StreamingResponse:
    """Give every field of every contract this reader may see; the file can be imported again."""
    require(actor, "contract.list")
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the answer has been sent
    write_book(market, actor, file)
    file.seek(0)
    name = f"contracts-full-{clock.today().isoformat()}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_sent(file), media_type=exports.MEDIA_TYPES["xlsx"], headers=headers)


def _sent(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(BLOCK):
            yield piece
