"""The exit codes, and what they mean: the one place that says so. Contract: interfaces, section 2."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class ExitCode(IntEnum):
    """How a run ended, for whatever started it."""

    OK = 0
    BUG = 1
    USAGE = 2
    NOT_READY = 3
    ADVISORIES = 4
    UNDETERMINED = 5
    INTERRUPTED = 130


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.OK: "ready: every blocker passed, is not applicable, is waived or attested; or the selection passed",
    ExitCode.BUG: "the program itself failed, or what was read could not be written, or not in time: the message says "
    "where the log is",
    ExitCode.USAGE: "usage or configuration error; nothing was read",
    ExitCode.NOT_READY: "not ready: at least one blocker failed",
    ExitCode.ADVISORIES: "ready, but advisories failed and `--fail-on advisory` was asked",
    ExitCode.UNDETERMINED: "not determined: no blocker failed, but at least one could not be verified; with "
    "`--fail-on unknown` an advisory that could not be, too; or another run of the estate was under way",
    ExitCode.INTERRUPTED: "interrupted: Ctrl-C; or SIGTERM before anything was read, and again while a report was made",
}
"""Of `scan` and `assess`. Where several hold, 1 wins, then 3, 5, 4. 1, 2 and 130 mean the same in every command."""

OF_COMMANDS: Mapping[str, Mapping[ExitCode, str]] = {
    "collect": {
        ExitCode.OK: "whole: every reading is there",
        ExitCode.UNDETERMINED: "partial: a reading is missing; the file is written all the same, and says why",
    },
    "permissions": {
        ExitCode.OK: "without `--test`: listed; with it: every right that is needed is held",
        ExitCode.UNDETERMINED: "with `--test`: a right is missing, or could not be told",
    },
    "plan": {
        ExitCode.OK: "a plan, or nothing to do",
        ExitCode.USAGE: "the report is not there, was changed, or is of a newer version",
    },
    "attest": {
        ExitCode.OK: "written",
        ExitCode.USAGE: "refused; nothing was written",
        ExitCode.INTERRUPTED: "broken off or declined; nothing was written",
    },
    "attach": {
        ExitCode.OK: "the record holds this run: sent now, or there before; with `--dry-run`: it would take it",
        ExitCode.USAGE: "usage or configuration error, a report with names, or one of the simulated estate: nothing "
        "was sent",
        ExitCode.UNDETERMINED: "the record does not hold all of it, or cannot be found: what to do by hand is said",
    },
    "history": {
        ExitCode.OK: "listed, also where no run is kept yet",
        ExitCode.USAGE: "the extra `history` is missing, or the file cannot be read",
    },
    "diff": {
        ExitCode.OK: "nothing worse",
        ExitCode.NOT_READY: "something is worse, or can no longer be verified",
        ExitCode.USAGE: "a run or a report is not there, or was changed",
        ExitCode.UNDETERMINED: "the two cannot be compared, or there are no two",
    },
    "notify": {
        ExitCode.OK: "shown; with `--test`: every channel took the message",
        ExitCode.USAGE: "no `[notify]`, or what a channel needs is not configured; nothing was sent",
        ExitCode.UNDETERMINED: "with `--test`: a channel did not take it",
    },
    "schedule": {
        ExitCode.OK: "printed, written, installed or removed; also where there was no job to remove",
        ExitCode.USAGE: "usage or configuration error, as where a person would have to sign in: nothing was done",
        ExitCode.UNDETERMINED: "it could not be installed or removed, or what is there is not ours: all is as it was",
    },
    "verify": {
        ExitCode.OK: "intact",
        ExitCode.NOT_READY: "changed, not signed where `--key` asks for it, or signed by another key",
        ExitCode.USAGE: "not ours: no file of this tool, one of a newer version, or one that cannot be read",
    },
}
"""What a code means of a command without a verdict on an estate, where it means something of its own."""
