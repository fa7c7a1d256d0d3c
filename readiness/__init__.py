"""Verifies the chain of prerequisites for EDR policy on devices that Configuration Manager manages."""

__version__ = "0.1.0"
