"""Sign-in in a browser: the page of the sign-in host, on which the lab's person answers as the scenario says."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
from dataclasses import dataclass
from html import escape

from readiness.lab.refusals import RefusalError
from readiness.lab.scenario import Person
from readiness.lab.server import Response

_REDIRECT = re.compile(r"http://localhost(?::\d{1,5})?/?")
"""What the application is registered with: the port of a loopback address does not count (RFC 8252, section 7.3)."""


@dataclass(frozen=True, slots=True)
class _Code:
    """What was asked when the code was given out."""

    redirect: str
    challenge: str
    nonce: str | None


class Pages:
    """The codes that were given out (RFC 6749, section 4.1; RFC 7636)."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._codes: dict[str, _Code] = {}
        self._lock = threading.Lock()

    def answer(self, query: dict[str, str]) -> Response:
        """The page that has the browser post the answer back.

        Raises:
            RefusalError: the question is not to be answered at that address.
        """
        redirect = query.get("redirect_uri", "")
        if not _REDIRECT.fullmatch(redirect):
            words = (
                f"The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured."
            )
            raise RefusalError(50011, "invalid_request", words)
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            raise RefusalError(90014, "invalid_request", "The required field 'code_challenge' is missing.")
        if self._person.answer == "ignore":
            return _page("Nobody is there.", "browser: nobody")
        fields = {"state": query.get("state", ""), **self._said(redirect, query)}
        inputs = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in fields.items())
        form = f'<form method="post" action="{escape(redirect)}">{inputs}<button>Go on</button></form>'
        return _page(f"{form}<script>document.forms[0].submit()</script>", "browser: answered")

    def redeem(self, form: dict[str, str]) -> str | None:
        """Take a code, which is good once; returns the nonce for the identity token.

        Raises:
            RefusalError: no such code, or another one than asked for it brings it.
        """
        with self._lock:
            known = self._codes.pop(form.get("code", ""), None)
        if known is None:
            raise RefusalError(70000, "invalid_grant", "The provided authorization code is invalid.")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != known.challenge:
            raise RefusalError(501481, "invalid_grant", "The Code_Verifier does not match the code_challenge.")
        if form.get("redirect_uri") != known.redirect:
            raise RefusalError(50011, "invalid_grant", "The redirect URI is another one than the code was asked for.")
        return known.nonce

    def _said(self, redirect: str, query: dict[str, str]) -> dict[str, str]:
        if self._person.answer == "decline":
            return {"error": "access_denied", "error_description": "the user canceled the authentication"}
        if self._person.answer == "blocked":
            words = "AADSTS53003: Access has been blocked by Conditional Access policies. Trace ID: 0"
            return {"error": "access_denied", "error_description": words}
        code = secrets.token_urlsafe(48)
        with self._lock:
            self._codes[code] = _Code(redirect, query.get("code_challenge", ""), query.get("nonce"))
        return {"code": code}


def _page(body: str, summary: str) -> Response:
    html = f"<!doctype html><meta charset=utf-8><title>Simulated sign-in</title>{body}\n"
    return Response("entra", 200, html.encode(), (("Content-Type", "text/html; charset=utf-8"),), summary)
