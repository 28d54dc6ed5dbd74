"""Serving: settings, sign-in, the rules of every route, security headers, and the process that listens."""
