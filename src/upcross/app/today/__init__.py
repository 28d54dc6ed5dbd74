"""What needs me today, and working it."""
