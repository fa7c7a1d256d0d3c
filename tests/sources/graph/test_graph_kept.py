"""The sign-in that is kept for the next scan: encrypted or not at all, renewed in silence, thrown away where broken."""

from __future__ import annotations

import importlib.util
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from readiness.lab import Lab
from readiness.model.facts import Organization
from readiness.sources.graph.credentials import Person
from readiness.sources.graph.kept import Kept, NoStoreError, Store, encrypted_store, file_lock, place
from readiness.sources.graph.source import GraphSource
from tests.servers.browser import Browser
from tests.servers.store import FileStore
from tests.sources.graph.conftest import scenario, source

KEY = Fernet.generate_key()
needs_extensions = pytest.mark.skipif(
    importlib.util.find_spec("msal_extensions") is None, reason="msal-extensions (extra desktop) is not installed"
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(scenario()) as lab:
        yield lab


class Estate:
    """Scans of one person, one after the other, on one machine."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.file = folder / "cache" / "sign-in.bin"
        self.prompts: list[object] = []

    def kept(
        self,
        store: Callable[[Path], Store] = lambda path: FileStore(path, KEY),
        lock: Callable[[Path], AbstractContextManager[object]] = lambda _path: nullcontext(),
    ) -> Kept:
        return Kept(self.file, store, lock)

    def scan(self, kept: Kept | None) -> tuple[GraphSource, list[str]]:
        """Sign in, and read the organization; what Entra ID was asked for."""
        self.lab.requests.clear()
        made = source(self.lab, self.folder, Person("interactive", kept=kept))
        made.sign_in(self.prompts.append)
        (job,) = made.jobs(frozenset({Organization}))
        assert job.run().rows == 1
        return made, [one.summary for one in self.lab.requests if one.server == "entra" and one.method == "POST"]


@pytest.fixture
def estate(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Estate:
    bundle = tmp_path / "browser-ca.pem"
    bundle.write_bytes(lab.ca_pem)
    monkeypatch.setattr("webbrowser.open", Browser(bundle))
    return Estate(lab, tmp_path)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What was told on standard error: the warnings of ours."""
    caplog.set_level(logging.DEBUG)
    return lambda: [
        one.getMessage() for one in caplog.records if one.name.startswith("readiness") and one.levelno >= 30
    ]


ANEW = ["authorization_code"]
IN_SILENCE = ["refresh_token"]


def test_the_second_scan_asks_nobody(estate: Estate, told: Callable[[], list[str]]) -> None:
    first, asked = estate.scan(estate.kept())
    assert asked == ANEW
    second, asked = estate.scan(estate.kept())
    assert asked == IN_SILENCE
    assert (
        second.identity
        == first.identity
        == f"user admin@contoso.com by application {estate.lab.scenario.tenant.client_id}"
    )
    assert len(estate.prompts) == 1
    assert told() == []


def test_what_is_kept_is_encrypted_and_the_folder_is_the_persons_own(estate: Estate) -> None:
    estate.scan(estate.kept())
    content = estate.file.read_bytes()
    opened = Fernet(KEY).decrypt(content).decode()
    (refresh,) = [row["secret"] for row in json.loads(opened)["RefreshToken"].values()]
    assert refresh.encode() not in content
    assert b"admin" not in content
    assert estate.file.parent.stat().st_mode & 0o777 == 0o700


def test_no_cache_neither_reads_nor_writes(estate: Estate) -> None:
    estate.scan(None)
    assert not estate.file.parent.exists()
    estate.scan(estate.kept())
    before = estate.file.read_bytes()
    _, asked = estate.scan(None)
    assert asked == ANEW
    assert estate.file.read_bytes() == before


def test_a_sign_in_that_is_not_taken_any_more_is_done_anew(estate: Estate, told: Callable[[], list[str]]) -> None:
    """The refresh token has been used: Entra ID knows it no more. The person is asked, and the new one is kept."""
    estate.scan(estate.kept())
    used = estate.file.read_bytes()
    estate.scan(estate.kept())
    estate.file.write_bytes(used)
    _, asked = estate.scan(estate.kept())
    assert asked == ["refused: AADSTS70000", *ANEW]
    assert told() == []
    _, asked = estate.scan(estate.kept())
    assert asked == IN_SILENCE


def encrypted(text: str) -> bytes:
    return Fernet(KEY).encrypt(text.encode())


BROKEN = {
    "garbage": b"\x00garbage",
    "empty": b"",
    "of another user": Fernet(Fernet.generate_key()).encrypt(b"{}"),
    "no JSON": encrypted("{"),
    "a list": encrypted("[]"),
    "sections of another kind": encrypted('{"Account": []}'),
    "rows of another kind": encrypted('{"Account": {"x": 7}}'),
    "a row without its fields": encrypted('{"Account": {"x": {"environment": "localhost", "realm": "r"}}}'),
    "endless": encrypted("[" * 5_000_000),
    "deep": encrypted('{"Account": ' + "[" * 100_000),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_one_is_thrown_away_and_the_person_signs_in_again(
    kind: str, estate: Estate, told: Callable[[], list[str]]
) -> None:
    estate.file.parent.mkdir()
    estate.file.write_bytes(BROKEN[kind])
    _, asked = estate.scan(estate.kept())
    assert asked == ANEW
    assert len(told()) <= 1
    assert all("could not be read" in words and "was deleted: sign in again" in words for words in told())
    _, asked = estate.scan(estate.kept())
    assert asked == IN_SILENCE


def test_a_broken_one_that_cannot_be_deleted_is_left_alone(estate: Estate, told: Callable[[], list[str]]) -> None:
    estate.file.parent.mkdir()
    estate.file.write_bytes(b"garbage")

    def refusing(path: Path) -> FileStore:
        store = FileStore(path, KEY)
        store.failing = PermissionError(13, "Permission denied")
        return store

    _, asked = estate.scan(estate.kept(refusing))
    assert asked == ANEW
    (words,) = told()
    assert "can neither be read (InvalidToken) nor deleted" in words
    assert estate.file.read_bytes() == b"garbage"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "it could not be written (No space left on device)"),
        (RuntimeError("Encryption failed: secret words"), "it could not be written (RuntimeError)"),
    ],
)
def test_a_store_that_cannot_be_written_costs_one_line(
    error: Exception, words: str, estate: Estate, told: Callable[[], list[str]]
) -> None:
    def failing(path: Path) -> FileStore:
        store = FileStore(path, KEY)
        store.failing = error
        return store

    _, asked = estate.scan(estate.kept(failing))
    assert asked == ANEW
    (line,) = told()
    assert line == f"this sign-in is not kept for the next scan: {words}; --no-cache silences this"


