"""From the bytes of a received file to a table of text, without losing a character or a row.

Nothing is interpreted here: every cell stays text, every record keeps the number of its first line.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from indicators.errors import build_anomalie
from indicators.model import Anomalie
from indicators.tables import RACCOURCIS, TABLES, TRACE, Table

SEPARATEURS = ";\t,|"
PAIRE_UTF8 = re.compile("[\u00c2-\u00df][\u0080-\u00bf]|\u00e2[\u0080-\u00bf\u20ac\u201a]")  # « Ã© » : de l'UTF-8 lu en cp1252


@dataclass(frozen=True)
class FichierRecu:
    """What a person sends: the name they know it by, and its bytes."""

    nom: str
    contenu: bytes


@dataclass(frozen=True)
class Tableau:
    """Text of one file: `lignes` holds (line number, cells) with as many cells as `colonnes`."""

    fichier: str
    table: Table | None
    colonnes: tuple[str, ...]
    lignes: list[tuple[int, list[str]]]
    lues: int
    anomalies: list[Anomalie] = field(default_factory=list)


class Illisible(Exception):
    """The bytes are not the text of a table; the message is French."""


def read_tableau(recu: FichierRecu, table: str | None = None) -> Tableau:
    """Text of one received file and the anomalies of its form; `table` overrides what the name says."""
    nom = recu.nom
    try:
        texte = decode(recu.contenu)
    except Illisible as erreur:
        return Tableau(nom, None, (), [], 0, [build_anomalie("fichier_illisible", nom, detail=str(erreur))])
    cible = TABLES[table] if table else find_table(nom)
    if cible is None:
        connues = ", ".join(t.nom for t in TABLES.values() if t.importable)
        return Tableau(nom, None, (), [], 0, [build_anomalie("table_inconnue", nom, detail=connues)])
    return _split(nom, cible, texte)


def decode(contenu: bytes) -> str:
    """Strict decoding in an order that cannot silently corrupt: UTF-16 by its mark, UTF-8, then cp1252 if it holds no UTF-8."""
    encodages = ["utf-16"] if contenu[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252"]
    for encodage in encodages:
        try:
            texte = contenu.decode(encodage)
        except UnicodeDecodeError:
            continue
        if "\x00" in texte:
            raise Illisible("il contient des caractères nuls, comme un fichier qui n’est pas du texte.")
        if encodage == "cp1252" and PAIRE_UTF8.search(texte):
            raise Illisible("il mélange deux encodages.")
        return texte
    raise Illisible("son encodage n’est pas reconnu.")


def find_table(nom: str) -> Table | None:
    """The table that a file name announces: « mesure.csv », « mesures_2021.csv », « Suivi_action 2020.csv »."""
    mot = normalize(PurePosixPath(nom.replace("\\", "/")).stem)
    candidats = sorted(((forme, t) for t in TABLES.values() if t.importable for forme in (t.nom, *t.synonymes)),
                       key=lambda paire: -len(paire[0]))
    return next((t for forme, t in candidats if mot == forme or mot.startswith(forme + "_")), None)


def normalize(texte: str) -> str:
    """« Échéance initiale » -> « echeance_initiale »: the form in which column and table names are compared."""
    ascii_ = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_.lower()).strip("_")


def _split(nom: str, table: Table, texte: str) -> Tableau:
    premiere = texte.lstrip("\n\r").split("\n", 1)[0]
    separateur = max(SEPARATEURS, key=premiere.count)
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur, strict=True)
    enregistrements: list[tuple[int, list[str]]] = []
    precedente = 0
    try:
        for cellules in lecteur:
            if any(c.strip() for c in cellules):
                enregistrements.append((precedente + 1, cellules))
            precedente = lecteur.line_num
    except csv.Error:
        detail = f"un guillemet ouvert avant la ligne {lecteur.line_num} n’est pas refermé."
        return Tableau(nom, table, (), [], 0, [build_anomalie("fichier_illisible", nom, ligne=precedente + 1, detail=detail)])
    if not enregistrements:
        return Tableau(nom, table, (), [], 0, [build_anomalie("fichier_vide", nom)])
    (numero, entete), *corps = enregistrements
    colonnes, anomalies = _map_header(nom, table, numero, entete)
    lignes = []
    for ligne, cellules in corps:
        if len(cellules) != len(entete):
            detail = f"{len(cellules)} au lieu de {len(entete)}"
            anomalies.append(build_anomalie("ligne_irreguliere", nom, ligne, detail=detail))
        else:
            lignes.append((ligne, cellules))
    if not corps:
        anomalies.append(build_anomalie("fichier_vide", nom))
    return Tableau(nom, table, colonnes, lignes, len(corps), anomalies)


def _map_header(nom: str, table: Table, numero: int, entete: list[str]) -> tuple[tuple[str, ...], list[Anomalie]]:
    """Names of our columns for each cell of the header ('' for one that is not read), and what is wrong with it."""
    connues = (*table.colonnes, *RACCOURCIS.get(table.nom, ()), *TRACE)
    formes = {s: c.nom for c in connues for s in c.synonymes} | {c.nom: c.nom for c in connues}
    colonnes: list[str] = []
    anomalies: list[Anomalie] = []
    for cellule in entete:
        colonne = formes.get(normalize(cellule), "")
        if not colonne:
            attendues = ", ".join(c.nom for c in connues)
            anomalies.append(build_anomalie("colonne_inconnue", nom, numero, cellule.strip(), cellule.strip(), attendues))
        elif colonne in colonnes:
            anomalies.append(build_anomalie("colonne_double", nom, numero, colonne))
        colonnes.append(colonne)
    for c in table.colonnes:
        if c.requise and c.nom not in colonnes:
            anomalies.append(build_anomalie("colonne_manquante", nom, numero, c.nom))
    if table.nom == "mesure":
        if not ({"periode"} <= set(colonnes) or {"debut", "fin"} <= set(colonnes)):
            anomalies.append(build_anomalie("colonne_manquante", nom, numero, "periode"))
        if not {"valeur", "numerateur", "etat"} & set(colonnes):
            anomalies.append(build_anomalie("colonne_manquante", nom, numero, "valeur"))
    return tuple(colonnes), anomalies
