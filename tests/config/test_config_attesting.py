"""An attestation is added to the text of a configuration, and nothing else of it changes."""

from __future__ import annotations

import os
import stat
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.config import load
from readiness.config.attesting import addition, block, written
from readiness.config.rewriting import content, rewrite, target
from readiness.errors import ConfigurationError
from readiness.model.settings import Attestation

MADE = Attestation("collections-enabled", "seen", "Jo", date(2026, 11, 23), date(2026, 12, 7), collection="P0100021")
OTHER = '[[attestation]]\ncheck = "tenant-attached"\nstatement = "x"\nby = "y"\non = 2026-11-01\nexpires = 2026-12-01\n'
INLINE = '{ check = "tenant-attached", statement = "x } ]", by = "y", on = 2026-11-01, expires = 2026-12-01 }'


def added(text: str, made: Attestation = MADE) -> str:
    """The text with the attestation; that nothing else changed, is proven here."""
    found = addition(text, made)
    assert found.before + found.after == text
    before, after = (tomllib.loads(one.replace("\r\n", "\n")) for one in (text, found.text))
    assert after.pop("attestation") == [*before.pop("attestation", []), written(made)]
    assert after == before
    line = found.text.replace("\r\n", "\n").split("\n")[found.line - 1]
    assert line.startswith("[[attestation]]") or " = [" in text
    return found.text


@pytest.mark.parametrize("text", ["", "\n", "# only this", "[scope]\n", "[scope]", "[scope]\ngroups = []\n# end\n\n\n"])
def test_without_attestations_it_goes_to_the_end(text: str) -> None:
    found = added(text)
    assert found.endswith(block(written(MADE)))
    assert found.startswith(text)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_it_goes_below_the_last_block_with_a_blank_line_before_and_after(newline: str) -> None:
    text = f"# top\n\n{OTHER}# of the block\n\n# of the scope\n[scope]\ngroups = [\n  'a',\n]\n".replace("\n", newline)
    found = added(text)
    middle = f"# of the block\n\n{block(written(MADE))}\n# of the scope\n".replace("\n", newline)
    assert middle in found
    assert found.count("\r") == (found.count("\n") if newline == "\r\n" else 0)


def test_a_comment_that_leads_over_to_what_follows_stays_with_that() -> None:
    assert "\n\n# of the scope\n[scope]\n" in added(f"{OTHER}# of the scope\n[scope]\n")


@pytest.mark.parametrize(
    "text",
    [
        "attestation = []\n",
        "attestation = [ ] # none ] yet }\n[scope]\n",
        f"attestation = [{INLINE}]",
        f"attestation = [{INLINE},] # ]}}",
        f"attestation = [\n  {INLINE}, # first }} ]\n  # more ]\n]\n\n[scope]\n",
        f"attestation = [\r\n  {INLINE} # first\r\n]\r\n",
        f'"attestation" = [{INLINE}]\n[scope]\n',
    ],
)
def test_a_list_is_continued_as_a_list(text: str) -> None:
    assert added(text).count("[[attestation]]") == 0


@pytest.mark.parametrize(
    "text",
    [
        f"{OTHER}\n[scope]\ngroups = ['[[attestation]]', '''\n[[attestation]]\n''']\n",
        f'[scope]\ngroups = ["""\n[[attestation]]\ncheck = 1\n"""]\n\n{OTHER}',
        "[[ 'attestation' ]]\ncheck='a'\n[ scope ]\n",
        f"{OTHER}\n{OTHER}[[waiver]]\ncheck = 'a'\n",
        "[scope] # [[attestation]]\ngroups=[] # end",
    ],
)
def test_what_only_looks_like_a_block_is_none(text: str) -> None:
    added(text)


@pytest.mark.parametrize(
    "words",
    [
        '"',
        "'",
        "\\",
        "C:\\new\\table",
        'it\'s "both" \\ of them',
        '"""',
        "'''",
        "#",
        "= [ ]",
        "Bürö – 会社 🙂",
        "\\u0041",
    ],
)
def test_any_text_that_the_rules_take_reads_back_as_it_was(words: str) -> None:
    made = Attestation("x", words, words, date(2026, 1, 1), date(9999, 12, 31), administrator=words)
    assert tomllib.loads(added("", made))["attestation"][0]["statement"] == words


def test_a_place_that_does_not_exist_is_not_made_up() -> None:
    with pytest.raises(ConfigurationError, match="without changing anything else"):
        addition("attestation.check = 1\n", MADE)


# The same of generated files.

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" '\"\\#[]{}="), max_size=12
)
PRINTED = WORDS.map(str.strip).filter(lambda text: text != "" and text.isprintable())
SPACE = st.sampled_from(["", " ", "\t", "  "])
COMMENT = WORDS.filter(str.isprintable).map("# {}".format)
NOISE = st.lists(st.sampled_from(["", "  "]) | COMMENT, max_size=3)


