"""Columns that an older site may lack, and one answer of several questions: what both transports do alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from readiness.sources.configmgr.provider import Answer, ProviderFault


def known_columns(ask: Callable[[Sequence[str]], Answer], columns: Sequence[str], optional: Sequence[str]) -> Answer:
    """Ask for all columns; where the class does not know one, find out which of the optional ones it knows.

    A query fails as a whole and does not say for which column, so each is tried with those that are known already.
    The answer is that of the last question that was answered.
    """
    try:
        return ask((*columns, *optional))
    except ProviderFault as fault:
        if not optional or fault.unknown != "column":
            raise
    known: list[str] = []
    answer: Answer | None = None
    # A single one was just found to be unknown.
    for name in optional if len(optional) > 1 else ():
        try:
            answer = ask((*columns, *known, name))
            known.append(name)
        except ProviderFault as fault:
            if fault.unknown != "column":
                raise
    return replace(answer or ask(tuple(columns)), missing=frozenset(optional) - frozenset(known))


def joined(answers: Sequence[Answer], query: str) -> Answer:
    """The rows of all answers as those of one question; the proof is the last one's."""
    rows = [row for answer in answers for row in answer.rows]
    missing = frozenset[str]().union(*(answer.missing for answer in answers))
    return replace(answers[-1], rows=rows, query=query, missing=missing)
