"""Kinds of names that lead somewhere: tenants, servers, hosts, and the variables that hold secrets.

None of them shows the value it refuses: a secret or a `user:password@` could be in it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from readiness.config.kinds import COMMA_NAMES, text_kind
from readiness.config.origin import BadValueError

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NAME_PART = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"{_NAME_PART}(\.{_NAME_PART})*\.?")
_DOMAIN = re.compile(rf"{_NAME_PART}(\.{_NAME_PART})+")
_SITE_CODE = re.compile(r"[A-Za-z0-9]{3}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONVENTIONAL_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_LONGEST_HOST = 253
_WITH_PATH = re.compile(r"(?P<origin>https?://[^/?#]*)(?P<path>/.*)")
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_-]{1,60}){0,4}")
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LONGEST_MAILBOX = 254
"""RFC 5321, section 4.5.3.1.3, without the brackets."""
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,79}")


def _guid(text: str) -> str:
    if not _GUID.fullmatch(text):
        raise BadValueError("expected a GUID such as 6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f, without braces")
    return text.lower()


def _tenant(text: str) -> str:
    if _GUID.fullmatch(text):
        return text.lower()
    if len(text) > _LONGEST_HOST or not _DOMAIN.fullmatch(text):
        raise BadValueError("expected the tenant's GUID, or a verified domain such as contoso.onmicrosoft.com")
    return text


def is_host(text: str) -> bool:
    """Whether this is a host name, an IPv4 or an IPv6 address, and nothing more."""
    if ":" not in text:
        return len(text) <= _LONGEST_HOST and _HOST.fullmatch(text) is not None
    from ipaddress import IPv6Address

    try:
        return IPv6Address(text).scope_id is None
    except ValueError:
        return False


def _server(text: str) -> str:
    host = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if is_host(host):
        return host
    advice = "expected a host name only"
    if "://" in text:
        advice += "; the scheme goes under scheme"
    if re.search(r":[0-9]+/?$", text):
        advice += "; the port goes under port"
    if "@" in text:
        advice += "; the account goes under username, and the name of the variable with its password under password_env"
    bare = re.sub(r"^[a-z]+://|[:/].*$", "", text, flags=re.IGNORECASE)
    if "@" not in text and bare != text and is_host(bare):
        advice += f'; did you mean "{bare}"?'
    raise BadValueError(advice)


def _site_code(text: str) -> str:
    if not _SITE_CODE.fullmatch(text):
        raise BadValueError("expected three letters or digits, such as P01")
    return text.upper()


def _origin(text: str) -> str:
    """`https://host[:port]`, without the final slash."""
    from urllib.parse import urlsplit

    expected = "expected https://HOST or https://HOST:PORT, without a path or an account"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadValueError(expected) from None
    if parts.scheme != "https" or not host or not is_host(host):
        raise BadValueError(expected)
    name = f"[{host}]" if ":" in host else host
    origin = f"https://{name}" if port is None else f"https://{name}:{port}"
    if "@" in parts.netloc or text.lower().rstrip("/") != origin or port == 0:
        raise BadValueError(f"{expected}; did you mean {origin}?" if "@" not in text else expected)
    return origin


def _base(text: str) -> str:
    """`https://host[:port]`, and a plain path where one is given, without the final slash."""
    origin, path = text, ""
    found = _WITH_PATH.fullmatch(text)
    if found is not None:
        origin, path = found["origin"], found["path"].rstrip("/")
    if not _PLAIN_PATH.fullmatch(path):
        raise BadValueError("expected https://HOST or https://HOST/PATH, the path of letters, digits, - and _")
    return _origin(origin) + path


def _table(text: str) -> str:
    if not _TABLE.fullmatch(text):
        raise BadValueError("expected the name of a table such as change_request: small letters, digits, underscores")
    return text


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise BadValueError(
            "expected the name of an environment variable (letters, digits, underscores); "
            "a secret is never written in the file"
        )
    return text


def shown_variable(name: str) -> str | None:
    """The name of a variable where it looks like one, in capitals. Anything else may be the secret itself: None."""
    return name if _CONVENTIONAL_VARIABLE.fullmatch(name) else None


def _mailbox(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if not _MAILBOX.fullmatch(local) or not is_host(domain) or ":" in domain or len(text) > _LONGEST_MAILBOX:
        raise BadValueError("expected an e-mail address such as ops@contoso.com, without a name beside it")
    return text


def _mailboxes(value: object, base: Path) -> tuple[str, ...]:
    return tuple(map(_mailbox, COMMA_NAMES.read(value, base)))


GUID = text_kind(_guid, "GUID")
TENANT = text_kind(_tenant, "GUID or domain")
SERVER = text_kind(_server, "host name or address")
SITE_CODE = text_kind(_site_code, "three letters or digits")
ORIGIN = text_kind(_origin, "https://HOST or https://HOST:PORT")
BASE = text_kind(_base, "https://HOST or https://HOST/PATH")
TABLE = text_kind(_table, "name of a table")
VARIABLE = text_kind(_variable, "name of an environment variable")
MAILBOX = text_kind(_mailbox, "e-mail address")
MAILBOXES = replace(COMMA_NAMES, read=_mailboxes, says="list of e-mail addresses")
