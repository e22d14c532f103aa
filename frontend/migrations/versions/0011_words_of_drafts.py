"""Words a draft is found by; kept sums are made anew, for they learn to count the zones "of which" """

from typing import Any

import sqlalchemy as sa
from alembic import op
import services.ground.database

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

PARTY = ("name", "branch_name", "uscc", "organisation_code")
OWN = ("contract_title", "internal_number", "project_number", "main_contract", "need_code", "result_code", "deal_code")


def upgrade() -> None:
    words = services.ground.database.SafeText().with_variant(sa.String(length=4000, collation='C'), 'postgresql')
    with op.batch_alter_table('contract_draft', schema=None) as batch_op:
        batch_op.add_column(sa.Column('words', words, nullable=False, server_default=''))
    drafts = sa.table(
        'contract_draft', sa.column('contract_id'), sa.column('content', sa.JSON()), sa.column('words', sa.Text())
    )
    connection = op.get_bind()
    for number, content in connection.execute(sa.select(drafts.c.contract_id, drafts.c.content)).all():
        update = sa.update(drafts).where(drafts.c.contract_id == number).values(words=_words(content or {}))
        connection.execute(update)
    op.execute("DELETE FROM statistic_sum")
    op.execute("DELETE FROM statistic_state")


def _words(content: dict[str, Any]) -> str:
    found = [content.get(name) for name in OWN]
    found += [party.get(name) for party in content.get("parties", []) for name in PARTY]
    found += [item.get(name) for item in content.get("ip_objects", []) for name in ("number", "title")]
    return "\n".join(dict.fromkeys(str(word) for word in found if word))[:4000]


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back; restore a backup")
