"""From an Excel workbook to sheets of text. The archive is looked at before any of it is parsed.

Imported only where a workbook is read: openpyxl takes longer to load than most files to check.
"""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice
from typing import Any

import openpyxl
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from indicators.errors import ARCHIVE_ABIMEE
from indicators.reading.received import OLE, Feuille, Illisible
from indicators.reading.records import TETE
from indicators.reading.template import FEUILLES_AIDE, find_plan
from indicators.settings import Limites

APERCU = 1000  # rows of a hidden sheet
# the column of a cell that holds something; a cell that does not say where it is, or not as this reads it
REMPLIE = re.compile(rb'<(?:\w+:)?c\s(?>(?:[^<>]*?\s)?r="([A-Z]{1,3})\d+")[^<>]*+(?<!/)>')
SANS_PLACE = re.compile(rb'<(?:\w+:)?c(?![^<>]*\sr="[A-Z]{1,3}\d)[\s>]')
DTD = re.compile(rb"<!DOCTYPE|<!ENTITY|^(?:\xff\xfe|\xfe\xff)")
# what a damaged archive or a damaged sheet makes zipfile and openpyxl raise
DEGATS = (*ARCHIVE_ABIMEE, InvalidFileException, SyntaxError, KeyError, TypeError, IndexError, AttributeError, OverflowError,
          OSError)  # SyntaxError: what no XML reads


@dataclass(frozen=True)
class Classeur:
    """Sheets shown to people, with their text; names of the hidden ones, which are not read; plan of a template of ours.

    `apercus` are the first rows of the hidden ones, for those who must know whether they name people.
    """

    feuilles: list[tuple[str, Feuille]]
    masquees: list[str]
    apercus: list[Feuille]
    modele: str | None = None


def read_workbook(nom: str, contenu: bytes, limites: Limites) -> Classeur:
    """Every visible sheet that holds something; `Illisible` when the workbook is refused."""
    if contenu.startswith(OLE):
        raise Illisible("c’est un classeur à l’ancien format (.xls) ou protégé par un mot de passe.")
    largeur, formules = _inspect(contenu, limites)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says what it does not draw: validations, images, styles
        return _read(nom, contenu, limites, largeur, formules)


@contextmanager
def _library() -> Iterator[None]:
    """Around calls of zipfile and openpyxl only: what they raise comes of the file, what we raise is a mistake of ours."""
    try:
        yield
    except DEGATS as erreur:
        raise Illisible("ce n’est pas un classeur Excel (.xlsx), ou il est endommagé.") from erreur


