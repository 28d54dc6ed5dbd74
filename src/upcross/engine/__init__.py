"""The SQL layer: one portable text for every engine, linted, composed and printed with SQLGlot."""
