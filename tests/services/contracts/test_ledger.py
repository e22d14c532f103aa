import random
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from services.contracts import service
from services.contracts.content import Content, Verification
from services.contracts.ledger import NumberTaken
from services.contracts.moving import MoveImpossible
from services.contracts.schemas import ChangeIn, EndIn, MovementFilter
from services.ground import clock
from services.ground.errors import Forbidden, Invalid
from tests.services.contracts.factories import BOTH_SHAPES, a_party

pytestmark = BOTH_SHAPES


def codes(error):
    return {(item.field, item.code) for item in error.value.fields}


def a_change(amount, technical, on=date(2026, 3, 12), **more):
    items = [{"kind": "EQUIP", "amount_fen": amount - technical}] if amount != technical else []
    content = Content(contract_amount_fen=amount, technical_amount_fen=technical, non_technical_items=items)
    return ChangeIn(content=content, changed_on=on, reason="补充协议", evidence="补充协议一", **more)


def test_a_change_of_the_amount_is_a_new_version_and_a_movement_of_the_difference(world):
    code = world.registered()
    with clock.at(datetime(2026, 6, 1, 2, tzinfo=UTC)):
        world.do(service.change, "registrar", code, a_change(200_000_000, 150_000_000, date(2026, 5, 30)))
        seen = world.see(code)
    assert (seen.state, seen.changes, seen.contract_amount_fen) == ("registered", 1, 200_000_000)
    assert [
        (m.kind, m.dated_on, m.contract_amount_fen, m.technical_amount_fen, m.count_delta) for m in seen.movements
    ] == [
        ("registration", date(2026, 3, 12), 186_000_000, 140_150_000, 1),
        ("change", date(2026, 5, 30), 14_000_000, 9_850_000, 0),
    ]
    assert [(v.number, v.kind, v.true_from) for v in seen.versions][-1] == (3, "changed", date(2026, 5, 30))
    assert seen.versions[-1].reason == "补充协议"
    before, found = world.do(service.get_version, "registrar", code, 2)
    assert (before.contract_amount_fen, found.technical_amount_fen) == (186_000_000, 140_150_000)
    assert world.sums(until=date(2026, 4, 30)) == (1, 186_000_000, 140_150_000)
    assert world.sums() == (1, 200_000_000, 150_000_000)


def test_a_change_of_the_title_moves_no_money_and_keeps_what_was_verified(world):
    code = world.registered()
    given = ChangeIn(content=Content(contract_title="新名称"), changed_on=date(2026, 3, 12), reason="更名")
    world.do(service.change, "registrar", code, given)
    assert world.sums() == (1, 186_000_000, 140_150_000)
    assert world.see(code).title == "新名称"


def test_a_change_without_a_reason_or_before_the_registration_is_refused(world):
    code = world.registered()
    with pytest.raises(Invalid) as error:
        world.do(service.change, "registrar", code, ChangeIn(changed_on=date(2026, 3, 12)))
    assert codes(error) == {("reason", "required")}
    with pytest.raises(Invalid) as error:
        world.do(service.change, "registrar", code, a_change(1, 1, date(2026, 3, 1)))
    assert codes(error) == {("changed_on", "date_before")}


def test_verified_amounts_of_a_change_differ_from_the_claimed_ones_only_with_a_reason(world):
    code = world.registered()
    found = Verification(contract_amount_fen=200_000_000, technical_amount_fen=200_000_000, reason="设备另签")
    world.do(service.change, "registrar", code, a_change(200_000_000, 150_000_000, verification=found))
    assert world.sums() == (1, 200_000_000, 200_000_000)


@pytest.mark.parametrize("who", ["seller", "buyer", "bureau", "clerk"])
def test_nobody_but_a_registrar_touches_what_is_registered(world, who):
    code = world.registered()
    with pytest.raises(Forbidden):
        world.do(service.change, who, code, a_change(1, 1))
    with pytest.raises(Forbidden):
        world.do(service.cancel, who, code, EndIn(ended_on=date(2026, 3, 12), reason="解除"))


