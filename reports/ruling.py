"""What every format says of the rules that judged: how old, from where, which row decided, which pages disagree."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.plugin import CheckResult, Contradiction, OutsideRow, PluginUsed, Report, RuleRow, rule_words
from reports.text import plural

ORIGINS = {"article": "The article of 2020", "today": "Today's besides"}
"""What asks for a prerequisite, as reports head it."""


def rules(report: Report) -> str:
    """Which rules judged, and how old they are."""
    run, used = report.run, report.run.rules
    outside = f", {plural(len(used.outside), 'row')} from outside" if used.outside else ""
    return f"{run.rules_version} of {run.rules_date}, {plural(used.age_days, 'day')} old{outside}"


def outside_row(row: OutsideRow) -> str:
    """A row that does not ship with the tool."""
    does = "in place of the one that ships" if row.replaces else "added"
    return f"{row.table}:{row.key} from {row.file}, {does} (source {row.source}, {row.date})"


def rule_row(row: RuleRow) -> str:
    """A row of the rule data that decided, in one line; in the order of the JSON file, so that it gives the same."""
    sure = f", confidence {row.confidence}" if row.confidence else ""
    where = f", from {row.file}" if row.file else ""
    said = rule_words(dict(sorted(row.values.items())), row.key)
    return f"{row.table}:{row.key}: {said} (source {row.source}, {row.date}{sure}; table as of {row.as_of}{where})"


def asked(check: CheckResult) -> Iterator[tuple[str, str]]:
    """What the article asks and what is needed today, side by side."""
    row = check.requirement
    if row is not None and row.article is not None:
        yield "Article", row.article
    if row is not None:
        yield "Today", row.today


def disagreement(contradiction: Contradiction) -> str:
    """What official pages say different things about, each with its date, and what is made of it."""
    pages = "; ".join(
        f"{page.title} ({page.location}{f', {page.dated}' if page.dated else ', undated'}): {page.says}"
        for page in contradiction.page
    )
    return f"{contradiction.about}. {pages}. Judged here: {contradiction.judged}"


def plugin_row(plugin: PluginUsed) -> str:
    """A third party's package that took part, or was to: what of it judged, and what did not."""
    kind = plugin.group.rpartition(".")[2]
    adds = f"{kind} {', '.join(plugin.adds)}" if plugin.adds else f"no {kind}"
    skipped = f"; skipped: {plugin.skipped}" if plugin.skipped else ""
    return f"{plugin.package} {plugin.version}: {adds}{skipped}"