@st.composite
def _assignment(draw: st.DrawFn, key: str, value: str) -> str:
    comment = draw(st.just("") | COMMENT.map(" {}".format))
    return f"{draw(SPACE)}{key}{draw(SPACE)}={draw(SPACE)}{value}{comment}"


def _basic(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def _attested(draw: st.DrawFn) -> dict[str, str]:
    on = draw(st.dates(date(2020, 1, 1), date(2026, 11, 23)))
    return {
        "check": _basic(draw(PRINTED)),
        "statement": _basic(draw(PRINTED)),
        "by": _basic(draw(PRINTED)),
        "on": on.isoformat(),
        "expires": (on + timedelta(days=draw(st.integers(0, 400)))).isoformat(),
    }


@st.composite
def _table(draw: st.DrawFn, header: str, keys: dict[str, str]) -> list[str]:
    lines = [f"{draw(SPACE)}{header}{draw(SPACE)}"]
    for key, value in keys.items():
        lines += [*draw(NOISE), draw(_assignment(key, value))]
    return [*draw(NOISE), *lines, *draw(NOISE)]


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """A file that loads, as people write them: tables in any order, comments, odd spaces, either kind of line end."""
    tables = [
        draw(_table("[scope]", {"collections": f"[\n  {_basic(draw(PRINTED))}, # ]\n]", "groups": "[]"})),
        draw(_table("[rollout]", {"stage": "'planned'"})),
        draw(_table("[change]", {"ticket": f"'''{draw(st.sampled_from(['CHG1', '[[attestation]]', '# no']))}'''"})),
    ]
    attested = draw(st.lists(_attested(), max_size=3, unique_by=lambda keys: tuple(keys.values())))
    lines = draw(NOISE)
    if draw(st.booleans()) and attested:
        inline = ", ".join(
            "{" + ", ".join(f"{key} = {value}" for key, value in keys.items()) + "}" for keys in attested
        )
        lines += [f"attestation = [{inline}{draw(st.sampled_from(['', ',']))}]"]
    else:
        tables += [draw(_table("[[attestation]]", keys)) for keys in attested]
    lines += [line for table in draw(st.permutations(tables)) for line in table]
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@settings(max_examples=120, deadline=None, derandomize=True)
@given(configurations(), PRINTED, PRINTED, st.sampled_from([None, "collection", "site", "administrator"]), st.data())
def test_a_file_with_an_attestation_more_loads_with_exactly_that_one_more(
    text: str, statement: str, by: str, kind: str | None, data: st.DataObject
) -> None:
    subject: dict[str, Any] = {kind: data.draw(PRINTED)} if kind else {}
    made = Attestation("tenant-attached", statement, by, date(2026, 11, 24), date(2026, 12, 8), **subject)
    before = _loaded(text)
    after = _loaded(added(text, made))
    assert after.judging.attestations == (*before.judging.attestations, made)
    assert after.judging.scope == before.judging.scope
    assert after.judging.change == before.judging.change


def _loaded(text: str) -> Any:
    path = Path("generated.toml")
    path.write_bytes(text.encode())
    return load(path, {}, connecting=False)


# The file itself.


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    path = tmp_path / "readiness.toml"
    path.write_bytes(b"\xef\xbb\xbf[scope]\r\n")
    assert content(path) == (b"\xef\xbb\xbf", "[scope]\r\n")


@pytest.mark.skipif(os.name == "nt", reason="permissions and links of POSIX")
def test_permissions_and_links_stay_and_nothing_is_left_over(tmp_path: Path) -> None:
    real = tmp_path / "real" / "ours.toml"
    real.parent.mkdir()
    real.write_bytes(b"old")
    real.chmod(0o640)
    link = tmp_path / "readiness.toml"
    link.symlink_to("real/ours.toml")
    rewrite(target(link), b"old", b"new")
    assert link.is_symlink()
    assert os.readlink(link) == "real/ours.toml"
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [path.name for path in real.parent.iterdir()] == ["ours.toml"]


def test_a_file_that_somebody_wrote_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "readiness.toml"
    path.write_bytes(b"theirs")
    with pytest.raises(ConfigurationError, match="changed meanwhile; nothing was written"):
        rewrite(path, b"ours", b"new")
    assert path.read_bytes() == b"theirs"
    assert [found.name for found in tmp_path.iterdir()] == ["readiness.toml"]


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_only_an_ordinary_file_is_written_anew(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "none", "."):
        with pytest.raises(ConfigurationError):
            target(tmp_path / name)
