"""Sums of the ledger by month, kept so that statistics need not read every line"""

import sqlalchemy as sa
from alembic import op
import sqlmodel
import services.ground.database

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('statistic_state',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('last_movement', sa.Integer(), nullable=False),
    sa.Column('switches', sa.Integer(), nullable=False),
    sa.Column('made_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statistic_state'))
    )
    op.create_table('statistic_sum',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('cut', services.ground.database.SafeText().with_variant(sa.String(length=60, collation='C'), 'postgresql'), nullable=False),
    sa.Column('month', sa.Integer(), nullable=False),
    sa.Column('key', services.ground.database.SafeText().with_variant(sa.String(length=60, collation='C'), 'postgresql'), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('technical_fen', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statistic_sum'))
    )
    with op.batch_alter_table('statistic_sum', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_statistic_sum_cut_month'), ['cut', 'month'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
