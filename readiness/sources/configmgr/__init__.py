"""The on-premises half: the SMS Provider."""
