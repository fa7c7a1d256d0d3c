"""The workflow for GitHub Actions: by the published schema, pinned, with few rights; its commands do what they say.

What GitHub itself does (runners, artifacts, caches, the token's issuer) is not tried by any test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import Estate

FILE = Path(__file__).parents[2] / "examples/github-actions/readiness.yml"
WORKFLOW: dict[str, Any] = YAML(typ="safe").load(FILE)
JOBS: dict[str, Any] = WORKFLOW["jobs"]
Serve = Callable[..., Estate]


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in JOBS.items():
        for step in job["steps"]:
            yield name, step


def step_of(job: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(step for step in JOBS[job]["steps"] if step.get("name") == name)
    return found


@pytest.mark.parametrize(("break_it", "code"), [(False, 0), (True, 1)])
def test_it_is_by_the_published_schema_of_workflows(break_it: bool, code: int, tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8")
    copy = tmp_path / "workflow.yml"
    copy.write_text(text.replace("runs-on:", "run-on:", 1) if break_it else text, encoding="utf-8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(copy)]
    done = subprocess.run(check, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == code, done.stdout


def test_every_action_is_pinned_to_a_commit_with_its_release_beside_it() -> None:
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert len(lines) == len([step for _, step in steps() if "uses" in step])
    for line in lines:
        assert re.search(r"uses: actions/[a-z/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_nobody_has_more_rights_than_reading_and_one_job_shows_a_token() -> None:
    assert WORKFLOW["permissions"] == {}
    rights = {name: job["permissions"] for name, job in JOBS.items()}
    assert rights.pop("tenant") == {"contents": "read", "id-token": "write"}
    assert all(one == {"contents": "read"} for one in rights.values())
    assert all(
        step["with"]["persist-credentials"] is False for _, step in steps() if "checkout@" in step.get("uses", "")
    )


def test_runs_never_overlap_nor_hang_nor_are_cut_off() -> None:
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is False
    assert all(job["timeout-minutes"] <= 30 for job in JOBS.values())


def test_nothing_from_outside_is_put_into_a_script() -> None:
    """An expression in a script is text that somebody else may write; variables are not."""
    assert [step["run"] for _, step in steps() if "${{" in step.get("run", "")] == []


def type_in(step: Mapping[str, Any], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A step as the runner does it: a script in bash that ends at the first error, also in a pipe."""
    given = {name: text.replace("${{ runner.temp }}", str(folder)) for name, text in step.get("env", {}).items()}
    given = {name: text.replace("${{ github.workspace }}", str(folder)) for name, text in given.items()}
    whole = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "step-summary"),
        **{name: text for name, text in given.items() if "${{" not in text},
        **environment,
    }
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(script, cwd=folder, env=whole, capture_output=True, encoding="utf-8", check=False)


def test_the_three_jobs_collect_judge_and_tell_two_nights(estate: Serve) -> None:
    served = estate("almost-ready")
    folder, secrets = served.folder, served.secrets
    (folder / "evidence").mkdir()
    for night in (("tenant", "site"), ("tenant",)):
        shutil.rmtree(folder / "reports", ignore_errors=True)  # each run has a new machine
        for job in night:
            done = type_in(step_of(job, "Collect"), folder, secrets)
            assert done.returncode == 0, done.stderr
            (folder / f"{job}.json").replace(folder / f"evidence/{job}.json")
        for name in ("Judge", "What changed"):
            done = type_in(step_of("judge", name), folder, {})
            assert done.returncode == 0, done.stderr
    assert (folder / "output").read_text(encoding="utf-8") == "code=3\ncode=3\n"
    summary = (folder / "step-summary").read_text(encoding="utf-8")
    assert summary.count("# EDR readiness summary: × not-ready") == 2
    assert summary.count("# What changed between two runs") == 1
    assert summary.count("**Nothing changed.**") == 1
    assert {"".join(path.suffixes[-2:]) for path in (folder / "reports").iterdir()} >= {".junit.xml", ".summary.md"}
    assert (folder / "history/history.sqlite3").is_file()
    verdict = type_in(step_of("judge", "Verdict"), folder, {"CODE": "3"})
    assert verdict.returncode == 3


def test_with_one_half_missing_the_verdict_is_never_ready(estate: Serve) -> None:
    served = estate("ready")
    done = type_in(step_of("tenant", "Collect"), served.folder, served.secrets)
    assert done.returncode == 0, done.stderr
    (served.folder / "evidence").mkdir()
    (served.folder / "tenant.json").replace(served.folder / "evidence/tenant.json")
    assert type_in(step_of("judge", "Judge"), served.folder, {}).returncode == 0
    assert (served.folder / "output").read_text(encoding="utf-8") == "code=5\n"


class Issuer(BaseHTTPRequestHandler):
    """Gives a token to who asks as the documentation of GitHub says: with the bearer, for one audience."""

    def do_GET(self) -> None:
        audience = "&audience=api://AzureADTokenExchange"
        fits = self.headers["Authorization"] == "bearer of-the-run" and self.path.endswith(audience)
        self.send_response(200 if fits else 403)
        self.end_headers()
        self.wfile.write(json.dumps({"count": 1, "value": "the.token"}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


def test_the_token_is_asked_for_and_kept_where_only_the_run_reads_it(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), Issuer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/token?api-version=2.0"
        variables = {"ACTIONS_ID_TOKEN_REQUEST_URL": address, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-the-run"}
        done = type_in(step_of("tenant", "Token"), tmp_path, {**variables, "NO_PROXY": "127.0.0.1"})
        refused = type_in(
            step_of("tenant", "Token"), tmp_path / "..", {**variables, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "another"}
        )
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "token").read_text(encoding="utf-8") == "the.token\n"
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    assert refused.returncode != 0
    assert "the.token" not in done.stdout + done.stderr
