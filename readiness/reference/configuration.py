"""The page of `readiness.toml`: what the schema knows of its keys."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from readiness.config.schema import SECTIONS, Section
from readiness.config.wording import variable_of
from readiness.config.writing import default, like, toml, words
from readiness.reference.markdown import MADE, code, plain, table

_HEAD = """# Configuration: readiness.toml

`readiness init` writes this file with every key explained. It is looked for in this order: `--config FILE`,
`readiness.toml` in the working directory, the user's configuration directory. An unknown key, a wrong type or a bad
value ends the command with exit code 2, before anything is read, and with file, line, key and the nearest valid key.

* **No secret stands in the file.** A key that ends in `_env` names the environment variable that holds it.
* **Environment variables** of the form `READINESS_SECTION_KEY` override the file. Values are in TOML syntax; for text,
  bare text is enough. Options of the command line override both. A `READINESS_` variable that matches nothing is
  warned about.
* **Relative paths** in the file are relative to the file, in variables to the working directory.
* A section that is left out is a half that is not read; one half alone is never ready.

"""
_MANY = "Written `[[{name}]]`, any number of times. Only in the file: no environment variable.\n\n"


def page() -> str:
    """The page."""
    return (_HEAD + MADE + "".join(_section(name, section) for name, section in SECTIONS.items())).rstrip() + "\n"


def _section(name: str, section: Section) -> str:
    many = _MANY.format(name=name) if section.many else ""
    rule = " ".join((inspect.getdoc(section.rule) or "").split())
    must = f"Checked between the keys: {rule[0].lower()}{rule[1:]}\n\n" if rule != "Nothing has to hold." else ""
    heads = ("key" if section.many else "key, variable", "value, default", "meaning, example")
    rows = (tuple(_row(name, key, section)) for key in section.kinds)
    return f"## {name}\n\n{words(name, '')}\n\n{many}{must}{table(heads, rows)}"


def _row(name: str, key: str, section: Section) -> Iterator[str]:
    yield code(key) if section.many else f"{code(key)}<br>{code(variable_of(name, key))}"
    usual = "**required**" if key in section.required else code(_default(name, key))
    yield f"{plain(section.kinds[key].says)}{'<br>' if usual else ''}{usual}"
    yield f"{plain(words(name, key))}<br>{code(f'{key} = {toml(_example(name, key))}')}"


def _default(name: str, key: str) -> str:
    value = default(name, key)
    return "" if value is None or value == () else toml(value)


def _example(name: str, key: str) -> object:
    """The example where there is one, else the default."""
    value, example = default(name, key), like(name, key)
    return value if example == "..." and value is not None else example
