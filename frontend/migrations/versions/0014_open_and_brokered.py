"""Indexes of few lines among very many: movements whose amount is open, and those a broker brought about."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

OPEN, BROKERED = sa.text("amount_status <> 'determined'"), sa.text("broker_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        'ix_movement_open',
        'movement',
        ['dated_on', 'is_home_output'],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index('ix_movement_broker_id', 'movement', ['broker_id'], sqlite_where=BROKERED, postgresql_where=BROKERED)


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
