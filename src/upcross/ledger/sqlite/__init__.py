"""Django's backend for SQLite on a build of SQLite that is sound in write-ahead mode, with writers served in turn."""
