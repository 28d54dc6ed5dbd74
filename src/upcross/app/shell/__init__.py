"""What every page has: its frame, its formats, its words, its place in the navigation."""
