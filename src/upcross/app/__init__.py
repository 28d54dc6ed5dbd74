"""The pages where the work is done: each a view, the facts that it tells, and a template that only lays them out."""
