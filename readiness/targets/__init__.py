"""Ticket systems that a finished report is attached to. Nothing here reads an estate, and nothing there writes one.

The way out is a session of its own (`line`): to one origin, and only for the calls that a target lists. No
session to a tenant or a site can be handed in: a target makes its own from an address and an authorization.
"""
