"""The rows below a header: totals, notes and repeated headers told and left out, periods as columns turned into rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from indicators.errors import build_anomalie
from indicators.model import Anomalie
from indicators.reading.headers import Entete, normalize, read_header
from indicators.reading.received import Enregistrement, Feuille, Tableau
from indicators.settings import Limites
from indicators.tables import DATE, RACCOURCIS, Table

TOTAL = re.compile(r"(sous_)?tota(l|ux)(_[a-z_]+)?")
SERIE = re.compile(r"[2-6]\d{4}")  # the days from 1954 to 2091, as Excel counts them
NOTE = re.compile(r"[*(¹²³].*|\S+\s.*", re.DOTALL)


def read_body(feuille: Feuille, table: Table, limites: Limites) -> Tableau:
    """The table of this sheet. Every row below the header is in `lignes` or has an anomaly that keeps it out."""
    nom = feuille.nom
    entete = read_header(nom, table, feuille.lignes)
    corps = feuille.lignes[entete.fin:]
    anomalies = [*feuille.anomalies, *entete.anomalies]
    if len(corps) > limites.lignes:
        detail = f"il a {len(corps)} lignes, au plus {limites.lignes} sont lues (réglage INDICATORS_LIGNES)."
        return Tableau(nom, table, (), [], 0, [*anomalies, build_anomalie("fichier_trop_grand", nom, detail=detail)])
    if not corps:
        anomalies.append(build_anomalie("fichier_vide", nom))
    notes = _notes_from(corps, len(entete.cellules))
    titres = [normalize(c) for c in entete.cellules]
    lignes: list[Enregistrement] = []
    for rang, (ligne, cellules) in enumerate(corps):
        debut = cellules[0].strip() or next(c for c in cellules if c.strip()).strip()
        if debut[:1] in "tTsS" and TOTAL.fullmatch(normalize(debut)):
            anomalies.append(build_anomalie("ligne_total", nom, ligne, valeur=debut))
        elif rang >= notes:
            anomalies.append(build_anomalie("ligne_note", nom, ligne, valeur=debut[:80]))
        elif len(cellules) == len(titres) and cellules[0].strip() == entete.cellules[0] and [*map(normalize, cellules)] == titres:
            anomalies.append(build_anomalie("entete_repetee", nom, ligne))
        elif len(cellules) != len(titres):
            anomalies.append(build_anomalie("ligne_irreguliere", nom, ligne, detail=f"{len(cellules)} au lieu de {len(titres)}"))
        elif max(map(len, cellules)) > limites.cellule:
            i = next(i for i, c in enumerate(cellules) if len(c) > limites.cellule)
            anomalies.append(build_anomalie("cellule_trop_longue", nom, ligne, entete.cellules[i], cellules[i][:40] + "…",
                                            str(limites.cellule)))
        elif ligne in feuille.sans_valeur:
            i, formule = feuille.sans_valeur[ligne]
            anomalies.append(build_anomalie("formule_sans_valeur", nom, ligne, entete.cellules[i], formule[:80]))
        else:
            lignes.append((ligne, cellules))
    anomalies += _read_serials(nom, table, entete, lignes)
    tableau = Tableau(nom, table, entete.colonnes, lignes, len(corps), anomalies, titres=tuple(entete.cellules),
                      entete=entete.ligne, champs=entete.colonnes)
    return _lengthen(tableau, entete) if entete.periodes else tableau


def _read_serials(nom: str, table: Table, entete: Entete, lignes: list[Enregistrement]) -> list[Anomalie]:
    """Days that lost their format (44926 for 31/12/2022) are written as dates again, in place, and each is told."""
    jours = {c.nom for c in table.colonnes if c.type == DATE} | {c.nom for c in RACCOURCIS.get(table.nom, ())} - {"pilote"}
    dites = []
    for i in (i for i, c in enumerate(entete.colonnes) if c in jours):
        for ligne, cellules in lignes:
            brut = cellules[i].strip()
            if len(brut) == 5 and SERIE.fullmatch(brut):
                jour = date(1899, 12, 30) + timedelta(days=int(brut))
                cellules[i] = jour.isoformat()
                dites.append(build_anomalie("date_en_nombre", nom, ligne, entete.colonnes[i], brut, f"{jour:%d/%m/%Y}"))
    return dites


def _notes_from(corps: Sequence[Enregistrement], largeur: int) -> int:
    """Index of the first of the last rows that hold one sentence and nothing else: notes written below the table."""
    premiere = len(corps)
    for rang in range(len(corps) - 1, -1, -1):
        remplies = [c.strip() for c in corps[rang][1] if c.strip()]
        if len(remplies) == 1 < largeur and NOTE.fullmatch(remplies[0]):
            premiere = rang
        elif not TOTAL.fullmatch(normalize(remplies[0])):
            break
    return premiere


def _lengthen(large: Tableau, entete: Entete) -> Tableau:
    """One row per line and period that holds something; the numbers of these rows start after the last line of the file."""
    fixes = [i for i, c in enumerate(entete.colonnes) if c]
    champs = sorted({champ for _, champ in entete.periodes.values()})
    groupes: dict[str, dict[str, int]] = {}
    anomalies = list(large.anomalies)
    for i, (periode, champ) in entete.periodes.items():
        if champ in groupes.setdefault(periode, {}):
            anomalies.append(build_anomalie("colonne_double", large.fichier, entete.ligne, entete.cellules[i]))
        groupes[periode][champ] = i
    numero = max((n for n, _ in large.lignes), default=0) + max((a.ligne or 0 for a in anomalies), default=0)
    lignes: list[Enregistrement] = []
    origines: dict[int, tuple[int, dict[str, str]]] = {}
    muettes = 0
    for ligne, cellules in large.lignes:
        tenues = {p: places for p, places in groupes.items() if any(cellules[i].strip() for i in places.values())}
        if not tenues:
            anomalies.append(build_anomalie("ligne_sans_valeur", large.fichier, ligne))
            muettes += 1
        for periode, places in tenues.items():
            numero += 1
            lignes.append((numero, [*(cellules[i] for i in fixes), periode,
                                    *(cellules[places[c]] if c in places else "" for c in champs)]))
            origines[numero] = (ligne, {c: entete.cellules[i] for c, i in places.items()})
    colonnes = (*(entete.colonnes[i] for i in fixes), "periode", *champs)
    rejetees = large.lues - len(large.lignes) + muettes
    return replace(large, colonnes=colonnes, lignes=lignes, lues=len(lignes) + rejetees, anomalies=anomalies, origines=origines)
