"""What breaks in practice, tried on simulated estates."""
