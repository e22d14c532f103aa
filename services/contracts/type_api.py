"""The type helper over the API: the same questions and proposals as on the page."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.contracts import service
from services.contracts.views import Out
from services.ground.web import CurrentActor, access

router = APIRouter(prefix="/api/v1/contract-types", tags=["contracts"])


class AnswerOut(Out):
    """One answer that can be given."""

    code: str
    text: str


class QuestionOut(Out):
    """One question that the answers so far lead to."""

    code: str
    text: str
    optional: bool
    answers: list[AnswerOut]


class RuleNamedOut(Out):
    """A rule a proposal rests on; `source` memory: not checked against the text."""

    text: str
    source: str


class ProposalOut(Out):
    """The type that is proposed. A registrar decides."""

    category: str
    subtype: str
    because: str
    rules: list[RuleNamedOut]


class TypeHelpOut(Out):
    """What the type helper asks, proposes and warns of."""

    questions: list[QuestionOut]
    proposal: ProposalOut | None
    cautions: list[str]


TypeAnswer = Annotated[str | None, Query(max_length=20)]


@router.get("/help", **access("contract.list", "read"))
def help_with_type(
    *,
    actor: CurrentActor,  # noqa: ARG001 - the answer is the same for everybody who is signed in
    work: TypeAnswer = None,
    developers: TypeAnswer = None,
    novel: TypeAnswer = None,
    right: TypeAnswer = None,
    routine: TypeAnswer = None,
) -> TypeHelpOut:
    """Propose the type of a contract by what the parties really do. Start without answers: the questions come back."""
    given = {"work": work, "developers": developers, "novel": novel, "right": right, "routine": routine}
    return TypeHelpOut.model_validate(service.help_with({name: value for name, value in given.items() if value}))
