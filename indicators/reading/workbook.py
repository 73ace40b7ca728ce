"""From an Excel workbook to sheets of text. The archive is looked at before any of it is parsed."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from indicators.reading.received import Feuille, Illisible
from indicators.reading.records import TETE
from indicators.settings import Limites

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
GONFLEMENT = 4  # an archive may hold that many times what a file may weigh
# the column of a cell that holds something; a cell that does not say where it is
REMPLIE = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})\d+"[^>]*(?<!/)>')
SANS_PLACE = re.compile(rb"<(?:\w+:)?c(?![^>]*\sr=)[\s>]")
DTD = re.compile(rb"<!DOCTYPE|<!ENTITY|^(?:\xff\xfe|\xfe\xff)")
# what a damaged archive or a damaged sheet makes zipfile and openpyxl raise
DEGATS = (zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, KeyError, ValueError, TypeError, IndexError,
          AttributeError, OverflowError, EOFError, NotImplementedError, RuntimeError, OSError)


@dataclass(frozen=True)
class Classeur:
    """Sheets shown to people, with their text; names of the hidden ones, which are not read."""

    feuilles: list[tuple[str, Feuille]]
    masquees: list[str]


def is_workbook(contenu: bytes) -> bool:
    """Do these bytes start like an archive, as a workbook does, or like a workbook of the time before?"""
    return contenu.startswith((ZIP, OLE))


def read_workbook(nom: str, contenu: bytes, limites: Limites) -> Classeur:
    """Every visible sheet that holds something; `Illisible` when the workbook is refused."""
    if contenu.startswith(OLE):
        raise Illisible("c’est un classeur à l’ancien format (.xls) ou protégé par un mot de passe.")
    try:
        largeur, formules = _inspect(contenu, limites)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl says what it does not draw: validations, images, styles
            return _read(nom, contenu, limites, largeur, formules)
    except DEGATS as erreur:
        raise Illisible("ce n’est pas un classeur Excel (.xlsx), ou il est endommagé.") from erreur


def _inspect(contenu: bytes, limites: Limites) -> tuple[int, bool]:
    """Refuse what would cost too much or could act; gives how many columns to read and whether there are formulas."""
    largeur, formules = 1, False
    with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
        membres = archive.infolist()
        if sum(m.file_size for m in membres) > GONFLEMENT * limites.fichier_mo * 1_000_000:
            raise Illisible(f"une fois décompressé, il pèse plus de {GONFLEMENT * limites.fichier_mo} Mo "
                            "(réglage INDICATORS_FICHIER_MO).", code="fichier_trop_grand")
        if any(m.filename.lower().endswith("vbaproject.bin") for m in membres):
            raise Illisible("il contient des macros, qui ne sont pas acceptées.")
        for membre in membres:
            if membre.filename.lower().endswith((".xml", ".rels")):
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
    lu = openpyxl.load_workbook(io.BytesIO(contenu), read_only=True, data_only=True, keep_links=False)
    ecrit = openpyxl.load_workbook(io.BytesIO(contenu), read_only=True, keep_links=False) if formules else None
    feuilles, masquees = [], []
    for page in lu.worksheets:
        if page.sheet_state != "visible":
            masquees.append(page.title)
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
    return Classeur(feuilles, masquees)


def _rows(page: Any, limites: Limites, colonnes: int) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows that are really there, whatever dimension the sheet declares; the same ones for values and for formulas."""
    page.reset_dimensions()
    for numero, cellules in enumerate(page.iter_rows(max_col=colonnes), 1):
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
            if "%" in (cellule.number_format or ""):
                return f"{_number(round(valeur * 100, 10))} %"
            return _number(valeur)
        case datetime():
            return valeur.strftime("%Y-%m-%d" if valeur.time() == time() else "%Y-%m-%d %H:%M:%S")
        case _:
            return str(valeur)


def _number(valeur: float) -> str:
    return str(int(valeur)) if valeur == int(valeur) and abs(valeur) < 1e15 else repr(valeur)
