"""The sign-in of a person, kept for their next scan: encrypted by what the system has for that, or not at all.

On Windows DPAPI, on macOS the Keychain, on Linux libsecret, by msal-extensions (the extra `desktop`). What is kept can
fetch tokens for weeks: it is never written unencrypted. Source: reference on Graph, MSAL, cache.
"""

from __future__ import annotations

import errno
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.graph.granted import Granted, name_of
from readiness.text import one_line

LARGEST_CACHE = 4 * 1024 * 1024
"""Characters. The sign-in of one person takes some thousand."""
_ASK = (Reason.SIGN_IN_FAILED, Reason.MISSING_PERMISSION)
"""Where a kept sign-in fails for these, the person is asked; for any other, asking would fail, too."""
_LOG = logging.getLogger("readiness")


class Store(Protocol):
    """Where the sign-in is kept: the face of msal-extensions' persistence."""

    is_encrypted: bool

    def load(self) -> str: ...

    def save(self, content: str) -> object: ...


class NoStoreError(Exception):
    """Nothing can be kept here; the text says why."""


def encrypted_store(path: Path) -> Store:
    """The encrypted store of this system.

    Raises:
        NoStoreError: it has none, or the package for it is not installed.
    """
    try:
        from msal_extensions import build_encrypted_persistence
    except ImportError:
        raise NoStoreError('the package msal-extensions is not installed (the extra "desktop")') from None
    try:
        made: Store = build_encrypted_persistence(str(path))
    except Exception as error:  # whatever lies under it raises its own: no PyGObject, no D-Bus, no desktop session
        takes = ": it takes a desktop session, libsecret and PyGObject" if sys.platform == "linux" else ""
        raise NoStoreError(f"this system has no encrypted store for it ({type(error).__name__}){takes}") from error
    return made


def file_lock(path: Path) -> AbstractContextManager[object]:
    """Keeps other scans of this person out."""
    from msal_extensions import CrossPlatLock

    lock: AbstractContextManager[object] = CrossPlatLock(f"{path}.lockfile")
    return lock


def place(folder: Path, login: str, tenant: str, client_id: str) -> Path:
    """The file of one tenant and application, below a folder."""
    digest = sha256("\n".join((login, tenant.casefold(), client_id.casefold())).encode()).hexdigest()
    return folder / f"sign-in-{digest[:16]}.bin"


class Kept:
    """MSAL's token cache of a person, and the store that it is kept in.

    Args:
        path: the file, of which some stores make no more than a mark.
        store: makes the store; injected by tests.
        lock: of the file; injected by tests.
    """

    def __init__(
        self,
        path: Path,
        store: Callable[[Path], Store] = encrypted_store,
        lock: Callable[[Path], AbstractContextManager[object]] = file_lock,
    ) -> None:
        self._path = path
        self._make = store
        self._lock = lock
        self._store: Store | None = None
        self._cache: Any = None
        self._told = False

    def __repr__(self) -> str:
        return f"Kept({self._path.name})"

    @property
    def cache(self) -> Any:
        """The token cache for MSAL, with what was kept; empty where nothing was, or nothing of use."""
        import msal

        if self._cache is None:
            self._cache = msal.SerializableTokenCache()
            self._open()
        return self._cache

    def sign_in(self, application: Any, scope: str) -> Granted | None:
        """The sign-in that was kept, renewed without the person; None where they have to be asked.

        Always by a new token: the kept one may not show a role that was activated since.

        Raises:
            SourceError: the sign-in host cannot be asked.
        """
        try:
            accounts = application.get_accounts()
            account = accounts[0] if len(accounts) == 1 else None
            result = account and application.acquire_token_silent([scope], account=account, force_refresh=True)
            return _granted(application, account, result) if result else None
        except SourceError as error:
            if error.reason not in _ASK:
                raise
            _LOG.debug("the kept sign-in is not taken any more: %s", error)
        except Exception as error:  # what is in the cache is not what MSAL put there
            with self._held() as held:
                if held:
                    self._discard(error)
        return None

    def keep(self, application: Any, granted: Granted) -> None:
        """Keep a sign-in, and none that was kept before it."""
        for account in application.get_accounts():
            if granted.account is None or account.get("home_account_id") != granted.account.get("home_account_id"):
                application.remove_account(account)
        if self._store is None or not self._cache.has_state_changed:
            return
        with self._held() as held:
            if held:
                self._save(self._store)

    def _save(self, store: Store) -> None:
        try:
            store.save(self._cache.serialize())
        except Exception as error:
            self._give_up(f"it could not be written ({_named(error)})")

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            store = self._make(self._path)
        except NoStoreError as error:
            self._give_up(str(error))
            return
        except OSError as error:
            self._give_up(f"its folder cannot be made ({_named(error)})")
            return
        if not store.is_encrypted:
            self._give_up("this system would not encrypt it")
            return
        self._store = store
        with self._held() as held:
            if held:
                self._load_or_discard(store)

    @contextmanager
    def _held(self) -> Iterator[bool]:
        """The lock of the file; False where it cannot be had: then nothing is kept."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._lock(self._path))
                held = True
            except Exception as error:  # the package's own, or the system's
                self._give_up(f"its file is locked, or its folder cannot be written ({_named(error)})")
                held = False
            yield held

    def _load_or_discard(self, store: Store) -> None:
        try:
            self._load(store.load())
        except Exception as error:  # damaged, or of another user or machine, or what encrypts it is locked
            if getattr(error, "errno", None) != errno.ENOENT:
                self._discard(error)

    def _load(self, content: str) -> None:
        found = json.loads(content) if len(content) <= LARGEST_CACHE else None
        if not isinstance(found, dict) or not all(isinstance(rows, dict) for rows in found.values()):
            raise ValueError("no token cache")
        self._cache.deserialize(content)

    def _discard(self, error: Exception) -> None:
        """Delete what was kept, and start empty; where it cannot be deleted, leave it, and keep nothing."""
        self._cache.deserialize("{}")
        try:
            if self._store is not None:
                self._store.save("{}")  # some stores keep it elsewhere than in the file
            self._path.unlink(missing_ok=True)
        except Exception:
            self._give_up(f"the one that was kept can neither be read ({_named(error)}) nor deleted")
            return
        self._tell(f"the sign-in that was kept could not be read ({_named(error)}), and was deleted: sign in again")

    def _give_up(self, why: str) -> None:
        self._store = None
        self._tell(f"this sign-in is not kept for the next scan: {why}; --no-cache silences this")

    def _tell(self, words: str) -> None:
        if not self._told:
            _LOG.warning("%s", words)
        self._told = True


def _granted(application: Any, account: Any, result: Any) -> Granted | None:
    token, seconds = result.get("access_token"), result.get("expires_in")
    if not isinstance(token, str) or not isinstance(seconds, int):
        return None
    name = name_of({"preferred_username": account.get("username")})
    return Granted(token, time.monotonic() + seconds, name, account, application.token_cache)


def _named(error: Exception) -> str:
    """An error without its text, which may hold what was read."""
    reason = error.strerror if isinstance(error, OSError) and isinstance(error.strerror, str) else None
    return one_line(reason, 60) if reason and type(error).__module__ == "builtins" else type(error).__name__
