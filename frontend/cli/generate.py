"""`yaosu generate`: a demo market made large, for benchmarks."""

import time
from typing import Annotated

import typer

from etl.demo import many
from frontend.cli.common import AS_JSON, counting, opened, show
from services.ground import outbox

INDEX_CHUNK = 5_000
"""Rows of the outbox done at once: every commit of the engine costs the same, for ten records or for thousands."""


def generate(
    records: Annotated[
        int, typer.Option(min=0, max=5_000_000, help="How many made-up needs and results there shall be.")
    ] = 0,
    contracts: Annotated[int, typer.Option(min=0, max=5_000_000, help="How many made-up registered contracts.")] = 0,
    as_json: bool = AS_JSON,
) -> None:
    """Make a demo market large: records and contracts put together from the demo's texts, the same ones for the same number.

    Example: yaosu generate --records 100000 --contracts 20000
    """
    with opened() as market:
        start = time.perf_counter()
        new_records = many.make_records(market, records, counting("records"))
        written = time.perf_counter()
        new_contracts = many.make_contracts(market, contracts, counting("contracts"))
        recorded = time.perf_counter()
        if market.engine.may_write():
            done, tell = 0, counting("index")
            while finished := outbox.drain(market.database, market, limit=INDEX_CHUNK):
                done += finished
                tell(done, 0)
        indexed = time.perf_counter()
    row = {
        "records": new_records,
        "records_seconds": round(written - start, 2),
        "contracts": new_contracts,
        "contracts_seconds": round(recorded - written, 2),
        "index_seconds": round(indexed - recorded, 2),
    }
    show([row], list(row), as_json=as_json)
