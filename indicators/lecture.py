"""What the page of an indicator says in words: the pace still needed, the control chart, revised values.

Every number comes from the rows given and goes through `formats`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from indicators.formats import (
    FINE,
    INSECABLE,
    MASQUE,
    accord,
    format_date,
    format_horodatage,
    format_nombre,
    format_periode,
    pluriel,
    titre,
)
from indicators.model import INCERTAINS, Etat, Lecture, Periodicite, TypeCible
from indicators.queries import Ligne
from indicators.queries.indicateur import Carte, PointControle, Revision
from indicators.sentences import bind_periode, write_valeur

# -- where it goes -------------------------------------------------------------------------------------------------------


def write_suite(x: Ligne, observe_au: date) -> str:
    """What is missing to draw a trend or its interval, then the yearly pace that the target still asks for."""
    phrases = [f"Tendance{FINE}: {x.tendance_motif}."] if x.tendance_motif else []
    if x.pas_annuel and x.type_cible is TypeCible.ATTEINDRE and x.cible is not None:
        phrases.append(_write_pas(x, observe_au))
    return " ".join(phrases)


def _write_pas(x: Ligne, observe_au: date) -> str:
    """« Pour atteindre 90,0 % au 31/12/2024, il faudrait gagner 1,9 point par an depuis le 31/12/2022. »"""
    unite = {"%": "points", "‰": "points pour mille"}.get(x.unite, x.unite)
    pas = format_nombre(abs(x.pas_annuel), max(x.decimales, 1), unite)
    geste = "gagner" if x.pas_annuel > 0 else "baisser de"
    passe = x.date_cible <= observe_au  # the date of the target is behind: what it would have taken
    verbe = f"il aurait fallu {geste}" if passe else f"il faudrait {geste}"
    return (f"Pour atteindre {write_valeur(x, x.cible)} au {format_date(x.date_cible)}, {verbe} {pas} par an "
            f"à partir du {format_date(x.date_realise)}.")


# -- control chart -------------------------------------------------------------------------------------------------------


def list_regles(p: PointControle) -> list[str]:
    """The rules that this value breaks, in words."""
    return [mot for mot, vrai in (("hors des limites", p.sortie),
                                  ("suite de 8 valeurs ou plus du même côté de la moyenne", p.suite),
                                  ("suite de 6 valeurs ou plus dans le même sens", p.allure)) if vrai]


def write_carte(carte: Carte) -> str:
    """What a manager keeps of the chart: is the latest movement more than the usual variation?"""
    if carte.masque:
        return (f"La carte de contrôle n’est pas montrée{FINE}: elle repose sur des valeurs sous secret statistique, que sa "
                "moyenne et ses limites trahiraient.")
    dernier = carte.points[-1]
    signaux = [p for p in carte.points if p.lecture is not Lecture.HABITUELLE]
    if not signaux:
        return "Rien ne dépasse la variation habituelle"
    if dernier.lecture is Lecture.HABITUELLE:
        return f"Retour à la variation habituelle {_depuis(carte.points[carte.points.index(signaux[-1]) + 1])}"
    debut = len(carte.points)
    while debut and carte.points[debut - 1].lecture is dernier.lecture:
        debut -= 1
    return f"{dernier.lecture.label} {_depuis(carte.points[debut])}"


def describe_carte(ligne: Ligne, carte: Carte) -> str:
    """Reading note and alternative text of the control chart."""
    points, unites = carte.points, {Periodicite.MENSUELLE: "valeurs mensuelles"}.get(ligne.periodicite, "valeurs trimestrielles")
    bas, haut = format_nombre(carte.limite_basse, ligne.decimales), write_valeur(ligne, carte.limite_haute)
    phrases = [f"{len(points)}{INSECABLE}{unites}, {bind_periode('de', _nom(points[0]))} {bind_periode('à', _nom(points[-1]))}",
               f"D’après les 12 premières, la moyenne est de {write_valeur(ligne, carte.centre)} et la variation habituelle va "
               f"de {bas} à {haut}"]
    for lecture in (Lecture.AMELIORATION, Lecture.DEGRADATION, Lecture.CHANGEMENT):
        if n := sum(p.lecture is lecture for p in points):
            mots = lecture.label[0].lower() + lecture.label[1:]
            phrases.append(pluriel(n, f"{mots}", mots.replace("signal", "signaux", 1)))
    if len(phrases) == 2:
        phrases.append(f"Aucun signal{FINE}: d’une valeur à l’autre, une hausse ou une baisse ne dit rien de plus que l’habitude")
    elif regles := [f"{mots} ({n})" for mots, n in (
            ("valeurs hors des limites", sum(p.sortie for p in points)),
            ("valeurs d’une suite de 8 ou plus du même côté de la moyenne", sum(p.suite for p in points)),
            ("valeurs d’une suite de 6 ou plus dans le même sens", sum(p.allure for p in points))) if n]:
        phrases.append(f"Règles{FINE}: {', '.join(regles)}")
    if carte.capacite:
        phrases.append(f"{carte.capacite.label} avec la variation des 12 premières valeurs")
    if carte.manquantes:
        quoi = accord(len(carte.manquantes), "période sans valeur est laissée", "périodes sans valeur sont laissées")
        phrases.append(f"{len(carte.manquantes)}{INSECABLE}{quoi} de côté{FINE}: les suites passent par-dessus")
    return ". ".join(phrases) + "."


def list_carte(ligne: Ligne, carte: Carte) -> list[dict[str, str]]:
    """Twin of the control chart, as rows with French headings."""
    return [{"Période": titre(format_periode(p.debut, p.fin)), "Valeur": write_valeur(ligne, p.valeur), "État": p.etat.label,
             "Lecture": p.lecture.label, "Règles": f"{FINE}; ".join(list_regles(p))} for p in carte.points]


def _depuis(p: PointControle) -> str:
    return bind_periode("depuis", _nom(p))


def _nom(p: PointControle) -> str:
    return format_periode(p.debut, p.fin)


# -- revised values ------------------------------------------------------------------------------------------------------


def write_passage(x: Ligne, r: Revision) -> str:
    """« 12,3 % → 12,7 % »; a value that was withdrawn is said so, a hidden one is « s. »."""
    avant, apres = _write_bout(x, r.avant, r.etat_avant, r.avant_secrete), _write_bout(x, r.apres, r.etat_apres, r.apres_secrete)
    return f"{avant} → {apres}" + (", ses termes ont changé" if avant == apres and avant != MASQUE else "")


def write_revision(x: Ligne, r: Revision, fuseau: str) -> str:
    """« Valeur révisée le 12/03/2023 à 9 h 05 : 12,3 % → 12,7 % », for the hover of its point."""
    return f"Valeur révisée le {format_horodatage(r.le, fuseau)}{FINE}: {write_passage(x, r)}"


def _write_bout(x: Ligne, valeur: float | None, etat: Etat | None, secrete: bool) -> str:
    if secrete:
        return MASQUE
    if etat is None:
        return "retirée"
    if valeur is None:
        return etat.label.lower()
    return write_valeur(x, valeur) + (f" ({etat.label.lower()})" if etat in INCERTAINS else "")


def write_revisions(revisions: Sequence[Revision]) -> str:
    """« 2 valeurs révisées »: how many periods changed, whatever the number of times."""
    return pluriel(len({(r.debut, r.fin) for r in revisions}), "valeur révisée", "valeurs révisées")
