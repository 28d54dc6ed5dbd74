"""Messages as e-mail, in plain text, over a company's own server; or into files, to look at first."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.mail import BadHeaderError, EmailMessage
from django.core.mail.backends.console import EmailBackend as Console
from django.core.mail.backends.filebased import EmailBackend as Files
from django.core.mail.backends.smtp import EmailBackend as Smtp

from upcross.deliveries.message import (
    Delivered,
    Message,
    Outcome,
    Rejected,
    Retry,
    SecretMissingError,
    one_line,
    redacted,
    secret,
)
from upcross.deliveries.settings import EmailDestination
from upcross.deliveries.wording import facts, heading, items, reasons

SECONDS = 15
_ONE_ADDRESS = re.compile(r"[^\s@<>,;:\"\\]+@[^\s@<>,;:\"\\]+")


@dataclass(frozen=True)
class EmailClient:
    """Writes to one of our people, whose address ``email_of`` gives ('' where none is known)."""

    destination: EmailDestination
    folder: Path
    """The project's: where files go is relative to it."""
    email_of: Callable[[str], str] = lambda person: ""

    def send(self, message: Message) -> Outcome:
        """One letter; its Message-ID stays the same, so that a mailbox knows a repeated one again."""
        address = self.email_of(message.to) or self.destination.fallback or ""
        if not _ONE_ADDRESS.fullmatch(address):
            return Rejected(
                f"nobody to tell: '{message.to}' has no e-mail address in the team table, and no fallback: is given"
            )
        letter = EmailMessage(
            subject=one_line(heading(message), 200), body=letter_text(message), from_email=self.destination.sender,
            to=[address], headers={"Message-ID": f"<{message.id}@{self.destination.sender.rpartition('@')[2]}>",
                                   "Auto-Submitted": "auto-generated"},
        )  # fmt: skip
        try:
            self._server().send_messages([letter])
        except (SecretMissingError, BadHeaderError) as error:
            return Retry(redacted(error))
        except smtplib.SMTPRecipientsRefused as error:
            return _answered(*next(iter(error.recipients.values())))
        except smtplib.SMTPAuthenticationError as error:
            return Retry(f"the mail server refuses user or password: {_said(error.smtp_code, error.smtp_error)}")
        except smtplib.SMTPResponseException as error:
            return _answered(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            return Retry(redacted(f"the mail server was not reached: {error}"))
        return Delivered()

    def _server(self) -> Any:
        to = self.destination
        if to.host:
            password = secret(to.password_env) if to.password_env else ""
            return Smtp(host=to.host, port=to.port, username=to.user, password=password,
                        use_tls=to.security == "starttls", use_ssl=to.security == "tls", timeout=SECONDS)  # fmt: skip
        return Files(file_path=str(self.folder / to.folder)) if to.folder else Console()


def letter_text(message: Message) -> str:
    """What the letter says."""
    if "groups" in message.data:
        parts = [heading(message)]
        for title, lines in items(message):
            parts.append("\n".join([title, *(f"- {line}{f'  {link}' if link else ''}" for line, link in lines)]))
        link = message.data.get("link")
    else:
        told = message.data["opportunity"]
        parts = [heading(message), "\n".join(facts(told)), "\n".join(f"- {line}" for line in reasons(message))]
        link = told.get("link")
    return "\n\n".join([part for part in parts if part] + ([str(link)] if link else [])) + "\n"


def _answered(code: int, text: bytes | str) -> Outcome:
    said = f"the mail server answers {_said(code, text)}"
    return Rejected(said, code) if code >= 500 else Retry(said, status=code)


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {redacted(text.decode('utf-8', 'replace') if isinstance(text, bytes) else text, 200)}"
