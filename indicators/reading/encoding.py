"""From bytes to text, in an order that cannot silently corrupt."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

from indicators.reading.received import Illisible

PAIRE_UTF8 = re.compile("[\u00c2-\u00df][\u0080-\u00bf]|\u00e2[\u0080-\u00bf\u20ac\u201a]")  # « Ã© » : de l'UTF-8 lu en cp1252

# What a French text does not hold: another character, a control, a capital glued to a small letter or to a digit, a mark
# of the end of a word glued to the next one. « dÈpartement », « dŽpartement », « 2Ê758 », « c™te » come of a wrong encoding.
FRANCAIS = "àâäéèêëîïôöùûüÿçœæÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇŒÆ«»‹›’‘“”‚„–—…•·°ºª²³€£§µ½¼¾±×÷™®©≤≥≠\u00a0\u202f\u2009\u2011\ufeff"
SUSPECT = re.compile(rf"[^\x09\x0a\x0d\x20-\x7e{FRANCAIS}]|(?<=[a-zàâäéèêëîïôöùûüÿçœæ0-9])[ÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇŒÆ]"
                     r"|[ÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇ](?=[0-9])|[”™®©ªº…](?=[^\W\d_])")

ORDINAIRE = bytes(not (o in (9, 10, 13, 0xA0) or 0x20 <= o <= 0x7E) for o in range(256))  # 0 for a byte that tells nothing
MARQUE = "\ufeff"  # that a text in UTF-8 may begin with
MORCEAU = 1 << 20  # bytes looked at together, few enough to stay in the processor's cache
GRAND = 200_000  # bytes from which a text is looked at as bytes, and its encoding judged on what is rare in it


def decode(contenu: bytes, encodage: str | None = None) -> str:
    """The text of these bytes, in the encoding that `find_encoding` names; `Illisible` when none gives it for sure."""
    encodage = encodage or find_encoding(contenu)
    try:
        texte = contenu.decode("utf-8-sig" if encodage == "utf-8" else encodage)
    except UnicodeDecodeError as erreur:  # a text in UTF-16 is only known by its mark
        raise Illisible("son encodage n’est pas reconnu.") from erreur
    if encodage == "utf-16":
        _refuse_nul("\x00" in texte)
    return texte


def find_encoding(contenu: bytes) -> str:
    """UTF-16 by its mark, then UTF-8, then cp1252 or, where only that gives French, MacRoman; `Illisible` for any other."""
    if contenu[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if _is_utf8(contenu):
        _refuse_nul(b"\x00" in contenu)
        return "utf-8"
    vus = _digest(contenu) if len(contenu) > GRAND else contenu
    try:
        texte = vus.decode("cp1252")
    except UnicodeDecodeError:
        texte = None
    melange = texte is not None and PAIRE_UTF8.search(texte) is not None
    if (texte is None or melange or SUSPECT.search(texte)) and not SUSPECT.search(contenu.decode("mac-roman")):
        return "mac-roman"
    if melange:
        raise Illisible("il mélange deux encodages.")
    if texte is None:
        raise Illisible("son encodage n’est pas reconnu.")
    _refuse_nul(b"\x00" in vus)
    return "cp1252"


def _is_utf8(contenu: bytes) -> bool:
    """Seen part by part: the text of a large file takes more memory than its bytes."""
    lecteur = getincrementaldecoder("utf-8")()
    try:
        for place in range(0, len(contenu), MORCEAU):
            lecteur.decode(contenu[place:place + MORCEAU])
        lecteur.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_nul(nul: bool) -> None:
    if nul:
        raise Illisible("il contient des caractères nuls, comme un fichier qui n’est pas du texte.")


def _digest(contenu: bytes) -> bytes:
    """What the two patterns need to see of a large text: every byte that is not plain, with its two neighbours, once.

    They look at one character, and at most at the one before and the one after.
    """
    import numpy as np  # here: most commands and most files do without it, and loading it takes longer than reading them

    octets, vus = np.frombuffer(contenu, np.uint8), np.zeros(1 << 24, np.bool_)
    for place in range(0, len(contenu), MORCEAU):
        rares = contenu[place:place + MORCEAU].translate(ORDINAIRE)
        ici = np.flatnonzero(np.frombuffer(rares, np.bool_)) + place
        avant, apres = octets[np.maximum(ici - 1, 0)], octets[np.minimum(ici + 1, len(octets) - 1)]
        vus[avant.astype(np.int32) << 16 | octets[ici].astype(np.int32) << 8 | apres] = True
    return b"\n".join(int(v).to_bytes(3, "big") for v in np.flatnonzero(vus))
