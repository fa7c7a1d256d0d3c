"""How Entra ID refuses."""

from __future__ import annotations


class RefusalError(Exception):
    """An AADSTS error, as the token endpoint words it; without a number where none is known."""

    def __init__(self, number: int | None, error: str, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.number = number
        self.error = error
        self.status = status
