"""The cause of a refused sign-in, by the numbers of the libraries and by what was seen of the conversation."""

from __future__ import annotations

import dataclasses

import pytest
from spnego.exceptions import SpnegoError

from readiness.model.words import Reason
from readiness.sources.configmgr import causes
from readiness.sources.configmgr.causes import Cause
from readiness.sources.configmgr.diagnosis import KERBEROS, WINDOWS, Seen, Undone, cause_of, refusal
from readiness.sources.configmgr.kerberos import principal_of

ALL = [value for value in vars(causes).values() if isinstance(value, Cause)]
GSS_FAILURE = 13 << 16


class LibraryError(Exception):
    """An error of a library, with its numbers."""

    def __init__(self, **numbers: int) -> None:
        super().__init__("localised words")
        for name, number in numbers.items():
            setattr(self, name, number)


@pytest.mark.parametrize("cause", ALL, ids=lambda cause: cause.what[:40])
def test_every_cause_says_what_to_do_and_who(cause: Cause) -> None:
    said = cause.told("cm01.contoso.com")
    assert cause.who in (causes.YOU, causes.DOMAIN, causes.MACHINE, causes.SITE)
    assert cause.reason in (Reason.SIGN_IN_FAILED, Reason.ACCESS_DENIED, Reason.UNREACHABLE)
    assert f"For {cause.who}: " in said
    assert "{" not in said.replace("@{", "")
    assert not said.endswith((".", ";", " "))
    assert said.isprintable()


def test_every_cause_has_words_of_its_own() -> None:
    assert len({cause.what for cause in ALL}) == len(ALL) >= 30


@pytest.mark.parametrize(("number", "cause"), KERBEROS.items())
def test_the_numbers_of_kerberos(number: int, cause: Cause) -> None:
    """As the Kerberos library says them, signed; as GSSAPI does, unsigned; and with pyspnego's error around."""
    plain = LibraryError(err_code=number)
    under = LibraryError(maj_code=GSS_FAILURE, min_code=number & 0xFFFFFFFF)
    assert cause_of(plain) is cause
    assert cause_of(under) is cause
    assert cause_of(SpnegoError(base_error=under, context_msg="Processing security token")) is cause


@pytest.mark.parametrize(("number", "cause"), WINDOWS.items())
def test_the_numbers_of_windows(number: int, cause: Cause) -> None:
    """Windows says them signed."""
    assert cause_of(LibraryError(winerror=number - 2**32)) is cause
    assert cause_of(SpnegoError(base_error=LibraryError(winerror=number - 2**32))) is cause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (LibraryError(maj_code=4 << 16, min_code=0), causes.BINDING),
        (LibraryError(maj_code=7 << 16, min_code=100_001), causes.NO_TICKET),
        (LibraryError(maj_code=11 << 16, min_code=0), causes.EXPIRED_TICKET),
        (ImportError("No module named 'gssapi'"), causes.NO_PACKAGE),
        (Undone(causes.NO_REALM), causes.NO_REALM),
    ],
)
def test_what_has_no_number_of_kerberos(error: Exception, cause: Cause) -> None:
    assert cause_of(error) is cause


@pytest.mark.parametrize("error", [ValueError("odd"), LibraryError(err_code=4711), LibraryError(maj_code=GSS_FAILURE)])
def test_an_unknown_number_is_not_guessed(error: Exception) -> None:
    assert cause_of(error, "cm01") is None


def test_the_innermost_number_is_found() -> None:
    """However deep it lies; and an error that stands for its own cause does not go round for ever."""
    inner, outer = LibraryError(err_code=-1765328347), ValueError("outer")
    outer.__cause__, inner.__context__ = inner, outer
    assert cause_of(outer) is causes.CLOCK


