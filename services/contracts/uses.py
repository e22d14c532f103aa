"""What contracts speak of: other rooms ask before they take something back."""

from collections.abc import Collection

from sqlmodel import Session, col, or_, select

from services.contracts.models import Contract, ContractOrganisation


def first_about(session: Session, codes: Collection[str]) -> str | None:
    """Give the code of a contract that names one of these needs or results; None when none does."""
    statement = select(Contract.code).where(
        or_(col(Contract.need_code).in_(codes), col(Contract.result_code).in_(codes)), Contract.state != "discarded"
    )
    return session.exec(statement.limit(1)).first()


def parties_in_use(session: Session, ids: Collection[int]) -> set[int]:
    """Say which of these organisations are party to a contract, or opened one."""
    parties = select(ContractOrganisation.organisation_id).where(col(ContractOrganisation.organisation_id).in_(ids))
    opened = select(Contract.organisation_id).where(col(Contract.organisation_id).in_(ids))
    return set(session.exec(parties.distinct())) | {number for number in session.exec(opened.distinct()) if number}
