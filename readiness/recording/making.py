"""Making a recording: begun before a scan, finished after it, whatever became of it."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readiness import __version__, documents
from readiness.aliases import Aliases, Category, shaped
from readiness.config import Configuration
from readiness.errors import ConfigurationError, OutputError
from readiness.model.facts import Fact
from readiness.model.reading import Reading
from readiness.recording.configuration import aliased, sections
from readiness.recording.folder import CONFIGURATION, EXCHANGES, MANIFEST, SCHEMA, digest_of, must_be_new, write_private
from readiness.recording.recorder import Recorder, settle
from readiness.sources.tape import running
from readiness.stopping import on_sigterm

KEPT = (
    "words of Microsoft's in fields that are known to hold them: enumeration words, types, versions, names of updates "
    "and of operating systems, ids that are the same everywhere",
    "numbers, flags, moments, counts; which questions were asked, in which order, and how long each took",
    "status, media type, date, request ids and throttling headers of answers",
)
ALIASED = (
    "names of people, accounts, servers, domains, devices, collections, groups, policies, applications, sites",
    "ids of tenants, objects and collections, site codes, addresses, thumbprints, and every text of an unknown field",
)
_PERSON = re.compile(r"user (\S+@\S+) by application ")
NEVER = ("tokens, secrets, passwords, signatures, cookies, request headers, what was sent to sign in",)


class Recording:
    """A recording on its way."""

    def __init__(self, folder: Path, configuration: Configuration, environ: Mapping[str, str]) -> None:
        self.aliases = Aliases()
        self.recorder = Recorder(folder, self.aliases, _secrets(configuration, environ))
        self._folder = folder
        self._configuration = configuration
        self._started = _now()
        self._readings: tuple[Reading[Fact], ...] = ()

    def read(self, readings: Sequence[Reading[Fact]]) -> None:
        """How the scan that is recorded ended."""
        self._readings = tuple(readings)

    def finish(self) -> Path:
        """Number everything and write the manifest; returns its path.

        Raises:
            OutputError: naming the folder.
        """
        try:
            files = settle(self.aliases, self.recorder.close())
            written = self._folder / CONFIGURATION
            write_private(written, self.aliases.settle(aliased(self.aliases, self._configuration, self._readings)))
            manifest = self._folder / MANIFEST
            write_private(manifest, documents.readable(documents.sealed(self._manifest([*files, written]))))
        except OSError as error:
            raise OutputError(f"{self._folder}: cannot be written: {error.strerror or error}") from error
        return manifest

    def _signed_in(self) -> str | None:
        """The alias of the person who signed in to the tenant, as the readings name them."""
        told = (_PERSON.match(reading.identity or "") for reading in self._readings)
        name = next((found[1] for found in told if found), None)
        return None if name is None else self.aliases.settle(shaped(self.aliases, name, Category.USER))

    def write_map(self, path: Path) -> None:
        """Which alias stands for which name: for the owner alone."""
        pairs = [{"alias": alias, "name": name} for alias, name in self.aliases.pairs()]
        document = {"schema": "readiness/recording-map/v1", "aliases": pairs}
        try:
            write_private(path, documents.readable(document))
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error

    def _manifest(self, files: Sequence[Path]) -> dict[str, Any]:
        exchanges = [path for path in files if path.parent.name == EXCHANGES]
        return {
            "schema": SCHEMA,
            "tool_version": __version__,
            "started": self._started,
            "finished": _now(),
            "partial": not self._readings or any(not reading.available for reading in self._readings),
            "demo": self.recorder.simulated,
            "platform": {"system": sys.platform, "python": platform.python_version()},
            "access": sections(self._configuration),
            "counts": {"exchanges": len(exchanges), "readings": len(self._readings)},
            "person": self._signed_in(),
            "readings": [_reading(reading) for reading in self._readings],
            "files": {f"{path.relative_to(self._folder).as_posix()}": digest_of(path) for path in files},
            "kept": list(KEPT),
            "aliased": list(ALIASED),
            "never_recorded": list(NEVER),
        }


@contextmanager
def recording(
    folder: Path | None, configuration: Configuration, environ: Mapping[str, str], map_file: Path | None = None
) -> Iterator[Recording | None]:
    """Record what happens within the block; None where no folder is given. Finished also where the block fails.

    Raises:
        ConfigurationError: the folder is not new, or the map would lie in it.
        OutputError: something could not be written.
    """
    if folder is None:
        yield None
        return
    if map_file is not None:
        _must_be_outside(map_file, folder)
    must_be_new(folder)
    made = Recording(folder, configuration, environ)
    try:
        with running(made.recorder), on_sigterm():
            yield made
    finally:
        made.finish()
        if map_file is not None:
            made.write_map(map_file)


def _must_be_outside(map_file: Path, folder: Path) -> None:
    if folder.resolve() in map_file.resolve().parents:
        raise ConfigurationError(f"--record-map {map_file}: lies in the folder that is to be sent; name another place")
    documents.must_be_writable(map_file)


def _reading(reading: Reading[Fact]) -> dict[str, Any]:
    return {"fact": reading.fact, "rows": reading.rows, "reason": reading.reason.value if reading.reason else None}


def _secrets(configuration: Configuration, environ: Mapping[str, str]) -> tuple[str, ...]:
    """What the variables hold that the configuration names for secrets."""
    settings = (configuration.tenant, configuration.site)
    names = [
        getattr(one, name) for one in settings if one for name in one.__dataclass_fields__ if name.endswith("_env")
    ]
    return tuple(environ[name] for name in names if name and environ.get(name))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
