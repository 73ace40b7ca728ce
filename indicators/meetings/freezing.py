"""What a meeting shows: its frozen rows once it has some, else the views at its dates."""

from __future__ import annotations

from indicators.meetings.composition import build_deck
from indicators.meetings.deck import Deck
from indicators.queries import Cursor, get_plan
from indicators.queries.seances import get_seance


def get_deck(cur: Cursor, plan: str, seance: str, voit_tout: bool = True) -> Deck:
    """The deck of that meeting for that right to see."""
    return build_deck(cur, get_plan(cur, plan), get_seance(cur, plan, seance), voit_tout)


def freeze(*_: object) -> None: ...


def close(*_: object) -> None: ...
