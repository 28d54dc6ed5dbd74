"""Retention, the bridge, and each motion's own numbers."""
