"""Defender and Intune are joined."""
