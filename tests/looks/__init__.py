"""Looks at the report in a real browser: every state at every size and in every mode, and audits what it sees."""
