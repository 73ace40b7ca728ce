"""Qualité and Comparaison: what they say on the shipped plans, on small plans made to fail, and the laws of their queries."""

from __future__ import annotations

from tests.test_pages import ISERE, PLANS, cadre, dits, ouvrir, tables, titre  # noqa: F401
