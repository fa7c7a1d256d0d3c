"""Writes runs into a history in child processes that are killed at any moment; tells what was lost. For one test."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from readiness.history.schema import DELIVERIES, NOTICES, UPGRADES, WATCHED
from readiness.history.store import Store
from tests.history.made import EVERYTHING, made

DEATHS = 50
LONGEST_LIFE = 0.15
"""Seconds, of writing."""
LONGEST_UPGRADE = 0.03
"""Seconds: about as long as it takes."""
MODEL = made(0)
BODY = os.urandom(60_000)
"""A report that fills many pages, so that a write takes a while."""


def live(path: Path, first: int, told: int) -> None:
    """Keep runs until killed; tell when each begins, and when it is kept."""
    store = Store(path)
    for number in range(first, first + 1000):
        run = replace(MODEL.run, id=f"run-{number}")
        os.write(told, b"begun\n")
        store.add(replace(MODEL, run=run, evidence=BODY), EVERYTHING)
        os.write(told, f"{run.id}\n".encode())


def die(path: Path, first: int, chance: random.Random) -> list[str]:
    """One life, which ends some time after its first write began; the runs that were kept in it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        live(path, first, writing)
        os._exit(1)
    os.close(writing)
    with open(reading, encoding="utf-8", buffering=1) as stream:
        stream.readline()
        time.sleep(chance.uniform(0, LONGEST_LIFE))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return [line for line in stream.read().split() if line != "begun"]


def upgraded_by_the_dying(path: Path, chance: random.Random) -> int:
    """A history of the first version is brought up to date by processes that are killed at any moment of it; how many
    died before it was. Its run is there after each of them, and its version is one or the other."""
    died = 0
    for number in range(DEATHS):
        place = path.with_name(f"old-{number}.sqlite3")
        Store(place, upgrades=UPGRADES[:1]).add(MODEL)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, b"begun\n")
            Store(place).add(replace(MODEL, run=replace(MODEL.run, id="after"), evidence=BODY), EVERYTHING)
            os._exit(0)
        os.read(reading, 6)
        time.sleep(chance.uniform(0, LONGEST_UPGRADE))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)
        died += not is_whole(place)
        Store(place).add(replace(MODEL, run=replace(MODEL.run, id="later")), EVERYTHING)
        found = [run.id for run in Store(place).runs()]
        assert found in (["later", MODEL.run.id], ["later", "after", MODEL.run.id]), found
    return died


def is_whole(place: Path) -> bool:
    """Whether the history is of today's version, with all its tables, and not damaged; else of the first, without."""
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    new = {NOTICES.name, WATCHED.name, DELIVERIES.name}
    assert version in (1, len(UPGRADES))
    assert new & tables == (new if version == len(UPGRADES) else set())
    return bool(version == len(UPGRADES))


def main(path: Path) -> None:
    chance = random.Random(20201123)  # noqa: S311 - no secret
    Store(path).add(MODEL)
    kept, hot = [MODEL.run.id], 0
    for number in range(DEATHS):
        kept += die(path, number * 1000, chance)
        hot += Path(f"{path}-journal").exists()
        found = {run.id for run in Store(path).runs()}
        assert found >= set(kept), f"lost after death {number}: {set(kept) - found}"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    runs = Store(path).runs()
    assert all(Store(path).document(run) for run in runs)
    print(len(kept), len(runs), hot, upgraded_by_the_dying(path, chance))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(Path(sys.argv[1]))
