"""A message, and certificates for who takes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.assessment.differing import differ
from readiness.lab.certificates import make
from readiness.model.notice import Message, Recovered
from readiness.notification.composing import News, message
from tests.notification.nights import FAIL, PASS, at, night

CERTIFICATES = make()
OTHERS = make()
SECRET = "s3cret-that-nobody-may-see"


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    path.write_bytes(CERTIFICATES.authority_pem)
    return path


@pytest.fixture(scope="session")
def told() -> Message:
    """Something broke, something is over."""
    return about()


def about(name: str = "a", number: int = 1) -> Message:
    """A message about so many checks of such a name, which broke."""
    names = [f"{name}{'' if n == 0 else n}" for n in range(number)]
    before, after = (night(n, dict.fromkeys(names, came)) for n, came in ((0, PASS), (1, FAIL)))
    diff = differ(before, after)
    news = News(
        against=before.run.id,
        differences=diff.differences,
        recovered=(Recovered("b", "b holds", "again as it was: pass"),),
    )
    return message(news, after, at(after), 3, ("/srv/readiness/nightly/readiness-Contoso.json",))
