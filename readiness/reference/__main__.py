"""Write the reference anew, below `docs`."""

from pathlib import Path

from readiness.reference import PAGES

docs = Path(__file__).parents[2] / "docs"
for name, page in PAGES.items():
    (docs / name).parent.mkdir(exist_ok=True)
    (docs / name).write_text(page(), encoding="utf-8", newline="\n")
