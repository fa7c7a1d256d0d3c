"""`READINESS_<SECTION>_<KEY>`: over the file, in TOML or as bare text, and warned about where it matches nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.config import Configuration, SiteSettings
from readiness.config.environment import setting_variables, value_of
from readiness.config.schema import SECTIONS
from readiness.model.settings import Stage

Load = Callable[..., Configuration]
Refusal = Callable[..., str]


def test_environment_alone_makes_a_half(loaded: Load) -> None:
    """A container needs no file."""
    configuration = loaded(None, {"READINESS_SITE_SERVER": "cm02.contoso.com", "READINESS_SITE_PORT": "5987"})
    assert configuration.path is None
    assert configuration.site == SiteSettings(server="cm02.contoso.com", port=5987)
    assert configuration.warnings == ()


def test_environment_overrides_the_file(loaded: Load, site: str) -> None:
    """Key by key; what it does not name stays."""
    environ = {"READINESS_SITE_PORT": "5987", "READINESS_SCOPE_COLLECTIONS": '["A","B"]', "OTHER": "x"}
    configuration = loaded(site + "port = 1\nusername = 'a'\n", environ)
    assert configuration.site == SiteSettings(server="cm01.contoso.com", username="a", port=5987)
    assert configuration.judging.scope.collections == ("A", "B")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("READINESS_SITE_SERVER", "cm02", "cm02"),
        ("READINESS_SITE_SERVER", '"cm02"', "cm02"),
        ("READINESS_SITE_SERVER", "'cm02'", "cm02"),
        ("READINESS_SITE_SITE_CODE", "123", "123"),
        ("READINESS_SITE_SITE_CODE", "true", "true"),
        ("READINESS_SITE_USERNAME", "CONTOSO\\svc", "CONTOSO\\svc"),
        ("READINESS_SITE_PORT", "5987", 5987),
        ("READINESS_SCAN_QUIET", "true", True),
        ("READINESS_SCAN_TIMEOUT", "90", 90),
        ("READINESS_SCAN_TIMEOUT", "45m", "45m"),
        ("READINESS_SCAN_TIMEOUT", '"45m"', "45m"),
        ("READINESS_SCOPE_COLLECTIONS", "All Servers, EDR", ["All Servers, EDR"]),
        ("READINESS_SCOPE_COLLECTIONS", '"All Servers"', ["All Servers"]),
        ("READINESS_SCOPE_COLLECTIONS", "2020", ["2020"]),
        ("READINESS_SCAN_FORMAT", "html, json", ["html", "json"]),
    ],
)
def test_values_are_toml_or_bare_text(name: str, text: str, value: object) -> None:
    """Bare text where the key takes text; no quoting is needed for what looks like a number."""
    section, key = setting_variables()[name]
    assert value_of(text, SECTIONS[str(section)].kinds[str(key)]) == value


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            {"READINESS_SITE_PORT": "https"},
            "READINESS_SITE_PORT: [site] port: not a value in TOML syntax (true, 5986, 2026-12-31, ...)",
        ),
        (
            {"READINESS_SITE_PORT": "1\nserver = 2"},
            "READINESS_SITE_PORT: [site] port: not a value in TOML syntax (true, 5986, 2026-12-31, ...)",
        ),
        (
            {"READINESS_SCAN_QUIET": "1"},
            "READINESS_SCAN_QUIET: [scan] quiet: expected true or false, without quotes, found a whole number",
        ),
        (
            {"READINESS_SCOPE_COLLECTIONS": "[A, B]"},
            "READINESS_SCOPE_COLLECTIONS: [scope] collections: not a value in TOML syntax; "
            'write bare text, "text", or ["text", "text"] for a list',
        ),
        (
            {"READINESS_ROLLOUT_STAGE": "runing"},
            'READINESS_ROLLOUT_STAGE: [rollout] stage: unknown value "runing"; did you mean "running"?',
        ),
    ],
)
def test_bad_values_name_the_variable(refused: Refusal, environ: dict[str, str], message: str) -> None:
    """Not the file: it is not at fault."""
    assert refused(None, environ) == f"environment variable {message}"


def test_bad_value_of_a_required_key_is_told_once(refused: Refusal, site: str) -> None:
    """It is bad, not missing."""
    assert refused(site, {"READINESS_SITE_SERVER": '"cm01'}) == (
        "environment variable READINESS_SITE_SERVER: [site] server: not a value in TOML syntax; "
        'write bare text, "text", or ["text", "text"] for a list'
    )
    assert refused(site, {"READINESS_SITE_SERVER": "a b"}) == (
        "environment variable READINESS_SITE_SERVER: [site] server: expected a host name only"
    )


def test_half_from_the_environment_lacks_a_key(refused: Refusal) -> None:
    """Without a file there is no line, but there is a variable to set."""
    assert refused(None, {"READINESS_SITE_PORT": "5986"}) == (
        "environment: [site] server: missing; it is required, here or as READINESS_SITE_SERVER"
    )


def test_section_that_is_none_stays_wrong(refused: Refusal) -> None:
    """The environment cannot mend the file."""
    environ = {"READINESS_SITE_SERVER": "cm02", "READINESS_SITE_PORT": "x"}
    assert "readiness.toml, line 1: [site]: must be one section: write [site] and keys" in refused(
        "site = 1\n", environ
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("READINESS_STIE_SERVER", "; did you mean READINESS_SITE_SERVER?"),
        ("READINESS_WAIVER_CHECK", "; [[waiver]] can only be written in the file"),
        ("READINESS_Q", ""),
    ],
)
def test_variable_that_matches_nothing_is_warned_about(loaded: Load, name: str, hint: str) -> None:
    """With the nearest name, and never with its value."""
    assert loaded(None, {name: "hunter2"}).warnings == (
        f"environment variable {name} matches no setting and is ignored{hint}",
    )


def test_variable_that_an_env_key_points_to_is_no_setting(loaded: Load, site: str, tenant: str) -> None:
    """By default, by the file, or by the environment; what nothing points to any more is warned about."""
    secrets = {"READINESS_CLIENT_SECRET": "s", "READINESS_SITE_PASSWORD": "p"}
    assert loaded(None, secrets) == Configuration()
    assert loaded(site + tenant, secrets).warnings == ()
    pointing = 'password_env = "READINESS_MINE"\n'
    assert loaded(site + pointing, {"READINESS_MINE": "p"}).warnings == ()
    assert loaded(site, {"READINESS_YOURS": "p", "READINESS_SITE_PASSWORD_ENV": '"READINESS_YOURS"'}).warnings == ()
    assert loaded(site + pointing, secrets).warnings == (
        "environment variable READINESS_SITE_PASSWORD matches no setting and is ignored; "
        "did you mean READINESS_SITE_PASSWORD_ENV?",
    )


def test_empty_variable_is_as_if_not_set(loaded: Load, site: str) -> None:
    """But an empty TOML text takes a value of the file away."""
    named = site + 'username = "a"\n'
    kept = loaded(named, {"READINESS_SITE_USERNAME": " "}).site
    taken = loaded(named, {"READINESS_SITE_USERNAME": '""'}).site
    assert [settings.username for settings in (kept, taken) if settings] == ["a", None]


def test_windows_line_end_of_an_env_file_is_dropped(loaded: Load) -> None:
    """`lab.env`, read by a shell that keeps the carriage return."""
    configuration = loaded(None, {"READINESS_ROLLOUT_STAGE": "done\r"})
    assert configuration.judging.rollout.stage is Stage.DONE


def test_every_key_of_a_section_has_a_variable(loaded: Load, folder: Path) -> None:
    """The file and the environment say the same."""
    values: dict[str, Any] = {
        "READINESS_CHANGE_WINDOW_START": "2026-12-01T20:00:00Z",
        "READINESS_POLICY_MIN_ELIGIBLE": "0.5",
        "READINESS_SCAN_OUTPUT": "C:\\reports",
        "READINESS_SCAN_NO_COLOR": "true",
    }
    configuration = loaded(None, values)
    assert configuration.judging.change.window_start is not None
    assert configuration.judging.policy.min_eligible == 0.5
    assert configuration.scan.output == folder / "C:\\reports"
    assert configuration.scan.no_color
