"""Plugins in this process: installed for one test, and forgotten after it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from readiness import composition
from readiness.plugins import entries, formats, sources
from readiness.redaction import walking
from tests.plugins.packing import Entries, put

Install = Callable[[str, Entries, Mapping[str, str]], None]

CACHES = (
    entries.entries, sources.guests, sources.declared_segments, formats.load_format, composition.all_checks,
    composition.guest_checks, walking._plan,
)  # fmt: skip


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a package: `install("acme-pack", {"readiness.checks": {"acme": "acme:CHECKS"}}, {"acme": "..."})`."""
    folder = tmp_path / "installed"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    modules: list[str] = []

    def call(name: str, given: Entries, files: Mapping[str, str]) -> None:
        put(folder, name, given, files)
        modules.extend(files)
        _forget()

    yield call
    for module in modules:
        sys.modules.pop(module, None)
    for one in list(folder.rglob("*")):
        if one.is_file():
            one.unlink()
    _forget()


def _forget() -> None:
    importlib.invalidate_caches()
    for cached in CACHES:
        cached.cache_clear()
