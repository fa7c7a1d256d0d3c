"""The configuration as reports carry it: JSON, without paths, with a digest that is stable."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import readiness
from readiness.config import Configuration, load, redacted

Load = Callable[..., Configuration]

OVERLAYS = """\
[policy]
valid_for = "45m"
[change]
window_start = 2026-12-01T20:00:00+01:00
[[attestation]]
check = "collections-enabled"
statement = "seen"
by = "Ann"
on = 2026-11-23
expires = 2026-12-07
"""


def test_report_carries_plain_data(loaded: Load, tenant: str, site: str, bundle: Path) -> None:
    """JSON all through; paths by name only; variables by name."""
    data = redacted(loaded(f'{tenant}ca_bundle = "{bundle}"\n{site}{OVERLAYS}'))
    assert json.loads(json.dumps(data)) == data
    assert data["file"] == "readiness.toml"
    assert data["tenant"]["ca_bundle"] == "ca.pem"
    assert data["tenant"]["client_secret_env"] == "READINESS_CLIENT_SECRET"
    assert data["site"]["port"] == 5986
    assert data["policy"]["valid_for"] == "2700s"
    assert data["change"]["window_start"] == "2026-12-01T19:00:00Z"
    assert data["attestations"][0]["expires"] == "2026-12-07"
    assert str(bundle.parent) not in json.dumps(data)


def test_digest_is_of_what_decides(loaded: Load, folder: Path, site: str) -> None:
    """The place of the file and what is only shown do not count; everything else does."""
    first = redacted(loaded(site))
    assert first["digest"] == redacted(loaded(f'{site}[scan]\nquiet = true\noutput = "x"\n'))["digest"]
    moved = folder / "other.toml"
    moved.write_text(f"# comment\n\n{site}", encoding="utf-8")
    second = redacted(load(moved, {}, cwd=folder))
    assert (second["file"], second["digest"]) == ("other.toml", first["digest"])
    assert first["digest"] != redacted(loaded(f'{site}[rollout]\nstage = "done"\n'))["digest"]


def test_no_configuration_has_a_digest_too() -> None:
    """A demo, or `assess` without a file."""
    data = redacted(Configuration())
    assert (data["file"], data["tenant"], data["site"]) == (None, None, None)
    assert data["digest"] == redacted(replace(Configuration(), warnings=("x",)))["digest"]


def test_import_is_light() -> None:
    """`--help` and `checks` never pay for it."""
    heavy = "{'msgspec', 'requests', 'platformdirs', 'ssl', 'difflib', 'tomllib', 'hashlib'}"
    program = f"import sys, readiness.config; print({heavy} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        encoding="utf-8",
        cwd=Path(readiness.__file__).parents[1],
    )
    assert (done.stdout.strip(), done.stderr) == ("set()", "")
