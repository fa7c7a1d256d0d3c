"""Someone can finish the set-up."""
