"""The EDR policies themselves."""
