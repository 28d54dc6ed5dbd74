"""What a run found, laid out for reading: pages look things up here and never judge anything."""
