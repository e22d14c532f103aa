"""Notices, saved searches, links of mails, the second factor, claims and merges of organisations"""

import sqlalchemy as sa
from alembic import op
import sqlmodel
import services.ground.database
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('created_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', services.ground.database.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_account_link_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_account_link_token_hash'))
    )
    with op.batch_alter_table('account_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_link_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_account_link_purpose_subject'), ['purpose', 'subject'], unique=False)

    op.create_table('follow',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('seen_version', sa.Integer(), nullable=False),
    sa.Column('created_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_follow_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow')),
    sa.UniqueConstraint('person_id', 'code', name=op.f('uq_follow_person_id_code'))
    )
    with op.batch_alter_table('follow', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_follow_code'), ['code'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('params', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('url', services.ground.database.SafeText().with_variant(sa.String(length=300, collation='C'), 'postgresql'), nullable=False),
    sa.Column('created_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('read_at', services.ground.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('mail', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_mail_id'), ['mail', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_person_id_id'), ['person_id', 'id'], unique=False)

    op.create_table('notice_choice',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('mail', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('stopped', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('language', sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
    sa.Column('stop_key', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.CheckConstraint("mail IN ('each','daily','none')", name=op.f('ck_notice_choice_mail')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_choice_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_notice_choice')),
    sa.UniqueConstraint('stop_key', name=op.f('uq_notice_choice_stop_key'))
    )
    op.create_table('organisation_claim',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.Column('uscc', sqlmodel.sql.sqltypes.AutoString(length=18), nullable=True),
    sa.Column('note', services.ground.database.SafeText().with_variant(sa.String(length=500, collation='C'), 'postgresql'), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('reasons', services.ground.database.SafeText().with_variant(sa.String(length=500, collation='C'), 'postgresql'), nullable=False),
    sa.Column('created_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_at', services.ground.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("state IN ('waiting','accepted','refused')", name=op.f('ck_organisation_claim_state')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_organisation_claim_file_id_stored_file')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_claim_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_organisation_claim_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_claim'))
    )
    with op.batch_alter_table('organisation_claim', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_claim_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('organisation_merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('into_id', sa.Integer(), nullable=False),
    sa.Column('at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('moved', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('undone_at', services.ground.database.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['from_id'], ['organisation.id'], name=op.f('fk_organisation_merge_from_id_organisation')),
    sa.ForeignKeyConstraint(['into_id'], ['organisation.id'], name=op.f('fk_organisation_merge_into_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_merge'))
    )
    with op.batch_alter_table('organisation_merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_merge_from_id'), ['from_id'], unique=False)

    op.create_table('saved_search',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', services.ground.database.SafeText().with_variant(sa.String(length=100, collation='C'), 'postgresql'), nullable=False),
    sa.Column('words', services.ground.database.SafeText().with_variant(sa.String(length=2000, collation='C'), 'postgresql'), nullable=False),
    sa.Column('filters', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('seen_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_saved_search_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_search'))
    )
    with op.batch_alter_table('saved_search', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_search_person_id'), ['person_id'], unique=False)

    op.create_table('second_factor',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('masked', sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
    sa.Column('nonce', sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
    sa.Column('created_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', services.ground.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_step', sa.Integer(), nullable=False),
    sa.Column('spare_hashes', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_second_factor_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_second_factor'))
    )
    op.add_column('organisation', sa.Column('merged_into_id', sa.Integer(), nullable=True))



def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
