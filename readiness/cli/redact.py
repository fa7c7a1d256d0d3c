"""`readiness redact`: evidence without names, to be judged by somebody who may not see them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.output import say

if TYPE_CHECKING:
    from readiness.cli.redacting import Redaction
    from readiness.config import Configuration
    from readiness.model.reading import Evidence


@click.command("redact", short_help=COMMANDS["redact"])
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="EVIDENCE...", required=True)
@click.option(
    "-o",
    "--out",
    "out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The redacted evidence file to write.",
)
@options.redaction_map
@options.keep_targets
@click.option(
    "--write-config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the configuration, redacted alike, to judge by.",
)
@options.config
@click.option("--collection", multiple=True, metavar="NAME_OR_ID", help="Target collection (repeatable).")
@options.debug
def command(files: tuple[Path, ...], out: Path, write_config: Path | None, **given: Any) -> int:
    """Put aliases in place of the names in evidence files, several of them merged.

    'readiness assess' judges the result by the configuration that --write-config writes, and comes to the same. With
    the same --map, the same names get the same aliases in later runs, in reports (--redact) and evidence alike.
    """
    from readiness import evidence as bodies
    from readiness.cli.logs import set_up
    from readiness.cli.redacting import must_be_apart, prepared
    from readiness.cli.settings import configured

    configuration = configured({**given, "redact": True}, os.environ, connecting=False)
    set_up(debug=configuration.scan.debug, log_file=configuration.scan.log_file)
    read = dict.fromkeys(files, "one of the files that are redacted")
    must_be_apart(
        {"--map": configuration.scan.redact_map, "--out": out, "--write-config": write_config},
        read | ({configuration.path: "the configuration"} if configuration.path else {}),
    )
    redaction = prepared(configuration)
    evidence = bodies.merge([bodies.load(file) for file in files])
    if redaction is None:
        raise RuntimeError("redact redacts")
    return _written(redaction, configuration, evidence, out, write_config)


def _written(
    redaction: Redaction, configuration: Configuration, evidence: Evidence, out: Path, write_config: Path | None
) -> int:
    from readiness import documents
    from readiness import evidence as bodies
    from readiness.redaction.writing import written

    by = redaction.configured(configuration, evidence)
    tenant, site_code = by.tenant.id if by.tenant else None, by.site.site_code if by.site else None
    bodies.must_be_of(evidence, tenant=tenant, site_code=site_code)
    for path in filter(None, (out, write_config, configuration.scan.redact_map)):
        documents.must_be_writable(path)
    _, made = redaction.reported(by, evidence, evidence.finished)
    bodies.save(made.evidence, out)
    say(f"wrote {out}: look through it before you pass it on; no name of yours should be in it")
    if write_config is not None:
        documents.write(write_config, written(made.configuration))
        say(f"wrote {write_config}: 'readiness assess {out} --config {write_config}' judges by it")
    if redaction.map is not None:
        say(f"wrote {redaction.map.path}: it says which alias is whom; keep it")
    elif evidence.redacted is None:
        say("No map was kept: nothing maps these aliases back, and later runs number anew. --map FILE keeps one.")
    return 0
