"""One signed-in connection to the administration service.

Imports requests, and is therefore imported only when the first connection is made.
"""

from __future__ import annotations

from readiness.sources.configmgr.adminservice.answers import Reply
from readiness.sources.configmgr.adminservice.rules import require_reading
from readiness.sources.configmgr.signin import refused, sign_in
from readiness.sources.configmgr.target import Target
from readiness.sources.deadline import Deadline
from readiness.sources.guard import Limits, guarded_session


class AdminServiceTransport:
    """A session that signs in when it is asked to. Not for two threads at once: NTLM signs in the connection."""

    def __init__(self, target: Target, deadline: Deadline, limits: Limits) -> None:
        self._target = target
        self._session = guarded_session(
            target.origin, require_reading, deadline, ca_bundle=target.ca_bundle, limits=limits, route=target.route
        )
        self._auth = self._session.auth = sign_in(target)
        self._session.headers.update({"Accept": "application/json", "User-Agent": "readiness"})

    def __repr__(self) -> str:
        return f"AdminServiceTransport({self._target!r})"

    def exchange(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """Send one request and return its answer, whatever its status but 401.

        Raises:
            SourceError: refused, unreachable, or cut off.
            GuardRefusal: it would not only read; nothing was sent.
        """
        headers = {"Content-Type": "application/json"} if body is not None else {}
        response = self._session.request(method, f"{self._target.origin}{path}", data=body, headers=headers)
        if response.status_code == 401:
            raise refused(self._target, response, self._auth)
        return Reply(response.status_code, response.headers.get("Content-Type", ""), response.content)

    def close(self) -> None:
        self._session.close()

    @property
    def clock_skew_seconds(self) -> float | None:
        """The server's clock minus ours, at the latest answer."""
        return self._session.guard.clock_skew_seconds

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the server wants to be left alone, by its latest answer."""
        return self._session.guard.retry_after_seconds

    @property
    def simulated(self) -> bool:
        """Whether the simulated estate answered."""
        return self._session.simulated
