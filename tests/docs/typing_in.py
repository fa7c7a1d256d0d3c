"""Types a page's commands in, one after the other, in one folder: what one leaves behind the next one finds."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from readiness.cli import run
from readiness.lab import Lab, load_scenario
from tests.docs.pages import Block, Command

SECONDS = 60.0
_OPERATORS = re.compile(r"[|&;<>$`*]")
_SAVE = 'code=$?; env -0 >"$STATE"; pwd >>"$STATE"; exit $code'


class Session:
    """A reader at a terminal."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._home: Path | None = None
        """That of the second terminal: where the first one was when it was opened."""
        self.environment = dict(environment)
        self._state = folder.parent / f"{folder.name}.state"
        self._stack = ExitStack()
        self._second: subprocess.Popen[str] | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._stack.close()

    def settle(self, scenario: str) -> None:
        """Serve a simulated estate, with its files in this folder and its secrets in the environment."""
        lab = self._stack.enter_context(Lab(load_scenario(scenario)))
        lab.write(self.folder, "winrm")
        lines = (self.folder / "lab.env").read_text(encoding="utf-8").splitlines()
        self.environment |= dict(line.split("=", 1) for line in lines if "=" in line)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def type(self, block: Block) -> Iterator[tuple[Command, int, str]]:
        """Each command, its exit code and what it printed, on both streams."""
        for command in block.commands:
            if block.has("second terminal"):
                yield command, 0, self._begin(command.line)
            else:
                yield command, *self.enter(command.line)

    def enter(self, line: str) -> tuple[int, str]:
        """One command: in this process where it is ours and nothing else, by the shell where not."""
        words = shlex.split(line, comments=True)
        if words[0] == "readiness" and not _OPERATORS.search(line.partition(" #")[0]):
            return self._ours(words[1:])
        return self._shell(line)

    def _ours(self, arguments: list[str]) -> tuple[int, str]:
        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        with self._here(), redirect_stdout(printed), redirect_stderr(printed):
            code = run(arguments)
        printed.seek(0)
        return code, printed.read()

    @contextmanager
    def _here(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as changed:
            changed.chdir(self.folder)
            changed.setattr(sys, "stdin", io.StringIO())
            for name in os.environ.keys() - self.environment.keys():
                changed.delenv(name)
            for name, value in self.environment.items():
                changed.setenv(name, value)
            yield

    def _shell(self, line: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", f"{line}\n{_SAVE}"],
            cwd=self.folder,
            env={**self.environment, "STATE": str(self._state)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        *variables, folder = self._state.read_text(encoding="utf-8").split("\0")
        self.environment = dict(one.split("=", 1) for one in variables if not one.startswith("STATE="))
        self.folder = Path(folder.strip())
        return done.returncode, done.stdout

    def _begin(self, line: str) -> str:
        """In a second terminal, where whatever ran there before is ended."""
        self._stop()
        self._home = self._home or self.folder
        self._second = subprocess.Popen(
            [sys.executable, "-m", "readiness", *shlex.split(line)[1:], "--until-eof"],
            cwd=self._home,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self._second.stdout is not None
        return self._second.stdout.readline()

    def _stop(self) -> None:
        if self._second is not None:
            self._second.communicate(timeout=SECONDS)
            self._second = None


def shows(printed: str, page: str) -> bool:
    """Whether the page shows what was printed. `...` stands for anything: alone on a line for any lines."""
    pattern = "".join(_line(line) for line in page.rstrip().splitlines())
    return re.fullmatch(pattern, _trimmed(printed)) is not None


def _line(line: str) -> str:
    if line.strip() == "...":
        return r"(?:.*\n)*?"
    return re.escape(line.rstrip()).replace(re.escape("..."), ".*") + r"\n"


def _trimmed(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.rstrip().splitlines())
