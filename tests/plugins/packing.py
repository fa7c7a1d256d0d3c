"""Packages for tests: wheels made of files, and a folder that looks like an installation."""

from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

Entries = Mapping[str, Mapping[str, str]]
"""By group, name and object, as `{"readiness.checks": {"acme": "acme:CHECKS"}}`."""

EXAMPLE = Path(__file__).parents[2] / "examples" / "readiness-example"


def metadata(name: str, version: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def entry_points(entries: Entries) -> str:
    groups = (
        "\n".join([f"[{group}]", *(f"{name} = {of}" for name, of in names.items())]) for group, names in entries.items()
    )
    return "\n\n".join(groups) + "\n"


def put(folder: Path, name: str, entries: Entries, modules: Mapping[str, str], *, version: str = "1.0") -> Path:
    """A package as an installation has it, in a folder that PYTHONPATH or sys.path may name."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(metadata(name, version), encoding="utf-8")
    (info / "entry_points.txt").write_text(entry_points(entries), encoding="utf-8")
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text, encoding="utf-8")
    return folder


def wheel(project: Path, folder: Path) -> Path:
    """A wheel of a project as its pyproject.toml describes it, made without a build system: none need be installed."""
    told = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = str(told["name"]).replace("-", "_"), str(told["version"])
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    files = {found.relative_to(project / "src").as_posix(): found.read_bytes() for found in _files(project / "src")}
    files[f"{info}/METADATA"] = metadata(told["name"], version).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = entry_points(told["entry-points"]).encode()
    files[f"{info}/RECORD"] = "".join(f"{one},,\n" for one in (*files, f"{info}/RECORD")).encode()
    with zipfile.ZipFile(path, "w") as packed:
        for one, content in files.items():
            packed.writestr(one, content)
    return path


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in (".py", ".typed"))
