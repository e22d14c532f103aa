"""What can go wrong in a deal beyond what can go wrong everywhere."""

from services.ground.errors import Conflict


class AlreadyIntroduced(Conflict):
    """These two were brought together before, and their deal is open. Tells who was first, when, its number."""

    code = "deal_already_introduced"


class WrongMove(Conflict):
    """The move is not possible from the step at which the deal stands, or the deal is over."""

    code = "deal_wrong_step"


class OfferOver(Conflict):
    """The offer was replaced by another, is past its validity, or was accepted before."""

    code = "offer_superseded"
