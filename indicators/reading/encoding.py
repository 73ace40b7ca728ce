"""From bytes to text, in an order that cannot silently corrupt."""

from __future__ import annotations

import re

from indicators.reading.received import Illisible

PAIRE_UTF8 = re.compile("[\u00c2-\u00df][\u0080-\u00bf]|\u00e2[\u0080-\u00bf\u20ac\u201a]")  # « Ã© » : de l'UTF-8 lu en cp1252

# What a French text does not hold: another character, a control, a capital glued to a small letter or to a digit, a mark
# of the end of a word glued to the next one. « dÈpartement », « dŽpartement », « 2Ê758 », « c™te » come of a wrong encoding.
FRANCAIS = "àâäéèêëîïôöùûüÿçœæÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇŒÆ«»‹›’‘“”‚„–—…•·°ºª²³€£§µ½¼¾±×÷™®©≤≥≠\u00a0\u202f\u2009\u2011\ufeff"
SUSPECT = re.compile(rf"[^\x09\x0a\x0d\x20-\x7e{FRANCAIS}]|(?<=[a-zàâäéèêëîïôöùûüÿçœæ0-9])[ÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇŒÆ]"
                     r"|[ÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇ](?=[0-9])|[”™®©ªº…](?=[^\W\d_])")


def decode(contenu: bytes) -> str:
    """The text of these bytes; `Illisible` when no encoding gives it for sure."""
    return decode_named(contenu)[0]


def decode_named(contenu: bytes) -> tuple[str, str]:
    """The text and its encoding: UTF-16 by its mark, then UTF-8, then cp1252 or, where only that gives French, MacRoman."""
    if contenu[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _without_nul(_try(contenu, "utf-16")), "utf-16"
    texte = _try(contenu, "utf-8-sig")
    if texte is not None:
        return _without_nul(texte), "utf-8"
    texte = _try(contenu, "cp1252")
    melange = texte is not None and PAIRE_UTF8.search(texte) is not None
    if texte is None or melange or SUSPECT.search(texte):
        mac = contenu.decode("mac-roman")
        if not SUSPECT.search(mac):
            return mac, "mac-roman"
    if melange:
        raise Illisible("il mélange deux encodages.")
    return _without_nul(texte), "cp1252"


def _try(contenu: bytes, encodage: str) -> str | None:
    try:
        return contenu.decode(encodage)
    except UnicodeDecodeError:
        return None


def _without_nul(texte: str | None) -> str:
    if texte is None:
        raise Illisible("son encodage n’est pas reconnu.")
    if "\x00" in texte:
        raise Illisible("il contient des caractères nuls, comme un fichier qui n’est pas du texte.")
    return texte
