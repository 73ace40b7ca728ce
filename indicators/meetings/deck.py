"""What a séance shows, as data: one `Deck` feeds the screen, the slides, the report and the tables, and is what freezing keeps.

Everything a person reads is in it as text already written; everything drawn is in it as the rows of the views. Nothing that is
made from a `Deck` asks the base again, so that a frozen one cannot move.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from indicators.model import Sujet
from indicators.queries import Action, Cible, Ligne, Mesure, Plan, Point
from indicators.queries.seances import Decision, Participant, Seance


@dataclass(frozen=True)
class Entete:
    """Of which plan, which meeting, at which dates, for whose eyes, from what.

    `voit_tout` False: this deck hides what the statistical secret protects. `perimetre`, `sources` and `avertissement` (what is
    illustrative) are sentences that every screen and export repeats.
    """

    plan: Plan
    seance: Seance
    observe_au: date
    connu_au: datetime
    voit_tout: bool
    precedente: str | None
    perimetre: str
    sources: str
    avertissement: str


@dataclass(frozen=True)
class LigneMontree:
    """One ligne principale as it was shown: its row, the words said of it, what its chart draws.

    `mot` is the word of its status, `position` one sentence, `lecture` the reading note of its chart (also the alternative text),
    `calcul` the arithmetic of its status (label, figure). `mesures` are the values as they are stored, of every territory and
    breakdown: what the follow-up table gives back.
    """

    ligne: Ligne
    mot: str
    position: str
    lecture: str
    calcul: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]
    cibles: tuple[Cible, ...]
    mesures: tuple[Mesure, ...] = ()


@dataclass(frozen=True)
class ActionMontree:
    """One action as it was shown: its row, the word of its tile, its partners by role (« CAF (SDSF) »), its indicators."""

    action: Action
    mot: str
    orientation: str
    pilotes: str
    partenaires: str
    indicateurs: tuple[str, ...]


@dataclass(frozen=True)
class Grille:
    """A small table of a slide, every cell written."""

    titre: str
    colonnes: tuple[str, ...]
    lignes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Diapo:
    """One slide: one message. `cle` is stable in a deck; `titre` is the message, `surtitre` the place in the agenda.

    `phrases` are read in the room, `notes` are for the presenter: sources, dates, arithmetic. `indicateurs` are drawn, the first
    one large; `action` is the one that a decision is asked on.
    """

    cle: str
    sujet: Sujet
    surtitre: str
    titre: str
    phrases: tuple[str, ...] = ()
    grilles: tuple[Grille, ...] = ()
    indicateurs: tuple[str, ...] = ()
    action: str | None = None
    minutes: int | None = None
    notes: str = ""


@dataclass(frozen=True)
class Deck:
    """One meeting for one right to see; `participants` and `decisions` are its own, as they stand until it is closed."""

    entete: Entete
    lignes: tuple[LigneMontree, ...]
    actions: tuple[ActionMontree, ...]
    diapos: tuple[Diapo, ...]
    participants: tuple[Participant, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def ligne(self, indicateur: str) -> LigneMontree:
        """The line of that indicator; KeyError when it was not shown."""
        for x in self.lignes:
            if x.ligne.indicateur == indicateur:
                return x
        raise KeyError(indicateur)

    def action(self, code: str) -> ActionMontree:
        """The action of that code; KeyError when it was not shown."""
        for x in self.actions:
            if x.action.action == code:
                return x
        raise KeyError(code)
