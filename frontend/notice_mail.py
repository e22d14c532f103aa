"""Notices that leave the market: one at a time by the outbox, or gathered in a digest each day."""

from collections.abc import Sequence

from sqlmodel import Session

from frontend.notice_texts import mail_of
from frontend.words import load_words
from services.ground import mail, outbox
from services.ground.market import Market
from services.notices import service as notices
from services.notices.schemas import Letter


@outbox.handler("notice")
def _send(market: Market, work: Sequence[outbox.Work]) -> set[int]:
    """Turn notices into mails. What is marked as sent and the mail's own row are one transaction: never twice, never lost."""
    with market.database.write() as session:
        for row in work:
            letter = notices.letter(session, int(row.key))
            if letter:
                _post(market, session, letter)
    return {row.id for row in work}


def send_digests(market: Market) -> int:
    """Send everybody who wants one the digest of what waits; return how many were sent."""
    sent = 0
    while True:
        with market.database.write() as session:
            letters = notices.digests(session)
            for letter in letters:
                _post(market, session, letter)
            sent += len(letters)
        if not letters:
            return sent


def _post(market: Market, session: Session, letter: Letter) -> None:
    name = load_words(market.settings.home)[letter.language].name
    subject, text = mail_of(letter, market.settings.public_url.rstrip("/"), name)
    mail.send(session, letter.address, " ".join(subject.split()), text)
