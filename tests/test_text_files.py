"""Text is read and written in an encoding that is named: what a machine takes for usual differs (cp1252 on Windows)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).parents[1]
FOLDERS = ("readiness", "checks", "reports", "benchmarks", "tests")
TEXT = {"read_text": 0, "write_text": 1}
"""Methods of paths that take an encoding, by the number of arguments before it."""
OPENERS = {"open", "makefile"}
CHILDREN = {"run", "Popen", "check_output", "check_call", "call"}


def test_every_text_is_read_and_written_in_a_named_encoding() -> None:
    found = [place for folder in FOLDERS for file in sorted((HOME / folder).rglob("*.py")) for place in _unnamed(file)]
    assert found == []


def _unnamed(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes(), str(file))):
        if isinstance(node, ast.Call) and _is_unnamed(node):
            yield f"{file.relative_to(HOME)}:{node.lineno}: name the encoding"


def _is_unnamed(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    keywords = {keyword.arg for keyword in call.keywords}
    if "encoding" in keywords or None in keywords:
        return False
    if name in TEXT:
        return len(call.args) == TEXT[name]
    if name in CHILDREN:
        asked = [keyword.value for keyword in call.keywords if keyword.arg in ("text", "universal_newlines")]
        return any(isinstance(value, ast.Constant) for value in asked)
    return name in OPENERS and "b" not in _mode(call, 0 if isinstance(call.func, ast.Attribute) else 1)


def _mode(call: ast.Call, position: int) -> str:
    """How a call opens a file; text where it does not say so. Modes are constants in this house."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    for place in (*named, *call.args[position : position + 1]):
        return str(place.value) if isinstance(place, ast.Constant) else "b, perhaps"
    return "r"
