"""Results as text for a terminal: the same result objects that JSON and Python give."""
