"""Files made from a `Deck` and from nothing else: what was shown leaves with the people, and a frozen séance never moves.

The same deck always gives the same bytes: dates come from the séance, never from the clock. Each maker is loaded when used.
"""

from __future__ import annotations

import re
import unicodedata
from importlib import import_module

from indicators.meetings.deck import Deck

# extension -> (what it is called, media type, module and function that make it)
FORMATS: dict[str, tuple[str, str, str]] = {
    "pptx": ("Diaporama (PowerPoint)", "application/vnd.openxmlformats-officedocument.presentationml.presentation",
             "pptx.build_pptx"),
    "pdf": ("Rapport (PDF accessible)", "application/pdf", "pdf.build_pdf"),
    "docx": ("Compte rendu (Word)", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
             "docx.build_compte_rendu"),
    "xlsx": ("Tableau de suivi (Excel)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx.build_xlsx"),
    "csv": ("Valeurs (CSV)", "text/csv", "tidy.build_csv"),
}


def build_export(deck: Deck, extension: str) -> bytes:
    """The file of that deck in that format, a key of FORMATS."""
    module, fonction = FORMATS[extension][2].split(".")
    return getattr(import_module(f"indicators.exports.{module}"), fonction)(deck)


def build_name(deck: Deck, extension: str) -> str:
    """Name of the file, ASCII: plan, kind of séance, territoire when it has one, day (la-reunion_COPIL_2024-12-05.pptx)."""
    seance = deck.entete.seance
    mots = [_fold(deck.entete.plan.nom).lower(), _fold(seance.type) or "seance", _fold(seance.territoire or ""),
            seance.date.isoformat()]
    return "_".join(filter(None, mots)) + f".{extension}"


def _fold(texte: str) -> str:
    sans_accent = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", sans_accent).strip("-")
