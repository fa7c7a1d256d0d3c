"""Whatever is written, the answer is a configuration or a ConfigurationError: never a crash, and never a secret."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.config import load, redacted, validate_checks
from readiness.config.environment import setting_variables
from readiness.config.schema import SECTIONS
from readiness.errors import ConfigurationError

VALUES = [
    "1", "-1", "0.5", "nan", "inf", "true", '""', '"text"', '"24h"', "'https://h'", "[]", '["A"]', "[[1]]", "{}",
    "{a = 1}", "2026-12-31", "2026-12-31T20:00:00", "0001-01-01T00:00:00+10:00", "20:00:00", '"[::1"', "9e999",
    '"winrm"', '"P01"', '"a@b:c/d"', '"\\u0000"', "'contoso.com'", "'00000000-0000-0000-0000-000000000000'",
]  # fmt: skip
KEYS = sorted({key for section in SECTIONS.values() for key in section.kinds} | {"fail-on", "unknown", '"\\u001b"'})
HEADERS = sorted({f"[{name}]" for name in SECTIONS} | {f"[[{name}]]" for name in SECTIONS} | {"[history]", "[x.y]"})

LINES = st.one_of(
    st.sampled_from(HEADERS),
    st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(VALUES)),
    st.text(max_size=8),
)
ENVIRONS = st.dictionaries(
    st.sampled_from([*setting_variables(), "READINESS_X"]),
    st.one_of(st.sampled_from(VALUES), st.text(max_size=8), st.just("\udc80")),
    max_size=4,
)


@settings(max_examples=300)
@given(lines=st.lists(LINES, max_size=10), environ=ENVIRONS)
def test_settings_of_any_kind(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], environ: dict[str, str]
) -> None:
    """Keys and values in any order, text that is no TOML, variables of any content."""
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    with suppress(ConfigurationError):
        configuration = load(path, environ)
        assert len(redacted(configuration)["digest"]) == 64
        validate_checks(configuration, {})


@given(content=st.binary(max_size=60))
def test_bytes_of_any_kind(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """A file that is no configuration at all."""
    path = tmp_path_factory.getbasetemp() / "bytes.toml"
    path.write_bytes(content)
    with suppress(ConfigurationError):
        assert load(path, {}).path == path


@given(name=st.text(min_size=1, max_size=12))
def test_names_of_any_kind(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """`--config` with anything: messages stay printable, one line each."""
    folder: Path = tmp_path_factory.getbasetemp()
    with pytest.raises(ConfigurationError) as caught:
        load(Path("nowhere") / name, {}, cwd=folder)
    assert all(line.isprintable() for line in str(caught.value).split("\n"))
