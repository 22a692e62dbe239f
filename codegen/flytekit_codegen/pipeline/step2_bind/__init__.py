"""Step 2: descriptors and contract to the IR, in Python's terms."""
