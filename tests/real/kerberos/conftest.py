"""One realm for all of these tests; and the site of a simulated estate that lives in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Estate
from tests.needed import without
from tests.real.kerberos.realm import PACKAGES, Realm, missing, serving


@pytest.fixture(scope="session")
def shared_realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    """A bare machine may do without, CI may not: .ci/run installs what `PACKAGES` names."""
    lacking = missing()
    if lacking is not None:
        without(f"this machine lacks {lacking}: it {PACKAGES}")
    with serving(tmp_path_factory.mktemp("realm")) as realm:
        yield realm


@pytest.fixture
def realm(shared_realm: Realm, monkeypatch: pytest.MonkeyPatch) -> Realm:
    """The realm, as this process finds it."""
    for name, value in shared_realm.environment.items():
        monkeypatch.setenv(name, value)
    return shared_realm


Serve = Callable[..., Estate]
