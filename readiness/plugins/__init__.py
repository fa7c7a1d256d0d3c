"""What third-party packages add, by entry point: checks, readers, report formats, targets.

Contract: interfaces, section 6. Whatever such a package does wrong, the scan goes on: it is named, and skipped. Nothing
of a package is imported before something of its kind is needed.
"""
