"""What a text is, told by its form, and its alias in the same form."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from readiness.aliases.table import Aliases, Category, Form

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?|\d{14}\.\d{6}[+-]\d{3}", re.ASCII
)
"""ISO 8601, and the form of WMI."""
BUILT_IN_ID = re.compile(r"SMS(?:00[0-9A-Z]{3}|DM00[0-9])", re.ASCII)
"""Ids that Configuration Manager has everywhere: collections, roles, scopes. No site may have the code SMS. Servers
rather do: `SMSSQL01` is one.
"""
COLLECTION_ID = re.compile(r"[0-9A-Z]{3}[0-9A-F]{5}", re.ASCII | re.IGNORECASE)
_LABEL = r"[0-9A-Z_](?:[0-9A-Z_-]{0,61}[0-9A-Z_])?"
HOST = re.compile(rf"(?:{_LABEL}\.)+[A-Z][0-9A-Z-]{{0,61}}[0-9A-Z]\.?", re.ASCII | re.IGNORECASE)
_SID = re.compile(r"S-1(?:-\d{1,14}){2,15}", re.ASCII | re.IGNORECASE)
_EVERYBODYS_SID = re.compile(r"S-1-5-(?:\d{1,2}|32-\d{3})", re.ASCII)
_THUMBPRINT = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}", re.ASCII | re.IGNORECASE)
_PERSON = re.compile(r"([^\s@\\/:;,<>\"]{1,200})@([^\s@\\/:;,<>\"]{1,253})")
_ACCOUNT = re.compile(r"([^\s\\/@\"]{1,253})\\([^\\/\"]{1,200})")
_SHARE = re.compile(r"\\\\([^\\]{1,253})((?:\\[^\\]*){0,10})")
_NAMESPACE = re.compile(r"root\\sms(?:\\site_([0-9A-Z]{3}))?", re.ASCII | re.IGNORECASE)
_ORIGIN = re.compile(r"(https?://)(\[[0-9a-f:.]+\]|[^/:?#\s@\[\]]{1,253})((?::\d{1,5})?/?)", re.IGNORECASE)
_OF_ADDRESSES = re.compile(r"(?=.*[.:])[0-9A-Fa-f.:]+(?:%.*)?")
_BETWEEN = re.compile(r"([_;/|,:(){} ])")

MICROSOFTS = frozenset(
    {
        "00000000-0000-0000-0000-000000000000",
        "00000003-0000-0000-c000-000000000000",  # Microsoft Graph
        "0000000a-0000-0000-c000-000000000000",  # Microsoft Intune
        "fc780465-2017-40d4-a0c5-307022471b92",  # WindowsDefenderATP, the connector
        "557c67cf-c916-4293-8373-d584996f60ae",  # Configuration Manager Microservice
        "1ce9e34f-35e8-4af8-b172-09e4dd00453d",  # its role CmCollectionData.read
        "a7a0e953-7ed2-423c-849f-9d78b5e44612",  # its role CmCollectionData.write
        "62e90394-69f5-4237-9190-012177145e10",  # Global Administrator
        "3a2c62db-5318-420d-8d74-23affee5d9d5",  # Intune Administrator
        "e44c2ca3-2f9a-400a-a113-6cc88efd773d",  # template of the retired EDR profiles
    }
)
"""Ids that are the same in every tenant, and decide something. Source: reference on Graph."""
HOSTS = frozenset(
    {
        "graph.microsoft.com", "graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn",
        "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn",
        "microsoftonline.com", "microsoftonline.us", "partner.microsoftonline.cn", "login.windows.net",
        "login.microsoft.com", "sts.windows.net", "go.microsoft.com", "support.microsoft.com", "learn.microsoft.com",
        "docs.microsoft.com", "aka.ms", "www.microsoft.com", "schemas.microsoft.com", "schemas.xmlsoap.org",
        "www.w3.org", "schemas.dmtf.org", "graph.windows.net", "localhost",
    }
)  # fmt: skip
"""Hosts of Microsoft's and of standards, which tell nothing of an estate."""
SUFFIXES = frozenset({"onmicrosoft.com", "onmicrosoft.us", "partner.onmschina.cn", "microsoft.com", "windows.net"})
"""Domains of Microsoft's under which tenants have names."""


def is_well_known(text: str) -> bool:
    """Whether a text says nothing of the estate by its form alone."""
    return (
        not text.strip()
        or text.lower() in MICROSOFTS
        or text.lower() in HOSTS
        or BUILT_IN_ID.fullmatch(text) is not None
        or _EVERYBODYS_SID.fullmatch(text) is not None
        or MOMENT.fullmatch(text) is not None
    )


