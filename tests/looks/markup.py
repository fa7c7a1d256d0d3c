"""What html-validate says of the markup."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.looks.audits import HOME, Finding

VALIDATOR = HOME / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"


def audit(node: str, files: Sequence[Path]) -> Mapping[Path, list[Finding]]:
    """What is wrong with each of the files, which one run of the validator reads."""
    rules = str(HOME / "htmlvalidate.json")
    told = files[0].parent / "markup.json"  # into a pipe the validator writes no more than fits at once
    command = [node, str(VALIDATOR), "--formatter", f"json={told}", "--config", rules, *map(str, files)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=300, cwd=files[0].parent)
    if done.returncode not in (0, 1) or done.stderr.strip():
        raise RuntimeError(f"html-validate ended with {done.returncode}: {done.stderr.strip()}")
    found: dict[Path, list[Finding]] = {file: [] for file in files}
    for one in json.loads(told.read_text(encoding="utf-8")):
        words = [f"{m['ruleId']}: {m['message']} ({m['selector']})" for m in one["messages"]]
        found[Path(one["filePath"])] += [Finding("markup", "source", line) for line in words]
    return found
