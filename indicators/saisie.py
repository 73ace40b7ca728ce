"""Rows typed on a page: a small real file, which takes the road of every dépôt."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence

import duckdb

from indicators.deposits import BilanDepot, Demande, apply_tableaux, import_files
from indicators.derived import rebuild_derived
from indicators.errors import DemandeInvalide, Renoncement
from indicators.reading import FichierRecu, Tableau
from indicators.tables import TABLES

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
        bilan: BilanDepot = renoncement.resultat
        if not bilan.bloque:
            return bilan
        premiere = next(a for a in bilan.anomalies if a.gravite == "bloquante")
        raise DemandeInvalide(premiere.message, premiere.conseil) from None


def deposit_tables(cur: duckdb.DuckDBPyConnection, plan: str, tables: Mapping[str, Sequence[Ligne]], auteur: str | None,
                   motif: str, keep_file: Callable[[bytes], str]) -> BilanDepot:
    """One dépôt of rows that the tool itself makes, one file a table, even of a table that no file of a person may fill.

    A row without `provenance` is « saisi ». Raises `DemandeInvalide` when the check refuses one, or when nothing is new.
    """
    pleines = {nom: lignes for nom, lignes in tables.items() if lignes}
    recus = [build_file(f"{nom}.csv", lignes) for nom, lignes in pleines.items()]
    tableaux = [Tableau(recu.nom, TABLES[nom], tuple(lignes[0]), [
        (n, ["" if v is None else str(v) for v in ligne.values()]) for n, ligne in enumerate(lignes, 2)], len(lignes))
        for recu, (nom, lignes) in zip(recus, pleines.items(), strict=True)]
    bilan, _ = apply_tableaux(cur, tableaux, recus, Demande(plan, auteur=auteur, motif=motif), keep_file)
    if bilan.bloque:
        premiere = next(a for a in bilan.anomalies if a.gravite == "bloquante")
        raise DemandeInvalide(premiere.message, premiere.conseil)
    if bilan.depot is None:
        raise DemandeInvalide("Ces lignes sont déjà dans la base.", "Rien n’a été écrit.")
    rebuild_derived(cur, [plan], bilan.depot)
    return bilan
