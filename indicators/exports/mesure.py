"""How much room a text takes on a slide: nothing draws it here, so its width is estimated, always a little too wide."""

from __future__ import annotations

from collections.abc import Sequence

ETROITES, LARGES = frozenset("iljtfrI.,:;!’'|()[] \u00a0\u202f-"), frozenset("mwMW%‰@œŒ—…")
INTERLIGNE = 1.2


def measure_texte(texte: str, taille: float, gras: bool = False) -> float:
    """Width in points of one line."""
    em = sum(0.32 if c in ETROITES else 0.88 if c in LARGES else 0.66 if c.isupper() or ord(c) > 0x2FFF else 0.54 for c in texte)
    return em * taille * (1.06 if gras else 1)


def count_lignes(texte: str, largeur: float, taille: float, gras: bool = False) -> int:
    """Lines that a text takes in `largeur` points; a word wider than that is cut where it ends."""
    total = 0
    for paragraphe in texte.split("\n"):
        lignes, pris = 1, 0.0
        for mot in paragraphe.split(" "):
            large = measure_texte(mot, taille, gras)
            espace = measure_texte(" ", taille, gras) if pris else 0.0
            if pris + espace + large <= largeur:
                pris += espace + large
                continue
            lignes += 1 if pris else 0
            entieres = int(large // largeur)
            lignes, pris = lignes + entieres, large - entieres * largeur
        total += lignes
    return total


def measure_bloc(textes: Sequence[str], largeur: float, taille: float, espace: float = 0.4, gras: bool = False) -> float:
    """Height in points of paragraphs, `espace` lines between two."""
    lignes = sum(count_lignes(t, largeur, taille, gras) for t in textes)
    return (lignes * INTERLIGNE + espace * max(0, len(textes) - 1)) * taille


def fit_taille(textes: Sequence[str], largeur: float, hauteur: float, tailles: Sequence[float],
               gras: bool = False) -> float | None:
    """The largest of these sizes with which the paragraphs fit, None when even the last one does not."""
    return next((t for t in tailles if measure_bloc(textes, largeur, t, gras=gras) <= hauteur), None)


def cut_texte(texte: str, largeur: float, lignes: int, taille: float, gras: bool = False) -> str:
    """The text, or what of it holds in so many lines, and an ellipsis."""
    if count_lignes(texte, largeur, taille, gras) <= lignes:
        return texte
    bas, haut = 0, len(texte)
    while bas < haut:
        milieu = (bas + haut + 1) // 2
        tient = count_lignes(texte[:milieu].rstrip() + "…", largeur, taille, gras) <= lignes
        bas, haut = (milieu, haut) if tient else (bas, milieu - 1)
    return texte[:bas].rstrip() + "…"
