"""The type helper: every type can be reached by what the parties do, each with its rule; a registrar decides."""

import pytest

from services.contracts import service
from services.contracts.checks import Limits, warnings
from services.contracts.content import DecidedType
from services.contracts.type_helper import help_with, questions
from services.ground import reference
from services.ground.errors import Conflict, Forbidden, Invalid
from tests.services.contracts.factories import a_content


def every_way():
    """All ways to answer, one question after the other as they are asked."""
    ways = [{}]
    done = []
    while ways:
        way = ways.pop()
        left = [question for question in help_with(way).questions if question.code not in way]
        if not left:
            done.append(way)
        ways += [way | {left[0].code: answer.code} for answer in left[0].answers] if left else []
    return done


def test_every_one_of_the_types_is_reached_by_some_answers():
    proposed = {help_with(way).proposal.subtype for way in every_way() if help_with(way).proposal}
    assert proposed == {entry.code for entry in reference.entries(None, "contract_subtype")}
    assert len(proposed) == 21


def test_answered_to_the_end_there_is_a_proposal_with_its_rules_or_a_word_of_caution():
    for way in every_way():
        found = help_with(way)
        assert found.proposal or found.cautions, way
        if found.proposal:
            assert found.proposal.rules and found.proposal.because
            assert reference.find("contract_subtype", found.proposal.subtype).parent == found.proposal.category
            assert {rule.source for rule in found.proposal.rules} <= {"seen", "memory"}


@pytest.mark.parametrize(
    ("answers", "subtype"),
    [
        ({"work": "develop", "developers": "one"}, "DEV_ENTRUST"),
        ({"work": "develop", "developers": "both"}, "DEV_COOP"),
        ({"work": "hand_over", "right": "patent"}, "TRF_PATENT"),
        ({"work": "allow_use", "right": "secret"}, "LIC_SECRET"),
        ({"work": "invest"}, "TRF_EQUITY"),
        ({"work": "advise"}, "CON_GENERAL"),
        ({"work": "introduce"}, "SRV_AGENCY"),
    ],
)
def test_what_the_parties_do_decides_and_not_the_name_of_the_contract(answers, subtype):
    assert help_with(answers).proposal.subtype == subtype


def test_only_what_the_answers_lead_to_is_asked():
    assert [question.code for question in help_with({}).questions] == ["work"]
    assert [question.code for question in help_with({"work": "hand_over"}).questions] == ["work", "right"]
    assert help_with({"developers": "both"}).proposal is None
    assert help_with({"work": "nonsense"}).proposal is None
    assert len(questions()) == 5


def test_goods_and_building_work_are_pointed_out_and_never_refused():
    assert help_with({"work": "trade"}).proposal is None
    assert help_with({"work": "trade"}).cautions
    content = a_content(
        contract_category="SRV", contract_subtype="SRV_GENERAL", contract_title="冷库设备采购及安装服务合同"
    )
    found = [item for item in warnings(content, Limits()) if item.code == "ordinary_contract_words"]
    assert found[0].params == {"words": "采购"}
    assert not [
        item
        for item in warnings(a_content(contract_title="设备采购开发合同"), Limits())
        if item.code == "ordinary_contract_words"
    ]


# -- the registrar decides -------------------------------------------------------------------------------------------


def test_the_type_the_registrar_found_is_what_counts_and_the_claim_stays_in_its_version(world):
    code = world.in_review()
    world.do(
        service.decide_type, "registrar", code, DecidedType(contract_subtype="SRV_GENERAL", reason="没有新技术要开发")
    )
    assert world.see(code).content.contract_category == "DEV"
    world.register(code)
    shown = world.see(code)
    assert (shown.contract_category, shown.content.contract_subtype) == ("SRV", "SRV_GENERAL")
    assert shown.movements[0].category == "SRV"
    with world.database.read() as session:
        assert service.get_version(session, world.actors["registrar"], code, 1)[0].contract_category == "DEV"


def test_saving_the_notes_afterwards_keeps_the_type(world):
    code = world.in_review()
    world.do(service.decide_type, "registrar", code, DecidedType(contract_subtype="CON_GENERAL", reason="只出报告"))
    from services.contracts.content import Review

    world.do(service.save_review, "registrar", code, Review(note="看过原件"))
    assert world.see(code).review.decided_type.contract_subtype == "CON_GENERAL"


@pytest.mark.parametrize(
    ("found", "field", "code"),
    [
        ({"contract_subtype": "SRV_GENERAL"}, "decided_type.reason", "difference_needs_reason"),
        ({"contract_subtype": "XYZ", "reason": "理由"}, "decided_type.contract_subtype", "code_unknown"),
        ({"contract_subtype": "TRF_PATENT", "reason": "理由"}, "ip_objects", "required"),
    ],
)
def test_a_type_that_does_not_fit_says_why(world, found, field, code):
    contract = world.in_review()
    with pytest.raises(Invalid) as told:
        world.do(service.decide_type, "registrar", contract, DecidedType(**found))
    assert (field, code) in [(item.field, item.code) for item in told.value.fields]


def test_only_the_desk_decides_and_only_while_it_reviews(world):
    given = DecidedType(contract_subtype="SRV_GENERAL", reason="理由")
    with pytest.raises(Forbidden):
        world.do(service.decide_type, "seller", world.in_review(), given)
    with pytest.raises(Conflict):
        world.do(service.decide_type, "registrar", world.submitted(), given)
