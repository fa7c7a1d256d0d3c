"""Exchanges with Microsoft Graph against its OpenAPI: by openapi-core, and where that lets pass what it does not know.

`judge` takes exchanges from wherever they were recorded: the simulated estate, or a real one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml  # type: ignore[import-untyped]
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from tests.schema.recorded import Recorded, single

HOME = Path(__file__).resolve().parents[1] / "data" / "graph"
VERSIONS = ("v1.0", "beta")
HOST = "https://graph.microsoft.com"
COMMON = frozenset({"$filter", "$select", "$expand", "$top", "$count"})
"""Query parameters that the subset declares for every collection."""
EXPANDED = {
    "/deviceManagement/configurationPolicies": {"assignments": "deviceManagementConfigurationPolicyAssignment"},
    "/roleManagement/directory/roleAssignments": {"principal": "directoryObject"},
    "/roleManagement/directory/roleAssignmentScheduleInstances": {"principal": "directoryObject"},
    "/roleManagement/directory/roleEligibilityScheduleInstances": {"principal": "directoryObject"},
}
"""What $expand may name, and its type: the subset holds no navigation properties of big types. Reference, sections 2.2
and 4.2."""
OPTIONAL_HEADERS = {("consistencylevel", "eventual"), ("prefer", "include-unknown-enum-members")}
OF_THE_EXCHANGE = {
    "accept": re.compile(r"application/json"),
    "authorization": re.compile(r"Bearer \S+"),
    "client-request-id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}
"""Headers that every request carries, but for members of a batch. Reference, section 6."""
OF_THE_TRANSPORT = {
    "host",
    "user-agent",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
}
_KEY = re.compile(r"(?<=\w)\('([^']*)'\)")
_NAME = re.compile(r"\b[A-Za-z_]\w*\b")
_FILTER_WORDS = {"eq", "ne", "and", "or", "not", "startswith", "in", "null", "true", "false"}

_TEXT = {"type": "string"}

Schema = Mapping[str, Any]


@dataclass
class Judged:
    """What became of a set of exchanges."""

    problems: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    """The paths that were asked, with their version, as the OpenAPI writes them."""
    seen: int = 0
    """Requests, members of batches counted one by one."""
    statuses: set[int] = field(default_factory=set)
    """Of the answers, members of batches one by one."""


def judge(exchanges: Iterable[Recorded], *, ours: bool = True) -> Judged:
    """Hold each request and each answer against the OpenAPI of its version.

    Args:
        ours: whether the answers are those of the simulated estate, which may hold nothing that the OpenAPI does not
            know. A real one may be newer than it, and no value of it is told.
    """
    judged = Judged()
    links: set[str] = set()
    for whole in exchanges:
        for one in single(whole):
            judged.seen += 1
            judged.statuses.add(one.status)
            path, found = _judged(one, links, ours)
            if path is not None:
                judged.paths.add(f"{one.version} {path}")
            # Of an estate that is not ours nothing is told but paths, without ids and names.
            asked = unquote(one.target) if ours else f"/{one.version}{path or ' of no kind that is known'}"
            judged.problems += [f"{one.method} {asked} -> {one.status}: {problem}" for problem in found]
            links |= set(_links(one))
    return judged


def supplement(version: str) -> Mapping[str, Any]:
    """The paths that the subset of this version lacks, and why they are asked all the same."""
    found: Mapping[str, Any] = _yaml("supplement.yaml")[version]
    return found


def subset(version: str) -> Mapping[str, Any]:
    """The paths of the subset."""
    found: Mapping[str, Any] = _yaml(f"openapi-{version}-subset.yaml")["paths"]
    return found


def _judged(one: Recorded, links: set[str], ours: bool) -> tuple[str | None, list[str]]:
    spec = document(one.version)
    path, operation = _operation(spec, one)
    if operation is None:
        return path, ["neither the subset nor the supplement has this path, or not for this method"]
    # What follows a page is asked for as the page says, whatever parameters stand in there.
    follows = unquote(one.target) in links
    problems = [*_headers(one), *_by_openapi_core(one, ours)]
    if not follows:
        problems += _parameters(spec, path or "", operation, one)
    if one.status == 200 and ours:
        rows = EXPANDED.get(path or "", {})
        problems += _strangers(spec, _answer_schema(operation), _parsed(one.answer), "", rows)
    return path, problems


def _headers(one: Recorded) -> Iterator[str]:
    given = {name.lower(): value for name, value in one.headers.items()}
    for name, value in sorted(given.items()):
        if name in OF_THE_EXCHANGE and not one.member:
            if not OF_THE_EXCHANGE[name].fullmatch(value):
                yield f"the header {name} is not as it should be"
        elif (name, value) not in OPTIONAL_HEADERS and (one.member or name not in OF_THE_TRANSPORT):
            yield f"a header that nobody declared: {name}"
    if not one.member:
        yield from (f"the header {name} is missing" for name in sorted(set(OF_THE_EXCHANGE) - set(given)))
    # Reference, section 6: for directory objects only.
    if "consistencylevel" in given and "/deviceManagement" in one.target:
        yield "ConsistencyLevel on a path of Intune"


def _by_openapi_core(one: Recorded, ours: bool) -> Iterator[str]:
    target = urlsplit(one.target)
    request = MockRequest(
        HOST,
        one.method,
        f"/{one.version}{_path(target.path, one.version)}",
        args=dict(parse_qsl(target.query)),
        headers=dict(one.headers),
        data=one.body or None,
    )
    kind, _, parameters = one.kind.partition(";")
    if "charset=" in parameters.lower() and "charset=utf-8" not in parameters.lower():
        yield f"the answer: {one.kind}"
    response = MockResponse(one.answer, one.status, content_type=kind)
    checker: Any = openapi(one.version)  # parts of it have no types
    try:
        checker.validate_request(request)
    except OpenAPIError as error:
        yield f"the request: {_told(error, ours)}"
    try:
        checker.validate_response(request, response)
    except OpenAPIError as error:
        yield f"the answer: {_told(error, ours)}"


def _told(error: BaseException, ours: bool) -> str:
    cause = error.__cause__
    found = [
        f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200] if ours else f'breaks {one.validator}'}"
        for one in getattr(cause, "schema_errors", ())
    ]
    said = f" {error} ({cause})" if ours else ""
    return "; ".join(found) or f"{type(error).__name__}{said}"


def _parameters(spec: Schema, path: str, operation: Schema, one: Recorded) -> Iterator[str]:
    declared = {given["name"] for given in operation.get("parameters", []) if given["in"] == "query"}
    for name, value in parse_qsl(urlsplit(one.target).query, keep_blank_values=True):
        if name not in declared:
            yield f"a query parameter that is not declared: {name}"
        known = {*_properties(spec, _row_schema(spec, operation)), *EXPANDED.get(path, {})}
        yield from (f"{name} names what the type has not: {word}" for word in _named(name, value) if word not in known)


def _named(parameter: str, value: str) -> list[str]:
    """The properties that a query parameter names."""
    if parameter in ("$select", "$expand"):
        return value.split(",")
    if parameter == "$filter":
        bare = re.sub(r"'[^']*'", "", value)
        return [word for word in _NAME.findall(bare) if word not in _FILTER_WORDS]
    return []


def _strangers(
    spec: Schema, schema: Schema, value: Any, where: str, expanded: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Properties that the type does not have: the schemas are open, so a misspelt one would pass."""
    if isinstance(value, list):
        items = _resolved(spec, schema).get("items", {})
        for one in value:
            yield from _strangers(spec, items, one, f"{where}[]", expanded)
        return
    if not isinstance(value, dict):
        return
    kind = str(value.get("@odata.type", "")).removeprefix("#")
    own = spec["components"]["schemas"].get(kind)
    known = {**_properties(spec, schema), **(_properties(spec, own) if own else {})}
    if where:
        known |= {name: _rows(kind) for name, kind in (expanded or {}).items()}
    foreign = kind and own is None  # a type that the subset lacks
    for name, inner in value.items():
        if "@odata." in name or name == "@microsoft.graph.tips":
            continue
        if name in known:
            yield from _strangers(spec, known[name], inner, f"{where}.{name}", expanded if not where else None)
        elif known and not foreign:
            yield f"a property that the type does not have: {where}.{name}"