def shaped(aliases: Aliases, text: str, category: Category = Category.TEXT) -> str:
    """What stands for a text, in the text's own form; the text itself where it is well known.

    Args:
        category: what the name in it is of, as far as its field tells.
    """
    if is_well_known(text):
        return text
    for recognise in _FORMS:
        found = recognise(aliases, text, category)
        if found is not None:
            return found
    return aliases.name(text, category)


def host(aliases: Aliases, text: str) -> str:
    """A server by name or address, in lower case: label by label, so that what shares a domain still does."""
    if is_well_known(text):
        return text
    found = _address(aliases, text, Category.HOST) or _labels(aliases, text, Category.HOST)
    return found or aliases.name(text, Category.HOST, lower=True)


def _single(aliases: Aliases, text: str, category: Category) -> str | None:
    for form, pattern in _SINGLE:
        if pattern.fullmatch(text):
            return aliases.formed(form, text, category)
    return None


_SINGLE = (
    (Form.GUID, GUID),
    (Form.SID, _SID),
    (Form.THUMBPRINT, _THUMBPRINT),
    (Form.COLLECTION_ID, COLLECTION_ID),
)


def _address(aliases: Aliases, text: str, category: Category) -> str | None:
    if not _OF_ADDRESSES.fullmatch(text):
        return None
    for form, kind in ((Form.IPV4, IPv4Address), (Form.IPV6, IPv6Address)):
        try:
            kind(text)
        except (AddressValueError, ValueError):
            continue
        return aliases.formed(form, text, category)
    return None


def _labels(aliases: Aliases, text: str, category: Category) -> str | None:
    """`cm01.corp.contoso.com` as label by label and, at its end, the domain that was bought."""
    if not HOST.fullmatch(text):
        return None
    first, _, rest = text.rstrip(".").partition(".")
    if rest.count(".") == 0:
        return aliases.formed(Form.DOMAIN, text.rstrip("."), Category.DOMAIN)
    kept = (
        rest.lower() if rest.lower() in SUFFIXES or rest.lower() in HOSTS else _labels(aliases, rest, Category.DOMAIN)
    )
    is_host = category is Category.HOST
    return f"{aliases.name(first, Category.HOST if is_host else Category.DOMAIN, lower=True)}.{kept}"


def _origin(aliases: Aliases, text: str, category: Category) -> str | None:
    found = _ORIGIN.match(text)
    if found is None or "@" in text:  # a name and a password may stand before the server
        return None
    bare = found[2].strip("[]")
    stands = host(aliases, bare)
    rest = text[found.end() :]
    name = f"[{stands}]" if found[2].startswith("[") else stands
    return f"{found[1].lower()}{name}{found[3]}{aliases.name(rest, category) if rest else ''}"


def _person(aliases: Aliases, text: str, _category: Category) -> str | None:
    found = _PERSON.fullmatch(text)
    if found is None:
        return None
    return f"{aliases.name(found[1], Category.USER, lower=True)}@{domain(aliases, found[2])}"


def domain(aliases: Aliases, text: str) -> str:
    """A domain, with dots or without."""
    if is_well_known(text):
        return text
    return _labels(aliases, text, Category.DOMAIN) or aliases.name(text, Category.DOMAIN, lower=True)


def _account(aliases: Aliases, text: str, _category: Category) -> str | None:
    found = _ACCOUNT.fullmatch(text)
    if found is None:
        return None
    return f"{aliases.name(found[1], Category.DOMAIN)}\\{aliases.name(found[2], Category.USER)}"


def _share(aliases: Aliases, text: str, category: Category) -> str | None:
    found = _SHARE.fullmatch(text)
    if found is None:
        return None
    path = found[2].lstrip("\\")
    rest = _namespace(aliases, path, category) or (aliases.name(path, category) if path else "")
    between = "\\" if found[2] else ""
    return f"\\\\{host(aliases, found[1])}{between}{rest}"


def _namespace(aliases: Aliases, text: str, _category: Category) -> str | None:
    found = _NAMESPACE.fullmatch(text)
    if found is None:
        return None
    return rf"root\sms\site_{aliases.formed(Form.SITE_CODE, found[1])}" if found[1] else text


def _pieces(aliases: Aliases, text: str, category: Category) -> str | None:
    """Ids with other things around them: each piece for itself; a small number says nothing."""
    if len(text) > 300 or not any(GUID.fullmatch(piece) for piece in _BETWEEN.split(text)):
        return None
    return "".join(
        piece
        if _BETWEEN.fullmatch(piece) or re.fullmatch(r"\d{0,3}|uuid", piece, re.ASCII)
        else shaped(aliases, piece, category)
        for piece in _BETWEEN.split(text)
    )


_FORMS: tuple[Callable[[Aliases, str, Category], str | None], ...] = (
    _single, _address, _origin, _person, _namespace, _share, _account, _labels, _pieces,
)  # fmt: skip
