"""Every sample of the reference goes through our code: none lies there that no test reads."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.samples import FOLDER

HOME = Path(__file__).parent
MODULES = {
    "graph": HOME / "sources" / "graph" / "test_graph_samples.py",
    "configmgr": HOME / "sources" / "configmgr" / "test_site_samples.py",
}


def named(module: Path) -> set[str]:
    """The words in the code of a module, docstrings and comments left out."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose}
    return {str(word).rpartition("/")[2] for word in words}


def test_every_sample_is_read_by_a_test() -> None:
    for folder, module in MODULES.items():
        samples = {path.name for path in (FOLDER / folder).iterdir()} - {"SOURCES.md"}
        assert len(samples) > 30
        assert samples - named(module) == set()


def test_nothing_lies_beside_them() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(MODULES)
