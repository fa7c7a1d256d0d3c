"""Evidence: collect readings from the sources, save and load them, merge what several people read."""

from readiness.evidence.collecting import Estate, Observer, collect, utc_now
from readiness.evidence.estates import must_be_of
from readiness.evidence.files import digest, document, load, save
from readiness.evidence.merging import merge, renewed

__all__ = [
    "Estate",
    "Observer",
    "collect",
    "digest",
    "document",
    "load",
    "merge",
    "must_be_of",
    "renewed",
    "save",
    "utc_now",
]
