"""Telling people that something happened: nothing when nothing did, the right thing once when it did.

`watching` decides what is news, as a pure function of a run, its measure and what was told before, and records it in
the history; `sending` delivers; `webhook`, `teams` and `mail` are the channels. Nothing here changes a verdict.
"""
