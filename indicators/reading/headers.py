"""Which row is the header, which table it announces, and which of our columns each of its cells is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePosixPath

from indicators.errors import build_anomalie
from indicators.model import Anomalie
from indicators.reading.contents import VALEURS, guess_columns
from indicators.reading.mapping import Choix, Indices, Raison
from indicators.reading.received import COLONNE_ANOMALIES, Enregistrement
from indicators.reading.records import TETE
from indicators.reading.words import PERIODE, normalize
from indicators.tables import RACCOURCIS, TABLES, TRACE, Colonne, Table

CHAMPS = {"valeur": "valeur", "valeurs": "valeur", "realise": "valeur", "resultat": "valeur", "annee": "valeur",
          "numerateur": "numerateur", "denominateur": "denominateur"}  # « Numérateur 2021 »
CIBLES = {"cible", "cibles", "objectif", "objectifs"}
SANS_INDICES = Indices()


@dataclass(frozen=True)
class Entete:
    """The header found: index of its first record, of the first one below it, and what each of its cells is.

    `periodes` gives, for a column that holds one period of a wide table, the period and which of our columns its cells are.
    `raisons` says why each cell is what it is; `suivi` is the decision that was followed, None when none fits these titles.
    """

    debut: int
    fin: int
    ligne: int
    cellules: list[str]
    colonnes: tuple[str, ...]
    periodes: dict[int, tuple[str, str]] = field(default_factory=dict)
    anomalies: list[Anomalie] = field(default_factory=list)
    raisons: tuple[Raison, ...] = ()
    manquantes: tuple[str, ...] = ()
    suivi: Choix | None = None


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


def recognize_content(lignes: Sequence[Enregistrement], indices: Indices) -> Table | None:
    """The table mesure when titles and contents together give all that it needs; the other tables are told by their titles."""
    if not lignes or not indices.codes:
        return None
    entete = read_header("", TABLES["mesure"], lignes, None, indices)
    return TABLES["mesure"] if not entete.manquantes and Raison.CONTENU in entete.raisons else None


def find_titles(lignes: Sequence[Enregistrement]) -> int:
    """Index of the first of these records that may be a header: half as filled as the fullest one at least."""
    remplies = [sum(bool(c.strip()) for c in cellules) for _, cellules in lignes[:TETE]]
    return next(i for i, n in enumerate(remplies) if 2 * n >= max(remplies))


def recall(memoire: Sequence[Choix], annoncee: str, lignes: Sequence[Enregistrement]) -> Choix | None:
    """The latest remembered decision whose titles are those of these records; the table announced must not deny it."""
    possibles = [m for m in memoire if annoncee in ("", m.annoncee, m.table)]
    vus = {nom: {tuple(map(normalize, cellules)) for _, _, cellules in _list_headers(TABLES[nom], lignes)}
           for nom in {m.table for m in possibles}}
    for m in possibles:
        rendu = replace(m, titres=(*m.titres, COLONNE_ANOMALIES), colonnes=(*m.colonnes, ""))  # its rejected lines, sent again
        if suivi := next((c for c in (m, rendu) if c.titres in vus[m.table]), None):
            return suivi
    return None


def list_targets(table: Table) -> list[str]:
    """Names of the columns that a file of this table may carry, in the order of the table."""
    return [c.nom for c in _columns(table)]


def read_header(nom: str, table: Table, lignes: Sequence[Enregistrement], choix: Choix | None = None,
                indices: Indices = SANS_INDICES) -> Entete:
    """The header of this table among these records, and everything that is wrong with it.

    What titles leave unknown is looked for in the contents; a decision made for these very titles replaces all that.
    """
    place = _locate_chosen(table, lignes, choix) if choix and choix.titres else None
    debut, fin, cellules = place or _locate(table, lignes)
    if debut is None or (place is None and not _score(table, cellules)):
        debut = find_titles(lignes)
        fin, cellules = debut + 1, [" ".join(c.split()) for c in lignes[debut][1]]
    ligne = lignes[fin - 1][0]
    anomalies = []
    if debut:
        anomalies.append(build_anomalie("entete_plus_bas", nom, ligne, detail=str(lignes[debut][0])))
    auto = _read_titles(nom, table, Entete(debut, fin, ligne, cellules, ()), lignes[fin:], indices)
    formes = tuple(map(normalize, cellules))
    suivable = choix is not None and choix.titres == formes and {*choix.colonnes} <= {"", *list_targets(table)}
    entete = _follow(nom, table, auto, choix) if choix and suivable else auto
    anomalies += entete.anomalies
    manquantes = tuple(_missing(table, set(entete.colonnes), bool(entete.periodes)))
    anomalies += [build_anomalie("colonne_manquante", nom, ligne, manque) for manque in manquantes]
    return replace(entete, anomalies=anomalies, manquantes=manquantes)


def _read_titles(nom: str, table: Table, entete: Entete, corps: Sequence[Enregistrement], indices: Indices) -> Entete:
    """What each column is by its title, else by its content; each one that is guessed or not read is told."""
    ligne, cellules = entete.ligne, entete.cellules
    anomalies: list[Anomalie] = []
    formes = [normalize(c) for c in cellules]
    titrees = _assign(nom, table, ligne, cellules, formes, anomalies)
    periodes = {i: p for i, p in enumerate(map(_period_of, cellules)) if p} if _is_wide(table, set(titrees)) else {}
    connues = ", ".join(list_targets(table))
    colonnes, raisons = list(titrees), [Raison.VIDE] * len(cellules)
    libres = []
    for i, (cellule, colonne) in enumerate(zip(cellules, titrees, strict=True)):
        if colonne:
            deduite = _forms(table).get(formes[i]) != colonne
            raisons[i] = Raison.DEDUITE if deduite else Raison.EXACTE if formes[i] == colonne else Raison.SYNONYME
        elif i in periodes:
            raisons[i] = Raison.PERIODE
        elif formes[i] in _forms(table):
            raisons[i] = Raison.REDONDANTE
        elif cellule == COLONNE_ANOMALIES and not any(cellules[i + 1:]):
            raisons[i] = Raison.ANOMALIES
        elif table.nom == "mesure" and periodes and formes[i].split("_")[0] in CIBLES:
            raisons[i] = Raison.CIBLE
            anomalies.append(build_anomalie("colonne_cible", nom, ligne, cellule, cellule))
        elif cellule or any(i < len(rangee) and rangee[i].strip() for _, rangee in corps):
            raisons[i] = Raison.INCONNUE
            libres.append(i)
    prises = set(titrees) | ({"periode"} | VALEURS if periodes else set())
    places = [i for i in libres if not _period_of(cellules[i])]
    devinees = guess_columns(table, cellules, corps, places, prises, indices)
    for i in libres:
        titre = cellules[i] or f"sans titre, la {i + 1}e"
        if i in devinees:
            colonnes[i], raisons[i] = devinees[i], Raison.CONTENU
            anomalies.append(build_anomalie("colonne_devinee", nom, ligne, titre, cellules[i], devinees[i]))
        else:
            anomalies.append(build_anomalie("colonne_inconnue", nom, ligne, titre, cellules[i], connues))
    return replace(entete, colonnes=tuple(colonnes), periodes=periodes, anomalies=anomalies, raisons=tuple(raisons))


def _follow(nom: str, table: Table, auto: Entete, choix: Choix) -> Entete:
    """The header as decided by hand. What is remembered is told, what is chosen now is known to who chose it."""
    titrees = [_period_of(c) for c in auto.cellules]
    possibles = {i: p for i, p in enumerate(titrees) if p and choix.colonnes[i] == p[1]}
    autres = {c for i, c in enumerate(choix.colonnes) if i not in possibles}
    periodes = possibles if _is_wide(table, autres) else {}
    colonnes = tuple("" if i in periodes else c for i, c in enumerate(choix.colonnes))
    lues = [auto.periodes[i][1] if i in auto.periodes else c for i, c in enumerate(auto.colonnes)]
    decidee = Raison.CHOISIE if choix.depot is None else Raison.RETENUE
    raisons = tuple(r if c == lue else decidee for r, c, lue in zip(auto.raisons, choix.colonnes, lues, strict=True))
    changes = [i for i, r in enumerate(raisons) if r is decidee]
    touchees = {auto.cellules[i] or f"sans titre, la {i + 1}e" for i in changes} | {lues[i] for i in changes}
    anomalies = [a for a in auto.anomalies
                 if a.colonne not in touchees and not (a.code == "colonne_redondante" and a.valeur in touchees)]
    for i in changes if choix.depot is not None else []:
        titre = auto.cellules[i] or f"sans titre, la {i + 1}e"
        if choix.colonnes[i]:
            detail = f"{choix.colonnes[i]} (correspondance reprise du dépôt n°\u00a0{choix.depot})"
            anomalies.append(build_anomalie("colonne_devinee", nom, auto.ligne, titre, auto.cellules[i], detail))
        else:
            connues = ", ".join(list_targets(table))
            anomalies.append(build_anomalie("colonne_inconnue", nom, auto.ligne, titre, auto.cellules[i], connues))
    doubles = sorted({c for c in colonnes if c and colonnes.count(c) > 1})
    anomalies = [a for a in anomalies if a.code != "colonne_double"]
    anomalies += [build_anomalie("colonne_double", nom, auto.ligne, c) for c in doubles]
    return replace(auto, colonnes=colonnes, periodes=periodes, anomalies=anomalies, raisons=raisons, suivi=choix)


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


def _locate_chosen(table: Table, lignes: Sequence[Enregistrement], choix: Choix) -> tuple[int, int, list[str]] | None:
    """The record, or the two, whose titles are those of the decision."""
    return next((place for place in _list_headers(table, lignes) if tuple(map(normalize, place[2])) == choix.titres), None)


def _list_headers(table: Table, lignes: Sequence[Enregistrement]) -> Iterator[tuple[int, int, list[str]]]:
    """Every header that the first records may be, of one row or of two."""
    tete = [[" ".join(c.split()) for c in cellules] for _, cellules in lignes[:TETE]]
    for i, cellules in enumerate(tete):
        yield i, i + 1, cellules
        deux = _merge(table, cellules, tete[i + 1]) if i + 1 < len(tete) else None
        if deux:
            yield i, i + 2, deux


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
