"""From bytes to text, in an order that cannot silently corrupt."""

from __future__ import annotations

import re

import numpy as np

from indicators.reading.received import Illisible

PAIRE_UTF8 = re.compile("[\u00c2-\u00df][\u0080-\u00bf]|\u00e2[\u0080-\u00bf\u20ac\u201a]")  # « Ã© » : de l'UTF-8 lu en cp1252

# What a French text does not hold: another character, a control, a capital glued to a small letter or to a digit, a mark
# of the end of a word glued to the next one. « dÈpartement », « dŽpartement », « 2Ê758 », « c™te » come of a wrong encoding.
FRANCAIS = "àâäéèêëîïôöùûüÿçœæÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇŒÆ«»‹›’‘“”‚„–—…•·°ºª²³€£§µ½¼¾±×÷™®©≤≥≠\u00a0\u202f\u2009\u2011\ufeff"
SUSPECT = re.compile(rf"[^\x09\x0a\x0d\x20-\x7e{FRANCAIS}]|(?<=[a-zàâäéèêëîïôöùûüÿçœæ0-9])[ÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇŒÆ]"
                     r"|[ÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇ](?=[0-9])|[”™®©ªº…](?=[^\W\d_])")

ORDINAIRE = bytes(not (o in (9, 10, 13, 0xA0) or 0x20 <= o <= 0x7E) for o in range(256))  # 0 for a byte that tells nothing
MORCEAU = 1 << 20  # bytes looked at together, few enough to stay in the processor's cache
GRAND = 200_000  # bytes from which the look of a text is judged on what is rare in it


def decode(contenu: bytes) -> str:
    """The text of these bytes; `Illisible` when no encoding gives it for sure."""
    return decode_named(contenu)[0]


def decode_named(contenu: bytes) -> tuple[str, str]:
    """The text and its encoding: UTF-16 by its mark, then UTF-8, then cp1252 or, where only that gives French, MacRoman."""
    if contenu[:2] in (b"\xff\xfe", b"\xfe\xff"):
        texte = _try(contenu, "utf-16")
        return _without_nul(texte, texte is not None and "\x00" in texte), "utf-16"
    texte = _try(contenu, "utf-8-sig")
    if texte is not None:
        return _without_nul(texte, b"\x00" in contenu), "utf-8"
    texte = _try(contenu, "cp1252")
    vu = _digest(contenu).decode("cp1252") if texte is not None and len(contenu) > GRAND else texte
    melange = vu is not None and PAIRE_UTF8.search(vu) is not None
    if vu is None or melange or SUSPECT.search(vu):
        mac = contenu.decode("mac-roman")
        if not SUSPECT.search(mac):
            return mac, "mac-roman"
    if melange:
        raise Illisible("il mélange deux encodages.")
    return _without_nul(texte, b"\x00" in contenu), "cp1252"


def _digest(contenu: bytes) -> bytes:
    """What the two patterns need to see of a large text: every byte that is not plain, with its two neighbours, once.

    They look at one character, and at most at the one before and the one after.
    """
    octets, vus = np.frombuffer(contenu, np.uint8), np.zeros(1 << 24, np.bool_)
    for place in range(0, len(contenu), MORCEAU):
        rares = contenu[place:place + MORCEAU].translate(ORDINAIRE)
        ici = np.flatnonzero(np.frombuffer(rares, np.bool_)) + place
        avant, apres = octets[np.maximum(ici - 1, 0)], octets[np.minimum(ici + 1, len(octets) - 1)]
        vus[avant.astype(np.int32) << 16 | octets[ici].astype(np.int32) << 8 | apres] = True
    return b"\n".join(int(v).to_bytes(3, "big") for v in np.flatnonzero(vus))


def _try(contenu: bytes, encodage: str) -> str | None:
    try:
        return contenu.decode(encodage)
    except UnicodeDecodeError:
        return None


def _without_nul(texte: str | None, nul: bool) -> str:
    if texte is None:
        raise Illisible("son encodage n’est pas reconnu.")
    if nul:
        raise Illisible("il contient des caractères nuls, comme un fichier qui n’est pas du texte.")
    return texte
