"""Mail, sent by the outbox. Without a mail server it is written to a folder of the home, where an operator can read it."""

import smtplib
import uuid
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlmodel import Session

from services.ground import clock, outbox
from services.ground.errors import Invalid
from services.ground.settings import Settings


def send(session: Session, to: str, subject: str, body: str) -> None:
    """Say, in the caller's transaction, that a mail has to go out. Raises Invalid for an address with a line break.

    A subject holds what people wrote; a break of any kind in it (U+2028 too, which no header takes) becomes a blank.
    """
    if len(to.splitlines()) != 1 or "\0" in to:
        raise Invalid("email", "line_break")
    subject = " ".join(subject.replace("\0", " ").split())
    outbox.add(session, "mail", str(uuid.uuid4()), to=to, subject=subject, body=body)


def deliver(settings: Settings, work: Sequence[outbox.Work]) -> set[int]:
    """Send the mails of these rows; return those that a server (or the folder) has taken."""
    done: set[int] = set()
    for row in work:
        message = EmailMessage()
        message["To"] = row.payload["to"]
        message["Subject"] = row.payload["subject"]
        message["Date"] = clock.now()
        message["Message-ID"] = f"<{row.key}@yaosu>"
        message.set_content(row.payload["body"])
        if settings.mail_url:
            _by_server(settings.mail_url, message)
        else:
            _to_folder(settings.home / "mail", row.key, message)
        done.add(row.id)
    return done


def _by_server(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with kind(parts.hostname or "localhost", parts.port or 0, timeout=20) as server:
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        message["From"] = unquote(parts.username or "yaosu@localhost")
        server.send_message(message)


def _to_folder(folder: Path, key: str, message: EmailMessage) -> None:
    folder.mkdir(0o700, parents=True, exist_ok=True)
    message["From"] = "yaosu@localhost"
    (folder / f"{key}.eml").write_bytes(message.as_bytes())
