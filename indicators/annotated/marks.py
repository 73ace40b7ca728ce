"""Where each anomaly belongs in a file, and how it is shown there: a colour, a border, a comment, a line of the list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from indicators.errors import CATALOGUE
from indicators.formats import FINE, format_nombre, pluriel
from indicators.model import Anomalie, Gravite
from indicators.reading import FichierRecu, Tableau
from indicators.reading.received import MARQUE_ANOMALIES

AUTEUR = "Suivi du schéma"
SIGNATURE = f"{AUTEUR}{FINE}:"  # what our part of a comment starts with, below what the analyst wrote there
FONDS = {Gravite.BLOQUANTE: "FFF0A8A0", Gravite.AVERTISSEMENT: "FFFFF2B8"}  # a dark one and a light one, in grey as well
BORDS = {g: Border(**dict.fromkeys(("left", "right", "top", "bottom"), Side(style=trait, color="FF7A1F14")))
         for g, trait in ((Gravite.BLOQUANTE, "medium"), (Gravite.AVERTISSEMENT, "dashed"))}
GRAS = Font(bold=True)
LIEN = Font(color="FF0645AD", underline="single")
HAUT = Alignment(vertical="top", wrap_text=True)
IRREGULIERE = "ligne_irreguliere"  # its cells are under the title of no column
CELLULE_EXCEL = 32_767  # characters
COMMENTAIRE = 2_000  # characters: what a bubble still shows
COMMENTAIRES = 5_000  # cells of a file: a spreadsheet slows down beyond
TROP_DE_COMMENTAIRES = f"{format_nombre(COMMENTAIRES)} cellules ont un commentaire, les suivantes la couleur seule."
LISTEES = 50_000  # anomalies written in the list
COLONNES = (("Feuille", 18), ("Ligne", 9), ("Colonne", 22), ("Valeur", 30), ("Gravité", 16), ("Message", 60), ("Conseil", 70))

# Columns that stand for another one in the rules: where the one named is not in the file, the cell at fault is that one.
REPLIS = {"periode": ("fin", "debut"), "fin": ("periode",), "valeur": ("numerateur", "etat"), "partenaire": ("pilote",)}
INTERDITS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what the XML of a workbook cannot hold


@dataclass(frozen=True)
class Marque:
    """One anomaly and its cells: sheet ("" for a text), line of the file, columns counted from 0 (none: not on a cell)."""

    anomalie: Anomalie
    feuille: str
    colonnes: tuple[int, ...] = ()


def find_marks(recu: FichierRecu, tableaux: Sequence[Tableau], anomalies: Iterable[Anomalie]) -> list[Marque]:
    """The place of each of these anomalies in this file, read again as `tableaux`."""
    par_nom = {t.fichier: t for t in tableaux}
    return [Marque(a, name_sheet(recu, a.fichier), _find_columns(a, par_nom[a.fichier])) for a in anomalies]


def name_sheet(recu: FichierRecu, fichier: str) -> str:
    """« classeur.xlsx › Valeurs » -> « Valeurs »; "" for what is said of the file itself."""
    return fichier[len(recu.nom):].removeprefix(" › ")


def _find_columns(a: Anomalie, tableau: Tableau) -> tuple[int, ...]:
    """Its column as the file has it; the first titled one when the anomaly is of the whole line."""
    if a.ligne is None:
        return ()
    if a.code == IRREGULIERE:
        return (0,)
    titres = [t or f"sans titre, la {i}e" for i, t in enumerate(tableau.titres, 1)]
    # what is found while reading names a column by its title, what is found while checking by our name for it
    noms = (titres, tableau.champs) if a in tableau.anomalies else (tableau.champs, titres)
    for colonne in (a.colonne, *REPLIS.get(a.colonne or "", ())):
        for cherches in noms:
            if places := tuple(i for i, nom in enumerate(cherches) if nom and nom == colonne):
                return places
    return (next((i for i, titre in enumerate(tableau.titres) if titre), 0),)


def group_marks(marques: Iterable[Marque], feuille: str) -> dict[int, dict[int, list[Anomalie]]]:
    """Anomalies of each column of each line of one sheet."""
    lignes: dict[int, dict[int, list[Anomalie]]] = {}
    for m in marques:
        if m.feuille == feuille and m.anomalie.ligne:
            for colonne in m.colonnes:
                lignes.setdefault(m.anomalie.ligne, {}).setdefault(colonne, []).append(m.anomalie)
    return lignes


def worst(anomalies: Sequence[Anomalie]) -> Gravite:
    """The gravity that a cell with these anomalies shows."""
    return Gravite.BLOQUANTE if any(a.gravite is Gravite.BLOQUANTE for a in anomalies) else Gravite.AVERTISSEMENT


class Pinceau:
    """Gives cells their look in one workbook. A look is built once: openpyxl compares it with all the others, slowly."""

    def __init__(self) -> None:
        self._faits: dict[tuple[object, ...], Any] = {}

    def colour(self, cellule: Any, gravite: Gravite) -> None:
        """The look of a cell at fault; black letters, whatever they were: a header is often white on a dark ground."""
        cle = (cellule.style_id, gravite)
        if cle not in self._faits:
            police = cellule.font
            cellule.fill = PatternFill("solid", fgColor=FONDS[gravite])
            cellule.border = BORDS[gravite]
            cellule.font = Font(name=police.name, size=police.sz, bold=police.b, italic=police.i, color="FF000000")
            self._faits[cle] = copy(cellule._style)
        cellule._style = copy(self._faits[cle])

    def write(self, page: Any, ligne: int, colonne: int, texte: str, police: Font | None = None,
              alignement: Alignment | None = None) -> Cell:
        """A cell that is text for good: neither a formula, nor a number or a date that a spreadsheet would make of it."""
        cle = (id(police), id(alignement))
        cellule = Cell(page, row=ligne, column=colonne, style_array=self._faits.get(cle))
        cellule.value = clean_text(texte)
        cellule.data_type = "s"
        if cle not in self._faits:
            cellule.number_format = "@"
            if police:
                cellule.font = police
            if alignement:
                cellule.alignment = alignement
            self._faits[cle] = copy(cellule._style)
        return cellule


def build_comment(anomalies: Sequence[Anomalie], avant: str = "") -> Comment:
    """The bubble of a cell: what the analyst had written there, then every anomaly."""
    dits = dict.fromkeys(f"{a.gravite.label.upper()} – {CATALOGUE[a.code].titre}\n{a.message}\n{a.conseil}" for a in anomalies)
    texte = clean_text("\n\n".join((SIGNATURE, *dits)))
    if len(texte) > COMMENTAIRE:
        texte = texte[:COMMENTAIRE] + "…\nLa suite est dans la feuille Anomalies."
    lignes = sum(1 + len(ligne) // 50 for ligne in texte.split("\n"))
    return Comment(f"{avant}\n\n{texte}" if avant else texte, AUTEUR, width=360, height=min(20 + 17 * lignes, 400))


def clean_text(texte: str) -> str:
    """The text as a workbook can hold it: a character that its XML refuses becomes visible, an endless text is cut."""
    lisible = INTERDITS.sub(lambda c: chr(0x2400 + ord(c[0])) if c[0] < " " else "\ufffd", texte)
    return lisible if len(lisible) <= CELLULE_EXCEL else lisible[:CELLULE_EXCEL - 1] + "…"


def write_list(page: Any, marques: Sequence[Marque], remarques: Sequence[str], place: Callable[[Marque], str | None],
               pinceau: Pinceau) -> None:
    """Fill the sheet « Anomalies »; `place` gives the address of the cell of an anomaly, when it is in the workbook."""
    entete = 4 + len(remarques)
    for i, (_, largeur) in enumerate(COLONNES, 1):
        page.column_dimensions[get_column_letter(i)].width = largeur
    page.freeze_panes = f"A{entete + 1}"
    legende = (f"Cellule au fond foncé et à la bordure épaisse{FINE}: anomalie bloquante. Au fond clair et à la bordure en tirets"
               f"{FINE}: avertissement. Le commentaire de la cellule dit quoi faire.")
    for numero, phrase in enumerate((MARQUE_ANOMALIES, _count(marques), legende, *remarques), 1):
        page.append([pinceau.write(page, numero, 1, phrase, GRAS if numero == 1 else None)])
    page.append([pinceau.write(page, entete, i, titre, GRAS) for i, (titre, _) in enumerate(COLONNES, 1)])
    for numero, m in enumerate(marques[:LISTEES], entete + 1):
        a = m.anomalie
        textes = (m.feuille, str(a.ligne or ""), a.colonne or "", a.valeur or "", a.gravite.label, a.message, a.conseil)
        rangee = [pinceau.write(page, numero, i, texte, alignement=HAUT) for i, texte in enumerate(textes, 1)]
        pinceau.colour(rangee[4], a.gravite)
        if adresse := place(m):
            rangee[1] = pinceau.write(page, numero, 2, str(a.ligne), LIEN, HAUT)
            rangee[1].hyperlink = Hyperlink(ref=rangee[1].coordinate, location=adresse)
        page.append(rangee)


def _count(marques: Sequence[Marque]) -> str:
    bloquantes = sum(m.anomalie.gravite is Gravite.BLOQUANTE for m in marques)
    comptes = ((bloquantes, "anomalie bloquante", "anomalies bloquantes"),
               (len(marques) - bloquantes, "avertissement", "avertissements"))
    compte = " et ".join(pluriel(n, *mots) for n, *mots in comptes if n) + "."
    if len(marques) > LISTEES:
        compte += f" Les {format_nombre(LISTEES)} premières sont listées ici."
    return compte
