"""The whole base looked over: the white-space map, and what can be done next at which customers."""
