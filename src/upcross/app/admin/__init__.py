"""People, tokens, connections and the record."""
