"""What a row becomes for a reader who may not see small numbers: everything from which a hidden value comes back is emptied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from indicators.model import Etat, Nature, RoleCible, Statut, TypeCible
from indicators.queries.rows import Cible, Fiche, Ligne, Mesure, Point, Valeur

Periode = tuple[date, date]
Masques = Mapping[tuple[str, str, str], Sequence[Periode]]  # hidden periods of each (indicateur, territoire, ventilation)

Stockee = TypeVar("Stockee", Valeur, Mesure)

MOTIF = "valeur sous secret statistique"
SEUILS = (TypeCible.RESTER_AU_DESSUS, TypeCible.RESTER_EN_DESSOUS, TypeCible.RESTER_ENTRE)
SANS_JUGEMENT = (Statut.SUIVI, Statut.NON_EVALUABLE, Statut.NON_RENSEIGNE)


def is_fed(nature: Nature, fin: date | None, masquees: Sequence[Periode]) -> bool:
    """Does a judged value at that date come from a hidden one? A year sums its parts, a cumul all that came before."""
    if fin is None:
        return False
    if nature is Nature.CUMUL:
        return any(f <= fin for _, f in masquees)
    if nature is Nature.FLUX:
        return any(f.year == fin.year for _, f in masquees)
    return any(f == fin for _, f in masquees)


def keeps_statut(statut: Statut | None, type_cible: TypeCible, nature: Nature) -> bool:
    """Does the word say nothing of the value? On a count, which side of a threshold it is on bounds it."""
    return statut is None or statut in SANS_JUGEMENT or (type_cible in SEUILS and nature is Nature.TAUX)


def hide_ligne(x: Ligne, masquees: Sequence[Periode]) -> Ligne:
    """The line without what hidden values gave: trend and verdict as soon as there is one, all figures when it is the last.

    A reference is a value too: it goes with the value of its date.
    """
    if not masquees:
        return x
    x = replace(x, verdict=None, tendance=None, tendance_bas=None, tendance_haut=None, tendance_motif=None, pas_annuel=None)
    sans_reference = hides_reference(x.nature, x.date_reference, masquees)
    if sans_reference:
        x = replace(x, reference=None, attendu=None, part_attendue=None)
    if not sans_reference and not is_fed(x.nature, x.date_realise, masquees):
        return x
    x = replace(x, realise=None, avancement=None, rythme=None, ecart=None, etat_suivant=None, provisoire=False, masque=True)
    if not keeps_statut(x.statut, x.type_cible, x.nature):
        return replace(x, statut=Statut.NON_EVALUABLE, gravite=0, motif=MOTIF)
    return x if x.statut in (Statut.NON_EVALUABLE, Statut.NON_RENSEIGNE) else replace(x, motif=MOTIF)


def hides_reference(nature: Nature, jour: date | None, masquees: Sequence[Periode]) -> bool:
    """Is the value of the reference's date hidden? That of a cumul is where it starts, not one of its values."""
    return nature is not Nature.CUMUL and is_fed(nature, jour, masquees)


def hide_points(points: Sequence[Point], fiche: Fiche | Ligne, cibles: Sequence[Cible],
                masquees: Sequence[Periode]) -> list[Point]:
    """The series of one line without what its hidden values feed; `cibles` are its own."""
    sans_reference = any(c.role is RoleCible.REFERENCE and hides_reference(fiche.nature, c.date, masquees) for c in cibles)
    return [_hide_point(p, fiche.type_cible, fiche.nature, sans_reference, masquees) for p in points]


def _hide_point(p: Point, type_cible: TypeCible, nature: Nature, sans_reference: bool, masquees: Sequence[Periode]) -> Point:
    """The point with neither value nor judgement when a hidden value feeds it; it reads as a secret value does."""
    if sans_reference:  # what was expected starts from the reference, and a status compares with both
        p = replace(p, attendu=None, avancement=None, statut=p.statut if keeps_statut(p.statut, type_cible, nature) else None)
    if p.valeur is None or not is_fed(nature, p.fin, masquees):
        return p
    return replace(p, valeur=None, numerateur=None, denominateur=None, avancement=None, etat=Etat.SECRET, masque=True,
                   statut=p.statut if keeps_statut(p.statut, type_cible, nature) else None)


def hide_valeur(v: Stockee, masquees: Sequence[Periode]) -> Stockee:
    """A stored value without its figures, nor the comment, which may say them."""
    if (v.debut, v.fin) not in masquees:
        return v
    return replace(v, valeur=None, numerateur=None, denominateur=None, commentaire=None, etat=Etat.SECRET, masque=True)


def hide_cible(c: Cible, nature: Nature, masquees: Sequence[Periode]) -> Cible:
    """A reference is the value of its date."""
    if c.role is RoleCible.REFERENCE and hides_reference(nature, c.date, masquees):
        return replace(c, valeur=None, valeur_min=None, valeur_max=None)
    return c


def hide_connue(table: str, ligne: dict[str, Any], nature: Nature, masquees: Sequence[Periode]) -> dict[str, Any]:
    """A row of the tables `mesure` and `cible` as it was known."""
    if table == "mesure" and (ligne["debut"], ligne["fin"]) in masquees:
        return ligne | {"valeur": None, "numerateur": None, "denominateur": None, "commentaire": None, "etat": Etat.SECRET.value}
    if table == "cible" and ligne["role"] == RoleCible.REFERENCE and hides_reference(nature, ligne["date"], masquees):
        return ligne | {"valeur": None, "valeur_min": None, "valeur_max": None}
    return ligne
