"""How titles and cells are compared: plain letters, and the shapes of a period, of a number and of a word in place of one."""

from __future__ import annotations

import re
import unicodedata

ANNEE = r"(?:19|20)\d\d"
MOIS = (r"(?:jan(?:v(?:ier)?)?|f[ée]v(?:r(?:ier)?)?|mars?|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|sept?(?:embre)?|oct(?:obre)?"
        r"|nov(?:embre)?|d[ée]c(?:embre)?)\.?")
PERIODE = re.compile(rf"{ANNEE}(?:[- ]?[TQS][1-4]|[-/]{ANNEE}|-\d\d?(?:-\d\d?)?)?|[TQS][1-4][ -/]?{ANNEE}"
                     rf"|\d\d?/(?:\d\d?/)?{ANNEE}|{MOIS}[ -]{ANNEE}", re.IGNORECASE)
NOMBRE = re.compile(r"[-+−]?[\d\s]*\d(?:[.,]\d+)?\s*(?:%|‰|€|k€|M€)?(?:\s*\([a-zé]+\.?\))?")
ABSENT = re.compile(r"n\.?\s?[dcr]\.?|n/[dc]|s\.?\s?o\.?|s/o|s\.?|<\s?\d{1,2}|secret|[-–—…]|\.{1,3}", re.IGNORECASE)


def normalize(texte: str) -> str:
    """« Échéance initiale » -> « echeance_initiale »: the form in which column and table names are compared."""
    ascii_ = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_.lower()).strip("_")
