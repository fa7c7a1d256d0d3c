"""Write anew the words that may stay in sentences of a redacted report, beside this module."""

import ast
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from readiness.redaction.telling import spoken

SPEAKING = ("model/facts", "sources", "evidence", "assessment/readings.py", "recording/replay.py", "composition.py")
"""What writes the sentences and questions of readings."""
EXAMPLES = ("contoso", "fabrikam", "example", "corp", "northwind")
"""Names that stand in examples."""


def words() -> list[str]:
    """Every word of the messages, once, sorted."""
    root = Path(str(files("readiness")))
    places = [root / name for name in SPEAKING]
    sources = [path for place in places for path in ([place] if place.is_file() else sorted(place.rglob("*.py")))]
    tables = [path for place in places if place.is_dir() for path in sorted(place.rglob("*.toml"))]
    texts = [text for path in sources for text in _literals(ast.parse(path.read_text(encoding="utf-8")))]
    texts += [text for path in tables for text in _strings(tomllib.loads(path.read_text(encoding="utf-8")))]
    found = {word for word in spoken(texts) if not any(name in word.lower() for name in EXAMPLES)}
    return sorted(found)


def _literals(tree: ast.Module) -> Iterator[str]:
    """The texts of a module, without what documents it."""
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in remarks:
            yield node.value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


if __name__ == "__main__":
    text = "\n".join(words()) + "\n"
    Path(__file__).with_name("words.txt").write_text(text, encoding="utf-8", newline="\n")
