"""Canaries in every secret place of a simulated estate, and all that can be searched for them after a run."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from readiness.lab.server import Request, Response
from tests.conftest import Ran
from tests.properties.canaries import files, forms, found_in, header_forms
from tests.properties.counting import tried

USER = "CONTOSO\\svc-readiness"
PASSWORD = "Kan4ry-s1te+pa55/w0rd=&<x>"
CLIENT_SECRET = "Kan4ry~client/secret+value=&%<1>"
PFX_PASSWORD = "Kan4ry/pfx+password=&%"
SITE_SECRET_KEY = "Kan4ry-SecretKey-of-the-attach-application"
SECRET_TEXT = "Kan4ry-secretText-of-an-application"
COOKIE = "Kan4ry-cookie-of-a-gateway"
WRONG = "Kan4ry-wr0ng-and-st1ll+secret/=&"
PROXY_PASSWORD = "Kan4ry-pr0xy-passw0rd"
SIGNING_PASSWORD = "Kan4ry-of+the/signing&key"
SIGNING_SEED = b"Kan4ry-as-the-seed-of-a-sign-key"
SIGNING_KEY = (
    Ed25519PrivateKey.from_private_bytes(SIGNING_SEED)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(SIGNING_PASSWORD.encode()))
    .decode()
)
SIGNING = {
    "READINESS_SCAN_SIGNING_KEY_ENV": "SIGNING_PEM",
    "SIGNING_PEM": SIGNING_KEY,
    "READINESS_SCAN_SIGNING_KEY_PASSWORD_ENV": "SIGNING_WORD",
    "SIGNING_WORD": SIGNING_PASSWORD,
}
"""Variables by which all that is written is signed."""
AUTHS = ("client-secret", "certificate", "device-code", "workload-identity", "managed-identity")
OWN_FILES = ("lab.env", "readiness.pfx", "client.pem", "federated.token", "ntlm-users", "scenario.toml", "svc.keytab")
"""What is there so that a client can sign in."""
NOISY = ("urllib3", "msal", "spnego", "requests", "winrm", "pypsrp", "asyncio", "readiness", "")


def scenario(auth: str = "client-secret", more: str = "") -> str:
    """A healthy estate with canaries for secrets."""
    return f"""base = "ready"
title = "Canaries."
[tenant]
auth = "{auth}"
client_secret = "{CLIENT_SECRET}"
certificate_password = "{PFX_PASSWORD}"
[site]
password = "{PASSWORD}"
{more}"""


@dataclass
class Listening:
    """A lab's `tamper` that learns every secret on the wire, and puts more of them where nobody asked for one.

    Attributes:
        repeating: answers tell what they were asked, as a proxy or a debug page does.
    """

    repeating: bool = False
    heard: dict[str, str] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)

    def __call__(self, request: Request, response: Response) -> Response:
        self._hear("authorization", request.headers.get("Authorization", "").partition(" ")[2])
        self._hear("identity-header", request.headers.get("X-IDENTITY-HEADER", ""))
        for name, values in parse_qs(request.body.decode("utf-8", "replace")).items():
            if name in _SENT:
                self._hear(name, values[0])
        self.questions.append(f"{request.method} {request.target} {response.summary}")
        if self.repeating and response.server != "entra" and response.leg is None and response.status == 200:
            return replace(response, **self._repeated(request, response))
        return replace(response, body=self._with_more(response), headers=(*response.headers, *_COOKIES))

    def _hear(self, what: str, secret: str) -> None:
        if len(secret) >= 16:
            self.heard[f"{what} {len(self.heard)}"] = secret

    def _with_more(self, response: Response) -> bytes:
        body = response.body
        if response.server == "entra" and body.startswith(b"{"):
            for name, value in json.loads(body).items():
                if name in ("access_token", "refresh_token", "id_token", "device_code"):
                    self._hear(name, value)
            return body
        body = body.replace(b"<SecretKeyExpiry", f"<SecretKey>{SITE_SECRET_KEY}</SecretKey><SecretKeyExpiry".encode())
        body = re.sub(rb'"SecretKeyExpiry"', f'"SecretKey":"{SITE_SECRET_KEY}","SecretKeyExpiry"'.encode(), body)
        return re.sub(rb'"keyId"', f'"secretText":"{SECRET_TEXT}","keyId"'.encode(), body)

    def _repeated(self, request: Request, response: Response) -> dict[str, Any]:
        said = json.dumps({"error": {"code": "BadRequest", "message": f"{request.headers} {request.body!r}"}})
        kind = (("Content-Type", "application/json"), ("request-id", request.headers.get("Authorization", "")))
        if response.server == "wsman":
            text = str(request.headers).replace("&", "").replace("<", "")
            return {"status": 500, "body": f"<s:Envelope>{text}</s:Envelope>".encode(), "headers": response.headers}
        return {"status": 400, "body": said.encode(), "headers": kind}


_SENT = ("client_secret", "client_assertion", "device_code", "refresh_token", "assertion", "code", "code_verifier")
_COOKIES = (("Set-Cookie", f"session={COOKIE}; Secure; HttpOnly"),)


@dataclass
class Watch:
    """Everything that can be searched after a run."""

    folder: Path
    log: io.StringIO
    listening: Listening = field(default_factory=Listening)
    ran: list[Ran] = field(default_factory=list)

    def secrets(self) -> dict[str, frozenset[bytes]]:
        named = {
            "client secret": CLIENT_SECRET, "password": PASSWORD, "PFX password": PFX_PASSWORD, "cookie": COOKIE,
            "SecretKey": SITE_SECRET_KEY, "secretText": SECRET_TEXT, "wrong secret": WRONG,
            "proxy password": PROXY_PASSWORD, "signing password": SIGNING_PASSWORD,
            "signing key": SIGNING_SEED.decode(), "signing key file": SIGNING_KEY.splitlines()[1],
            **self.listening.heard,
        }  # fmt: skip
        found = {name: forms(secret) for name, secret in named.items()}
        return {**found, "site sign-in": header_forms(USER, PASSWORD), "wrong sign-in": header_forms(USER, WRONG)}

    def was_heard(self) -> set[str]:
        """Which kinds of secrets were on the wire."""
        return {name.partition(" ")[0] for name in self.listening.heard}

    def places(self) -> dict[str, bytes]:
        texts = {f"{name} of run {n}": getattr(ran, name) for n, ran in enumerate(self.ran) for name in ("out", "err")}
        said = {place: text.encode("utf-8", "surrogatepass") for place, text in texts.items()}
        kept = files(self.folder, Path(os.environ["XDG_DATA_HOME"]), but=OWN_FILES)
        return {**said, "logs": self.log.getvalue().encode(), **kept}

    def search(self, **more: str) -> None:
        """Nothing secret anywhere."""
        places = {**self.places(), **{name: text.encode("utf-8", "surrogatepass") for name, text in more.items()}}
        found = found_in(places, self.secrets())
        tried("places searched for secrets", len(places))
        tried("secrets found", len(found))
        assert not found, "\n".join(found)


@contextmanager
def watched(folder: Path) -> Iterator[Watch]:
    """Every logger at its most verbose, temporary files where they are searched."""
    (folder / "tmp").mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder / "tmp")
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    levels = {name: logging.getLogger(name).level for name in NOISY}
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.DEBUG)
    for name in ("", "readiness"):
        logging.getLogger(name).addHandler(handler)
    try:
        yield Watch(folder, heard)
    finally:
        tempfile.tempdir = before
        for name in ("", "readiness"):
            logging.getLogger(name).removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
