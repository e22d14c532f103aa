"""The work list: what is to be done, ordered by what is due."""

from datetime import UTC, date, datetime

from services.deals import schemas, service
from services.ground import clock, workdays
from services.ground.actor import Actor, Grant


def listed(world, who, turn="mine", **more):
    with world.database.read() as session:
        return service.work_list(session, world.actors[who], turn=turn, **more)


def set_due(world, code, due_on, side="broker"):
    wanted = schemas.NextActionIn(text="打个电话", side=side, due_on=due_on)
    world.do(service.set_next_action, "broker", code, wanted)


def test_the_longest_overdue_comes_first_then_today_then_later(world):
    later, today, overdue = (
        world.introduce("broker", need_code=need, result_code=result)
        for need, result in (
            (world.need, world.result),
            (world.need, world.other_result),
            (world.secret_need, world.result),
        )
    )
    set_due(world, overdue, "2026-03-12")
    set_due(world, today, "2026-03-13")
    set_due(world, later, "2026-03-16")
    with clock.at(datetime(2026, 3, 13, 2, 0, tzinfo=UTC)):
        items, more = listed(world, "broker")
        with world.database.read() as session:
            counts = service.counts(session, world.actors["broker"])
    assert [(item.code, item.next.bucket) for item in items] == [
        (overdue, "overdue"),
        (today, "today"),
        (later, "later"),
    ]
    assert more is None
    assert counts == {"mine": 3, "others": 0, "open": 3, "over": 0, "overdue": 1, "today": 1, "later": 1}


def test_what_waits_for_others_is_not_my_turn(world):
    code = world.introduce("broker")
    assert listed(world, "broker")[0] == []
    assert [item.code for item in listed(world, "broker", "others")[0]] == [code]
    assert [item.code for item in listed(world, "seeker")[0]] == [code]
    world.do(service.acknowledge, "seeker", code)
    assert listed(world, "seeker")[0] == []
    assert [item.code for item in listed(world, "provider")[0]] == [code]


def test_ended_deals_leave_the_work_list(world):
    code = world.introduce("broker")
    world.end("seeker", code)
    assert listed(world, "seeker", "any")[0] == []
    with world.database.read() as session:
        assert service.counts(session, world.actors["seeker"])["over"] == 1


def test_pages_of_one_show_every_deal_once(world):
    pairs = [(world.need, world.result), (world.need, world.other_result), (world.secret_need, world.result)]
    codes = {world.introduce("broker", need_code=need, result_code=result) for need, result in pairs}
    for use_case, place in ((service.work_list, "after"), (service.own, "before")):
        seen, more = [], None
        with world.database.read() as session:
            while True:
                items, more = use_case(session, world.actors["broker"], limit=1, **({place: more} if more else {}))
                seen += [item.code for item in items]
                if more is None:
                    break
        assert sorted(seen) == sorted(codes)


def test_own_deals_are_filtered_by_state_and_step(world):
    world.walk("talking")
    with world.database.read() as session:
        broker = world.actors["broker"]
        assert service.own(session, broker, state="ended")[0] == []
        assert len(service.own(session, broker, state="open", step="talking")[0]) == 1
        assert service.own(session, broker, step="offered")[0] == []


def test_a_day_off_that_the_registrar_has_entered_moves_the_due_day_of_a_deal_too(world):
    today = date(2031, 1, 3)
    registrar = Actor(person_id=1, grants=(Grant("registrar"),))
    with clock.at(datetime(2031, 1, 3, 2, 0, tzinfo=UTC)):
        guessed = world.introduce("broker", need_code=world.need, result_code=world.result)
        before = world.see("broker", guessed).next
        with world.database.write() as session:
            workdays.enter_year(session, registrar, 2031, "2031-01-06 休\n2031-01-07 休")
        known = world.introduce("broker", need_code=world.need, result_code=world.other_result)
        after = world.see("broker", known).next
    entered = workdays.Calendar({date(2031, 1, 6): False, date(2031, 1, 7): False})
    assert after.due_on == entered.after(today, before.working_days_left) > before.due_on
    assert after.working_days_left == before.working_days_left