def no_store(_path: Path) -> Store:
    raise NoStoreError("this system has no encrypted store for it (ImportError)")


class Plain:
    """A store that would write what it is given as it is."""

    is_encrypted = False

    def load(self) -> str:
        raise AssertionError("is not asked")

    def save(self, content: str) -> None:  # noqa: ARG002 - as a store has it
        raise AssertionError("is not asked")


@pytest.mark.parametrize(
    ("store", "words"),
    [(no_store, "has no encrypted store for it (ImportError)"), (lambda _path: Plain(), "would not encrypt it")],
)
def test_without_an_encrypted_store_nothing_is_written(
    store: Callable[[Path], Store], words: str, estate: Estate, told: Callable[[], list[str]]
) -> None:
    """It is said once, in one line; the sign-in goes on in memory, mid-scan renewals included."""
    _, asked = estate.scan(estate.kept(store))
    assert asked == ANEW
    (line,) = told()
    assert words in line
    assert list(estate.file.parent.iterdir()) == []


def locked(_path: Path) -> AbstractContextManager[object]:
    raise TimeoutError("held by another scan")


def test_one_that_another_scan_holds_is_done_without(estate: Estate, told: Callable[[], list[str]]) -> None:
    estate.scan(estate.kept())
    before = estate.file.read_bytes()
    _, asked = estate.scan(estate.kept(lock=locked))
    assert asked == ANEW
    (line,) = told()
    assert "its file is locked, or its folder cannot be written (TimeoutError)" in line
    assert estate.file.read_bytes() == before


