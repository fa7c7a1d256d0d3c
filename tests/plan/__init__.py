"""The plan, carried out: every step done in the simulated estate, one after another, until the estate is ready."""
