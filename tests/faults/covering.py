"""Which faults strike which exchanges: by turns every third kind of exchange by default, or every pair."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from readiness.model.words import Half
from tests.faults import content
from tests.faults.record import RECORD
from tests.faults.rules import broken, resting
from tests.faults.scanning import Estate
from tests.faults.striking import Fault

TRIED_ONCE = r"SMSProviderServer|SMS_ProviderLocation"
"""The first question to a site signs in: whatever becomes of it, it is not tried again, because accounts lock."""

EVERYTHING = os.environ.get("FAULTS") == "all"
"""Set by `python -m tests.faults`: the full product of exchanges and faults."""


def kind(estate: Estate, exchange: str, *, on_wire: bool) -> str:
    """What exchanges have in common whose answers are handled by the same code: on the wire fewer things differ."""
    server, _, asked = exchange.partition(" ")
    if server == "entra":
        return exchange
    if server == "graph":
        together = len(estate.together[exchange]) > 1
        if " POST " in exchange or on_wire:
            return f"graph {'report' if ' POST ' in exchange else 'batch' if together else 'alone'}"
        shape = "collection" if b'"value": [' in estate.answers[exchange].body else "object"
        return f"graph {shape} {'in a batch' if together else 'alone'}"
    if "SMSProviderServer" in asked or "SMS_ProviderLocation" in asked:
        return f"{server} location"
    if on_wire and server == "wsman":
        return "wsman"
    if asked.startswith(("Get ", "Pull ")) and not on_wire:
        return f"{server} {'instance' if asked.startswith('Get ') else 'page'}"
    return f"{server} {'getter' if '.' in asked.split(' ')[0].split('?')[0] else 'rows'}"


def targets(estate: Estate, fault: Fault, number: int) -> Iterator[str]:
    """The exchanges that this fault, the one of this number, is to strike."""
    on_wire = fault.wire is not None
    exchanges = [name for name in estate.exchanges if applies(estate, fault, name)]
    if EVERYTHING:
        yield from exchanges
        return
    by_kind = {name: kind(estate, name, on_wire=on_wire) for name in exchanges}
    kinds = [list(alike) for _, alike in groupby(sorted(exchanges, key=by_kind.__getitem__), key=by_kind.__getitem__)]
    for names in kinds[number % 3 :: 3] or kinds:
        yield names[number // 3 % len(names)]


def applies(estate: Estate, fault: Fault, exchange: str) -> bool:
    """Whether the fault can strike this exchange, and in another way than the others.

    On the wire the members of a batch are one exchange, which goes by the name of its first one.
    """
    if fault.answer is not None:
        return fault.answer(estate.answers[exchange]) is not None
    together = estate.together[exchange]
    return len(together) > 1 if fault.in_batch else together[0] == exchange


def strike(estate: Estate, fault: Fault, number: int) -> list[str]:
    """Scan with this fault at each of its exchanges, at all attempts and, where it heals, at the first alone. Returns
    the rules that were broken.

    By turns, all of the half is read with the first exchange; with those after it of a site only what rests on them.
    """
    found: list[str] = []
    for place, exchange in enumerate(targets(estate, fault, number)):
        healing = fault.heals and exchange.split()[0] not in fault.lasting_at
        for times in (None, 1) if healing else (None,):
            whole = EVERYTHING or estate.half is not Half.SITE or (place == 0 and times is None)
            found += struck(estate, exchange, fault, times, None if whole else resting(exchange))
    return found


def struck(
    estate: Estate, exchange: str, fault: Fault, times: int | None = None, only: frozenset[str] | None = None
) -> list[str]:
    """Scan once with this fault at this exchange. Returns the rules that were broken.

    Args:
        only: the facts to read; None: all of the half.
    """
    scan = estate.scan(exchange, fault, times, only)
    words = broken(estate, scan)
    if times is not None and scan.report is not None and not re.search(TRIED_ONCE, exchange):
        words.append(f"{fault} of {exchange[:100]}, once: it was not healed")
    RECORD.note(scan, words)
    return words


def each_field(estate: Estate, exchange: str) -> list[str]:
    """Scan with each field of an answer null, missing, unknown and of another type; or, by turns, in one of these ways.
    Returns the rules that were broken.

    By turns, only what rests on the exchange is read: no other reader is ever handed a well-formed answer to it. That
    the others do not suffer is shown by the faults that every reader of the half is there for.
    """
    ways = len(content.WAYS)
    only = None if EVERYTHING else resting(exchange)
    found: list[str] = []
    for number, fault in enumerate(content.fields(estate.answers[exchange])):
        place, way = divmod(number, ways)
        if applies(estate, fault, exchange) and (EVERYTHING or (place + len(exchange)) % ways == way):
            found += struck(estate, exchange, fault, only=only)
    return found


def numbered(faults: Sequence[Fault]) -> list[tuple[int, Fault]]:
    """Faults with their numbers, for a parametrized test."""
    names = [fault.name for fault in faults]
    if len(set(names)) < len(names):
        raise ValueError("two faults of one name")
    return list(enumerate(faults))
