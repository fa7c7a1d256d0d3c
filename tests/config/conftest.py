"""What the tests of the configuration share: a file to write, and a load that touches nothing of this computer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from readiness.config import Configuration, load
from readiness.errors import ConfigurationError

Load = Callable[..., Configuration]
Refusal = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty working directory, beside an empty user directory."""
    made = tmp_path / "work"
    made.mkdir()
    (tmp_path / "user").mkdir()
    return made


@pytest.fixture
def loaded(folder: Path) -> Load:
    """Writes a `readiness.toml` (or none) and loads it."""

    def load_text(
        text: str | bytes | None = None, environ: Mapping[str, str] | None = None, *, connecting: bool = True
    ) -> Configuration:
        if text is not None:
            content = text.encode() if isinstance(text, str) else text
            (folder / "readiness.toml").write_bytes(content)
        user_dir = folder.parent / "user"
        return load(None, environ or {}, cwd=folder, user_dir=user_dir, connecting=connecting)

    return load_text


@pytest.fixture
def refused(loaded: Load, folder: Path) -> Refusal:
    """As `loaded`, for what must be refused: the message, with the folder of the test cut out."""

    def message(
        text: str | bytes | None = None, environ: Mapping[str, str] | None = None, *, connecting: bool = True
    ) -> str:
        with pytest.raises(ConfigurationError) as caught:
            loaded(text, environ, connecting=connecting)
        return caught.value.diagnostics().replace(f"{folder}/", "")

    return message


TENANT = """\
[tenant]
id = "contoso.onmicrosoft.com"
client_id = "00000000-0000-0000-0000-000000000000"
"""

SITE = """\
[site]
server = "cm01.contoso.com"
"""


@pytest.fixture
def tenant() -> str:
    """The shortest `[tenant]`: three lines."""
    return TENANT


@pytest.fixture
def site() -> str:
    """The shortest `[site]`: two lines."""
    return SITE


@pytest.fixture
def bundle(folder: Path) -> Path:
    """A file of certificate authorities."""
    import trustme

    path = folder / "ca.pem"
    trustme.CA().cert_pem.write_to_path(path)
    return path