def test_a_contract_cancelled_in_the_next_year_leaves_that_year_and_not_the_old_one(world):
    code = world.registered()
    with clock.at(datetime(2027, 1, 20, 2, tzinfo=UTC)):
        world.do(
            service.cancel, "registrar", code, EndIn(ended_on=date(2027, 1, 15), ground="CANCEL_PARTY", reason="解除")
        )
        assert world.see(code).state == "cancelled"
        # default view: negative in its own period
        assert world.sums(until=date(2026, 12, 31)) == (1, 186_000_000, 140_150_000)
        assert world.sums(since=date(2027, 1, 1)) == (-1, -186_000_000, -140_150_000)
        # restated view: nothing left in the old year
        assert world.sums(original_year=2026) == (0, 0, 0)
        # as published: what was known then
        assert world.sums(original_year=2026, known_at=datetime(2026, 12, 31, tzinfo=UTC))[0] == 1


def test_a_revoked_contract_sets_its_number_free_and_a_cancelled_one_does_not(world):
    first = world.registered()
    world.do(service.cancel, "registrar", first, EndIn(ended_on=date(2026, 3, 12), reason="解除"))
    second = world.in_review()
    with pytest.raises(NumberTaken) as error:
        world.register(second)
    assert error.value.params["contract"] == first
    world.register(second, "2026431100000042")
    world.do(service.revoke, "registrar", second, EndIn(ended_on=date(2026, 3, 12), ground="V3", reason="重复登记"))
    third = world.in_review()
    world.register(third, "2026431100000042")
    assert world.sums() == (1, 186_000_000, 140_150_000)


def test_a_revocation_needs_a_ground(world):
    code = world.registered()
    with pytest.raises(Invalid) as error:
        world.do(service.revoke, "registrar", code, EndIn(ended_on=date(2026, 3, 12), reason="虚假"))
    assert codes(error) == {("ground", "required")}


def test_nothing_moves_after_the_end(world):
    code = world.registered()
    world.do(service.cancel, "registrar", code, EndIn(ended_on=date(2026, 3, 12), reason="解除"))
    with pytest.raises(MoveImpossible):
        world.do(service.change, "registrar", code, a_change(1, 1))
    with pytest.raises(MoveImpossible):
        world.do(service.revoke, "registrar", code, EndIn(ended_on=date(2026, 3, 12), ground="V1", reason="虚假"))


@pytest.mark.parametrize(
    "table", ["movement", "contract_version", "contract_party", "non_technical_item", "contract_move"]
)
def test_the_database_itself_refuses_to_change_the_ledger(world, table):
    world.registered()
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"), world.database.write() as session:
            session.execute(sa.text(statement))


def test_the_attribution_of_a_movement_is_that_of_its_day(world):
    world.registered(chain=None)
    with world.database.read() as session:
        rows = service.sums_by(session, ["seller_region", "buyer_region", "category", "seller_group", "year"])
    assert [row.keys for row in rows] == [("431102", "431181", "DEV", "UNIVERSITY", 2026)]


def test_a_changed_category_takes_the_whole_contract_out_of_the_old_row_and_puts_it_into_the_new_one(world):
    code = world.registered(chain=None)
    content = Content(contract_category="SRV", contract_subtype="SRV_GENERAL", chain="EI")
    given = ChangeIn(content=content, changed_on=date(2026, 3, 12), reason="复核类别", evidence="复核意见")
    world.do(service.change, "registrar", code, given)
    world.do(service.change, "registrar", code, a_change(200_000_000, 150_000_000))
    with world.database.read() as session:
        rows = service.sums_by(session, ["category", "chain"], MovementFilter())
    assert {
        (row.keys[0], row.keys[1] or ""): (row.sums.count, row.sums.contract_amount_fen, row.sums.technical_amount_fen)
        for row in rows
    } == {("DEV", ""): (0, 0, 0), ("SRV", "EI"): (1, 200_000_000, 150_000_000)}
    moves = [(m.kind, m.count_delta, m.contract_amount_fen) for m in world.see(code).movements]
    moved = [("correction", -1, -186_000_000), ("correction", 1, 186_000_000)]
    assert moves == [("registration", 1, 186_000_000), *moved, ("change", 0, 0), ("change", 0, 14_000_000)]
    world.do(service.cancel, "registrar", code, EndIn(ended_on=date(2026, 3, 12), reason="解除"))
    with world.database.read() as session:
        rows = service.sums_by(session, ["category"], MovementFilter())
    assert {(row.sums.count, row.sums.contract_amount_fen) for row in rows} == {(0, 0)}


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"registered_elsewhere": True}, False),
        ({"parties": [a_party("seller", region_code="430102"), a_party("buyer")]}, False),
        ({"cross_border": "import", "country_code": "502"}, False),
        ({"cross_border": "export", "country_code": "502"}, True),
    ],
)
def test_only_what_a_home_seller_registered_here_counts_in_the_indicator(world, changes, counts):
    parties = changes.get("parties") or world.content().parties
    codes_of = [world.organisations["university"].code, world.organisations["firm"].code]
    filled = [
        (p if isinstance(p, dict) else p.model_dump()) | {"organisation_code": code}
        for p, code in zip(parties, codes_of, strict=True)
    ]
    world.registered(**(changes | {"parties": filled}))
    assert world.sums(home_output=True)[0] == int(counts)
    assert world.sums()[0] == 1


