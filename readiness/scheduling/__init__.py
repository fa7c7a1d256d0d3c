"""A scan every day without a hand: the job as text for what starts it, and its installing and removing."""
