"""What stands under the fields of a class: the docstrings of attributes, which Python itself forgets."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from itertools import pairwise


def of_fields(kind: type[object]) -> Mapping[str, str]:
    """The text under each field of a dataclass, in one line; of fields without one nothing."""
    (defined,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    body = defined.body if isinstance(defined, ast.ClassDef) else []
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