def _properties(spec: Schema, schema: Schema) -> dict[str, Schema]:
    """The properties of a type, those of its bases among them."""
    resolved = _resolved(spec, schema)
    parts = [*resolved.get("allOf", []), *resolved.get("anyOf", []), *resolved.get("oneOf", [])]
    found = {name: inner for part in parts for name, inner in _properties(spec, part).items()}
    return {**found, **resolved.get("properties", {})}


def _resolved(spec: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _answer_schema(operation: Schema) -> Schema:
    content = operation["responses"]["200"]["content"]
    found: Schema = next(iter(content.values()))["schema"]
    return found


def _row_schema(spec: Schema, operation: Schema) -> Schema:
    schema = _resolved(spec, _answer_schema(operation))
    rows = schema.get("properties", {}).get("value", {})
    found: Schema = rows.get("items", schema)
    return found


def _links(one: Recorded) -> Iterator[str]:
    """Where the pages that follow an answer are."""
    if one.status == 200:
        answer = _parsed(one.answer)
        link = answer.get("@odata.nextLink") if isinstance(answer, dict) else None
        if link:
            parts = urlsplit(link)
            # Compared without percent-encoding, which urllib3 writes in its own way.
            yield unquote(f"{parts.path}?{parts.query}")


def _parsed(answer: bytes) -> Any:
    """The document; None where it is none, of which openapi-core says so."""
    try:
        return json.loads(answer)
    except ValueError:
        return None


def _path(path: str, version: str) -> str:
    """The path as the OpenAPI writes it: OData takes a key in parentheses, or as a segment."""
    return _KEY.sub(r"/\1", unquote(path).removeprefix(f"/{version}"))


def _operation(spec: Schema, one: Recorded) -> tuple[str | None, Schema | None]:
    """The path of the OpenAPI, and what it says of the method."""
    path = _path(urlsplit(one.target).path, one.version)
    for template, item in spec["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/']+", re.escape(template))
        if re.fullmatch(pattern, path):
            return template, item.get(one.method.lower())
    return None, None


@cache
def openapi(version: str) -> OpenAPI:
    config = Config(extra_media_type_deserializers={"application/octet-stream": json.loads})
    return OpenAPI.from_dict(document(version), config=config)


@cache
def document(version: str) -> Any:
    """The subset of a version, and what supplements it."""
    more = {path: _item(path, what) for path, what in supplement(version).items()}
    paths = {**subset(version), **more}
    operations = (operation for item in paths.values() for operation in item.values())
    for operation in operations:
        # The subset says how clients' errors look; an error of the server looks the same. Reference, section 6.
        operation["responses"].setdefault("5XX", operation["responses"]["4XX"])
    return {**_yaml(f"openapi-{version}-subset.yaml"), "paths": paths}


@cache
def _yaml(name: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (HOME / name).open(encoding="utf-8") as file:
        return yaml.load(file, loader)  # noqa: S506 - a safe loader, in C where there is one


def _item(path: str, what: Schema) -> Schema:
    """A path of the supplement, in the form of the subset's."""
    posted, collection = "body" in what, "row" in what or "rows" in what
    declared = sorted(COMMON if collection else {"$select", "$expand"})
    operation: dict[str, Any] = {
        "responses": {
            "200": _content(_answer(what), "application/octet-stream" if posted else "application/json"),
            "4XX": _content({"$ref": "#/components/schemas/odataError"}),
        },
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": _TEXT} for name in re.findall(r"{(\w+)}", path)),
            *({"name": name, "in": "query", "schema": _TEXT} for name in declared if not posted),
        ],
    }
    return {"post": {**operation, "requestBody": _content(what["body"])}} if posted else {"get": operation}


def _answer(what: Schema) -> Schema:
    if "row" in what or "rows" in what:
        return _page({"type": "array", "items": what["rows"]} if "rows" in what else _rows(what["row"]))
    found: Schema = what["schema"] if "schema" in what else _type(what["object"])
    return found


def _content(schema: Schema, kind: str = "application/json") -> Schema:
    return {"description": "see the supplement", "content": {kind: {"schema": schema}}}


def _page(rows: Schema) -> Schema:
    link = {"type": "string", "format": "uri"}
    properties = {"@odata.count": {"type": "integer"}, "@odata.nextLink": link, "value": rows}
    return {"type": "object", "required": ["value"], "properties": properties}


def _rows(kind: str) -> Schema:
    return {"type": "array", "items": _type(kind)}


def _type(kind: str) -> Schema:
    return {"$ref": f"#/components/schemas/microsoft.graph.{kind}"}
