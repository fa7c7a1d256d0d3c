"""Aliases in place of names, so that what is shown to strangers still fits together.

One name has one alias, whatever its case; an alias keeps the form of what it stands for. Used for recordings; whatever
else is to be shared uses the same: make an `Aliases`, put texts in by `shaped` or `name`, and get the finished text by
`settle`, in the order in which aliases are to be numbered.
"""

from readiness.aliases.shapes import is_well_known, shaped
from readiness.aliases.table import Aliases, Category, Form, Named

__all__ = ["Aliases", "Category", "Form", "Named", "is_well_known", "shaped"]
