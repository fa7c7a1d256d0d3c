"""The shipped schemas are those of the model, and they are strict."""

import json

import jsonschema
import pytest

from readiness.schemas import built, shipped

NAMES = ["evidence-v1", "report-v1", "diff-v1", "history-v1", "notification-v1"]


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_schema_is_what_the_model_says_now(name: str) -> None:
    """A change of the model without `python -m readiness.schemas` does not land."""
    assert shipped(name) == json.loads(json.dumps(built()[name]))


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_schema_is_valid_and_closed(name: str) -> None:
    """Every object of ours lists its keys, requires them all and allows no other."""
    schema = shipped(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    objects = [schema, *(body for body in schema["$defs"].values() if body.get("type") == "object")]
    for body in objects:
        assert body["additionalProperties"] is False
        assert sorted(body["required"]) == sorted(body["properties"])