def test_a_folder_that_cannot_be_made_costs_one_line(estate: Estate, told: Callable[[], list[str]]) -> None:
    estate.file.parent.write_text("a file", encoding="utf-8")
    _, asked = estate.scan(estate.kept())
    assert asked == ANEW
    (line,) = told()
    assert "its folder cannot be made" in line


def test_who_signs_in_last_is_the_one_who_is_kept(estate: Estate) -> None:
    """Nobody reads as somebody else: of two persons of one machine account the later one counts."""
    estate.scan(estate.kept())
    opened: dict[str, Any] = json.loads(Fernet(KEY).decrypt(estate.file.read_bytes()))
    (key, row), *_ = opened["Account"].items()
    opened["Account"][key.replace(row["home_account_id"], "other.other")] = {
        **row,
        "home_account_id": "other.other",
        "username": "other@contoso.com",
    }
    estate.file.write_bytes(encrypted(json.dumps(opened)))
    made, asked = estate.scan(estate.kept())
    assert asked == ANEW  # whose it is cannot be told
    assert "admin@contoso.com" in made.identity
    kept = json.loads(Fernet(KEY).decrypt(estate.file.read_bytes()))
    assert [row["username"] for row in kept["Account"].values()] == ["admin@contoso.com"]
    assert estate.scan(estate.kept())[1] == IN_SILENCE


def test_every_tenant_and_application_has_a_file_of_its_own(tmp_path: Path) -> None:
    asked = [("https://a", "t", "c"), ("https://b", "t", "c"), ("https://a", "u", "c"), ("https://a", "t", "d")]
    files = {place(tmp_path, *one) for one in asked}
    assert len(files) == 4
    assert place(tmp_path, "https://a", "T", "C") in files
    assert all(file.parent == tmp_path for file in files)


def test_its_repr_tells_a_name_only(estate: Estate) -> None:
    kept = estate.kept()
    estate.scan(kept)
    assert repr(kept) == "Kept(sign-in.bin)"
    assert "kept" not in repr(Person(kept=kept))


# The package itself, as far as this machine allows.


@needs_extensions
def test_the_lock_of_the_package_is_given_back(estate: Estate) -> None:
    estate.scan(estate.kept(lock=file_lock))
    assert estate.scan(estate.kept(lock=file_lock))[1] == IN_SILENCE
    assert [file.name for file in estate.file.parent.iterdir()] == ["sign-in.bin"]


@needs_extensions
def test_a_plain_store_of_the_package_is_not_used(estate: Estate, told: Callable[[], list[str]]) -> None:
    from msal_extensions import FilePersistence

    estate.scan(estate.kept(lambda path: FilePersistence(str(path))))
    assert "would not encrypt it" in told()[0]
    assert list(estate.file.parent.iterdir()) == []


@needs_extensions
def test_the_store_of_this_system_encrypts_or_is_none(tmp_path: Path) -> None:
    """On a bare Linux there is none: no PyGObject, no desktop session. Where there is one, it must encrypt."""
    found: Store | str
    try:
        found = encrypted_store(tmp_path / "sign-in.bin")
    except NoStoreError as error:
        found = str(error)
    if isinstance(found, str):
        assert "this system has no encrypted store for it (" in found
    else:
        assert found.is_encrypted


def test_without_the_package_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "msal_extensions", None)
    with pytest.raises(NoStoreError, match=r'msal-extensions is not installed \(the extra "desktop"\)'):
        encrypted_store(tmp_path / "sign-in.bin")
