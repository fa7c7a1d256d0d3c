"""The clouds that a tenant can live in, and their hosts.

Source: Microsoft Graph documentation, "National cloud deployments". The sign-in host of China is the one that MSAL
names as current; the documentation's table still prints the deprecated `login.chinacloudapi.cn`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cloud(StrEnum):
    """`[tenant] cloud`. GCC is part of the public cloud."""

    PUBLIC = "public"
    USGOV = "usgov"
    USDOD = "usdod"
    CHINA = "china"


@dataclass(frozen=True, slots=True)
class CloudHosts:
    """Where a cloud signs people in, and where its Microsoft Graph answers: https origins without a final slash."""

    login: str
    graph: str


CLOUDS = {
    Cloud.PUBLIC: CloudHosts("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    Cloud.USGOV: CloudHosts("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    Cloud.USDOD: CloudHosts("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    Cloud.CHINA: CloudHosts("https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"),
}
