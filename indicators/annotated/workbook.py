"""The analyst's own workbook, marked: same sheets, formulas, widths and styles, as far as openpyxl keeps them."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles import Border, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook

from indicators.annotated.marks import (
    COMMENTAIRES,
    FONDS,
    SIGNATURE,
    TROP_DE_COMMENTAIRES,
    Marque,
    Pinceau,
    build_comment,
    group_marks,
    worst,
    write_list,
)
from indicators.formats import FINE
from indicators.reading import is_given_back
from indicators.reading.received import FEUILLE_ANOMALIES

OCTETS = 30_000_000  # of the XML of the sheets: openpyxl holds a workbook whole, in some twenty times that
FEUILLES = re.compile(r"xl/worksheets/[^/]+\.xml")
# a formula as openpyxl writes it, without the result that the file had
FORMULE = re.compile(rb'<c r="([A-Z]+\d+)"([^<>]*)>(<f(?:[^<>]*/>|[^<>]*>[^<]*</f>))<v ?/></c>')
# a formula and its result in any workbook: attributes of the cell, result
CALCULEE = re.compile(rb'<(?:\w+:)?c(\s[^<>]*+(?<!/))>\s*<(?:\w+:)?f(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)'
                      rb'\s*<(?:\w+:)?v[^<>/]*>([^<]*)<')
FRAGILES = (("xl/media/", "images"), ("xl/charts/", "graphiques"), ("xl/drawings/drawing", "formes et zones de texte"),
            ("xl/threadedComments/", "fils de commentaires"), ("xl/slicers/", "segments"), ("xl/ctrlProps/", "boutons"),
            ("xl/activeX/", "contrôles"), ("xl/pivotTables/", "tableaux croisés"), ("xl/externalLinks/", "liaisons"))


def fits(contenu: bytes) -> bool:
    """Is this workbook, already read without harm, small enough to be held whole?"""
    with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
        return sum(m.file_size for m in archive.infolist() if FEUILLES.fullmatch(m.filename)) <= OCTETS


def mark_workbook(contenu: bytes, marques: Sequence[Marque]) -> bytes:
    """The bytes of this workbook with the cells of these anomalies coloured and commented, and their list as first sheet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says what it does not draw; the list says it too
        classeur = openpyxl.load_workbook(io.BytesIO(contenu), rich_text=True)
        _forget_marks(classeur)
        remarques = _list_losses(contenu)
        pinceau, commentees = Pinceau(), 0
        for page in classeur.worksheets:
            for ligne, colonnes in group_marks(marques, page.title).items():
                for colonne, anomalies in colonnes.items():
                    cellule = _anchor(page, ligne, colonne + 1)
                    pinceau.colour(cellule, worst(anomalies))
                    commentees += 1
                    if commentees <= COMMENTAIRES:
                        cellule.comment = build_comment(anomalies, cellule.comment.text if cellule.comment else "")
        if commentees > COMMENTAIRES:
            remarques.append(TROP_DE_COMMENTAIRES)
        liste = classeur.create_sheet(FEUILLE_ANOMALIES, 0)
        write_list(liste, marques, remarques, lambda m: _address(classeur, m), pinceau)
        _show_first(classeur)
        tampon = io.BytesIO()
        classeur.save(tampon)
        return _restore_results(classeur, tampon.getvalue(), contenu)


def _anchor(page: Any, ligne: int, colonne: int) -> Any:
    """The cell there, or the one that shows when several are merged."""
    cellule = page.cell(ligne, colonne)
    if isinstance(cellule, MergedCell):
        plage = next(p for p in page.merged_cells.ranges if cellule.coordinate in p)
        return page.cell(plage.min_row, plage.min_col)
    return cellule


def _address(classeur: Workbook, m: Marque) -> str | None:
    if not m.colonnes or m.feuille not in classeur.sheetnames:
        return None
    return f"{quote_sheetname(m.feuille)}!{get_column_letter(m.colonnes[0] + 1)}{m.anomalie.ligne}"


def _show_first(classeur: Workbook) -> None:
    """Open on the list, alone: sheets left selected together would all take what is typed in one."""
    classeur.active = 0
    for page in classeur.worksheets[1:]:
        page.sheet_view.tabSelected = False
    for graphique in classeur.chartsheets:
        for vue in graphique.sheetViews.sheetView:
            vue.tabSelected = False


def _forget_marks(classeur: Workbook) -> None:
    """Take out what an earlier return added: the list, our part of the comments, the colours."""
    listes = [p for p in classeur.worksheets if is_given_back(p.title, p["A1"].value)]
    for liste in listes:
        classeur.remove(liste)
    for page in classeur.worksheets if listes else ():
        for cellule in [c for c in page._cells.values() if c.has_style]:  # `iter_rows` would fill a sparse sheet with cells
            if cellule.fill.fgColor.rgb in FONDS.values():
                cellule.fill, cellule.border = PatternFill(), Border()
            if cellule.comment and SIGNATURE in cellule.comment.text:
                reste = cellule.comment.text.partition(SIGNATURE)[0].rstrip()
                cellule.comment = Comment(reste, cellule.comment.author) if reste else None


def _list_losses(contenu: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
        noms = archive.namelist()
        presents = [mot for debut, mot in FRAGILES if any(n.startswith(debut) for n in noms)]
        if any(b"<extLst" in archive.read(n) for n in noms if FEUILLES.fullmatch(n)):
            presents.append("mises en forme conditionnelles, listes de choix ou courbes miniatures")
    if not presents:
        return []
    return [f"Cette copie a pu perdre ou simplifier{FINE}: {', '.join(presents)}. Pour les garder, corrigez votre propre fichier "
            "d’après cette liste."]


def _restore_results(classeur: Workbook, marque: bytes, contenu: bytes) -> bytes:
    """Give each formula the result that the file received held: without it the copy, sent as it is, could not be read."""
    pages = {page.path.lstrip("/"): page.title for page in classeur.worksheets}
    lecteur = ExcelReader(io.BytesIO(contenu))
    lecteur.read_manifest()
    lecteur.read_workbook()
    sources = {feuille.name: lien.target for feuille, lien in lecteur.parser.find_sheets()}
    sortie = io.BytesIO()
    with (lecteur.archive as recu, zipfile.ZipFile(io.BytesIO(marque)) as avant,
          zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as apres):
        for membre in avant.infolist():
            xml = avant.read(membre)
            source = sources.get(pages.get(membre.filename, ""))
            if source and b"<f" in xml:
                resultats = {_attribute(c, b"r"): (_attribute(c, b"t"), v) for c, v in CALCULEE.findall(recu.read(source))}
                xml = FORMULE.sub(lambda m, lus=resultats: _write_result(m, lus), xml)
            apres.writestr(membre, xml)
    return sortie.getvalue()


def _attribute(cellule: bytes, nom: bytes) -> bytes:
    trouve = re.search(rb'\s%b="([^"]*)"' % nom, cellule)
    return trouve[1] if trouve else b""


def _write_result(formule: re.Match[bytes], resultats: dict[bytes, tuple[bytes, bytes]]) -> bytes:
    genre, texte = resultats.get(formule[1], (b"", b""))
    if not texte or genre == b"s":
        return formule[0]
    return b'<c r="%b"%b%b>%b<v>%b</v></c>' % (formule[1], formule[2], b' t="%b"' % genre if genre else b"", formule[3], texte)
