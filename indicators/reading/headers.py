"""Which row is the header, which table it announces, and which of our columns each of its cells is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath

from indicators.errors import build_anomalie
from indicators.model import Anomalie
from indicators.reading.received import COLONNE_ANOMALIES, Enregistrement
from indicators.reading.records import TETE
from indicators.tables import RACCOURCIS, TABLES, TRACE, Colonne, Table

ANNEE = r"(?:19|20)\d\d"
PERIODE = re.compile(rf"{ANNEE}(?:[- ]?[TQS][1-4]|[-/]{ANNEE}|-\d\d?(?:-\d\d?)?)?|[TQS][1-4][ -/]?{ANNEE}"
                     rf"|\d\d?/(?:\d\d?/)?{ANNEE}", re.IGNORECASE)
CHAMPS = {"valeur": "valeur", "valeurs": "valeur", "realise": "valeur", "resultat": "valeur", "annee": "valeur",
          "numerateur": "numerateur", "denominateur": "denominateur"}  # « Numérateur 2021 »
CIBLES = {"cible", "cibles", "objectif", "objectifs"}
VALEURS = {"valeur", "numerateur", "denominateur"}


@dataclass(frozen=True)
class Entete:
    """The header found: index of its first record, of the first one below it, and what each of its cells is.

    `periodes` gives, for a column that holds one period of a wide table, the period and which of our columns its cells are.
    """

    debut: int
    fin: int
    ligne: int
    cellules: list[str]
    colonnes: tuple[str, ...]
    periodes: dict[int, tuple[str, str]] = field(default_factory=dict)
    anomalies: list[Anomalie] = field(default_factory=list)


def normalize(texte: str) -> str:
    """« Échéance initiale » -> « echeance_initiale »: the form in which column and table names are compared."""
    ascii_ = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_.lower()).strip("_")


def find_table(nom: str) -> Table | None:
    """The table that a file name announces: « mesure.csv », « mesures_2021.csv », « Suivi_action 2020.csv »."""
    mot = normalize(PurePosixPath(nom.replace("\\", "/")).stem)
    candidats = sorted(((forme, t) for t in TABLES.values() if t.importable for forme in (t.nom, *t.synonymes)),
                       key=lambda paire: -len(paire[0]))
    return next((t for forme, t in candidats if mot == forme or mot.startswith(forme + "_")), None)


def recognize(lignes: Sequence[Enregistrement]) -> Table | None:
    """The table whose required columns are all there, the most columns known winning; None when two are as good, or none is."""
    notes: list[tuple[int, Table]] = []
    for table in TABLES.values():
        if table.importable:
            debut, _, cellules = _locate(table, lignes)
            colonnes, periodes = _known(table, cellules)
            if debut is not None and not _missing(table, colonnes, bool(periodes)):
                notes.append((len(colonnes) + len(periodes), table))
    notes.sort(key=lambda paire: -paire[0])
    return notes[0][1] if notes and (len(notes) == 1 or notes[0][0] > notes[1][0]) else None


def score_table(table: Table | None, lignes: Sequence[Enregistrement]) -> int:
    """How many columns of this table, or of the best one, the best header of these records has."""
    tables = [table] if table else [t for t in TABLES.values() if t.importable]
    return max(_score(t, _locate(t, lignes)[2]) for t in tables)


def read_header(nom: str, table: Table, lignes: Sequence[Enregistrement]) -> Entete:
    """The header of this table among these records, and everything that is wrong with it."""
    debut, fin, cellules = _locate(table, lignes)
    debut = debut or 0
    ligne = lignes[fin - 1][0]
    anomalies = []
    if debut:
        anomalies.append(build_anomalie("entete_plus_bas", nom, ligne, detail=str(lignes[debut][0])))
    corps = lignes[fin:]
    formes = [normalize(c) for c in cellules]
    colonnes = _assign(nom, table, ligne, cellules, formes, anomalies)
    periodes = {i: p for i, p in enumerate(map(_period_of, cellules)) if p} if _is_wide(table, set(colonnes)) else {}
    connues = ", ".join(c.nom for c in _columns(table))
    for i, (cellule, colonne) in enumerate(zip(cellules, colonnes, strict=True)):
        if colonne or i in periodes or formes[i] in _forms(table):
            continue
        if cellule == COLONNE_ANOMALIES and not any(cellules[i + 1:]):
            continue
        if table.nom == "mesure" and periodes and formes[i].split("_")[0] in CIBLES:
            anomalies.append(build_anomalie("colonne_cible", nom, ligne, cellule, cellule))
        elif cellule:
            anomalies.append(build_anomalie("colonne_inconnue", nom, ligne, cellule, cellule, connues))
        elif any(i < len(rangee) and rangee[i].strip() for _, rangee in corps):
            anomalies.append(build_anomalie("colonne_inconnue", nom, ligne, f"sans titre, la {i + 1}e", "", connues))
    for manque in _missing(table, set(colonnes), bool(periodes)):
        anomalies.append(build_anomalie("colonne_manquante", nom, ligne, manque))
    return Entete(debut, fin, ligne, cellules, colonnes, periodes, anomalies)


@cache
def _forms_of(nom: str) -> dict[str, str]:
    connues = _columns(TABLES[nom])
    return {s: c.nom for c in connues for s in c.synonymes} | {c.nom: c.nom for c in connues}


def _forms(table: Table) -> dict[str, str]:
    return _forms_of(table.nom)


def _columns(table: Table) -> tuple[Colonne, ...]:
    return (*table.colonnes, *RACCOURCIS.get(table.nom, ()), *TRACE)


def _known(table: Table, cellules: Sequence[str]) -> tuple[set[str], list[tuple[str, str]]]:
    """Columns of the table found among these cells, and the periods of a wide one."""
    formes = _forms(table)
    colonnes = {formes[n] for n in map(normalize, cellules) if n in formes}
    periodes = [p for p in map(_period_of, cellules) if p] if colonnes and _is_wide(table, colonnes) else []
    return colonnes, periodes


def _score(table: Table, cellules: Sequence[str]) -> int:
    colonnes, periodes = _known(table, cellules)
    return len(colonnes) + len(periodes)


def _is_wide(table: Table, colonnes: set[str]) -> bool:
    return table.nom == "mesure" and not ({"periode", "debut", "fin"} | VALEURS) & colonnes


def _period_of(cellule: str) -> tuple[str, str] | None:
    """« 2021 » -> (2021, valeur); « Numérateur T1 2021 » -> (T1 2021, numerateur)."""
    texte = " ".join(cellule.split())
    if PERIODE.fullmatch(texte):
        return texte, "valeur"
    mot, _, reste = texte.partition(" ")
    champ = CHAMPS.get(normalize(mot))
    return (reste, champ) if champ and PERIODE.fullmatch(reste) else None


def _locate(table: Table, lignes: Sequence[Enregistrement]) -> tuple[int | None, int, list[str]]:
    """(first record, first one below, cells) of the best header; the first row is the header unless another shows more."""
    tete = [[" ".join(c.split()) for c in cellules] for _, cellules in lignes[:TETE]]
    if not tete:
        return None, 0, []
    notes = [_score(table, cellules) for cellules in tete]
    meilleur, place, trouve = notes[0], (0, 1), tete[0]
    for i, cellules in enumerate(tete):
        if notes[i] > max(meilleur, 1):
            meilleur, place, trouve = notes[i], (i, i + 1), cellules
        deux = _merge(table, cellules, tete[i + 1]) if i + 1 < len(tete) else None
        if deux and _score(table, deux) > max(meilleur, notes[i + 1], 1):
            meilleur, place, trouve = _score(table, deux), (i, i + 2), deux
    return *place, trouve


def _merge(table: Table, haut: Sequence[str], bas: Sequence[str]) -> list[str] | None:
    """One header of two rows, the titles above spanning those below; None when the second one cannot belong to it."""
    if len(haut) != len(bas):
        return None
    formes = _forms(table)
    cellules, groupe = [], ""
    for dessus, dessous in zip(haut, bas, strict=True):
        groupe = dessus or groupe
        connue = formes.get(normalize(dessus))
        if not dessous:
            cellules.append(dessus)
        elif connue and not (connue == "periode" and _period_of(dessous)):
            return None
        elif PERIODE.fullmatch(groupe) and normalize(dessous) in CHAMPS:
            cellules.append(f"{dessous} {groupe}")
        else:
            cellules.append(dessous)
    return cellules


def _assign(nom: str, table: Table, ligne: int, cellules: Sequence[str], formes: Sequence[str],
            anomalies: list[Anomalie]) -> tuple[str, ...]:
    """Our column for each cell. Where « Code département » and « Territoire » say the same one, the code is read."""
    connues = _forms(table)
    places: dict[str, list[int]] = {}
    for i, forme in enumerate(formes):
        if forme in connues:
            places.setdefault(connues[forme], []).append(i)
    colonnes = [""] * len(cellules)
    libres = []
    for colonne, rangs in places.items():
        codes = [i for i in rangs if formes[i].startswith("code_")]
        precis = codes if len(codes) == 1 else [i for i in rangs if formes[i] != "code"]
        garde = precis[0] if len(precis) == 1 else rangs[0]
        colonnes[garde] = colonne
        for i in rangs:
            if i != garde and len(precis) == 1:
                libres.append((i, colonne, garde))
            elif i != garde:
                anomalies.append(build_anomalie("colonne_double", nom, ligne, colonne))
                colonnes[i] = colonne
    for i, colonne, garde in libres:
        if formes[i] == "code" and "territoire" not in colonnes and "territoire" in connues.values():
            colonnes[i] = "territoire"
            anomalies.append(build_anomalie("colonne_devinee", nom, ligne, cellules[i], cellules[i], "territoire"))
        else:
            anomalies.append(build_anomalie("colonne_redondante", nom, ligne, cellules[i], cellules[garde], colonne))
    return tuple(colonnes)


def _missing(table: Table, colonnes: set[str], large: bool) -> list[str]:
    """Columns that this table cannot do without and that are not there."""
    manques = [c.nom for c in table.colonnes if c.requise and c.nom not in colonnes]
    if table.nom == "mesure" and not large:
        if "periode" not in colonnes and not {"debut", "fin"} <= colonnes:
            manques.append("periode")
        if not {"valeur", "numerateur", "etat"} & colonnes:
            manques.append("valeur")
    return manques
