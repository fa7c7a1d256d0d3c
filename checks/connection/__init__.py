"""What the scan can see."""
