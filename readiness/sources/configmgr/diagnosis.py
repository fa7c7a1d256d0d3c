"""Why nobody was let in to the site. One table for every way to the site, and for scan, collect and permissions.

The causes are found by number: those of the Kerberos library and of Windows, and what was seen of the conversation.
Sentences of libraries and servers are shown, never matched: they are translated. Numbers: RFC 4120, 7.5.9, and MIT's
krb5.h; the major codes of RFC 2744; [MS-ERREF] for Windows (read, not tried: no test of ours ran there yet).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field

from readiness.sources.configmgr.causes import (
    ADDRESS,
    BAD_KEYTAB,
    BINDING,
    CLOCK,
    DOUBLE_SPN,
    EXPIRED_ACCOUNT,
    EXPIRED_PASSWORD,
    EXPIRED_TICKET,
    KERBEROS_ONLY,
    LOCKED,
    NO_BASIC,
    NO_KDC,
    NO_PACKAGE,
    NO_REALM,
    NO_SPN,
    NO_TICKET,
    NOT_ADMIN,
    NTLM_OFF,
    OLD_KEYS,
    OTHER_SPN,
    POLICY,
    REFUSED,
    RIGHTS,
    SETTINGS,
    SKEW_SECONDS,
    TICKET_REFUSED,
    UNKNOWN_REALM,
    UNKNOWN_USER,
    UNMAPPED,
    WINRM_RIGHT,
    WRONG_KEY,
    WRONG_PASSWORD,
    Cause,
)
from readiness.sources.failures import causes


def _kdc(number: int) -> int:
    """The library's number for an error message of RFC 4120."""
    return -1765328384 + number


KERBEROS: dict[int, Cause] = {
    _kdc(1): EXPIRED_ACCOUNT,
    _kdc(6): UNKNOWN_USER,
    _kdc(7): NO_SPN,
    _kdc(8): DOUBLE_SPN,
    _kdc(12): POLICY,
    _kdc(14): OLD_KEYS,
    _kdc(18): LOCKED,
    _kdc(21): LOCKED,
    _kdc(23): EXPIRED_PASSWORD,
    _kdc(24): WRONG_PASSWORD,
    _kdc(29): NO_KDC,
    _kdc(31): WRONG_PASSWORD,
    _kdc(32): EXPIRED_TICKET,
    _kdc(33): CLOCK,
    _kdc(35): OTHER_SPN,
    _kdc(37): CLOCK,
    _kdc(41): OTHER_SPN,
    _kdc(44): OTHER_SPN,
    _kdc(45): OTHER_SPN,
    _kdc(60): TICKET_REFUSED,  # KRB_ERR_GENERIC: of a server, what it says where Kerberos has no word for it
    _kdc(68): UNKNOWN_REALM,
    -1765328249: SETTINGS,  # KRB5_CONFIG_CANTOPEN
    -1765328248: SETTINGS,  # KRB5_CONFIG_BADFORMAT
    -1765328243: NO_TICKET,  # KRB5_CC_NOTFOUND
    -1765328236: CLOCK,  # KRB5_KDCREP_SKEW
    -1765328230: UNKNOWN_REALM,  # KRB5_REALM_UNKNOWN
    -1765328228: NO_KDC,  # KRB5_KDC_UNREACH
    -1765328203: BAD_KEYTAB,  # KRB5_KT_NOTFOUND
    -1765328202: BAD_KEYTAB,  # KRB5_KT_END
    -1765328200: BAD_KEYTAB,  # KRB5_KT_IOERR
    -1765328190: NO_TICKET,  # KRB5_FCC_PERM
    -1765328189: NO_TICKET,  # KRB5_FCC_NOFILE
    -1765328185: NO_TICKET,  # KRB5_CC_FORMAT
    -1765328174: WRONG_PASSWORD,  # KRB5_PREAUTH_FAILED
    -1765328171: BAD_KEYTAB,  # KRB5_KEYTAB_BADVNO
    -1765328167: UNKNOWN_REALM,  # KRB5_ERR_HOST_REALM_UNKNOWN
    -1765328164: UNKNOWN_REALM,  # KRB5_REALM_CANT_RESOLVE
    -1765328160: NO_REALM,  # KRB5_CONFIG_NODEFREALM
    -1765328149: BAD_KEYTAB,  # KRB5_KT_FORMAT
    -1765328147: OLD_KEYS,  # KRB5_CONFIG_ETYPE_NOSUPP
}
"""By the numbers of the Kerberos library."""

