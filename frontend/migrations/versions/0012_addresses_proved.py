"""Addresses are proved by a link before notices go to them; those that notices went to so far count as proved"""

import sqlalchemy as sa
from alembic import op
import services.ground.database

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('person_data', schema=None) as batch_op:
        batch_op.add_column(sa.Column('email_proved_at', services.ground.database.UtcDateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE person_data SET email_proved_at = (SELECT created_at FROM person WHERE person.id = person_data.person_id)"
        " WHERE email IS NOT NULL"
    )


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
