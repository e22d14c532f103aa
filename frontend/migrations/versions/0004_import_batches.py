"""Imports as batches: the batch, its findings, saved mappings; rows that are not switched on yet"""

import sqlalchemy as sa
from alembic import op
import sqlmodel
import services.ground.database
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('import_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
    sa.Column('file_name', services.ground.database.SafeText().with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('options', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('sheets', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('place', sa.BigInteger(), nullable=False),
    sa.Column('accepted', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('warnings', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('on_behalf_of_id', sa.Integer(), nullable=True),
    sa.Column('created_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('beat_at', services.ground.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('claim', sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
    sa.Column('finished_at', services.ground.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('seconds', sa.Float(), nullable=False),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.CheckConstraint("state IN ('checking', 'checked', 'writing', 'stopped', 'removing', 'done', 'refused', 'removed', 'undone')", name=op.f('ck_import_batch_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch')),
    sa.UniqueConstraint('code', name=op.f('uq_import_batch_code'))
    )
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_batch_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_import_batch_sha256'), ['sha256'], unique=False)

    op.create_table('import_fault',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('batch_code', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('severity', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('sheet', services.ground.database.SafeText().with_variant(sa.String(length=80, collation='C'), 'postgresql'), nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('field', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('column', services.ground.database.SafeText().with_variant(sa.String(length=80, collation='C'), 'postgresql'), nullable=False),
    sa.Column('letter', sqlmodel.sql.sqltypes.AutoString(length=4), nullable=False),
    sa.Column('value', services.ground.database.SafeText().with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('params', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint("severity IN ('refused','warning','candidate')", name=op.f('ck_import_fault_severity')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_fault'))
    )
    with op.batch_alter_table('import_fault', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_fault_batch_code_severity_line'), ['batch_code', 'severity', 'line'], unique=False)

    op.create_table('import_profile',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('owner', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('name', services.ground.database.SafeText().with_variant(sa.String(length=80, collation='C'), 'postgresql'), nullable=False),
    sa.Column('mapping', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('heads', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('saved_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_profile')),
    sa.UniqueConstraint('kind', 'owner', 'name', name=op.f('uq_import_profile_kind_owner_name'))
    )
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.add_column(sa.Column('visible', sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('batch', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True))
        batch_op.add_column(sa.Column('visible', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.create_index(batch_op.f('ix_organisation_batch'), ['batch'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
