"""The WinRM seam: pywinrm's transport with our session, our sign-in and our encryption.

Imports winrm and requests, and is therefore imported only when the first connection is made.
"""

from __future__ import annotations

from requests import PreparedRequest, Request, Response, Session
from requests.auth import AuthBase
from winrm.transport import Transport

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr.causes import WINRM_RIGHT
from readiness.sources.configmgr.encryption import Sealing
from readiness.sources.configmgr.envelopes import require_read_only
from readiness.sources.configmgr.signin import Negotiation, refused, sign_in
from readiness.sources.configmgr.target import Target
from readiness.sources.configmgr.wsman import PATH
from readiness.sources.deadline import Deadline
from readiness.sources.guard import GuardedSession, GuardRefusal, Limits, guarded_session
from readiness.sources.sealed import says_sealed
from readiness.sources.tape import in_the_clear

SOAP_TYPES = ("application/soap+xml", "text/xml", "application/xml")
SPOKEN = {200, 400, 500}
"""Statuses under which WS-Man answers: itself, and its faults."""


class WsManTransport(Transport):
    """One signed-in connection to WinRM. Not for two threads at once: its messages are numbered."""

    def __init__(self, target: Target, deadline: Deadline, limits: Limits) -> None:
        # "kerberos" keeps pywinrm from wanting credentials of its own: the sign-in is ours.
        super().__init__(target.endpoint, auth_method="kerberos")
        self._target = target
        self._deadline = deadline
        self._limits = limits
        self._where = f"{target.server}:{target.port}"
        self._guarded: GuardedSession | None = None
        self._auth: AuthBase | None = None

    def __repr__(self) -> str:
        return f"WsManTransport({self._target!r})"

    def build_session(self) -> GuardedSession:
        """The session; over http the sign-in is carried out here, before anything is said."""
        if self._guarded is not None:
            return self._guarded
        session = guarded_session(
            self._target.origin,
            require_reading_post,
            self._deadline,
            ca_bundle=self._target.ca_bundle,
            certificate=self._target.certificate,
            limits=self._limits,
            encrypted_only=self._target.scheme == "http",
            route=self._target.route,
        )
        session.auth = self._auth = sign_in(self._target)
        session.headers.update({"Content-Type": "application/soap+xml;charset=UTF-8", "User-Agent": "readiness"})
        if self._target.scheme == "http":
            try:
                self.setup_encryption(session)
            except BaseException:
                session.close()
                raise
        self._guarded = self.session = session
        return session

    def setup_encryption(self, session: Session) -> None:
        """Sign in with an empty message, and keep the keys for all that follow."""
        blank = session.prepare_request(Request("POST", self.endpoint, data=None))
        self._send_message_request(session, blank)
        negotiation = session.auth
        if not isinstance(negotiation, Negotiation) or not negotiation.complete:
            raise SourceError(
                Reason.BAD_ANSWER, f"{self._where} asked for no sign-in, so nothing can be encrypted; use https"
            )
        self.encryption = Sealing(session, negotiation, self._where)

    def send_message(self, message: str | bytes) -> bytes:
        """Send one envelope and return the text of its answer, a fault included. Raises `SourceError`."""
        plain = message.encode() if isinstance(message, str) else message
        require_read_only(plain)
        with in_the_clear(plain) as said:
            said.answer = super().send_message(plain)
            return said.answer

    def _send_message_request(self, session: Session, prepared_request: PreparedRequest) -> Response:
        response = session.send(prepared_request)
        if prepared_request.body or response.status_code not in (200, 204):
            self._require_wsman(response)
        return response

    def _require_wsman(self, response: Response) -> None:
        status = response.status_code
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if status == 401:
            raise refused(self._target, response, self._auth)
        if status in SPOKEN and (kind in SOAP_TYPES or says_sealed(response.headers.get("Content-Type"))):
            return
        raise _not_wsman(status, self._where)

    @property
    def clock_skew_seconds(self) -> float | None:
        """The server's clock minus ours, at the latest answer."""
        return self._guarded.guard.clock_skew_seconds if self._guarded is not None else None

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the server wants to be left alone, by its latest answer."""
        return self._guarded.guard.retry_after_seconds if self._guarded is not None else None

    @property
    def simulated(self) -> bool:
        """Whether the simulated estate answered."""
        return self._guarded is not None and self._guarded.simulated


def require_reading_post(request: PreparedRequest) -> None:
    """The Guard's rule for WS-Man: POST to its one path, and over TLS only the four reading actions.

    Over http the Guard itself lets only encrypted bodies out; those were checked before they were encrypted.
    """
    if request.method != "POST" or request.path_url != PATH:
        raise GuardRefusal(f"{request.method} {request.path_url[:80]}, where only POST {PATH} is allowed")
    body = request.body
    if body and not says_sealed(request.headers.get("Content-Type")):
        require_read_only(body.encode() if isinstance(body, str) else bytes(body))


def _not_wsman(status: int, where: str) -> SourceError:
    if status == 403:
        return SourceError(WINRM_RIGHT.reason, f"{where}: {WINRM_RIGHT.told('')}")
    if status in (429, 503):
        return SourceError(
            Reason.THROTTLED, f"{where} is too busy, or its WinRM service is stopping (status {status}): try later"
        )
    if status == 404 or status < 300 or 400 < status < 500:
        return SourceError(
            Reason.WRONG_TARGET,
            f"{where} is no WinRM endpoint (status {status}): check server and port, and run winrm quickconfig there",
        )
    return SourceError(Reason.BAD_ANSWER, f"{where} answered with status {status}, which is not WS-Man")
