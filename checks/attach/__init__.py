"""The hierarchy is attached to the tenant."""
