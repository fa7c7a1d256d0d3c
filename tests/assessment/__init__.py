"""The assessment: checks x evidence -> report."""
