"""What runs in several threads at a time."""

from __future__ import annotations

import subprocess
import sys

MANY_AT_A_TIME = """
import sys, threading
from dataclasses import make_dataclass
from readiness.model.facts import Fact
from readiness.model.words import Half
from readiness.sources.outside import _proven
from readiness.sources.reader import Finding

sys.setswitchinterval(1e-6)
for number in range(300):
    inner = make_dataclass(f"Inner{number}", [("code", str), ("names", tuple[str, ...])], frozen=True)
    fact = make_dataclass(
        f"Given{number}", [("inner", inner), ("more", tuple[inner, ...])], bases=(Fact,), frozen=True,
        namespace={"half": Half.SITE},
    )
    together = threading.Barrier(6)

    def prove():
        value = fact(inner("P01", ("a",)), (inner("P02", ()),))
        together.wait()
        assert _proven(Finding(value, 1), fact).value == value

    threads = [threading.Thread(target=prove) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("all proven")
"""


def test_readers_of_plugins_that_meet_a_new_fact_together_do_not_bring_the_program_down() -> None:
    """msgspec 0.22 crashes where two threads convert to a class that it has not seen before."""
    done = subprocess.run([sys.executable, "-c", MANY_AT_A_TIME], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "all proven\n", "")
