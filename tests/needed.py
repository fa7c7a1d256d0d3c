"""What tests need that a bare machine may lack, and CI may not."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import NoReturn

import pytest


def without(words: str) -> NoReturn:
    """Skip the test for this reason; in CI, which installs everything, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{words}, and CI is to have it")
    pytest.skip(words)


def which(*names: str, package: str) -> str:
    """Path of the first of these programs that there is.

    Args:
        package: of Debian, which brings it.
    """
    found = next((path for name in names if (path := shutil.which(name))), None)
    return found or without(f"no {names[0]} on this machine: it comes with the package {package}")


def allowed(*command: str) -> None:
    """Skip the test where this command fails: the machine has the program, and does not let it do its work."""
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        pytest.skip(f"this machine does not let {command[0]} work: {done.stderr.strip()[:200]}")
