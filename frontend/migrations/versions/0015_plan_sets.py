"""Plans that set targets, entered by people; what was hidden of published tables is kept beside them"""

import sqlalchemy as sa
from alembic import op
import sqlmodel
import services.ground.database
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def _text(length):
    return services.ground.database.SafeText().with_variant(sa.String(length=length, collation='C'), 'postgresql')


def _json():
    return sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')


def upgrade() -> None:
    op.create_table('plan_set',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', _text(20), nullable=False),
    sa.Column('name', _text(60), nullable=False),
    sa.Column('short', _text(20), nullable=False),
    sa.Column('box', _text(40), nullable=False),
    sa.Column('base_year', sa.Integer(), nullable=False),
    sa.Column('first_year', sa.Integer(), nullable=False),
    sa.Column('last_year', sa.Integer(), nullable=False),
    sa.Column('source', _text(200), nullable=False),
    sa.Column('growth', _json(), nullable=False),
    sa.Column('bases', _json(), nullable=False),
    sa.Column('withdrawn', sa.Boolean(), nullable=False),
    sa.Column('entered_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('entered_by', sa.Integer(), nullable=True),
    sa.CheckConstraint('base_year < first_year AND first_year <= last_year', name=op.f('ck_plan_set_years')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_set')),
    sa.UniqueConstraint('code', name=op.f('uq_plan_set_code'))
    )
    op.add_column('published_tables', sa.Column('hidden', _json(), nullable=False, server_default='[]'))


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
