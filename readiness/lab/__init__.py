"""The simulated estate: Entra ID, Microsoft Graph and an SMS Provider, served on loopback over real sockets.

What an estate holds is data: `scenarios/*.toml`. What the provider's classes look like is data too: `classes.toml`.

    with Lab(load_scenario("almost-ready")) as lab:
        lab.write(directory)          # readiness.toml, ca.pem, lab.env
"""

from __future__ import annotations

from readiness.lab.estate import Lab, serve
from readiness.lab.journal import Exchange
from readiness.lab.scenario import Scenario, load_scenario, scenario_names

__all__ = ["Exchange", "Lab", "Scenario", "load_scenario", "scenario_names", "serve"]
