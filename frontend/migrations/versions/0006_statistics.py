"""Statistics: published tables, closed periods with their files, definitions; targets by county and chain"""

import sqlalchemy as sa
from alembic import op
import sqlmodel
import services.ground.database
from services.ground.database import append_only_ddl
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('indicator_definition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('definition', services.ground.database.SafeText().with_variant(sa.String(length=1000, collation='C'), 'postgresql'), nullable=False),
    sa.Column('scope', services.ground.database.SafeText().with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('unit', services.ground.database.SafeText().with_variant(sa.String(length=20, collation='C'), 'postgresql'), nullable=False),
    sa.Column('owner', services.ground.database.SafeText().with_variant(sa.String(length=80, collation='C'), 'postgresql'), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('entered_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('entered_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indicator_definition')),
    sa.UniqueConstraint('indicator', 'version', name=op.f('uq_indicator_definition_indicator_version'))
    )
    op.create_table('period_closing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('period', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('closed_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.Column('last_movement', sa.Integer(), nullable=False),
    sa.Column('inputs', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('tables', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_period_closing')),
    sa.UniqueConstraint('indicator', 'period', name=op.f('uq_period_closing_indicator_period'))
    )
    op.create_table('published_tables',
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('tables', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('kept_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_published_tables'))
    )
    op.create_table('closing_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('closing_id', sa.Integer(), nullable=False),
    sa.Column('name', services.ground.database.SafeText().with_variant(sa.String(length=80, collation='C'), 'postgresql'), nullable=False),
    sa.Column('media_type', sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['closing_id'], ['period_closing.id'], name=op.f('fk_closing_file_closing_id_period_closing')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closing_file')),
    sa.UniqueConstraint('closing_id', 'name', name=op.f('uq_closing_file_closing_id_name'))
    )
    with op.batch_alter_table('observation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state', sqlmodel.sql.sqltypes.AutoString(length=12), server_default='final', nullable=False))
        batch_op.add_column(sa.Column('entered_by', sa.Integer(), nullable=True))
        batch_op.create_check_constraint(op.f('ck_observation_state'), "state IN ('draft', 'preliminary', 'final', 'disputed')")

    with op.batch_alter_table('target', schema=None) as batch_op:
        batch_op.add_column(sa.Column('plan_set', services.ground.database.SafeText().with_variant(sa.String(length=60, collation='C'), 'postgresql'), server_default='', nullable=False))
        batch_op.add_column(sa.Column('measure', sqlmodel.sql.sqltypes.AutoString(length=12), server_default='value', nullable=False))
        batch_op.add_column(sa.Column('region', services.ground.database.SafeText().with_variant(sa.String(length=12, collation='C'), 'postgresql'), server_default='', nullable=False))
        batch_op.add_column(sa.Column('chain', services.ground.database.SafeText().with_variant(sa.String(length=20, collation='C'), 'postgresql'), server_default='', nullable=False))
        batch_op.add_column(sa.Column('withdrawn', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('entered_by', sa.Integer(), nullable=True))
        batch_op.create_check_constraint(op.f('ck_target_measure'), "measure IN ('value', 'amount_wan')")

    bind = op.get_bind()
    for table in ('indicator_definition', 'period_closing', 'closing_file', 'published_tables'):
        for statement in append_only_ddl(table, bind.dialect.name):
            bind.exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
