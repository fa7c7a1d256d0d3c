"""Tests against servers that others wrote, and against a real estate where the environment names one."""
