"""The rows below a header: totals, notes and repeated headers told and left out, periods as columns turned into rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from indicators.errors import build_anomalie
from indicators.model import Anomalie
from indicators.reading.headers import SANS_INDICES, Entete, read_header
from indicators.reading.mapping import Choix, ColonneLue, Correspondance, Indices, Origine
from indicators.reading.personal import refuse_personal
from indicators.reading.received import Enregistrement, Feuille, Tableau
from indicators.reading.words import normalize
from indicators.settings import Limites
from indicators.tables import DATE, RACCOURCIS, Table

TOTAL = re.compile(r"(sous_)?tota(l|ux)(_[a-z_]+)?")
SERIE = re.compile(r"[2-6]\d{4}")  # the days from 1954 to 2091, as Excel counts them
NOTE = re.compile(r"[*(¹²³].*|\S+\s.*", re.DOTALL)
EXEMPLES, LARGEUR = 3, 40  # values shown of a column, and how many characters of each


def read_body(feuille: Feuille, table: Table, limites: Limites, choix: Choix | None = None, indices: Indices = SANS_INDICES,
              annoncee: str = "") -> Tableau:
    """The table of this sheet. Every row below the header is in `lignes` or has an anomaly that keeps it out.

    `choix` is the decision to follow, `annoncee` the table that is read when there is none.
    """
    nom = feuille.nom
    entete = read_header(nom, table, feuille.lignes, choix, indices)
    if refus := refuse_personal(feuille, table, entete):
        return refus
    corps = feuille.lignes[entete.fin:]
    correspondance = _map(nom, table, entete, corps, choix, annoncee)
    anomalies = [*feuille.anomalies, *entete.anomalies]
    if len(corps) > limites.lignes:
        detail = f"il a {len(corps)} lignes, au plus {limites.lignes} sont lues (réglage INDICATORS_LIGNES)."
        return Tableau(nom, table, (), [], 0, [*anomalies, build_anomalie("fichier_trop_grand", nom, detail=detail)],
                       correspondance=correspondance)
    if not corps:
        anomalies.append(build_anomalie("fichier_vide", nom))
    notes = _notes_from(corps, len(entete.cellules))
    titres = [normalize(c) for c in entete.cellules]
    lignes: list[Enregistrement] = []
    for rang, (ligne, cellules) in enumerate(corps):
        debut = first_text(cellules)
        if debut[:1] in "tTsS" and TOTAL.fullmatch(normalize(debut)):
            anomalies.append(build_anomalie("ligne_total", nom, ligne, valeur=debut))
        elif rang >= notes:
            anomalies.append(build_anomalie("ligne_note", nom, ligne, valeur=debut[:80]))
        elif len(cellules) == len(titres) and cellules[0].strip() == entete.cellules[0] and [*map(normalize, cellules)] == titres:
            anomalies.append(build_anomalie("entete_repetee", nom, ligne))
        elif defaut := find_fault(feuille, entete.cellules, ligne, cellules, limites):
            anomalies.append(defaut)
        else:
            lignes.append((ligne, cellules))
    anomalies += _read_serials(feuille, table, entete, lignes) + _read_names(nom, table, entete, lignes, indices)
    tableau = Tableau(nom, table, entete.colonnes, lignes, len(corps), anomalies, titres=tuple(entete.cellules),
                      entete=entete.ligne, champs=entete.colonnes, correspondance=correspondance)
    return _lengthen(tableau, entete) if entete.periodes else tableau


def first_text(cellules: Sequence[str]) -> str:
    """The first cell of a record that holds something; a record holds at least one."""
    return cellules[0].strip() or next(c for c in cellules if c.strip()).strip()


def find_fault(feuille: Feuille, titres: Sequence[str], ligne: int, cellules: Sequence[str], limites: Limites) -> Anomalie | None:
    """What keeps a record out before any of its cells is understood; None when it can be read under these titles."""
    if len(cellules) != len(titres):
        return build_anomalie("ligne_irreguliere", feuille.nom, ligne, detail=f"{len(cellules)} au lieu de {len(titres)}")
    if max(map(len, cellules)) > limites.cellule:
        i = next(i for i, c in enumerate(cellules) if len(c) > limites.cellule)
        return build_anomalie("cellule_trop_longue", feuille.nom, ligne, titres[i], cellules[i][:40] + "…", str(limites.cellule))
    if ligne in feuille.sans_valeur:
        i, formule = feuille.sans_valeur[ligne]
        return build_anomalie("formule_sans_valeur", feuille.nom, ligne, titres[i], formule[:80])
    return None


def read_serial(texte: str, epoque: date) -> date | None:
    """The day that a cell lost its format on: 44926 for 31/12/2022 where days are counted as Excel does; None otherwise."""
    return epoque + timedelta(days=int(texte)) if len(texte) == 5 and SERIE.fullmatch(texte) else None


def list_examples(corps: Sequence[Enregistrement], place: int) -> tuple[str, ...]:
    """The first different values of a column, cut short."""
    vues = dict.fromkeys(c for _, x in corps[:50] if place < len(x) and (c := " ".join(x[place].split())))
    return tuple(v if len(v) <= LARGEUR else f"{v[:LARGEUR]}…" for v in list(vues)[:EXEMPLES])


def _map(nom: str, table: Table, entete: Entete, corps: Sequence[Enregistrement], choix: Choix | None,
         annoncee: str) -> Correspondance:
    """How this table is read, column by column."""
    lues = tuple(ColonneLue(titre, entete.periodes[i][1] if i in entete.periodes else entete.colonnes[i], entete.raisons[i],
                            list_examples(corps, i)) for i, titre in enumerate(entete.cellules))
    suivi = entete.suivi or (choix if choix and choix.depot is None else None)
    origine = Origine.AUTOMATIQUE if suivi is None else Origine.CHOISIE if suivi.depot is None else Origine.RETENUE
    return Correspondance(nom, table.nom, lues, annoncee, origine, suivi.depot if suivi else None, entete.manquantes)


def _read_names(nom: str, table: Table, entete: Entete, lignes: list[Enregistrement], indices: Indices) -> list[Anomalie]:
    """Names written where a code is expected become the code they name, in place; each column where some do is told."""
    propres = {c.nom: c for c in table.colonnes}
    dites = []
    for i, colonne in ((i, c) for i, c in enumerate(map(propres.get, entete.colonnes)) if c and c.vers in indices.noms):
        codes, noms = indices.codes.get(colonne.vers or "", ()), indices.noms[colonne.vers or ""]
        traduits: dict[str, str] = {}
        for _, cellules in lignes:
            brut = cellules[i].strip()
            if brut and brut not in codes and (code := traduits.get(brut) or noms.get(normalize(brut))):
                cellules[i] = traduits[brut] = code
        if traduits:
            exemples = ", ".join(f"« {n} » = {c}" for n, c in list(traduits.items())[:EXEMPLES])
            titre = entete.cellules[i] or f"sans titre, la {i + 1}e"
            dites.append(build_anomalie("colonne_devinee", nom, entete.ligne, titre, entete.cellules[i],
                                        f"{colonne.nom}, ses noms comme des codes ({exemples})"))
    return dites


def _read_serials(feuille: Feuille, table: Table, entete: Entete, lignes: list[Enregistrement]) -> list[Anomalie]:
    """Days that lost their format (44926 for 31/12/2022) are written as dates again, in place, and each is told."""
    jours = {c.nom for c in table.colonnes if c.type == DATE} | {c.nom for c in RACCOURCIS.get(table.nom, ())} - {"pilote"}
    dites = []
    for i in (i for i, c in enumerate(entete.colonnes) if c in jours):
        for ligne, cellules in lignes:
            brut = cellules[i].strip()
            if jour := read_serial(brut, feuille.epoque):
                cellules[i] = jour.isoformat()
                dites.append(build_anomalie("date_en_nombre", feuille.nom, ligne, entete.colonnes[i], brut, f"{jour:%d/%m/%Y}"))
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