def _guarded(lignes: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """What the library gives one by one; here an error of the one who takes them passes by."""
    with _library():
        yield from lignes


def _inspect(contenu: bytes, limites: Limites) -> tuple[int, bool]:
    """Refuse what would cost too much or could act; gives how many columns to read and whether there are formulas."""
    largeur, formules = 1, False
    with _library():
        archive = zipfile.ZipFile(io.BytesIO(contenu))
    with archive:
        membres = archive.infolist()
        if sum(m.file_size for m in membres) > limites.decompresse:
            raise Illisible(f"une fois décompressé, il pèse plus de {limites.decompresse // 1_000_000} Mo "
                            "(réglage INDICATORS_FICHIER_MO).", code="fichier_trop_grand")
        if any(m.filename.lower().endswith("vbaproject.bin") for m in membres):
            raise Illisible("il contient des macros, qui ne sont pas acceptées.")
        for membre in membres:
            if membre.filename.lower().endswith((".xml", ".rels")):
                with _library():
                    xml = archive.read(membre)
                if DTD.search(xml):
                    raise Illisible("il contient des définitions XML, qui ne sont pas acceptées.")
                largeur = max(largeur, *(column_index_from_string(c.decode()) for c in set(REMPLIE.findall(xml))), 0)
                if largeur > limites.colonnes:
                    raise Illisible(f"une cellule est remplie dans la colonne {get_column_letter(largeur)}, au plus "
                                    f"{limites.colonnes} colonnes sont lues (réglage INDICATORS_COLONNES).",
                                    code="fichier_trop_grand")
                if SANS_PLACE.search(xml):
                    largeur = limites.colonnes
                formules = formules or b"<f" in xml
    return largeur + 1, formules  # one more, to see that nothing is past it


def _read(nom: str, contenu: bytes, limites: Limites, colonnes: int, formules: bool) -> Classeur:
    with _library():
        lu = openpyxl.load_workbook(io.BytesIO(contenu), read_only=True, data_only=True, keep_links=False)
        ecrit = openpyxl.load_workbook(io.BytesIO(contenu), read_only=True, keep_links=False) if formules else None
    feuilles, masquees, apercus = [], [], []
    modele = find_plan(lu.defined_names)
    for page in lu.worksheets:
        if modele is not None and page.title in FEUILLES_AIDE:
            continue
        if page.sheet_state != "visible":
            masquees.append(page.title)
            vues = [(n, [_text(c) for c in cellules]) for n, cellules in islice(_rows(page, limites, colonnes), APERCU)]
            apercus.append(Feuille(f"{nom} › {page.title}", vues))
            continue
        sans_valeur: dict[int, tuple[int, str]] = {}
        lignes = []
        jumelle = _rows(ecrit[page.title], limites, colonnes) if ecrit else None
        for numero, cellules in _rows(page, limites, colonnes):
            textes = [_text(c) for c in cellules]
            if jumelle is not None:
                calculees = [str(c.value) if c.data_type == "f" else "" for c in next(jumelle)[1]]
                manque = next((i for i, f in enumerate(calculees) if f and cellules[i].value is None), None)
                if manque is not None:
                    sans_valeur[numero] = (manque, calculees[manque])
                    textes[manque] = calculees[manque]
            if any(t.strip() for t in textes):
                lignes.append((numero, textes))
        largeur = max((i + 1 for _, t in lignes for i, c in enumerate(t) if c.strip()), default=0)
        if largeur > limites.colonnes:
            raise Illisible(f"la feuille « {page.title} » a plus de {limites.colonnes} colonnes "
                            "(réglage INDICATORS_COLONNES).", code="fichier_trop_grand")
        rectangle = [(n, [*t, *[""] * largeur][:largeur]) for n, t in lignes]
        feuilles.append((page.title, Feuille(f"{nom} › {page.title}", rectangle, sans_valeur=sans_valeur,
                                             epoque=lu.epoch.date())))
    return Classeur(feuilles, masquees, apercus, modele)


def _rows(page: Any, limites: Limites, colonnes: int) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows that are really there, whatever dimension the sheet declares; the same ones for values and for formulas."""
    page.reset_dimensions()
    for numero, cellules in enumerate(_guarded(page.iter_rows(max_col=colonnes)), 1):
        if numero > limites.lignes + TETE:
            raise Illisible(f"la feuille « {page.title} » va au-delà de {limites.lignes} lignes (réglage INDICATORS_LIGNES).",
                            code="fichier_trop_grand")
        yield numero, cellules


def _text(cellule: Any) -> str:
    """What a cell says, as a CSV would: ISO dates, numbers without rounding, a percentage as it is shown."""
    valeur = cellule.value
    match valeur:
        case None:
            return ""
        case bool():
            return "oui" if valeur else "non"
        case int() | float():
            with _library():
                forme = cellule.number_format or ""
            if "%" in forme:
                return f"{_number(round(valeur * 100, 10))} %"
            return _number(valeur)
        case datetime():
            return valeur.strftime("%Y-%m-%d" if valeur.time() == time() else "%Y-%m-%d %H:%M:%S")
        case _:
            return str(valeur)


def _number(valeur: float) -> str:
    return str(int(valeur)) if math.isfinite(valeur) and valeur == int(valeur) and abs(valeur) < 1e15 else repr(valeur)
