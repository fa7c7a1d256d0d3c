"""Recordings: the exchanges of a scan, aliased, to be read by a person, sent, and judged again."""
