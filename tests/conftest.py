"""What many tests need: the program in this process, and a simulated estate that it can scan."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from readiness.cli import run as run_program
from readiness.lab import Lab, load_scenario
from readiness.lab.estate import Transport


@dataclass(frozen=True)
class Ran:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """Standard output, which must be pure JSON."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    def check(self, name: str) -> dict[str, Any]:
        """One check of the report on standard output."""
        found: dict[str, Any] = next(check for check in self.report["checks"] if check["id"] == name)
        return found


Program = Callable[..., Ran]

OF_THE_NETWORK = {
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE",
}  # fmt: skip
"""Variables by which a machine that runs the tests may change where programs go and whom they believe."""


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Ctrl-C means what it means at a terminal: whoever starts the tests in the background has them ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def histories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[Path]]:
    """Places of histories, a new one for each test, beside what it works with. No test writes into the history of
    whoever runs it: not in what several tests share, either."""
    folder = tmp_path_factory.mktemp("histories")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder / "shared"))
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        yield (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, histories: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test works in a folder of its own, without configuration, and with an environment that names none."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("READINESS_") or name.upper() in OF_THE_NETWORK]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-configuration-here"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "no-sign-in-here"))
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(next(histories)))


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    """Runs the program in this process: `program("scan", "--json", variables={...})`."""

    def call(*arguments: str, variables: Mapping[str, str] | None = None) -> Ran:
        for name, value in (variables or {}).items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        code = run_program(list(arguments))
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return call


@dataclass(frozen=True)
class Estate:
    """A simulated estate that serves, and the files by which a client reaches it."""

    lab: Lab
    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "readiness.toml"

    @property
    def secrets(self) -> dict[str, str]:
        lines = (self.folder / "lab.env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

    def rewrite(self, old: str, new: str) -> None:
        """Change the configuration file; `old` must be in it."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Callable[..., Estate]]:
    """Serves scenarios: `estate("ready")`, or `estate(toml='base = "ready" ...')`; `transport` is that of its file."""
    with ExitStack() as stack:

        def serve(
            name: str = "ready", *, toml: str | None = None, transport: Transport = "winrm", **manner: Any
        ) -> Estate:
            folder = tmp_path / f"estate-{len(list(tmp_path.glob('estate-*')))}"
            folder.mkdir()
            if toml is not None:
                name = str(folder / "scenario.toml")
                Path(name).write_text(toml, encoding="utf-8")
            lab = stack.enter_context(Lab(load_scenario(name), **manner))
            lab.write(folder, transport)
            return Estate(lab, folder)

        yield serve
