"""Certificates, deadlines and the accounts that the test servers know."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

import pytest
import trustme

from readiness.sources.deadline import Deadline
from tests.servers.winrm import PASSWORD, USER


class Certificates:
    """A certificate authority, and server contexts with its certificates."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.bundle = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.bundle))
        self.good = self.context()

    def context(self, *names: str, not_after: datetime.datetime | None = None) -> ssl.SSLContext:
        leaf = self._authority.issue_cert(*(names or ("localhost", "127.0.0.1")), not_after=not_after)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        return context


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def deadline() -> Deadline:
    return Deadline(20)


@pytest.fixture
def _account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the accept side of pyspnego know one account."""
    domain, _, user = USER.partition("\\")
    file = tmp_path / "accounts"
    file.write_text(f"{domain}:{user}:{PASSWORD}\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(file))
