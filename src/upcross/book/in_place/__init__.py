"""A book that stays where it lies: contract tables in PostgreSQL, Spark or a warehouse, read there."""
