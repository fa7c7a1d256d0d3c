"""Which cloud the tenant lives in: what the sign-in host says of it to everybody."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from readiness.errors import SourceError
from readiness.model.facts import TenantCloud
from readiness.model.words import Reason
from readiness.sources.reader import Finding
from readiness.text import one_line

if TYPE_CHECKING:
    from readiness.sources.graph.session import GraphSession

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ISSUER = re.compile(rf"https://[^/]+/({_GUID})/v2\.0/?", re.ASCII | re.IGNORECASE)


def tenant_cloud(session: GraphSession) -> Finding[TenantCloud]:
    """What the tenant's discovery document says. It needs no sign-in, and asks nothing of Microsoft Graph.

    Raises:
        SourceError: the document is none, or of another tenant, or cannot be had.
    """
    found = session.metadata()
    if not any(_text(found.document, name) for name in ("issuer", "token_endpoint")):
        raise SourceError(Reason.BAD_ANSWER, "Entra ID answered with something that is no discovery document")
    issuer = _ISSUER.fullmatch(_text(found.document, "issuer") or "")
    cloud = TenantCloud(
        configured=session.cloud,
        tenant_id=issuer[1].lower() if issuer else None,
        region_scope=_text(found.document, "tenant_region_scope"),
        region_sub_scope=_text(found.document, "tenant_region_sub_scope"),
        cloud_instance_name=_text(found.document, "cloud_instance_name"),
        graph_host=_text(found.document, "msgraph_host"),
    )
    _must_be_of(cloud, session.tenant)
    return Finding(cloud, 1, found.query, found.request_id, found.clock_skew_seconds)


def _must_be_of(cloud: TenantCloud, tenant: str) -> None:
    """The sign-in host must speak of the tenant that was asked for, where both are ids."""
    if cloud.tenant_id and re.fullmatch(_GUID, tenant, re.ASCII | re.IGNORECASE) and tenant.lower() != cloud.tenant_id:
        words = f"the sign-in host, asked for the tenant {tenant}, speaks of {cloud.tenant_id}"
        raise SourceError(Reason.WRONG_TARGET, words)


def _text(document: Mapping[str, Any], name: str) -> str | None:
    """A text of the document; None where it is not there, null or empty."""
    value = document.get(name)
    if value is None or isinstance(value, str):
        return value or None
    said = one_line(reprlib.repr(value), 80)
    raise SourceError(Reason.BAD_ANSWER, f"the sign-in host answered no usable value in {name}: {said}")
