"""What people agreed to show; who looks at a submitted record; what lists and rounds ask for is found by an index"""

import sqlalchemy as sa
from alembic import op
import sqlmodel
from sqlalchemy.dialects import postgresql
import services.ground.database

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('shown_choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('shown', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('words', services.ground.database.SafeText().with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('phone', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind IN ('organisation','expert','broker')", name=op.f('ck_shown_choice_kind')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_shown_choice_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shown_choice')),
    sa.UniqueConstraint('kind', 'key', name=op.f('uq_shown_choice_kind_key'))
    )
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.add_column(sa.Column('assigned_to', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_listing_state_confirmed_at'), ['state', 'confirmed_at'], unique=False)
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_event_kind'), ['kind'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
