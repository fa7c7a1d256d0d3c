"""Kerberos tickets on systems that have GSSAPI, fetched before anything is said to the server.

pyspnego's Negotiate falls back to NTLM whenever Kerberos fails, and does not say why: a wrong password would count
twice, and nobody would learn that a name or a clock is wrong. So the tickets are fetched here, and their failure is
told by its number (`diagnosis`). On Windows the system does all of this itself, and this module is not used.
"""

from __future__ import annotations

import os
from typing import Any

from readiness.sources.configmgr.causes import NO_REALM
from readiness.sources.configmgr.diagnosis import Undone
from readiness.sources.configmgr.target import Target


def by_gssapi() -> bool:
    """Whether Kerberos is ours to fetch tickets for."""
    if os.name == "nt":
        return False
    try:
        import gssapi  # noqa: F401
        import krb5  # noqa: F401
    except ImportError:
        return False
    return True


def credential(target: Target) -> Any:
    """What pyspnego signs in to `target` with: tickets that are there already, one for the service among them.

    Returns:
        None for the current logon, else pyspnego's credential.

    Raises:
        Exception: whatever the libraries throw; `diagnosis.cause_of` knows it.
    """
    import spnego

    own = _initial(target) if target.username is not None else None
    # The first step asks for the ticket of the service, and keeps it beside the first: the sign-in finds it there.
    spnego.client(own, hostname=target.server, service="HTTP", protocol="kerberos").step()
    return own


def _initial(target: Target) -> Any:
    """The first ticket, by password or by keytab, kept in memory."""
    import krb5
    from spnego import KerberosCCache

    context = krb5.init_context()
    principal = krb5.parse_name_flags(context, principal_of(target.username or "", _realm(context)).encode())
    options = krb5.get_init_creds_opt_alloc(context)
    if hasattr(krb5, "get_init_creds_opt_set_default_flags"):  # Heimdal, as on macOS, reads krb5.conf only when told to
        realm = krb5.principal_get_realm(context, principal)
        krb5.get_init_creds_opt_set_default_flags(context, options, b"gss_krb5", realm)
    krb5.get_init_creds_opt_set_canonicalize(options, True)
    if target.keytab is not None:
        keys = krb5.kt_resolve(context, os.fsencode(target.keytab.absolute()))
        ticket = krb5.get_init_creds_keytab(context, principal, options, keytab=keys)
    else:
        password = (target.password or "").encode("utf-8", "replace")
        ticket = krb5.get_init_creds_password(context, principal, options, password=password)
    cache = krb5.cc_new_unique(context, b"MEMORY")
    krb5.cc_initialize(context, cache, ticket.client)
    krb5.cc_store_cred(context, cache, ticket)
    return KerberosCCache(f"MEMORY:{(cache.name or b'').decode()}")


def _realm(context: Any) -> str | None:
    import krb5

    try:
        return str(krb5.get_default_realm(context).decode())
    except krb5.Krb5Error:
        return None


def principal_of(username: str, realm: str | None) -> str:
    r"""The Kerberos name of a user name: `user@REALM` is one; `DOMAIN\user` is one of our realm, if that is its domain.

    Args:
        realm: the default realm of this machine, where it has one.

    Raises:
        Undone: it does not say which realm.
    """
    domain, separator, user = username.rpartition("\\")
    if not separator:
        if "@" not in username and realm is None:
            raise Undone(NO_REALM)
        return username
    # The short name of a domain is the first part of its realm, unless somebody chose another: then nothing is guessed.
    if realm is None or domain.casefold() not in (realm.casefold(), realm.partition(".")[0].casefold()):
        raise Undone(NO_REALM)
    return f"{user}@{realm}"
