"""From a text to its records: which separator, then every cell of every record with the number of its first line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator

from indicators.reading.received import Enregistrement, Illisible
from indicators.settings import Limites

SEPARATEURS = ";\t,|"
LIGNE_SEP = re.compile(r"\ufeff?\"?sep=([^\w\s\"]|\t)\"?[ \t]*(\r\n|\r|\n|$)", re.IGNORECASE)
TETE = 60  # records looked at to choose a separator and to find a header


def split_records(texte: str, limites: Limites, score: Callable[[list[Enregistrement]], int]) -> list[Enregistrement]:
    """Every record that is not empty; `score` says how well the first ones look like a table (0: not at all)."""
    separateur, debut, avant = find_separator(texte, score)
    enregistrements: list[Enregistrement] = []
    for ligne, cellules in _records(texte[debut:], separateur, avant):
        if len(cellules) > limites.colonnes:
            raise Illisible(f"la ligne {ligne} a {len(cellules)} colonnes, au plus {limites.colonnes} sont lues "
                            "(réglage INDICATORS_COLONNES).", ligne, "fichier_trop_grand")
        if cellules and (cellules[0].strip() or any(c.strip() for c in cellules)):
            enregistrements.append((ligne, cellules))
        if len(enregistrements) > limites.lignes + TETE:
            raise Illisible(f"il a plus de {limites.lignes} lignes (réglage INDICATORS_LIGNES).", code="fichier_trop_grand")
    return enregistrements


def find_separator(texte: str, score: Callable[[list[Enregistrement]], int]) -> tuple[str, int, int]:
    """The separator, where the records begin, and how many lines come before them (a first line « sep=; » says it all)."""
    dit = LIGNE_SEP.match(texte)
    return (dit[1], dit.end(), 1) if dit else (_choose(texte, score), 0, 0)


def _choose(texte: str, score: Callable[[list[Enregistrement]], int]) -> str:
    """The separator that shows a header we know; else the most frequent one of the first line."""
    debut = texte[:65536]
    premiere = debut.lstrip("\n\r").split("\n", 1)[0]
    courant = max(SEPARATEURS, key=premiere.count)
    notes = {s: score(_head(debut, s)) for s in SEPARATEURS if s in debut}
    meilleur = max(notes, key=lambda s: (notes[s], s == courant), default=courant)
    return meilleur if notes.get(meilleur) else courant


def _head(texte: str, separateur: str) -> list[Enregistrement]:
    """The first records under that separator, as far as they go without an error."""
    lus: list[Enregistrement] = []
    try:
        for enregistrement in _records(texte, separateur, 0):
            lus.append(enregistrement)
            if len(lus) == TETE:
                break
    except Illisible:
        return lus
    return lus


def _records(texte: str, separateur: str, avant: int) -> Iterator[Enregistrement]:
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur, strict=True)
    precedente = 0
    try:
        for cellules in lecteur:
            yield avant + precedente + 1, cellules
            precedente = lecteur.line_num
    except csv.Error as erreur:
        ligne = avant + precedente + 1
        if "field larger" in str(erreur):
            raise Illisible(f"une cellule de la ligne {ligne} dépasse {csv.field_size_limit()} caractères.", ligne,
                            "fichier_trop_grand") from None
        raise Illisible(f"un guillemet ouvert avant la ligne {avant + lecteur.line_num} n’est pas refermé.", ligne) from None
