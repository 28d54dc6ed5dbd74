"""Signals: described facts about accounts, subscriptions, meters and white space, each a column of a SQL model."""
