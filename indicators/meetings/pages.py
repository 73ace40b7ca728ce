"""The rows that a frozen séance is made of: each is one part of a `Deck`, for one right to see or for both.

`contenu` is canonical JSON: {"donnees": ..., "droit": "tous" | "complet" | "masque", "genre": "entete" ...}. A reader without the
right to see everything is given the rows « tous » and « masque » only, chosen before anything is made of them; one with that
right, « tous » and « complet ».
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from indicators.errors import DemandeInvalide
from indicators.meetings.codec import read_donnees, write_part
from indicators.meetings.deck import ActionMontree, Deck, Diapo, Entete, LigneMontree
from indicators.queries import Cursor
from indicators.queries.seances import Decision, Participant, Seance, is_intact, list_decisions, list_etat, list_participants

GENRES = {"entete": Entete, "ligne": LigneMontree, "action": ActionMontree, "diapo": Diapo, "participant": Participant,
          "decision": Decision}
TOUS, COMPLET, MASQUE = "tous", "complet", "masque"


@dataclass(frozen=True)
class Page:
    """One part of a frozen deck, and who may see it."""

    droit: str
    genre: str
    donnees: Any


def write_pages(complet: Deck, masque: Deck) -> list[str]:
    """The rows of these two decks of one meeting; what both say is kept once."""
    pages = [_write(droit, genre, part) for genre, pour_tout, pour_tous in (
        ("entete", [complet.entete], [masque.entete]), ("ligne", complet.lignes, masque.lignes),
        ("action", complet.actions, masque.actions), ("diapo", complet.diapos, masque.diapos),
    ) for droit, part in _merge(pour_tout, pour_tous)]
    return pages


def write_fin(participants: Iterable[Participant], decisions: Iterable[Decision]) -> list[str]:
    """The rows that closing adds: who was there, what was decided."""
    return [*(_write(TOUS, "participant", p) for p in participants), *(_write(TOUS, "decision", d) for d in decisions)]


def _merge(complet: Sequence[Any], masque: Sequence[Any]) -> Iterable[tuple[str, Any]]:
    for a, b in zip_longest(complet, masque):
        if a == b:
            yield TOUS, a
            continue
        yield from ((droit, part) for droit, part in ((COMPLET, a), (MASQUE, b)) if part is not None)


def _write(droit: str, genre: str, part: Any) -> str:
    return f'{{"donnees":{write_part(part)},"droit":{json.dumps(droit)},"genre":{json.dumps(genre)}}}'


def hash_pages(pages: Iterable[str]) -> str:
    """The SHA-256 of these rows, in their order: the `empreinte` of the séance."""
    return hashlib.sha256("\n".join(pages).encode()).hexdigest()


def read_page(contenu: str) -> Page:
    """One row; ValueError when it is no part of a deck."""
    try:
        lu = json.loads(contenu)
        droit, genre, donnees = lu["droit"], lu["genre"], lu["donnees"]
    except (KeyError, TypeError) as erreur:
        raise ValueError(f"la page n’a pas sa forme ({erreur})") from erreur
    if genre not in GENRES or droit not in (TOUS, COMPLET, MASQUE):
        raise ValueError(f"genre « {genre} » ou droit « {droit} » inconnu")
    return Page(droit, genre, read_donnees(donnees, GENRES[genre]))


def read_frozen(cur: Cursor, plan: str, seance: Seance, voit_tout: bool = True) -> Deck:
    """The deck of a frozen meeting from its rows alone, for that right to see.

    Until it is closed, its members and its decisions are those of now. Raises `DemandeInvalide` when a row cannot be read.
    """
    if not is_intact(cur, plan, seance.code):
        raise DemandeInvalide(
            f"Les pages de la séance « {seance.code} » ne sont pas dans la base, ou ne sont plus celles qui ont été figées.",
            "Lancez « python -m indicators verify » ; annulez au journal le dépôt qui l’a figée pour la préparer de nouveau.")
    parts: dict[str, list[Any]] = {genre: [] for genre in GENRES}
    for ordre, contenu in list_etat(cur, plan, seance.code, voit_tout):
        try:
            page = read_page(contenu)
        except ValueError as erreur:
            raise DemandeInvalide(
                f"La page {ordre} de la séance « {seance.code} » ne peut pas être relue : {erreur}.",
                "Elle vient d’une autre version de l’outil : rouvrez la séance avec celle qui l’a figée.") from erreur
        if page.droit != (MASQUE if voit_tout else COMPLET):
            parts[page.genre].append(page.donnees)
    if not seance.close_le:
        parts["participant"] = list_participants(cur, plan, seance.code)
        parts["decision"] = list_decisions(cur, plan, seance.date, seance=seance.code)
    entete = parts["entete"][0]
    vie = {c: getattr(seance, c) for c in ("figee_le", "empreinte", "close_le")}
    return Deck(replace(entete, seance=replace(entete.seance, **vie)),
                *(tuple(parts[genre]) for genre in GENRES if genre != "entete"))
