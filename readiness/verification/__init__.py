"""Is a file what this tool wrote? Told by its content alone; nothing in it is executed, followed or believed."""

from __future__ import annotations

from readiness.verification.files import examine
from readiness.verification.finding import Finding, State, Verdict
from readiness.verification.trust import judged, same_report

__all__ = ["Finding", "State", "Verdict", "examine", "judged", "same_report"]
