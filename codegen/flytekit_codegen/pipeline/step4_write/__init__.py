"""Step 4: text to files."""
