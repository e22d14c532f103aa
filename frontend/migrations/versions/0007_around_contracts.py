"""Around a contract: receipts, publicity, sharing of income; and the days off a market has entered"""

import sqlalchemy as sa
from alembic import op
import sqlmodel
import services.contracts.ledger_models
import services.ground.database
from services.ground.database import append_only_ddl
from sqlalchemy.dialects import postgresql

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendar_day',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('works', sa.Boolean(), nullable=False),
    sa.Column('note', services.ground.database.SafeText().with_variant(sa.String(length=80, collation='C'), 'postgresql'), nullable=False),
    sa.Column('added_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['added_by_id'], ['person.id'], name=op.f('fk_calendar_day_added_by_id_person')),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_calendar_day'))
    )
    op.create_table('contract_publicity',
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('published_from', sa.Date(), nullable=False),
    sa.Column('published_to', sa.Date(), nullable=False),
    sa.Column('place', services.ground.database.SafeText().with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=True),
    sa.Column('objections', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('handled_on', sa.Date(), nullable=True),
    sa.Column('saved_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('saved_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('published_from <= published_to', name=op.f('ck_contract_publicity_dates')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_contract_publicity_contract_id_contract')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['person.id'], name=op.f('fk_contract_publicity_saved_by_id_person')),
    sa.PrimaryKeyConstraint('contract_id', name=op.f('pk_contract_publicity'))
    )
    op.create_table('contract_receipt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('technical_amount_fen', sa.BigInteger(), nullable=True),
    sa.Column('management_fee_fen', sa.BigInteger(), nullable=True),
    sa.Column('service_fee_fen', sa.BigInteger(), nullable=True),
    sa.Column('vat_fen', sa.BigInteger(), nullable=True),
    sa.Column('currency', services.ground.database.SafeText().with_variant(sa.String(length=3, collation='C'), 'postgresql'), nullable=True),
    sa.Column('amount_original', services.contracts.ledger_models.ExactDecimal(length=40), nullable=True),
    sa.Column('fx_rate', services.contracts.ledger_models.ExactDecimal(length=40), nullable=True),
    sa.Column('fx_source', services.ground.database.SafeText().with_variant(sa.String(length=80, collation='C'), 'postgresql'), nullable=True),
    sa.Column('note', services.ground.database.SafeText().with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=True),
    sa.Column('recorded_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("amount_fen > 0 OR kind = 'correction'", name=op.f('ck_contract_receipt_only_corrections_take_off')),
    sa.CheckConstraint("kind IN ('payment', 'royalty', 'correction')", name=op.f('ck_contract_receipt_kind')),
    sa.CheckConstraint('amount_fen <> 0 AND amount_fen BETWEEN -100000000000000000 AND 100000000000000000', name=op.f('ck_contract_receipt_amount')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_contract_receipt_contract_id_contract')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_contract_receipt_recorded_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract_receipt'))
    )
    with op.batch_alter_table('contract_receipt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_receipt_contract_id'), ['contract_id'], unique=False)

    op.create_table('reward_person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('name', services.ground.database.SafeText().with_variant(sa.String(length=80, collation='C'), 'postgresql'), nullable=True),
    sa.Column('erased_at', services.ground.database.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_reward_person_contract_id_contract')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reward_person'))
    )
    with op.batch_alter_table('reward_person', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reward_person_contract_id'), ['contract_id'], unique=False)

    op.create_table('reward_plan',
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
    sa.Column('base_fen', sa.BigInteger(), nullable=True),
    sa.Column('own_rule', services.ground.database.SafeText().with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=True),
    sa.Column('own_percent', services.contracts.ledger_models.ExactDecimal(length=40), nullable=True),
    sa.Column('costs', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('published_from', sa.Date(), nullable=True),
    sa.Column('published_to', sa.Date(), nullable=True),
    sa.Column('saved_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('saved_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind IN ('transfer', 'equity', 'self_use')", name=op.f('ck_reward_plan_kind')),
    sa.CheckConstraint('base_fen IS NULL OR base_fen BETWEEN 0 AND 100000000000000000', name=op.f('ck_reward_plan_base')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_reward_plan_contract_id_contract')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['person.id'], name=op.f('fk_reward_plan_saved_by_id_person')),
    sa.PrimaryKeyConstraint('contract_id', name=op.f('pk_reward_plan'))
    )
    op.create_table('reward_share',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('is_main', sa.Boolean(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('paid_on', sa.Date(), nullable=True),
    sa.CheckConstraint('amount_fen BETWEEN 0 AND 100000000000000000', name=op.f('ck_reward_share_amount')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_reward_share_contract_id_contract')),
    sa.ForeignKeyConstraint(['person_id'], ['reward_person.id'], name=op.f('fk_reward_share_person_id_reward_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reward_share'))
    )
    with op.batch_alter_table('reward_share', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reward_share_contract_id'), ['contract_id'], unique=False)

    bind = op.get_bind()
    for statement in append_only_ddl('contract_receipt', bind.dialect.name):
        bind.exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
