"""A deck, or a plan, as files to leave with."""
