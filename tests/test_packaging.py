"""What the distribution says of the packages that it needs."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_ROOT = Path(__file__).parent.parent
_EXTRAS = ("", "desktop", "history", "kerberos")


def _constraints() -> dict[str, Version]:
    lines = (_ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def _needed(package: str, extras: tuple[str, ...], seen: dict[str, list[Requirement]]) -> dict[str, list[Requirement]]:
    """All that `package` needs on this platform, whatever needs it; one that is not installed needs nothing more."""
    try:
        listed = [Requirement(line) for line in requires(package) or ()]
    except PackageNotFoundError:
        return seen
    for one in listed:
        if one.marker and not any(one.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        name = canonicalize_name(one.name)
        known = name in seen
        seen.setdefault(name, []).append(one)
        if not known or one.extras:
            _needed(name, ("", *one.extras), seen)
    return seen


def test_the_constraints_name_every_package_in_a_version_that_all_accept() -> None:
    """Whoever installs with constraints.txt gets what was tested, down to the packages that packages need."""
    constraints, needed = _constraints(), _needed("edr-readiness", _EXTRAS, {})
    assert len(needed) > 20
    needed.pop("edr-readiness", None)
    assert sorted(needed.keys() - constraints.keys()) == []
    refused = [
        f"{one} is not {constraints[name]}"
        for name, wanted in needed.items()
        for one in wanted
        if not one.specifier.contains(constraints[name], prereleases=True)
    ]
    assert refused == []


def test_every_core_package_has_a_lowest_version() -> None:
    """The run with the lowest versions takes them from setup.cfg, line by line: without one a package would escape."""
    text = (_ROOT / "setup.cfg").read_text(encoding="utf-8")
    block = re.search(r"^install_requires =\n((?: +.+\n)+)", text, re.MULTILINE)
    assert block is not None
    lines = block[1].split()
    assert len(lines) > 10
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9-]+>=[0-9.]+", line)] == []
