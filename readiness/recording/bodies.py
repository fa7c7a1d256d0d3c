"""Bodies of answers: JSON and XML, walked through field by field; what cannot be parsed is not kept at all."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from readiness import documents
from readiness.aliases import Aliases
from readiness.recording.fields import GONE, NEVER, treated
from readiness.recording.places import address
from readiness.recording.xml import redacted_xml

_FIELD = re.compile(r"@?[A-Za-z_][A-Za-z0-9_]{0,80}(?:[@.][A-Za-z_.][A-Za-z0-9_.]{0,80})?", re.ASCII)
"""What names of fields look like; any other key of an object may be somebody's name."""
_SNAKES = re.compile(r"[a-z][A-Za-z0-9]*_[A-Za-z0-9_.@]*", re.ASCII)
"""How Graph names what a customer added to a class: `extension_ID_badge`, `contoso_courses`; its own have no `_`."""
_OF_SIGN_IN = frozenset(
    {
        "access_token", "authorization_endpoint", "claims_supported", "cloud_graph_host_name",
        "cloud_instance_name", "correlation_id", "device_authorization_endpoint", "end_session_endpoint",
        "error_code", "error_codes", "error_description", "error_uri", "expires_in", "ext_expires_in",
        "frontchannel_logout_supported", "http_logout_supported", "id_token_signing_alg_values_supported",
        "jwks_uri", "kerberos_endpoint", "msgraph_host", "mtls_endpoint_aliases", "rbac_url",
        "request_uri_parameter_supported", "response_modes_supported", "response_types_supported",
        "scopes_supported", "subject_types_supported", "tenant_region_scope", "tenant_region_sub_scope",
        "token_endpoint", "token_endpoint_auth_methods_supported", "token_type", "trace_id",
        "userinfo_endpoint",
    }
)  # fmt: skip
"""What a sign-in host says of itself, and how errors are told."""
XML_IN_TEXT = frozenset({"sdmpackagexml"})


def redacted_json(aliases: Aliases, entity: str, value: Any, field: str = "") -> Any:
    """A JSON value with aliases for every text that is not known to be Microsoft's.

    Args:
        entity: what the rows are of: a class, or the last known word of the path.
        field: the name of the field that holds the value.
    """
    if isinstance(value, str):
        return text(aliases, entity, field, value)
    if isinstance(value, list):
        return [redacted_json(aliases, entity, one, field) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("Schema"), list) and isinstance(value.get("Values"), list):
        return _report(aliases, value)
    # A field that holds an object is what that object's own fields are of.
    inside = field if field not in ("", "value") else entity
    return {_key(aliases, name): _field(aliases, inside, name, one) for name, one in value.items()}


def text(aliases: Aliases, entity: str, field: str, value: str) -> str:
    """One text, and what lies in it: XML, JSON, an address."""
    if field.lower() in XML_IN_TEXT and value:
        return redacted_xml(aliases, entity, value.encode("utf-8", "replace")) or aliases.name(value)
    if value.lstrip()[:1] == "{":
        inner = _parsed(value)
        if isinstance(inner, dict):
            return json.dumps(redacted_json(aliases, entity, inner), ensure_ascii=False)
    if value[:8].lower().startswith(("http://", "https://")) and field.lower() != "moreinfolink":
        return address(aliases, value)
    return treated(aliases, entity, field, value)


def _parsed(value: str) -> Any:
    try:
        return documents.parse(value.encode("utf-8", "replace"))
    except ValueError:
        return None


def _key(aliases: Aliases, name: str) -> str:
    customers = _SNAKES.fullmatch(name) and name not in _OF_SIGN_IN
    return name if _FIELD.fullmatch(name) and not customers else aliases.name(name)


def _field(aliases: Aliases, entity: str, name: str, value: Any) -> Any:
    if name.lower() in NEVER and value is not None:
        return GONE
    return redacted_json(aliases, entity, value, name)


def _report(aliases: Aliases, value: Mapping[str, Any]) -> dict[str, Any]:
    """A report of Intune: rows of cells, whose fields stand in `Schema`."""
    columns = [one.get("Column") if isinstance(one, dict) else None for one in value["Schema"]]

    def row(cells: Any) -> Any:
        if not isinstance(cells, list) or len(cells) != len(columns):
            return redacted_json(aliases, "report", cells)
        return [
            redacted_json(aliases, "report", cell, name if isinstance(name, str) else "")
            for name, cell in zip(columns, cells, strict=True)
        ]

    rest = {name: one for name, one in value.items() if name not in ("Schema", "Values")}
    return {
        **{_key(aliases, name): _field(aliases, "report", name, one) for name, one in rest.items()},
        "Schema": [redacted_json(aliases, "report", one) for one in value["Schema"]],
        "Values": [row(cells) for cells in value["Values"]],
    }
