"""An encrypted store as msal-extensions has them, by hand: a file, and a key that only the test knows."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet


class FileStore:
    """Encrypts; raises what the file and the key raise.

    Attributes:
        saved: how often something was written.
        failing: raised by the next writing, where it is set.
    """

    is_encrypted = True

    def __init__(self, path: Path, key: bytes) -> None:
        self.saved = 0
        self.failing: Exception | None = None
        self._path = path
        self._fernet = Fernet(key)

    def load(self) -> str:
        return self._fernet.decrypt(self._path.read_bytes()).decode()

    def save(self, content: str) -> None:
        if self.failing is not None:
            raise self.failing
        self.saved += 1
        self._path.write_bytes(self._fernet.encrypt(content.encode()))
