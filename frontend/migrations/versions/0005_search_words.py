"""The book of queries, and the synonyms a market adds"""

import sqlalchemy as sa
from alembic import op
import sqlmodel
import services.ground.database
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('search_query',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('query', services.ground.database.SafeText().with_variant(sa.String(length=80, collation='C'), 'postgresql'), nullable=False),
    sa.Column('searches', sa.Integer(), nullable=False),
    sa.Column('empty', sa.Integer(), nullable=False),
    sa.Column('clicks', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_query')),
    sa.UniqueConstraint('day', 'query', name=op.f('uq_search_query_day_query'))
    )
    op.create_table('synonym',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('words', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('added_at', services.ground.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('added_by', sa.Integer(), nullable=True),
    sa.Column('removed_at', services.ground.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('removed_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind IN ('term','spelling')", name=op.f('ck_synonym_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_synonym'))
    )


def downgrade() -> None:
    raise NotImplementedError("a market is not taken back; restore a backup")
