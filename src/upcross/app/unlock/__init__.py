"""What waits behind gates, by blocker and the money behind it."""
