"""From what a difference between two runs may come besides the estate: other rules, other rights, another scope.

A pure function of both reports. It is generous: what may come from how was looked is never said to be broken, because
two reports alone cannot prove that it is. What is worse stays worse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from readiness.assessment.comparing import compare_configurations, paired_subjects
from readiness.assessment.decision import result_standing
from readiness.assessment.lasting import lasts
from readiness.assessment.wholeness import is_whole
from readiness.model.differences import Cause
from readiness.model.report import CheckResult, ReadingSummary, Report, SubjectResult
from readiness.model.words import Outcome, Reason

OF_RIGHTS = frozenset({Reason.ACCESS_DENIED, Reason.MISSING_PERMISSION})
"""Why something is not seen that more rights would show. What is not visible to the same account with the same rights
is another matter: the estate changed."""
OF_SCOPE = frozenset({Reason.NOT_CONFIGURED, Reason.NO_TARGET})
"""Why something is not seen that was not asked for."""
_SCOPE = ("scope.", "rollout.")
_POLICY = ("policy.", "calibration.")
"""Sections of the configuration by which is judged."""
_COLLECTIONS = "Collections"
"""The reading that settles which collections there are."""


@dataclass(frozen=True, eq=False)
class Looked:
    """How was looked and judged in two runs."""

    before: Report
    after: Report

    def at_check(self, id_: str) -> frozenset[Cause]:
        """From what it may come that a check came out otherwise."""
        old, new = self._old.get(id_), self._new.get(id_)
        if old is None or new is None:
            return self._at_one_side_only(id_)
        roots = [name for name in (*old.blocked_by, *new.blocked_by) if name != id_]
        inherited = (self._of_pair(self._old[name], self._new[name]) for name in roots if name in self._both)
        return self._of_pair(old, new).union(*inherited)

    def at_subject(self, check: str, old: SubjectResult | None, new: SubjectResult | None) -> frozenset[Cause]:
        """The same of one thing that a check judges."""
        if old is None or new is None:
            return self.at_targets()
        found = self.at_check(check) - {Cause.SCOPE, Cause.OVERLAY}
        scope = self.scope and bool({old.reason, new.reason} & OF_SCOPE)
        return found | _marked((Cause.SCOPE, scope), (Cause.OVERLAY, _covered(old) != _covered(new)))

    def at_targets(self) -> frozenset[Cause]:
        """From what it may come that a collection came or went."""
        return _marked((Cause.SCOPE, self.scope), (Cause.RIGHTS, _COLLECTIONS in self._seen_otherwise))

    @cached_property
    def rules(self) -> bool:
        """Whether it was judged by something else."""
        old, new = self.before.run, self.after.run
        rules = (old.rules_version, old.rules.digest) != (new.rules_version, new.rules.digest)
        return rules or self._program or self._asked_otherwise(_POLICY)

    @cached_property
    def scope(self) -> bool:
        """Whether something else was asked."""
        selected = set(self.before.decision.deselected) ^ set(self.after.decision.deselected)
        return bool(selected) or self._asked_otherwise(_SCOPE) or self._halves

    @property
    def _halves(self) -> bool:
        """Whether a half was read in one of the runs only."""
        old, new = ({one.id for one in report.readings if one.reason is Reason.NOT_CONFIGURED}
                    for report in (self.before, self.after))  # fmt: skip
        return old != new

    @property
    def _program(self) -> bool:
        old, new = self.before.run, self.after.run
        return old.tool_version != new.tool_version or old.plugins != new.plugins

    def _asked_otherwise(self, sections: tuple[str, ...]) -> bool:
        return any(key.startswith(sections) for key in self._configuration)

    @cached_property
    def _configuration(self) -> frozenset[str]:
        old, new = self.before.run.configuration, self.after.run.configuration
        return frozenset(change.id for change in compare_configurations(old, new, demo=self.after.run.demo))

    def _at_one_side_only(self, id_: str) -> frozenset[Cause]:
        selected = id_ in {*self.before.decision.deselected, *self.after.decision.deselected}
        return _marked((Cause.SCOPE, selected), (Cause.RULES, self._program and not selected))

    def _of_pair(self, old: CheckResult, new: CheckResult) -> frozenset[Cause]:
        return _marked(
            (Cause.RULES, self.rules and self._judged_otherwise(old, new)),
            (Cause.RIGHTS, self._by_rights(old, new)),
            (Cause.SCOPE, self.scope and self._asked_of(old, new)),
            (Cause.OVERLAY, _laid_otherwise(old, new)),
        )

    def _judged_otherwise(self, old: CheckResult, new: CheckResult) -> bool:
        """Whether the rules may have made the difference: what was seen is the same, or what judged it is not."""
        by = [(one.expected, one.declared_level, one.basis, _rows(one)) for one in (old, new)]
        return self._program or by[0] != by[1] or self._saw_the_same(old, new)

    def _saw_the_same(self, old: CheckResult, new: CheckResult) -> bool:
        return lasts(old.observed, self.before.run.finished, new.observed, self.after.run.finished)

    def _by_rights(self, old: CheckResult, new: CheckResult) -> bool:
        if (old.reason in OF_RIGHTS) != (new.reason in OF_RIGHTS):
            return True
        return bool(self._seen_otherwise & {*old.evidence, *new.evidence})

    def _asked_of(self, old: CheckResult, new: CheckResult) -> bool:
        """Whether the scope may have made the difference: things came or went, and none that stayed is otherwise."""
        if (old.reason in OF_SCOPE) != (new.reason in OF_SCOPE):
            return True
        pairs = list(paired_subjects(old, new))
        stayed = [(was, is_) for was, is_ in pairs if was and is_]
        if len(stayed) < len(pairs):
            return all(was.outcome is is_.outcome and was.level is is_.level for was, is_ in stayed)
        return self._saw_the_same(old, new)

    @cached_property
    def _seen_otherwise(self) -> frozenset[str]:
        """The readings that others made, or with other rights."""
        old, new = ({one.id: one for one in report.readings} for report in (self.before, self.after))
        silent = not (is_whole(self.before) and is_whole(self.after))
        return frozenset(id_ for id_ in old.keys() & new.keys() if _otherwise(old[id_], new[id_], silent=silent))

    @cached_property
    def _old(self) -> Mapping[str, CheckResult]:
        return {check.id: check for check in self.before.checks}

    @cached_property
    def _new(self) -> Mapping[str, CheckResult]:
        return {check.id: check for check in self.after.checks}

    @cached_property
    def _both(self) -> frozenset[str]:
        return frozenset(self._old.keys() & self._new.keys())


def shared(causes: Iterable[frozenset[Cause]]) -> frozenset[Cause]:
    """From what it may come that a whole came out otherwise, of which these parts did. From nothing else where one of
    them did so because of the estate."""
    found = list(causes)
    return frozenset().union(*found) if found and all(found) else frozenset()


def is_open(check: CheckResult) -> bool:
    """Whether something of it is left once waivers and attestations are taken out."""
    return result_standing(check)[0] not in (Outcome.PASS, Outcome.NOT_APPLICABLE)


def _otherwise(old: ReadingSummary, new: ReadingSummary, *, silent: bool) -> bool:
    """Whether others read, or with other rights. That rights are not known of a run in which something did not answer
    is no other right."""
    if (old.reason in OF_RIGHTS) != (new.reason in OF_RIGHTS):
        return True
    answered = old.reason is None and new.reason is None
    untold = silent and None in (old.scope, new.scope)
    return answered and (old.identity != new.identity or (old.scope != new.scope and not untold))


def _rows(check: CheckResult) -> frozenset[Any]:
    """What the rows say by which it was judged."""
    return frozenset((row.table, row.key, repr(sorted(row.values.items()))) for row in check.rules)


def _laid_otherwise(old: CheckResult, new: CheckResult) -> bool:
    """Whether a waiver or an attestation began or ended, on it or on what stayed of what it judges."""
    both = ((was, is_) for was, is_ in paired_subjects(old, new) if was and is_)
    return _covered(old) != _covered(new) or any(_covered(was) != _covered(is_) for was, is_ in both)


def _covered(judged: CheckResult | SubjectResult) -> bool:
    return judged.waiver is not None or judged.attestation is not None


def _marked(*which: tuple[Cause, bool]) -> frozenset[Cause]:
    return frozenset(_true(which))


def _true(which: Iterable[tuple[Cause, bool]]) -> Iterator[Cause]:
    return (cause for cause, holds in which if holds)
