"""The six properties of the architecture, tried over and over."""
