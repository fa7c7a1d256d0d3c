"""The key that signs what a command writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readiness.config import Configuration
    from readiness.integrity.signatures import Signer


def signer(configuration: Configuration, environ: Mapping[str, str], given: Mapping[str, Any]) -> Signer | None:
    """Who signs; None where nobody is to. Asked for before anything is read.

    Args:
        given: the options of the command.

    Raises:
        ConfigurationError: the key cannot be used; names the option or the key of the configuration, and nothing of
            what is in it.
    """
    scan = configuration.scan
    if scan.signing_key is None and scan.signing_key_env is None:
        return None
    from readiness.config.signing import signing_key

    return signing_key(configuration, environ, place="--sign" if given.get("sign") is not None else None)


def signed_text(text: str, signer: Signer | None) -> str:
    """A report for people with a signature, where somebody signs and the format carries a seal."""
    from readiness.composition import seal

    if signer is None or seal().parse(text) is None:
        return text

    def sign(kind: str, *digests: str) -> tuple[str, str]:
        made = signer.sign(kind, *digests)
        return made.key, made.value

    signed: Any = seal().signed(text, sign)
    return str(signed)
