"""The nouns: facts of the estate, reading, check, verdict, report. Imports nothing of ours, does no I/O."""
