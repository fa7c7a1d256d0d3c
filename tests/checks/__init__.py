"""The checks, judged on plain data."""
