"""Configuration Manager can carry EDR policy."""
