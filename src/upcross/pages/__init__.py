"""Results as pages: one file of HTML each, with its charts inside, that needs no network and runs no script."""
