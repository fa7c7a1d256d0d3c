"""Ticket systems, and what is brought to them."""
