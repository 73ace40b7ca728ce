"""A whole plan with its history in one Data Package (zip): written from the log of the base, read back into another.

`datapackage.json` describes it; `depots.csv` gives every dépôt of the base by number, so that moments and cancellations mean the
same elsewhere (those that do not touch the plan keep neither author nor reason); one CSV for each table gives every row ever
deposited, with the number of its dépôt, the file and the line it came from. Read back, the rows go through the same check as any
file. An empty base gives the dépôts the same numbers again; `connu_le` is kept, `recu_le` is when this base received them.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import duckdb

from indicators.checking import check
from indicators.deposits import BilanDepot, Demande, number_depot
from indicators.derived import rebuild_derived
from indicators.effects import CHIFFRES
from indicators.errors import ARCHIVE_ABIMEE, DemandeInvalide
from indicators.model import TypeDepot
from indicators.queries import get_plan
from indicators.reading import FichierRecu, Tableau
from indicators.settings import Limites
from indicators.tables import DATE, ENTIER, HORODATAGE, NOMBRE, OUI_NON, TABLES, TRACE, Table

VERSION = 1
DEPOTS = ("depot", "type", "porte_sur", "recu_le", "connu_le", "auteur", "motif")
TYPES = {NOMBRE: "number", ENTIER: "integer", DATE: "date", OUI_NON: "string", HORODATAGE: "datetime"}
JAMAIS = datetime(1980, 1, 1).timetuple()[:6]  # the same bytes whatever the day
DESCRIPTEUR = "datapackage.json"


# -- out -----------------------------------------------------------------------------------------------------------------


def build_package(cur: duckdb.DuckDBPyConnection, plan: str, voit_tout: bool) -> bytes:
    """The package of that plan; without `voit_tout`, hidden values are « secret » in all their versions, and séances not frozen.

    The same base gives the same bytes.
    """
    fiche = get_plan(cur, plan)
    tables = {t: list(_rows(cur, t, plan, voit_tout)) for t in TABLES.values()}
    remplies = {t: lignes for t, lignes in tables.items() if lignes}
    touches = {int(x["depot"]) for lignes in remplies.values() for x in lignes}
    depots = list(_depots(cur, touches))
    ressources = [{"name": "depots", "path": "depots.csv", "schema": {"fields": [{"name": c, "type": "string"} for c in DEPOTS]}}]
    ressources += [{"name": t.nom, "path": f"{t.nom}.csv", "schema": {"fields": _fields(t)}} for t in remplies]
    for r in ressources:
        r |= {"profile": "tabular-data-resource", "format": "csv", "encoding": "utf-8", "dialect": {"delimiter": ";"}}
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as zip_:
        _add(zip_, DESCRIPTEUR, json.dumps({
            "name": plan, "title": fiche.intitule, "profile": "tabular-data-package", "version": str(VERSION),
            "plan": plan, "masque": not voit_tout, "resources": ressources}, ensure_ascii=False, indent=1))
        _add(zip_, "depots.csv", _write_csv(DEPOTS, depots))
        for t, lignes in remplies.items():
            _add(zip_, f"{t.nom}.csv", _write_csv(list(lignes[0]), lignes))
    return tampon.getvalue()


def _fields(t: Table) -> list[dict[str, str]]:
    return [{"name": "depot", "type": "integer"}, *({"name": c.nom, "type": TYPES.get(c.type, "string")} for c in
                                                    (*t.colonnes, *TRACE)), {"name": "fichier", "type": "string"},
            {"name": "ligne", "type": "integer"}]


def _depots(cur: duckdb.DuckDBPyConnection, touches: set[int]) -> Iterator[dict[str, Any]]:
    lus = cur.execute("select id, type, porte_sur, recu_le, connu_le, auteur, motif from depot order by id").fetchall()
    touches = touches | {n for n, _, porte_sur, *_ in lus if porte_sur in touches}
    for n, type_, porte_sur, recu, connu, auteur, motif in lus:
        dit = (auteur, motif) if n in touches else (None, "Dépôt d’un autre plan")
        moments = (t.isoformat(sep=" ", timespec="microseconds") for t in (recu, connu))
        yield dict(zip(DEPOTS, (n, type_, porte_sur, *moments, *dit), strict=True))


def _rows(cur: duckdb.DuckDBPyConnection, t: Table, plan: str, voit_tout: bool) -> Iterator[dict[str, Any]]:
    """Every row of the plan ever deposited in that table, as text that `check` reads back to the same value."""
    filtre = "where t.plan = $plan" if t.par_plan else "where $plan is not null"
    colonnes = ", ".join(_write_column(c.nom, c.type) for c in t.colonnes)
    if not voit_tout and t.nom == "seance_etat":
        return
    cur.execute(f"""select t.depot_id as depot, {colonnes}, t.provenance, t.source, if(t.retire, 'oui', 'non') as supprimer,
            f.nom as fichier, t.ligne as ligne{_hidden(t.nom, voit_tout)}
        from {t.nom} t left join fichier f on f.depot = t.depot_id and f.ordre = t.fichier {filtre}
        order by t.depot_id, {", ".join(t.cle_expressions("t"))}""", {"plan": plan})
    noms = [c[0] for c in cur.description]
    for valeurs in cur.fetchall():
        x = dict(zip(noms, valeurs, strict=True))
        if x.pop("_cachee", False):
            x |= dict.fromkeys(CHIFFRES[t.nom])
            if t.nom == "mesure":
                x["etat"] = "secret"
            elif x["supprimer"] == "non":
                continue  # a reference without its figure is no target
        if not voit_tout and t.nom == "seance":
            x |= {"figee_le": None, "empreinte": None, "close_le": None}
        yield x


def _hidden(table: str, voit_tout: bool) -> str:
    """Whether a row says a hidden count: a value of a hidden key that is not published, a reference of the day of one.

    The values of a proposal that never counted hide with them: nobody decided yet which of them are small.
    """
    cle = "s.plan = t.plan and s.indicateur = t.indicateur and s.territoire = t.territoire and s.ventilation = t.ventilation"
    if voit_tout or table not in ("mesure", "cible"):
        return ""
    if table == "mesure":
        return (", t.provenance <> 'publie' and (t.depot_id in (from jamais_compte) or exists (select 1 from secret s "
                f"where {cle} and s.debut = t.debut and s.fin = t.fin)) as _cachee")
    return f", t.role = 'reference' and exists (select 1 from secret s where {cle} and s.fin = t.date) as _cachee"


def _write_column(nom: str, type_: str) -> str:
    if type_ == OUI_NON:
        return f"if(t.\"{nom}\", 'oui', 'non') as \"{nom}\""
    return f't."{nom}"::varchar as "{nom}"'


def _write_csv(colonnes: Any, lignes: Any) -> str:
    tampon = io.StringIO(newline="")
    sortie = csv.DictWriter(tampon, colonnes, delimiter=";", lineterminator="\r\n")
    sortie.writeheader()
    sortie.writerows(lignes)
    return tampon.getvalue()


def _add(zip_: zipfile.ZipFile, nom: str, texte: str) -> None:
    zip_.writestr(zipfile.ZipInfo(nom, JAMAIS), texte.encode(), zipfile.ZIP_DEFLATED)


# -- in ------------------------------------------------------------------------------------------------------------------


def is_package(recu: FichierRecu) -> bool:
    """Is this file a package rather than a workbook, which is a zip too?"""
    try:
        with zipfile.ZipFile(io.BytesIO(recu.contenu)) as zip_:
            return DESCRIPTEUR in zip_.namelist()
    except ARCHIVE_ABIMEE:
        return False


def import_package(cur: duckdb.DuckDBPyConnection, recu: FichierRecu, limites: Limites,
                   keep_file: Callable[[bytes], str]) -> BilanDepot:
    """Deposit the plan of a package with its history, in one transaction; the bilan gives the number of the last dépôt.

    Raises `DemandeInvalide` when it cannot be read, when the base already holds the plan, or with the first row refused.
    """
    textes = _read(recu, limites)
    plan, version = _describe(recu, textes)
    if version != str(VERSION):
        raise DemandeInvalide(f"{recu.nom} est un paquet d’une autre version ({version}).",
                              "Mettez l’outil à jour, puis recommencez.")
    if cur.execute("select count(*) from plan where plan = ?", [plan]).fetchone() != (0,):
        raise DemandeInvalide(f"La base connaît déjà le plan « {plan} » : un paquet en apporte toute l’histoire d’un coup.",
                              "Importez-le dans une base vide (init --vide), ou déposez seulement ses fichiers.")
    vide = cur.execute("select count(*) from depot").fetchone() == (0,)
    depots = [_read_depot(recu, n, x) for n, x in enumerate(_dictionaries(recu, "depots.csv", textes), 2)]
    par_table = {t: _rows_by_depot(recu, t, textes) for t in TABLES.values() if f"{t.nom}.csv" in textes}
    empreinte = keep_file(recu.contenu)
    bilan, numeros = BilanDepot(), {}
    for d in depots:
        tableaux = [t for lots in par_table.values() if (t := lots.pop(d.numero, None))]
        if not vide and not tableaux and d.porte_sur not in numeros:
            continue  # of another plan: it only keeps the numbers of an empty base as they were
        if d.porte_sur is not None and d.porte_sur not in numeros:
            raise _damaged(recu, f"le dépôt {d.numero} porte sur le dépôt {d.porte_sur}, qui n’y est pas avant lui")
        numero = number_depot(cur, d.type, numeros.get(d.porte_sur), replace(d.demande, plan=plan))
        numeros[d.numero] = bilan.depot = numero
        if tableaux:
            _store(cur, plan, numero, tableaux, recu.nom, empreinte, bilan)
    if bilan.depot is None:
        raise _damaged(recu, "il n’a aucun dépôt")
    if perdus := {n for lots in par_table.values() for n in lots}:
        raise _damaged(recu, f"des lignes sont du dépôt {min(perdus)}, qui n’y est pas")
    rebuild_derived(cur, [plan])
    return bilan


def _store(cur: duckdb.DuckDBPyConnection, plan: str, numero: int, tableaux: list[Tableau], nom: str, empreinte: str,
           bilan: BilanDepot) -> None:
    controle = check(cur, tableaux, plan)
    refus = next((a for a in controle.anomalies if a.gravite == "bloquante"), None)
    if refus:
        raise DemandeInvalide(f"{nom}, {refus.fichier}, ligne {refus.ligne}, colonne {refus.colonne} : {refus.message}",
                              refus.conseil)
    for rang, t in enumerate(tableaux):
        cur.execute("insert into fichier values (?, ?, ?, ?, ?, ?, null)",
                    [numero, rang, f"{nom} › {t.fichier}", empreinte, t.table.nom if t.table else "", t.lues])
    for t in controle.tables:
        cur.execute(f"insert into {t.nom} by name select *, $1 as depot_id from pret_{t.nom}", [numero])
    bilan.lues += controle.lues
    bilan.nouvelles += controle.lues
    bilan.fichiers += [{"fichier": t.fichier, "table": t.table.nom if t.table else None, "lues": t.lues} for t in tableaux]


def _read(recu: FichierRecu, limites: Limites) -> dict[str, str]:
    """The texts of the zip by name; nothing is written to disk, and what it grows to is bounded."""
    try:
        with zipfile.ZipFile(io.BytesIO(recu.contenu)) as zip_:
            if sum(m.file_size for m in zip_.infolist()) > limites.decompresse:
                raise DemandeInvalide(f"Décompressé, {recu.nom} pèse trop lourd.", "Relevez INDICATORS_FICHIER_MO s’il est sûr.")
            return {m.filename: zip_.read(m).decode("utf-8") for m in zip_.infolist() if m.filename.endswith((".csv", ".json"))}
    except ARCHIVE_ABIMEE as erreur:
        raise _damaged(recu, "son archive ne s’ouvre pas") from erreur


def _describe(recu: FichierRecu, textes: dict[str, str]) -> tuple[str, str]:
    try:
        decrit = json.loads(textes[DESCRIPTEUR])
        return str(decrit["plan"]), str(decrit["version"])
    except (ValueError, KeyError, TypeError) as erreur:
        raise _damaged(recu, "il ne dit pas de quel plan il est") from erreur


@dataclass(frozen=True)
class _Depot:
    """One line of `depots.csv`."""

    numero: int
    type: TypeDepot
    porte_sur: int | None
    demande: Demande


def _damaged(recu: FichierRecu, quoi: str) -> DemandeInvalide:
    return DemandeInvalide(f"{recu.nom} est endommagé : {quoi}.", "Demandez un nouvel export à qui vous l’a envoyé.")


def _read_depot(recu: FichierRecu, ligne: int, x: dict[str, str]) -> _Depot:
    try:
        connu_le = datetime.strptime(x["connu_le"], "%Y-%m-%d %H:%M:%S.%f")
        return _Depot(int(x["depot"]), TypeDepot(x["type"]), int(x["porte_sur"]) if x["porte_sur"] else None,
                      Demande(connu_le=connu_le, auteur=x["auteur"] or None, motif=x["motif"] or None))
    except (KeyError, TypeError, ValueError) as erreur:
        raise _damaged(recu, f"depots.csv, ligne {ligne}, ne se lit pas") from erreur


def _dictionaries(recu: FichierRecu, nom: str, textes: dict[str, str]) -> list[dict[str, str]]:
    import pandas as pd  # here: only a package needs it, whose frozen pages are longer than the cells that `csv` reads

    if nom not in textes:
        raise _damaged(recu, f"{nom} n’y est pas")
    try:
        lue = pd.read_csv(io.StringIO(textes[nom]), sep=";", dtype=str, keep_default_na=False, index_col=False)
    except ValueError as erreur:  # that of pandas for a table that it cannot read, or that is empty
        raise _damaged(recu, f"{nom} ne se lit pas") from erreur
    return lue.fillna("").to_dict("records")


def _rows_by_depot(recu: FichierRecu, t: Table, textes: dict[str, str]) -> dict[int, Tableau]:
    """The rows of one table as received text, by dépôt; their line is that of the CSV in the package."""
    nom, lots = f"{t.nom}.csv", {}
    lues = [(n, x) for n, x in enumerate(_dictionaries(recu, nom, textes), 2)]
    colonnes = tuple(c.nom for c in (*t.colonnes, *TRACE))
    for depot, groupe in groupby(lues, key=lambda x: x[1].get("depot") or ""):
        if not depot.isdecimal() or int(depot) in lots:
            raise _damaged(recu, f"{nom} n’est pas rangé par numéro de dépôt (« {depot} »)")
        lignes = [(n, [(x.get(c) or "") for c in colonnes]) for n, x in groupe]
        lots[int(depot)] = Tableau(nom, t, colonnes, lignes, len(lignes))
    return lots
