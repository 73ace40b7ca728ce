"""Following a schéma départemental enfance-famille: orientations, actions, indicateurs, progress against the plan."""

__version__ = "0.1.0"
