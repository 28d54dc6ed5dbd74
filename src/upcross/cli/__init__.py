"""The command line: one module for each family of commands, wired together in ``app``."""
