"""The questions of `readiness init`: answers are read as the file is read, and asked for again where they are wrong."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import click

from readiness.cli.output import say, width
from readiness.config.addresses import shown_variable
from readiness.config.origin import BadValueError
from readiness.config.schema import SECTIONS
from readiness.config.writing import choices, default, like, words

Answers = dict[str, dict[str, Any]]

_OF_SIGN_IN = {
    "client-secret": ("client_secret_env",),
    "certificate": ("certificate", "certificate_password_env"),
    "workload-identity": ("federated_token_file",),
}
"""Keys of `[tenant]` that a way to sign in needs."""
_NEEDED = ("certificate",)
"""Those of them that have no default and cannot be left out."""


def ask(base: Path) -> Answers:
    """Ask for what a scan needs; returns the values by section and key.

    Args:
        base: the folder that relative paths will be relative to.
    """
    tell("Enter alone takes what stands in brackets, or leaves the key out. Ctrl-C ends without writing.")
    questions = Questions(base)
    _tenant(questions)
    _site(questions)
    _heading("scope")
    questions.ask("scope", "collections")
    questions.ask("scope", "administrators")
    questions.ask("rollout", "stage")
    return {section: keys for section, keys in questions.answers.items() if keys}


def _tenant(questions: Questions) -> None:
    _heading("tenant")
    if questions.ask("tenant", "id") is None:
        return
    questions.ask("tenant", "cloud")
    auth = questions.ask("tenant", "auth") or default("tenant", "auth")
    questions.ask("tenant", "client_id", needed=auth != "managed-identity")
    for key in _OF_SIGN_IN.get(str(auth), ()):
        questions.ask("tenant", key, needed=key in _NEEDED)


def _site(questions: Questions) -> None:
    _heading("site")
    if questions.ask("site", "server") is None:
        return
    questions.ask("site", "transport")
    if questions.ask("site", "username") is not None:
        questions.ask("site", "password_env")


def _heading(section: str) -> None:
    say("", err=True)
    tell(words(section, ""))


class Questions:
    """Asks for keys of the configuration, and keeps the answers."""

    def __init__(self, base: Path) -> None:
        self.answers: Answers = {}
        self._base = base

    def ask(self, section: str, key: str, *, needed: bool = False) -> Any:
        """Ask for one key until the answer can be used; None where it is left out."""
        known, usual = choices(section, key), default(section, key)
        if len(known) == 1:
            return self._keep(section, key, known[0])
        # What comes first in a half decides whether it is asked about at all; then what is required must be given.
        needed = needed or (key in SECTIONS[section].required and bool(self.answers.get(section)))
        while True:
            answer = line(_question(section, key), str(usual) if usual else "")
            if not answer and not needed:
                return None
            try:
                return self._keep(section, key, self._read(section, key, answer))
            except BadValueError as error:
                tell(f"  {error}")

    def _read(self, section: str, key: str, answer: str) -> Any:
        """The answer as the file will hold it; proven to be what the loader takes."""
        if not answer:
            raise BadValueError("is required")
        if key.endswith("_env") and shown_variable(answer) is None:
            raise BadValueError("expected the name of an environment variable in capitals, never the secret itself")
        listed = isinstance(default(section, key), tuple) or isinstance(like(section, key), list)
        value: Any = [part.strip() for part in answer.split(",")] if listed else answer
        SECTIONS[section].kinds[key].read(value, self._base)
        return value

    def _keep(self, section: str, key: str, value: Any) -> Any:
        self.answers.setdefault(section, {})[key] = value
        return value


def _question(section: str, key: str) -> str:
    known = choices(section, key)
    example = like(section, key)
    such = ", ".join(example) if isinstance(example, list) else example
    sample = " | ".join(known) or ("" if default(section, key) else f"such as {such}")
    said = words(section, key)
    return f"[{section}] {key}{f': {said}' if said else ''}{f' ({sample})' if sample else ''}"


def line(question: str, usual: str = "") -> str:
    """What a person answers in one line; `usual` where that is nothing."""
    text = _wrapped(f"{question} [{usual}]" if usual else question)
    answer: str = click.prompt(text, default=usual, show_default=False, prompt_suffix="\n> ", err=True)
    return answer.strip()


def tell(text: str) -> None:
    """Say something on standard error, broken at the width of the terminal."""
    say(_wrapped(text), err=True)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, width(), break_long_words=False, break_on_hyphens=False)
