"""The SMS Provider over the administration service: OData over https, as the console speaks it too."""

from __future__ import annotations

from readiness.sources.configmgr.adminservice.provider import AdminServiceProvider

__all__ = ["AdminServiceProvider"]
