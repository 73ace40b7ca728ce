"""An independent judge of progress, in exact fractions, written from the rules and not from the SQL of `sql/views`.

It takes plain values (no base, no file) and gives what `status --json` must say: one function per rule.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

UTILISABLES = ("definitif", "provisoire", "estime")
SEUILS = ("rester_au_dessus", "rester_en_dessous", "rester_entre")
PAS = {"mensuelle": 1, "trimestrielle": 3, "semestrielle": 6, "annuelle": 12, "annee_scolaire": 12, "tous_les_deux_ans": 24}


@dataclass(frozen=True)
class Mesure:
    """One period of the series, its value given directly or by its terms."""

    debut: date
    fin: date
    valeur: Fraction | None = None
    numerateur: Fraction | None = None
    denominateur: Fraction | None = None
    etat: str = "definitif"


@dataclass(frozen=True)
class Jalon:
    """One point asked for: a value, or bounds."""

    date: date
    valeur: Fraction | None = None
    bas: Fraction | None = None
    haut: Fraction | None = None


@dataclass(frozen=True)
class Cas:
    """One indicator line: its definition, its targets, its series."""

    type_cible: str = "atteindre"
    sens: str = "hausse"
    nature: str = "stock"
    periodicite: str = "annuelle"
    decimales: int = 0
    facteur: Fraction = Fraction(1)
    reference: Jalon | None = None
    jalons: tuple[Jalon, ...] = ()
    finale: Jalon | None = None
    mesures: tuple[Mesure, ...] = ()


@dataclass(frozen=True)
class Regles:
    """What the plan and the day of judgement decide."""

    observe_au: date
    fin_du_plan: date = date(2024, 12, 31)
    dans_les_temps: Fraction = Fraction(95, 100)
    retard_leger: Fraction = Fraction(60, 100)
    partiel: Fraction = Fraction(60, 100)


@dataclass(frozen=True)
class Jugement:
    """The expected line; figures are exact, None where the rules give none."""

    statut: str
    realise: Fraction | None = None
    date_realise: date | None = None
    attendu: Fraction | None = None
    avancement: Fraction | None = None
    rythme: Fraction | None = None
    verdict: str | None = None
    a_actualiser: bool = False
    provisoire: bool = False


@dataclass(frozen=True)
class Point:
    """One usable value of the judged series; `manque` names a missing period before it (cumul)."""

    fin: date
    valeur: Fraction
    etats: tuple[str, ...] = field(default=("definitif",))
    manque: bool = False


def mois(jour: date) -> Fraction:
    """Time in months: year ends give exact fifths of a five-year plan."""
    return 12 * jour.year + jour.month - 1 + Fraction(jour.day, calendar.monthrange(jour.year, jour.month)[1])


def arrondi(x: Fraction) -> Fraction:
    """Comparisons are made on nine decimals."""
    return round(x, 9)


def fin_de_mois(annee: int, numero: int) -> date:
    """Last day of a month, numbered from 1, beyond 12 in the next years."""
    annee, numero = annee + (numero - 1) // 12, (numero - 1) % 12 + 1
    return date(annee, numero, calendar.monthrange(annee, numero)[1])


def lire(m: Mesure, cas: Cas) -> Fraction | None:
    """The value that a measure gives, None when it is not usable."""
    if m.etat not in UTILISABLES:
        return None
    if cas.nature == "taux" and m.numerateur is not None and m.denominateur is not None:
        return None if m.denominateur == 0 else cas.facteur * m.numerateur / m.denominateur
    return m.valeur


def serie(cas: Cas, observe_au: date) -> list[Point]:
    """Usable values in the order of time, by whole years for a flux, summed since the reference for a cumul."""
    lus = sorted(((m, v) for m in cas.mesures if m.fin <= observe_au and (v := lire(m, cas)) is not None), key=lambda p: p[0].fin)
    if cas.nature == "cumul":
        return _cumuler(cas, lus)
    if cas.nature == "flux" and PAS[cas.periodicite] < 12:
        annees: dict[int, list[tuple[Mesure, Fraction]]] = {}
        for m, v in lus:
            annees.setdefault(m.fin.year, []).append((m, v))
        return [Point(date(a, 12, 31), sum((v for _, v in ps), Fraction(0)), tuple(m.etat for m, _ in ps))
                for a, ps in sorted(annees.items()) if len(ps) == 12 // PAS[cas.periodicite]]
    return [Point(m.fin, v, (m.etat,)) for m, v in lus]


def _cumuler(cas: Cas, lus: list[tuple[Mesure, Fraction]]) -> list[Point]:
    if cas.reference is None or cas.reference.valeur is None:
        return []
    total, attendue, manque = cas.reference.valeur, cas.reference.date, False
    points = []
    etats: tuple[str, ...] = ()
    for m, v in lus:
        if m.fin <= cas.reference.date:
            continue
        if m.debut > attendue + timedelta(days=1):
            manque = True
        total, attendue, etats = total + v, m.fin, (*etats, m.etat)
        points.append(Point(m.fin, total, etats, manque))
    return points


def trajectoire(cas: Cas, jour: date) -> Fraction | None:
    """The value expected at that day: straight lines in months, steps for a yes or no, the last target after its date."""
    if cas.reference is None or cas.reference.valeur is None or cas.finale is None or cas.finale.valeur is None:
        return None
    points = sorted([(p.date, p.valeur) for p in (cas.reference, *cas.jalons, cas.finale) if p.valeur is not None])
    avant = [p for p in points if p[0] <= jour]
    apres = [p for p in points if p[0] > jour]
    if not avant:
        return None
    if not apres or cas.type_cible == "realiser":
        return avant[-1][1]
    (d0, v0), (d1, v1) = avant[-1], apres[0]
    return v0 + (v1 - v0) * (mois(jour) - mois(d0)) / (mois(d1) - mois(d0))


def seuil_en_vigueur(cas: Cas, jour: date) -> Jalon | None:
    """The last jalon whose date has come; before any, the first one to come (the final target when there is no jalon)."""
    points = sorted([*cas.jalons, *([cas.finale] if cas.finale else [])], key=lambda j: j.date)
    passes = [j for j in points if j.date <= jour]
    return passes[-1] if passes else points[0] if points else None


def respecte(cas: Cas, valeur: Fraction, seuil: Jalon | None) -> bool | None:
    """Is the value within the bounds, themselves included? None when a bound is missing."""
    if seuil is None:
        return None
    v = arrondi(valeur)
    bas = seuil.bas if seuil.bas is not None or cas.type_cible == "rester_entre" else seuil.valeur
    haut = seuil.haut if seuil.haut is not None or cas.type_cible == "rester_entre" else seuil.valeur
    if cas.type_cible == "rester_au_dessus":
        return None if bas is None else v >= arrondi(bas)
    if cas.type_cible == "rester_en_dessous":
        return None if haut is None else v <= arrondi(haut)
    return None if bas is None or haut is None else arrondi(bas) <= v <= arrondi(haut)


def juger(cas: Cas, regles: Regles) -> Jugement:
    """Status, figures and verdict of one line."""
    points = serie(cas, regles.observe_au)
    visibles = [m for m in cas.mesures if m.fin <= regles.observe_au]
    derniere = max(visibles, key=lambda m: m.fin, default=None)
    if cas.type_cible == "suivre":
        p = points[-1] if points else None
        return Jugement("suivi", p and p.valeur, p and p.fin)
    if derniere is not None and derniere.etat == "sans_objet":
        return _conclure("non_evaluable", cas, regles, None)
    if not points:
        return _conclure("non_renseigne", cas, regles, None)
    return juger_point(cas, regles, points[-1])


def juger_point(cas: Cas, regles: Regles, p: Point) -> Jugement:
    """Status and figures of one value of the series; the verdict is that of the line."""
    if cas.type_cible in SEUILS:
        tenu = respecte(cas, p.valeur, seuil_en_vigueur(cas, p.fin))
        return _conclure("non_evaluable" if tenu is None else "seuil_respecte" if tenu else "seuil_franchi", cas, regles, p)
    if cas.finale is None or cas.finale.valeur is None:
        return _conclure("non_evaluable", cas, regles, p)
    cible = cas.finale.valeur
    atteinte = arrondi(p.valeur) >= arrondi(cible) if cas.sens == "hausse" else arrondi(p.valeur) <= arrondi(cible)
    if p.manque and not atteinte:
        return _conclure("non_evaluable", cas, regles, p)
    reference = cas.reference.valeur if cas.reference else None
    if reference == cible:
        return _conclure("seuil_respecte" if atteinte else "seuil_franchi", cas, regles, p, trajectoire(cas, p.fin))
    attendu = trajectoire(cas, p.fin)
    avancement = rythme = None
    if reference is not None:
        avancement = (p.valeur - reference) / (cible - reference)
    if reference is not None and attendu is not None and avancement is not None:
        part = (attendu - reference) / (cible - reference)
        rythme = avancement / part if arrondi(part) >= Fraction(5, 100) else None
    if atteinte:
        return _conclure("atteint", cas, regles, p, attendu, avancement, rythme)
    if reference is None:
        return _conclure("non_evaluable", cas, regles, p)
    if cas.reference is not None and p.fin <= cas.reference.date:
        return _conclure("non_evaluable", cas, regles, p)
    assert attendu is not None and avancement is not None
    tolerance = Fraction(1, 2) / 10**cas.decimales
    retard = attendu - p.valeur if cas.sens == "hausse" else p.valeur - attendu
    if arrondi(retard) <= arrondi(tolerance):
        statut = "dans_les_temps"
    elif rythme is None:
        statut = "recul" if arrondi(avancement) < Fraction(-2, 100) else "retard_leger"
    elif arrondi(rythme) >= regles.dans_les_temps:
        statut = "dans_les_temps"
    elif arrondi(rythme) >= regles.retard_leger:
        statut = "retard_leger"
    else:
        statut = "retard_fort" if arrondi(rythme) >= 0 else "recul"
    return _conclure(statut, cas, regles, p, attendu, avancement, rythme)


def _conclure(statut: str, cas: Cas, regles: Regles, p: Point | None, attendu: Fraction | None = None,
              avancement: Fraction | None = None, rythme: Fraction | None = None) -> Jugement:
    if statut == "non_evaluable" and p is not None and (p.manque or (cas.reference is not None and p.fin <= cas.reference.date)):
        p = None  # a sum that is not whole, or a value that is not after the reference, is nobody's result
    verdict = None
    if regles.observe_au >= regles.fin_du_plan:
        verdict = _verdict(cas, regles)
    dernier = max((x.fin for x in serie(cas, regles.observe_au)), default=None)
    return Jugement(statut, p and p.valeur, p and p.fin, attendu, avancement, rythme, verdict,
                    dernier is not None and _suivante(dernier, cas) <= regles.observe_au,
                    p is not None and any(e in ("provisoire", "estime") for e in p.etats))


def _verdict(cas: Cas, regles: Regles) -> str:
    """The reading of the value of the plan's last period, whatever was known since."""
    dernier = next((x for x in serie(cas, regles.fin_du_plan) if x.fin == regles.fin_du_plan), None)
    if dernier is None:
        return "non_evaluable"
    lu = juger_point(cas, replace(regles, observe_au=regles.fin_du_plan - timedelta(days=1)), dernier)
    if lu.statut == "non_evaluable":
        return "non_evaluable"
    if lu.statut in ("atteint", "seuil_respecte"):
        return "atteint"
    if lu.statut == "seuil_franchi" or lu.avancement is None:
        return "non_atteint"
    if arrondi(lu.avancement) >= 1:
        return "atteint"
    return "partiellement_atteint" if arrondi(lu.avancement) >= regles.partiel else "non_atteint"


def _suivante(fin: date, cas: Cas) -> date:
    """End of the period that follows, when the delay of publication is long past."""
    pas = 12 if cas.nature == "flux" and PAS[cas.periodicite] < 12 else PAS[cas.periodicite]
    return fin_de_mois(fin.year, fin.month + pas)
