"""Rounds are remembered by the database; nobody gets two digests on one day"""

import sqlalchemy as sa
from alembic import op
import sqlmodel
import services.ground.database

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('round_made',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('begun_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('done_at', services.ground.database.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_made')),
    sa.UniqueConstraint('name', name=op.f('uq_round_made_name'))
    )
    with op.batch_alter_table('notice_choice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('digested_on', sa.Date(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
