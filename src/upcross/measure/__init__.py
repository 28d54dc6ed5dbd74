"""What plays were worth: how far past flags and expansions agree, and how far they would by chance alone."""
