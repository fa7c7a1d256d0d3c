"""The image: no root, no build tools, nothing that lies about, and a root file system that may be read-only.

No test builds it, since that takes an image registry. What it runs is run here as it would be there: as its user, in
its environment, with nothing to write into but its volume and a temporary /tmp.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.conftest import Estate
from tests.scheduling.dockerfile import stages

ROOT = Path(__file__).parents[2]
BUILD, IMAGE = stages(ROOT / "Dockerfile")
Serve = Callable[..., Estate]


def test_it_ends_as_a_user_by_number_who_is_not_root() -> None:
    user, group = IMAGE.last("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert f"-o {user} -g {group}" in IMAGE.last("RUN")
    before = [word for word, _ in IMAGE.instructions]
    assert "RUN" not in before[before.index("USER") :]


def test_both_stages_have_the_same_base_which_names_its_python() -> None:
    assert BUILD.base == IMAGE.base
    assert re.fullmatch(r"python:3\.\d+-slim", BUILD.base)


def test_what_is_built_is_held_to_the_constraints_and_nothing_it_was_built_with_goes_on() -> None:
    assert "-c constraints.txt" in BUILD.last("RUN")
    assert "--without-pip" in BUILD.last("RUN")
    assert IMAGE.all("COPY") == [f"--from={BUILD.name} /opt/readiness /opt/readiness"]
    assert not re.search(r"gcc|-dev\b|build-essential", " ".join(IMAGE.all("RUN")))
    assert "pip uninstall -y pip" in IMAGE.last("RUN")


def test_every_package_list_is_cleaned_in_the_step_that_got_it() -> None:
    for step in (*BUILD.all("RUN"), *IMAGE.all("RUN")):
        assert ("apt-get update" in step) == ("rm -rf /var/lib/apt/lists/*" in step)
        assert ("apt-get install" in step) == ("--no-install-recommends" in step)


def test_the_extras_of_the_image_are_extras_and_have_their_versions() -> None:
    from importlib.metadata import metadata

    (default,) = BUILD.all("ARG")
    wanted = default.removeprefix("EXTRAS=").split(",")
    assert set(wanted) <= set(metadata("edr-readiness").get_all("Provides-Extra") or ())
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower()
    assert "sqlalchemy==" in constraints
    assert "gssapi==" in constraints


def ignored(path: str) -> bool:
    """By .dockerignore: the last line that fits a path or a folder above it decides."""
    verdict = False
    parts = path.split("/")
    above = ["/".join(parts[: number + 1]) for number in range(len(parts))]
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        if any(fnmatchcase(one, pattern) or fnmatchcase(f"/{one}", pattern.replace("**", "*")) for one in above):
            verdict = not line.startswith("!")
    return verdict


@pytest.mark.parametrize(
    "path", ["readiness.toml", "lab.env", ".git/config", "readiness-reports/a.html", "tests/x.py", "readiness.pfx"]
)
def test_what_lies_about_is_not_sent_to_the_builder(path: str) -> None:
    assert ignored(path)


def test_what_the_program_is_built_from_is_sent() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    if tracked.returncode != 0:
        pytest.skip("not a clone: nothing says which files there are")
    needed = [path for path in tracked.stdout.splitlines() if path.split("/")[0] in ("checks", "readiness", "reports")]
    assert len(needed) > 100
    assert [path for path in (*needed, "setup.cfg", "constraints.txt", "LICENSE", "README.md") if ignored(path)] == []


def sandboxed(estate: Estate, data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run what the image runs: its user, its environment, its folder; only /data and a temporary /tmp take writing."""
    user, group = IMAGE.last("USER").split(":")
    bwrap = ["bwrap", "--unshare-user", "--uid", user, "--gid", group, "--cap-drop", "ALL", "--clearenv"]
    bwrap += ["--proc", "/proc", "--dev", "/dev"]
    for name in ("usr", "bin", "lib", "lib64", "opt"):
        if Path("/", name).exists():
            bwrap += ["--ro-bind", f"/{name}", f"/{name}"]
    bwrap += ["--tmpfs", "/tmp"]  # noqa: S108 - that of the sandbox
    for folder in dict.fromkeys((sys.base_prefix, sys.prefix, str(ROOT))):
        bwrap += ["--ro-bind", folder, folder]
    bwrap += ["--ro-bind", "/etc/hosts", "/etc/hosts"]  # as a container is given one
    bwrap += ["--ro-bind", str(estate.folder), "/etc/readiness", "--bind", str(data), "/data", "--remount-ro", "/"]
    environment: Mapping[str, str] = {**IMAGE.environment, **estate.secrets}
    for name, value in environment.items():
        bwrap += ["--setenv", name, value]
    bwrap += ["--setenv", "PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin", "--chdir", IMAGE.last("WORKDIR")]
    whole = [*bwrap, "--", *IMAGE.words("ENTRYPOINT"), *(words or IMAGE.words("CMD"))]
    return subprocess.run(whole, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.real
@pytest.mark.usefixtures("bwrap")
def test_it_scans_and_remembers_with_a_root_file_system_that_is_read_only(estate: Serve, tmp_path: Path) -> None:
    served = estate("ready")
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    done = sandboxed(served, data)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "exit 0: ready"), done.stderr
    assert sorted(path.suffix for path in (data / "readiness-reports").iterdir()) == [".html", ".json", ".md"]
    assert "Warning" not in done.stderr
    kept = sandboxed(served, data, "history", "--csv")
    assert len(kept.stdout.splitlines()) == 2, kept.stderr
    assert sandboxed(served, data, "--version").returncode == 0


@pytest.mark.real
@pytest.mark.usefixtures("bwrap")
def test_without_its_volume_it_says_that_it_cannot_write_and_reads_nothing(estate: Serve, tmp_path: Path) -> None:
    served = estate("ready")
    data = tmp_path / "data"
    data.mkdir()
    done = sandboxed(served, data, "scan", "--no-input", "--output", "/usr/reports")
    assert done.returncode == 2, done.stderr
    assert "Read-only file system" in done.stderr
