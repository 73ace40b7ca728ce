"""Rows typed on a page: a small real file, which takes the road of every dépôt."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence

import duckdb

from indicators.deposits import BilanDepot, Demande, import_files
from indicators.errors import DemandeInvalide, Renoncement
from indicators.reading import FichierRecu

Ligne = Mapping[str, object]


def build_file(nom: str, lignes: Sequence[Ligne]) -> FichierRecu:
    """The file that these rows are, under the titles of the first one; French spreadsheets open it."""
    tampon = io.StringIO(newline="")
    sortie = csv.DictWriter(tampon, list(lignes[0]), delimiter=";", lineterminator="\r\n")
    sortie.writeheader()
    sortie.writerows(lignes)
    return FichierRecu(nom, tampon.getvalue().encode("utf-8-sig"))


def deposit_rows(cur: duckdb.DuckDBPyConnection, plan: str, table: str, lignes: Sequence[Ligne], auteur: str | None,
                 motif: str | None, keep_file: Callable[[bytes], str]) -> BilanDepot:
    """One dépôt of these rows of one table, all or none; without a number when they say nothing new.

    Raises `DemandeInvalide` with what the check says of the first cell that it refuses.
    """
    try:
        demande = Demande(plan, table, auteur=auteur, motif=motif)
        return import_files(cur, [build_file(f"{table}.csv", lignes)], demande, keep_file)
    except Renoncement as renoncement:
        if not renoncement.bilan.bloque:
            return renoncement.bilan
        premiere = next(a for a in renoncement.bilan.anomalies if a.gravite == "bloquante")
        raise DemandeInvalide(premiere.message, premiere.conseil) from None