WINDOWS: dict[int, Cause] = {
    0x80090303: NO_SPN,  # SEC_E_TARGET_UNKNOWN
    0x8009030C: WRONG_PASSWORD,  # SEC_E_LOGON_DENIED
    0x8009030E: NO_TICKET,  # SEC_E_NO_CREDENTIALS
    0x80090311: NO_KDC,  # SEC_E_NO_AUTHENTICATING_AUTHORITY
    0x80090322: OTHER_SPN,  # SEC_E_WRONG_PRINCIPAL
    0x80090324: CLOCK,  # SEC_E_TIME_SKEW
    0x80090346: BINDING,  # SEC_E_BAD_BINDINGS
}
"""By the numbers of Windows."""

_MAJOR = {4: BINDING, 7: NO_TICKET, 11: EXPIRED_TICKET}
"""By GSSAPI's own routine errors, where the number under them says nothing."""


class Undone(Exception):  # noqa: N818  (what it is)
    """A sign-in that we know ourselves to be impossible."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.what)
        self.cause = cause


def cause_of(error: BaseException, server: str = "", *, keytab: bool = False) -> Cause | None:
    """What an error of the sign-in libraries means; None where its numbers are not known.

    Args:
        server: as whom it is known, to tell an address from a name that nobody registered.
        keytab: whether a keytab signed in, and no password.
    """
    links = list(causes(error, "base_error"))
    if any(isinstance(link, ImportError) for link in links):
        return NO_PACKAGE
    found = next((cause for link in links if (cause := _known(link)) is not None), None)
    if found is None:
        majors = (getattr(link, "maj_code", 0) >> 16 & 0xFF for link in links)
        found = next((_MAJOR[major] for major in majors if major in _MAJOR), None)
    if found is NO_SPN and _is_address(server):
        return ADDRESS
    return WRONG_KEY if found is WRONG_PASSWORD and keytab else found


def _known(link: BaseException) -> Cause | None:
    if isinstance(link, Undone):
        return link.cause
    for name, table in (("err_code", KERBEROS), ("min_code", KERBEROS), ("winerror", WINDOWS)):
        number = getattr(link, name, None)
        if isinstance(number, int) and number:
            cause = table.get(_signed(number) if table is KERBEROS else number & 0xFFFFFFFF)
            if cause is not None:
                return cause
    return None


def _signed(number: int) -> int:
    number &= 0xFFFFFFFF
    return number - 2**32 if number >= 2**31 else number


def _is_address(server: str) -> bool:
    try:
        ipaddress.ip_address(server)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a sign-in that a server ended with 401.

    Attributes:
        service: "winrm" or "adminservice".
        offered: the mechanisms that it offers, in lower case.
        heard: whether it answered to a first message of the sign-in: with NTLM the password was tried only then.
        mechanism: what was spoken: "kerberos", "ntlm", "basic", "certificate"; None where it is not known.
        complete: whether the server proved itself before it refused: then the sign-in was right.
        bound: whether the sign-in was bound to a TLS connection.
        skew_seconds: the server's clock minus ours, where it told.
        without: why Kerberos was not used.
    """

    service: str
    mechanism: str | None
    offered: frozenset[str] = field(default_factory=frozenset)
    heard: bool = True
    complete: bool = False
    bound: bool = False
    skew_seconds: float | None = None
    without: Cause | None = None


def refusal(seen: Seen) -> Cause:
    """The likeliest cause of a 401 after everything that we could say; more than one where they look the same."""
    if seen.mechanism == "certificate":
        return UNMAPPED
    if seen.complete:
        return WINRM_RIGHT if seen.service == "winrm" else NOT_ADMIN
    if seen.mechanism == "basic":
        return _with(REFUSED, NO_BASIC.what)
    if seen.mechanism == "kerberos":
        if abs(seen.skew_seconds or 0) > SKEW_SECONDS:
            return CLOCK
        return _with(TICKET_REFUSED, *_binding(seen))
    return _ntlm(seen)


def _ntlm(seen: Seen) -> Cause:
    hints = [f"Kerberos was not used: {seen.without.what}"] if seen.without is not None else []
    hints.append(RIGHTS[seen.service])
    if seen.service == "adminservice":
        hints.append(KERBEROS_ONLY)
    # WinRM never offers NTLM by its own name; the administration service does, as long as it takes it.
    off = not seen.heard or (seen.service == "adminservice" and "ntlm" not in seen.offered)
    if seen.mechanism == "ntlm" and off:
        return _with(NTLM_OFF, *hints)
    return _with(REFUSED, *hints, *_binding(seen))


def _binding(seen: Seen) -> Iterator[str]:
    if seen.bound:
        yield f"or else {BINDING.what}: something on the way ends TLS"


def _with(cause: Cause, *hints: str) -> Cause:
    """The cause, and what else may be the matter."""
    remedy = "; ".join((cause.remedy, *hints))
    return Cause(cause.what, cause.who, remedy, cause.reason, cause.final)
