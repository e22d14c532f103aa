"""${message}"""

import sqlalchemy as sa
from alembic import op
import sqlmodel
import services.ground.database
from services.ground.database import APPEND_ONLY, append_only_ddl
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
