"""Step 1: what a run is given, as data."""
