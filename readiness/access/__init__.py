"""What reading needs: the calls of a scan and the least rights for them, and which of these the accounts hold."""

from __future__ import annotations

from readiness.access.needs import Access, Asked, Needs, Right, RightKind, needs
from readiness.access.proof import Proof, Standing, prove

__all__ = ["Access", "Asked", "Needs", "Proof", "Right", "RightKind", "Standing", "needs", "prove"]
