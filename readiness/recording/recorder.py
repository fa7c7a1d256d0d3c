"""The recorder: a tape that lets every exchange pass, and writes it down with aliases."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness.aliases import Aliases
from readiness.errors import OutputError, SourceError
from readiness.recording import questions
from readiness.recording.exchanges import Heard, recorded
from readiness.recording.folder import EXCHANGES, private, write_private
from readiness.sources.tape import Carry, Plain, plain_message

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from readiness.sources.guard import Guard

MOST_WAITING = 32
"""Exchanges that may wait to be written; then the next one waits, so that memory stays bounded."""
SHORTEST_SECRET = 6
REMOVED = "(removed: a secret)"
SENT_SECRETS = ("client_secret", "client_assertion", "code", "code_verifier", "device_code", "refresh_token")
"""Fields of a sign-in by which somebody proves who they are."""


@dataclass(frozen=True, slots=True)
class Written:
    """An exchange in its file, whose aliases are not settled yet."""

    path: Path
    key: str = field(repr=False)
    """By which files are sorted. It holds names."""
    members: tuple[str, ...] = ()


class Recorder:
    """Writes exchanges into a folder, in a thread of its own: no exchange waits for the disk.

    Args:
        folder: new or empty.
        secrets: what must not stand in any file, should a server repeat it.
    """

    offline = False

    def __init__(self, folder: Path, aliases: Aliases, secrets: Sequence[str] = ()) -> None:
        self.aliases = aliases
        self.folder = folder
        self.simulated = False
        self._secrets = frozenset(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)
        self._learning = threading.Lock()
        self._waiting: queue.Queue[Heard | None] = queue.Queue(MOST_WAITING)
        self._written: list[Written] = []
        self._failed: OSError | None = None
        self._closed = False
        private(folder / EXCHANGES)
        self._writer = threading.Thread(target=self._write_all, name="recorder", daemon=True)
        self._writer.start()

    def carry(self, guard: Guard, request: PreparedRequest, carry: Carry) -> Response:
        """Let the exchange pass, and keep it."""
        plain = plain_message()
        note = _Note(request, plain, self._keep)
        try:
            response = carry(request)
        except SourceError as error:
            note.failed(error)
            raise
        self.simulated = self.simulated or guard.simulated
        note.answered(response, guard)
        return response

    def close(self) -> list[Written]:
        """Stop; returns the file of each exchange, in the order of their answers.

        Raises:
            OutputError: an exchange could not be written.
        """
        self._closed = True
        self._waiting.put(None)
        self._writer.join()
        if self._failed is not None:
            raise OutputError(f"{self.folder}: cannot be written: {self._failed.strerror or self._failed}")
        return self._written

    def _keep(self, heard: Heard) -> None:
        if self._closed:
            return  # broken off: what is answered from now on has nobody to write it, and must not wait for somebody
        with self._learning:
            self._secrets = self._secrets | _secrets_in(heard.request)
        self._waiting.put(heard)

    def _write_all(self) -> None:
        while (heard := self._waiting.get()) is not None:
            if self._failed is None:
                try:
                    self._write(heard)
                except OSError as error:
                    self._failed = error  # told at the end: a scan goes on without its recording

    def _write(self, heard: Heard) -> None:
        path = self.folder / EXCHANGES / f"unfinished-{len(self._written) + 1:06}.json"
        try:
            text, (key, members) = as_file(recorded(self.aliases, heard)), _sorting_key(heard)
        except Exception as error:  # whatever an answer does to the walk through it, nothing of it may be kept
            made = {"half": questions.half_of(heard.service), "service": heard.service, "lost": type(error).__name__}
            text, key, members = as_file(made), f"{made['half']} {made['service']}", []
        write_private(path, self._without_secrets(text))
        self._written.append(Written(path, key, tuple(members)))

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(json.dumps(secret, ensure_ascii=False)[1:-1], REMOVED)
        return text


class _Note:
    """One exchange on its way, timed; what is sealed waits until it was opened."""

    def __init__(self, request: PreparedRequest, plain: Plain | None, keep: Callable[[Heard], None]) -> None:
        self._request = request
        self._plain = plain if plain is not None and request.body and request.body != plain.question else None
        self._keep = keep
        self._started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._from = time.monotonic()

    def failed(self, error: SourceError) -> None:
        self._keep(self._heard(failure=error))

    def answered(self, response: Response, guard: Guard) -> None:
        told: dict[str, Any] = {
            "status": response.status_code,
            "headers": dict(response.headers),
            "body": response.content,
            "clock_skew_seconds": guard.clock_skew_seconds,
            "simulated": guard.simulated,
        }
        if self._plain is None or not told["body"]:
            self._keep(self._heard(**told))
            return
        seconds = time.monotonic() - self._from

        def opened(plain: Plain) -> None:
            kept = {**told, "body": plain.answer or b"", "headers": {**told["headers"], "Content-Type": _SOAP_TYPE}}
            self._keep(self._heard(seconds=seconds, **kept))

        self._plain.done = opened

    def _heard(self, seconds: float | None = None, **told: Any) -> Heard:
        return Heard(
            service=questions.service_of(self._request.url or ""),
            request=self._request,
            plain=self._plain.question if self._plain is not None else None,
            started=self._started,
            seconds=time.monotonic() - self._from if seconds is None else seconds,
            **told,
        )


_SOAP_TYPE = "application/soap+xml;charset=UTF-8"


def as_file(made: dict[str, Any]) -> str:
    """An exchange as its file holds it."""
    return json.dumps(made, indent=1, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace").decode() + "\n"


def _sorting_key(heard: Heard) -> tuple[str, list[str]]:
    """Half, service, question: as it was asked, and before names became aliases; and the ids of the members of a batch
    in the order of what they ask. Never written.

    What led to a sign-in comes last: how many connections signed in is chance. So is the order within a batch.
    """
    question = questions.asked(heard.request, heard.plain, None)
    rank = f"{questions.half_of(heard.service)} {'late' if heard.status == 401 else 'early'}"
    asked = sorted((one["place"], number) for number, one in questions.members(question))
    whole = " ".join(place for place, _ in asked) or questions.key_of(heard.service, question)
    return f"{rank} {whole}", [number for _, number in asked]


def _secrets_in(request: PreparedRequest) -> set[str]:
    """Bearer tokens, and what is sent to sign in."""
    authorization = str(request.headers.get("Authorization") or "")
    found = {authorization.partition(" ")[2]}
    if questions.service_of(request.url or "") == questions.SIGN_IN and request.body:
        from urllib.parse import parse_qsl

        form = parse_qsl(questions.sent(request).decode("utf-8", "replace"))
        found |= {value for name, value in form if name in SENT_SECRETS}
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET}


def settle(aliases: Aliases, written: Sequence[Written]) -> list[Path]:
    """Give the files their numbers and the aliases theirs, in the order of the questions; those of one question as they
    were answered."""
    made = []
    for number, one in enumerate(sorted(written, key=lambda one: one.key), 1):
        text = one.path.read_text(encoding="utf-8")
        for part in _parts(text, one.members) if one.members else ():
            aliases.settle(part)
        final = one.path.with_name(f"{number:04}.json")
        write_private(final, aliases.settle(text))
        one.path.unlink()
        made.append(final)
    return made


def _parts(text: str, members: Sequence[str]) -> list[str]:
    """Questions and answers of a batch, in the order of these ids."""
    found = json.loads(text)
    asked = found["question"]["body"]["requests"]
    body = found.get("answer", {}).get("json")
    answers = body.get("responses", []) if isinstance(body, dict) else []
    every = [one for one in (*asked, *answers) if isinstance(one, dict)]
    return [as_file(one) for number in members for one in every if str(one.get("id")) == number]
