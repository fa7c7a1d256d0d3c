"""Signed and unsigned files of one scan of the simulated estate, and a key that is always the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from readiness import documents
from readiness import evidence as bodies
from readiness.assessment import Question, assess
from readiness.cli.signing import signed_text
from readiness.composition import all_checks, formats, rules
from readiness.integrity.signatures import Signer
from readiness.model.settings import JudgingSettings, Scope
from tests.checks.builders import NOW, evidence
from tests.checks.estates import HEALTHY

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
FEW = 4
"""Checks in the report: what a few show of every byte, all show, and it takes a tenth of the time."""
EXTENSIONS = {"evidence": "json", "json": "json", "html": "html", "markdown": "md"}


def written(signer: Signer | None) -> dict[str, bytes]:
    """A file of every kind, signed or not."""
    found = evidence(*HEALTHY[0].facts)
    settings = JudgingSettings(scope=Scope(("P0100021",)))
    report = assess(found, Question(all_checks()[:FEW], settings, rules(), {"scan": {}, "digest": "0" * 64}), NOW)
    digest = documents.digest(documents.report_document(report))
    texts = {
        name: signed_text(formats()[name].render(report, digest), signer).encode() for name in ("html", "markdown")
    }
    document = documents.sealed(bodies.document(found), signer)
    return {
        "evidence": documents.readable(document).encode(),
        "json": documents.report_json(report, signer).encode(),
        **texts,
    }


@pytest.fixture(scope="session")
def signed() -> Mapping[str, bytes]:
    return written(SIGNER)


@pytest.fixture(scope="session")
def unsigned() -> Mapping[str, bytes]:
    return written(None)


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """The public key file of who signed, as whoever verifies has it."""
    return public_file(tmp_path / "board.pub", SIGNER, "Change board")


def public_file(path: Path, signer: Signer, name: str = "") -> Path:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer.public))
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.write_bytes((f"Name: {name}\n".encode() if name else b"") + pem)
    return path
