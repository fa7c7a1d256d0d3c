"""The keytab of the site's account: it must be there, and goes with Kerberos and a user name only."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness.config import Configuration, SiteAuth, site_password
from readiness.config.redaction import redacted

Load = Callable[..., Configuration]
Refusal = Callable[..., str]

SITE = '[site]\nserver = "cm01.contoso.com"\n'
ACCOUNT = 'username = "svc@CONTOSO.COM"\n'
KEYTAB = 'keytab = "svc.keytab"\n'


@pytest.mark.parametrize("auth", ["kerberos", "negotiate"])
def test_a_keytab_needs_no_password(loaded: Load, folder: Path, auth: str) -> None:
    """Its path is relative to the file, and no variable is asked for."""
    (folder / "svc.keytab").touch()
    configuration = loaded(f'{SITE}{ACCOUNT}{KEYTAB}auth = "{auth}"\n')
    assert configuration.site is not None
    assert (configuration.site.keytab, configuration.site.auth) == (folder / "svc.keytab", SiteAuth(auth))
    assert site_password(configuration, {}) is None


def test_a_report_shows_the_name_of_the_file_only(loaded: Load, folder: Path) -> None:
    (folder / "svc.keytab").touch()
    assert redacted(loaded(SITE + ACCOUNT + KEYTAB))["site"]["keytab"] == "svc.keytab"


@pytest.mark.parametrize("auth", ["ntlm", "basic", "certificate"])
def test_a_keytab_is_kerberos(refused: Refusal, folder: Path, auth: str) -> None:
    (folder / "svc.keytab").touch()
    said = refused(f'{SITE}{ACCOUNT}{KEYTAB}auth = "{auth}"\n')
    assert f'line 4: [site] keytab: does not go with auth "{auth}"; use "kerberos"' in said


def test_a_keytab_needs_a_user_name(refused: Refusal, folder: Path) -> None:
    (folder / "svc.keytab").touch()
    assert "[site] username: missing; keytab needs it: user@REALM" in refused(SITE + KEYTAB)


def test_a_keytab_that_is_not_there(refused: Refusal, loaded: Load) -> None:
    """Judging alone does without."""
    assert "line 4: [site] keytab: no such file: svc.keytab" in refused(SITE + ACCOUNT + KEYTAB)
    assert loaded(SITE + ACCOUNT + KEYTAB, connecting=False).site is not None


def test_a_folder_is_no_keytab(refused: Refusal, folder: Path) -> None:
    (folder / "svc.keytab").mkdir()
    assert "[site] keytab: is a folder, not a file" in refused(SITE + ACCOUNT + KEYTAB)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_keytab_that_may_not_be_read(refused: Refusal, folder: Path) -> None:
    (folder / "svc.keytab").touch(mode=0)
    assert "[site] keytab: cannot be read" in refused(SITE + ACCOUNT + KEYTAB)
