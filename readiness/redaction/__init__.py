"""Redaction: aliases in place of names, in everything that a report or evidence tells."""

from readiness.redaction.maps import Map, load_map
from readiness.redaction.redacting import Redacted, names_in, redact, redact_configuration
from readiness.redaction.same import differences

__all__ = ["Map", "Redacted", "differences", "load_map", "names_in", "redact", "redact_configuration"]
