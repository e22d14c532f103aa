"""Hits of matching that were told, and the quality that was measured"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

import services.ground.database

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('match_hit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('need_id', sa.Integer(), nullable=False),
    sa.Column('need_owner_id', sa.Integer(), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('ranker', services.ground.database.SafeText().with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('found_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('level BETWEEN 3 AND 4', name=op.f('ck_match_hit_level')),
    sa.ForeignKeyConstraint(['need_id'], ['listing.id'], name=op.f('fk_match_hit_need_id_listing')),
    sa.ForeignKeyConstraint(['need_owner_id'], ['organisation.id'], name=op.f('fk_match_hit_need_owner_id_organisation')),
    sa.ForeignKeyConstraint(['record_id'], ['listing.id'], name=op.f('fk_match_hit_record_id_listing')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_match_hit')),
    sa.UniqueConstraint('need_id', 'record_id', name=op.f('uq_match_hit_need_id_record_id'))
    )
    with op.batch_alter_table('match_hit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_match_hit_need_owner_id'), ['need_owner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_match_hit_record_id'), ['record_id'], unique=False)

    op.create_table('quality_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('figures', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint("kind IN ('labelled','market')", name=op.f('ck_quality_run_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quality_run'))
    )
    with op.batch_alter_table('quality_run', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quality_run_kind_id'), ['kind', 'id'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a market is not taken back; restore a backup")
