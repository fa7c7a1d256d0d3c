"""Files that cannot be used, and TOML that is none: file, line, key, and what to do."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness.config import Configuration, load
from readiness.errors import ConfigurationError

Load = Callable[..., Configuration]
Refusal = Callable[..., str]


def test_byte_order_mark_and_windows_line_ends_are_accepted(loaded: Load, refused: Refusal, site: str) -> None:
    """Notepad writes both; lines are still counted."""
    text = b"\xef\xbb\xbf" + site.replace("\n", "\r\n").encode()
    assert loaded(text).site is not None
    assert refused(text + b"prot = 1\r\n").startswith("readiness.toml, line 3: [site] prot: unknown key;")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe[\0s\0", "readiness.toml, line 1: is UTF-16, as PowerShell's `>` writes it; save it as UTF-8"),
        (b"[scope]\n# M\xfcller\n", "readiness.toml, line 2: is not UTF-8; save the file as UTF-8"),
        (b"#" * (1024 * 1024 + 1), "readiness.toml: larger than 1 MiB: this is no readiness.toml"),
        (b"a = " + b"[" * 5000, "readiness.toml: lists or tables are nested too deep"),
        (b"a = " + b"1" * 5000, "readiness.toml: a number has too many digits"),
    ],
    ids=["utf-16", "latin-1", "huge", "deep", "digits"],
)
def test_content_that_is_no_configuration(refused: Refusal, content: bytes, message: str) -> None:
    """Whatever is in the file, the message says what is wrong with it."""
    assert refused(content) == message


def test_file_that_is_not_there_names_its_neighbour(folder: Path, site: str) -> None:
    """`--config` with a slip of the keyboard."""
    with pytest.raises(ConfigurationError) as caught:
        load(Path("gone/readiness.toml"), {}, cwd=folder)
    assert str(caught.value) == f"{folder}/gone/readiness.toml: no such file"
    (folder / "readiness.toml").write_text(site, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(Path("readines.toml"), {}, cwd=folder)
    assert str(caught.value) == f"{folder}/readines.toml: no such file; did you mean readiness.toml?"


def test_folder_in_place_of_the_file(folder: Path) -> None:
    """`--config .` is a usual mistake."""
    with pytest.raises(ConfigurationError, match=r"work: is a folder; name the readiness\.toml in it"):
        load(folder, {}, cwd=folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_file_without_the_right_to_read_it(refused: Refusal, folder: Path, site: str) -> None:
    """The system's reason is passed on."""
    (folder / "readiness.toml").write_text(site, encoding="utf-8")
    (folder / "readiness.toml").chmod(0)
    assert refused() == "readiness.toml: cannot be read: Permission denied"


def test_unreadable_file_gives_the_systems_reason(
    refused: Refusal, site: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any other fault of the disk."""
    (folder / "readiness.toml").write_text(site, encoding="utf-8")

    def broken(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", broken)
    assert refused() == "readiness.toml: cannot be read: Permission denied"


def test_path_that_cannot_be_one(folder: Path) -> None:
    """A null byte in a path."""
    with pytest.raises(ConfigurationError, match=r"a\\u0000b\.toml: cannot be read: not a valid path"):
        load(Path("a\0b.toml"), {}, cwd=folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[site]\nport = 1\nport = 2\n", "line 3: [site] port: written twice; keep one"),
        ("[site]\nport = 1\nport = 2", "line 3: [site] port: written twice; keep one"),
        ("[site]\n[scope]\n[site]\n", "line 3: [site]: written twice; keep one"),
        ("[[waiver]]\n[waiver]\n", "line 2: [waiver]: written twice; keep one"),
        (
            '[site]\nusername = "CONTOSO\\svc"\n',
            "line 2: [site] username: a backslash inside double quotes starts an escape; "
            "write it twice, or use single quotes",
        ),
        (
            '[scan]\noutput = "C:\\Users"\n',
            "line 2: [scan] output: a backslash inside double quotes starts an escape; "
            "write it twice, or use single quotes",
        ),
        ("[site]\nserver = cm01\n", "line 2: [site] server: not a TOML value; text needs quotes"),
        ("[scan]\nquiet = True\n", "line 2: [scan] quiet: write true and false in lower case"),
        ('[site]\nserver = "cm01\n', "line 2: [site] server: the closing quote is missing"),
        ('[site]\nserver = "cm01', "line 2: [site] server: the closing quote is missing"),
        (
            "[[waiver]]\nexpires = 2026-13-31\n",
            "line 2: [[waiver]] expires: not a valid date; write 2026-12-31, or with a time 2026-12-31T20:00:00Z",
        ),
        ("[site\n", "line 1: not valid TOML: Expected ']' at the end of a table declaration"),
        ("nonsense\n", "line 1: not valid TOML: Expected '=' after a key in a key/value pair"),
    ],
)
def test_toml_that_is_none(refused: Refusal, text: str, message: str) -> None:
    """Line and key of the place, and the usual mistakes in plain words."""
    assert refused(text) == f"readiness.toml, {message}"


def test_toml_errors_never_show_a_value(refused: Refusal) -> None:
    """A password without quotes is a syntax error; it is not repeated."""
    message = refused("[site]\npassword = hunter2\n")
    assert message == "readiness.toml, line 2: [site] password: not a TOML value; text needs quotes"
