"""Whether something depends on a batch, so that it cannot be undone any more."""

from sqlmodel import Session

from services.contracts import service as contracts
from services.deals import service as deals
from services.ground.batches import ImportBatch
from services.ground.errors import Conflict
from services.listings import service as listings

PART = 500


def check_unused(session: Session, row: ImportBatch) -> None:
    """Raise Conflict when a deal, an introduction or a contract speaks of a record of the batch.

    Whether somebody edited or moved a record, the taker of its kind asks.
    """
    codes = listings.codes_of_batch(session, row.code)
    for start in range(0, len(codes), PART):
        part = codes[start : start + PART]
        user = deals.first_about(session, part) or contracts.first_about(session, part)
        if user:
            raise Conflict("batch_depended_on", batch=row.code, record=user)
