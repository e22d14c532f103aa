"""Mail, sent by the outbox. Without a mail server it is written to a folder of the home, where an operator can read it."""

import contextlib
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


class MailServerAway(Exception):
    """No mail can be sent just now; nothing is wrong with this one."""


def deliver(settings: Settings, work: Sequence[outbox.Work]) -> set[int]:
    """Send the mails of these rows; return those that a server (or the folder) has taken.

    Raises MailServerAway when there is no talking to the server, SMTPException when it refuses this mail.
    """
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
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(kind(parts.hostname or "localhost", parts.port or 0, timeout=20))
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except OSError as error:  # smtplib's errors are among them
            raise MailServerAway(type(error).__name__) from error
        message["From"] = unquote(parts.username or "yaosu@localhost")
        server.send_message(message)


def _to_folder(folder: Path, key: str, message: EmailMessage) -> None:
    message["From"] = "yaosu@localhost"
    part, letter = folder / f"{key}.part", message.as_bytes()
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        part.write_bytes(letter)
        part.replace(folder / f"{key}.eml")
    except OSError as error:  # a full disk; half a letter is none
        part.unlink(missing_ok=True)
        raise MailServerAway(type(error).__name__) from error
