"""What is different between two runs, as one HTML file: no script, no remote asset, and a policy that forbids both."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from readiness.plugin import RunDiff
from reports import differing


def render(diff: RunDiff) -> str:
    """The page."""
    sheet = files("reports").joinpath("templates", "diff.css").read_text(encoding="utf-8")
    style = f"\n{sheet}"
    return _template().render(
        title=differing.TITLE,
        demo=differing.DEMO if differing.is_demo(diff) else "",
        line=differing.line(diff),
        sides=differing.sides(diff),
        notes=differing.notes(diff),
        heads=differing.HEADS,
        sections=tuple(differing.sections(diff)),
        tones=differing.TONES,
        style=Markup(style),  # noqa: S704 - our own style sheet, nothing from outside
        style_hash=b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii"),
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("diff.html.j2")
