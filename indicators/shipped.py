"""The plans that ship with the product: `data/plans/<plan>` with their history, and the published values of `data/national`.

`depots.csv` of a plan lists its dépôts in time (ordre, type, porte_sur, connu_le, auteur, motif, fichiers separated by « | »);
the one of `data/national` is applied to every plan, each row kept only where the plan has the indicator.
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from indicators.deposits import BilanDepot, Demande, apply_tableaux, write_cancellation
from indicators.derived import rebuild_derived
from indicators.errors import DemandeInvalide, Renoncement
from indicators.reading import FichierRecu, Tableau, read_tableau
from indicators.settings import RACINE

DONNEES = RACINE / "data"


@dataclass(frozen=True)
class Livraison:
    """One line of a `depots.csv`, for one plan."""

    plan: str
    dossier: Path
    ordre: int
    type: str
    porte_sur: int | None
    connu_le: datetime
    auteur: str
    motif: str
    fichiers: tuple[str, ...]


def list_shipped(donnees: Path = DONNEES) -> list[str]:
    """Codes of the shipped plans (the names of their folders)."""
    return sorted(d.name for d in (donnees / "plans").iterdir() if (d / "depots.csv").exists())


def deposit_shipped(cur: duckdb.DuckDBPyConnection, keep_file: Callable[[bytes], str], donnees: Path = DONNEES) -> list[str]:
    """Deposit, in the order of their dates, each shipped plan that the base has never held; returns the plans added.

    Raises `DemandeInvalide` with the first anomaly when a shipped file is not clean, `Renoncement` when the base holds them all.
    """
    tenus = {p for (p,) in cur.execute("select distinct plan from plan").fetchall()}
    nouveaux = [p for p in list_shipped(donnees) if p not in tenus]
    livraisons = [v for plan in nouveaux for v in (*_read(donnees / "plans" / plan, plan), *_read(donnees / "national", plan))]
    numeros: dict[tuple[str, Path, int], int] = {}
    connues: set[str] = set()
    if nouveaux and cur.execute("select count(*) from repere").fetchone() == (0,):
        _deposit(cur, Livraison("", donnees / "national", 0, "depot", None, min(v.connu_le for v in livraisons),
                                "Outil", "Contexte national", ("reperes.csv",)), keep_file, connues)
    for v in sorted(livraisons, key=lambda v: (v.connu_le, v.plan, v.ordre)):
        if v.type == "depot":
            bilan = _deposit(cur, v, keep_file, connues)
            if bilan.depot is not None:
                numeros[v.plan, v.dossier, v.ordre] = bilan.depot
        else:
            porte_sur = numeros[v.plan, v.dossier, v.porte_sur or 0]
            numeros[v.plan, v.dossier, v.ordre] = write_cancellation(
                cur, porte_sur, Demande(auteur=v.auteur, motif=v.motif, connu_le=v.connu_le))
            connues.clear()
    if not nouveaux:
        raise Renoncement(nouveaux)
    rebuild_derived(cur, nouveaux)
    return nouveaux


def _read(dossier: Path, plan: str) -> list[Livraison]:
    with (dossier / "depots.csv").open(encoding="utf-8", newline="") as f:
        return [Livraison(plan, dossier, int(r["ordre"]), r["type"], int(r["porte_sur"]) if r["porte_sur"] else None,
                          datetime.fromisoformat(r["connu_le"]), r["auteur"], r["motif"],
                          tuple(x for x in r["fichiers"].split("|") if x))
                for r in csv.DictReader(f, delimiter=";")]


def _deposit(cur: duckdb.DuckDBPyConnection, v: Livraison, keep_file: Callable[[bytes], str], connues: set[str]) -> BilanDepot:
    recus = [FichierRecu(nom, (v.dossier / nom).read_bytes()) for nom in v.fichiers]
    tableaux = [read_tableau(r) for r in recus]
    if v.dossier.name == "national" and v.plan:
        tenus = {c for (c,) in cur.execute("select code from indicateur_connu(timestamp '9999-12-31') where plan = ?",
                                           [v.plan]).fetchall()}
        tableaux = [_keep_known(t, tenus) for t in tableaux]
    demande = Demande(plan=v.plan or None, connu_le=v.connu_le, auteur=v.auteur, motif=v.motif)
    bilan, _ = apply_tableaux(cur, tableaux, recus, demande, keep_file, connues)
    if bilan.bloque:
        a = next(a for a in bilan.anomalies)
        raise DemandeInvalide(
            f"Le fichier livré {v.dossier.name}/{a.fichier}, ligne {a.ligne}, colonne {a.colonne} : {a.message}", a.conseil)
    return bilan


def _keep_known(tableau: Tableau, codes: set[str]) -> Tableau:
    place = tableau.colonnes.index("indicateur")
    lignes = [(n, c) for n, c in tableau.lignes if c[place] in codes]
    return dataclasses.replace(tableau, lignes=lignes, lues=len(lignes))
