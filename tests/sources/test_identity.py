"""A client certificate in a TLS context: shown to who asks, and nothing of its key left anywhere."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from requests import PreparedRequest

from readiness.sources.deadline import Deadline
from readiness.sources.guard import guarded_session
from readiness.sources.identity import TlsIdentity
from tests.servers.tcp import Script, TcpServer, http_answer


def allow(_request: PreparedRequest) -> None:
    """Rules that let everything out."""


class Authority:
    """Vouches for a server that lets nobody in without a certificate of the same authority."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.bundle = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(self.bundle))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("localhost").configure_cert(self.context)
        self._authority.configure_trust(self.context)
        self.context.verify_mode = ssl.CERT_REQUIRED

    def identity(self) -> TlsIdentity:
        leaf = self._authority.issue_cert("svc@contoso.test", common_name="svc-readiness")
        chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems).decode()
        return TlsIdentity("CN=svc-readiness", load_pem_private_key(leaf.private_key_pem.bytes(), None), chain)


def test_a_server_that_asks_is_shown_it(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with TcpServer(Script([http_answer("200 OK", {})]), authority.context) as server:
        identity = authority.identity()
        session = guarded_session(server.origin, allow, Deadline(5), ca_bundle=authority.bundle, certificate=identity)
        with session:
            assert session.get(f"{server.origin}/x").status_code == 200
            assert "PRIVATE" not in repr(identity) + repr(session.guard)


def test_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the moment in which OpenSSL reads it, the key lies there encrypted, for nobody else to read."""
    identity = Authority(tmp_path).identity()
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    seen: list[tuple[int, bytes]] = []

    class Context(ssl.SSLContext):
        def load_cert_chain(self, certfile: str, keyfile: str | None = None, password: object = None) -> None:  # type: ignore[override]
            seen.append((Path(certfile).stat().st_mode & 0o777, Path(certfile).read_bytes()))
            super().load_cert_chain(certfile, keyfile, password)  # type: ignore[arg-type]

    identity.present_in(Context(ssl.PROTOCOL_TLS_CLIENT))
    ((mode, data),) = seen
    assert mode == 0o600
    assert b"ENCRYPTED PRIVATE KEY" in data
    assert list(place.iterdir()) == []
