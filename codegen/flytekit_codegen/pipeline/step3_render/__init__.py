"""Step 3: the IR to text."""