@pytest.mark.parametrize(
    ("server", "cause"),
    [("cm01", causes.NO_SPN), ("10.0.0.5", causes.ADDRESS), ("fe80::1", causes.ADDRESS), ("10.0.0", causes.NO_SPN)],
)
def test_an_address_is_told_apart_from_a_name_that_nobody_registered(server: str, cause: Cause) -> None:
    assert cause_of(LibraryError(err_code=-1765328377), server) is cause


def test_a_keytab_has_no_password() -> None:
    assert cause_of(LibraryError(err_code=-1765328360), keytab=True) is causes.WRONG_KEY
    assert cause_of(LibraryError(err_code=-1765328347), keytab=True) is causes.CLOCK


@pytest.mark.parametrize("service", ["winrm", "adminservice"])
@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (Seen("", "kerberos"), causes.TICKET_REFUSED),
        (Seen("", "kerberos", skew_seconds=-301), causes.CLOCK),
        (Seen("", "kerberos", skew_seconds=299), causes.TICKET_REFUSED),
        (Seen("", "ntlm", frozenset({"negotiate", "ntlm"})), causes.REFUSED),
        (Seen("", "ntlm", frozenset({"negotiate"}), heard=False), causes.NTLM_OFF),
        (Seen("", None), causes.REFUSED),
        (Seen("", "basic", frozenset({"basic"})), causes.REFUSED),
        (Seen("", "certificate"), causes.UNMAPPED),
    ],
)
def test_what_a_refusal_means(service: str, seen: Seen, cause: Cause) -> None:
    found = refusal(dataclasses.replace(seen, service=service))
    assert (found.what, found.who, found.reason) == (cause.what, cause.who, cause.reason)
    assert found.remedy.startswith(cause.remedy)


def test_who_is_signed_in_and_refused_lacks_a_right() -> None:
    """The server proved itself with the keys of the sign-in: it was right."""
    assert refusal(Seen("winrm", "kerberos", complete=True)) is causes.WINRM_RIGHT
    assert refusal(Seen("adminservice", "kerberos", complete=True)) is causes.NOT_ADMIN


def test_ntlm_that_winrm_does_not_offer_by_name_is_not_switched_off() -> None:
    """WinRM offers Negotiate only; the administration service names NTLM as long as it takes it."""
    seen = Seen("winrm", "ntlm", frozenset({"negotiate"}))
    assert refusal(seen).what == causes.REFUSED.what
    assert refusal(dataclasses.replace(seen, service="adminservice")).what == causes.NTLM_OFF.what


def test_the_binding_is_a_suspect_where_there_was_one() -> None:
    for mechanism in ("kerberos", "ntlm"):
        for bound in (True, False):
            found = refusal(Seen("winrm", mechanism, bound=bound))
            assert (causes.BINDING.what in found.remedy) is bound


def test_why_kerberos_was_not_used_is_not_lost() -> None:
    assert causes.CLOCK.what in refusal(Seen("winrm", "ntlm", without=causes.CLOCK)).remedy


@pytest.mark.parametrize(
    ("username", "realm", "principal"),
    [
        ("svc@CONTOSO.COM", None, "svc@CONTOSO.COM"),
        ("svc", "CONTOSO.COM", "svc"),
        (r"CONTOSO\svc", "CONTOSO.COM", "svc@CONTOSO.COM"),
        (r"contoso.com\svc", "CONTOSO.COM", "svc@CONTOSO.COM"),
    ],
)
def test_the_kerberos_name_of_a_user_name(username: str, realm: str | None, principal: str) -> None:
    assert principal_of(username, realm) == principal


@pytest.mark.parametrize(
    ("username", "realm"),
    [("svc", None), (r"CONTOSO\svc", None), (r"FABRIKAM\svc", "CONTOSO.COM"), (r".\svc", "CONTOSO.COM")],
)
def test_a_realm_is_not_guessed(username: str, realm: str | None) -> None:
    with pytest.raises(Undone) as caught:
        principal_of(username, realm)
    assert caught.value.cause is causes.NO_REALM
