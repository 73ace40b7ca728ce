"""Following a schéma départemental enfance-famille: orientations, actions, indicateurs, progress against the plan."""

import os

os.environ["OPENPYXL_LXML"] = "False"  # read where openpyxl is imported: a hostile file raises in pure Python, lxml may abort
__version__ = "0.1.0"
