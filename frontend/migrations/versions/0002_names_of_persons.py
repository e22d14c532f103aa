"""Names of natural persons lie with their other personal data; a registrar may say which organisation a party is"""

import sqlalchemy as sa
from alembic import op
import services.ground.database

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('contract_contact') as batch_op:
        batch_op.add_column(sa.Column('name', services.ground.database.SafeText().with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=True))
    with op.batch_alter_table('contract_organisation') as batch_op:
        batch_op.add_column(sa.Column('by_hand', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
