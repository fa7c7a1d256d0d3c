"""The devices to protect are in reach."""
