"""The mapping of a received table: which of our columns each of its columns is read as, why, and who decided it.

A `Choix` is what a person decided, now or for an earlier dépôt with the same titles; `Aide` brings the choices, what is
remembered and the codes known to reading, which never looks at the base.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from indicators.model import Mot
from indicators.reading.words import normalize


class Raison(Mot):
    """Why a column is read as one of ours, or is not read."""

    EXACTE = "exacte", "nom exact"
    SYNONYME = "synonyme", "nom équivalent"
    PERIODE = "periode", "titre qui est une période"
    DEDUITE = "deduite", "déduite des autres titres"
    CONTENU = "contenu", "devinée d’après son contenu"
    CHOISIE = "choisie", "choisie à la main"
    RETENUE = "retenue", "reprise d’un dépôt corrigé à la main"
    INCONNUE = "inconnue", "titre inconnu"
    REDONDANTE = "redondante", "redit une autre colonne"
    CIBLE = "cible", "porte une cible"
    ANOMALIES = "anomalies", "ajoutée au fichier rendu"
    VIDE = "vide", "colonne vide"


class Origine(Mot):
    """Who decided a mapping."""

    AUTOMATIQUE = "automatique", "proposée"
    CHOISIE = "choisie", "corrigée à la main"
    RETENUE = "retenue", "reprise d’un dépôt corrigé à la main"


A_REVOIR = {Raison.CONTENU, Raison.DEDUITE, Raison.RETENUE, Raison.INCONNUE}


@dataclass(frozen=True)
class ColonneLue:
    """One column of the file: its title, which of our columns it is read as (empty: not read), why, first values."""

    titre: str
    colonne: str
    raison: Raison
    exemples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Correspondance:
    """How one received table is read. `annoncee` is the table that its name or its titles say, `depot` the one remembered.

    `recu` is the rank of its file among those sent; `manquantes` are the columns that the table cannot do without.
    """

    fichier: str
    table: str
    colonnes: tuple[ColonneLue, ...]
    annoncee: str = ""
    origine: Origine = Origine.AUTOMATIQUE
    depot: int | None = None
    manquantes: tuple[str, ...] = ()
    recu: int = 0

    @property
    def a_revoir(self) -> bool:
        """Is something guessed, remembered, left out or missing?"""
        return not self.table or bool(self.manquantes) or any(c.raison in A_REVOIR for c in self.colonnes)

    @property
    def titres(self) -> tuple[str, ...]:
        """The titles as they are compared."""
        return tuple(normalize(c.titre) for c in self.colonnes)


@dataclass(frozen=True)
class Choix:
    """What a person decided for a table: which table, and our column for each of its titles (none: as recognised).

    `depot` is the dépôt that remembers it, None when it is chosen now.
    """

    table: str
    titres: tuple[str, ...] = ()
    colonnes: tuple[str, ...] = ()
    annoncee: str = ""
    depot: int | None = None


@dataclass(frozen=True)
class Indices:
    """What the base knows, for reading the contents of columns: codes by table, and codes by table and normalised name."""

    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    noms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Aide:
    """What helps reading beyond titles: codes known, decisions remembered (the latest first), choices by name of table read."""

    indices: Indices = field(default_factory=Indices)
    memoire: Sequence[Choix] = ()
    choix: Mapping[str, Choix] = field(default_factory=dict)


def write_json(c: Correspondance) -> str:
    """The mapping as the dépôt keeps it: no value of the file is in it."""
    return json.dumps({"origine": c.origine, "table": c.table, "annoncee": c.annoncee, "depot": c.depot,
                       "colonnes": [[x.titre, x.colonne, x.raison] for x in c.colonnes]}, ensure_ascii=False)


def read_json(fichier: str, texte: str) -> Correspondance:
    """The mapping that a dépôt kept for this file."""
    lu: dict[str, Any] = json.loads(texte)
    return Correspondance(fichier, lu["table"], tuple(ColonneLue(t, c, Raison(r)) for t, c, r in lu["colonnes"]),
                          lu["annoncee"], Origine(lu["origine"]), lu["depot"])


def read_memory(depot: int, texte: str) -> Choix:
    """The decision that a dépôt remembers, to be followed when a file has the same titles."""
    lue = read_json("", texte)
    return Choix(lue.table, lue.titres, tuple(c.colonne for c in lue.colonnes), lue.annoncee, depot)