def test_amounts_of_several_sellers_follow_their_stated_shares_to_the_fen(world):
    parties = [
        a_party("seller", share_amount_fen=100_000_001, organisation_code=world.organisations["university"].code),
        a_party(
            "seller",
            sequence=2,
            is_primary=False,
            name="演示丙研究所",
            region_code="431103",
            share_amount_fen=85_999_999,
        ),
        a_party("buyer"),
    ]
    world.registered(parties=parties)
    with world.database.read() as session:
        rows = session.execute(
            sa.text(
                "SELECT region_code, contract_amount_fen, technical_amount_fen, count_delta FROM movement_share ORDER BY sequence"
            )
        ).all()
    assert [(row[0], row[1], row[3]) for row in rows] == [("431102", 100_000_001, 1), ("431103", 85_999_999, 0)]
    assert sum(row[2] for row in rows) == 140_150_000


def test_lines_of_the_ledger_add_up_to_the_figure_and_open_to_their_contracts(world):
    code = world.registered()
    world.do(service.change, "registrar", code, a_change(10_000, 10_000))
    wanted = MovementFilter(since=date(2026, 1, 1), until=date(2026, 12, 31), home_output=True)
    first, more = world.do(service.list_movements, "bureau", wanted, limit=1)
    rest, end = world.do(service.list_movements, "bureau", wanted, after=more, limit=1)
    lines = first + rest
    assert end is None
    assert {line.contract_code for line in lines} == {code}
    assert sum(line.contract_amount_fen for line in lines) == world.sums(home_output=True)[1] == 10_000


@pytest.mark.parametrize("who", ["seller", "clerk", "broker", "administrator"])
def test_the_whole_ledger_is_for_registrars_and_the_bureau(world, who):
    with pytest.raises(Forbidden):
        world.do(service.list_movements, who)


def test_random_changes_and_ends_leave_the_sum_of_what_stands(world):
    dice = random.Random(20261125)
    standing = {}
    with clock.at(datetime(2026, 11, 25, 2, tzinfo=UTC)):
        for index in range(12):
            amount = dice.randrange(1, 10**9)
            code = world.registered(
                str(2026431100000100 + index),
                date(2026, 11, 25),
                contract_amount_fen=amount,
                technical_amount_fen=amount,
                non_technical_items=[],
            )
            standing[code] = (amount, amount)
            for _ in range(dice.randrange(3)):
                whole = dice.randrange(1, 10**9)
                part = dice.randrange(whole + 1)
                world.do(service.change, "registrar", code, a_change(whole, part, date(2026, 11, 25)))
                standing[code] = (whole, part)
            if dice.random() < 0.4:
                world.do(service.cancel, "registrar", code, EndIn(ended_on=date(2026, 11, 25), reason="解除"))
                del standing[code]
    expected = (len(standing), sum(a for a, _ in standing.values()), sum(t for _, t in standing.values()))
    assert world.sums() == expected
    for dimension in ("category", "seller_region", "month", "original_year", "kind", "is_home_output"):
        with world.database.read() as session:
            rows = service.sums_by(session, [dimension])
        assert sum(row.sums.contract_amount_fen for row in rows) == expected[1], dimension
        assert sum(row.sums.count for row in rows) == expected[0], dimension
