"""The territories of a plan held beside each other on one indicator and one period, as far as the reader may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from indicators.formats import format_nombre
from indicators.model import Etat, Nature, Sens
from indicators.queries import (
    Cursor,
    Detail,
    Ligne,
    Point,
    Vue,
    _dates,
)

Periode = tuple[date, date]
CLASSES = 4  # more shades are not told apart


class Place(StrEnum):
    """Where a territory stands in the plan: its département, below it, or beside it to compare with."""

    DEPARTEMENT = "departement"
    DESSOUS = "dessous"
    COMPARAISON = "comparaison"


@dataclass(frozen=True)
class Territoire:
    """One territory of the plan; `type` is the word of its file, empty when it has none."""

    code: str
    nom: str
    type: str
    place: Place


@dataclass(frozen=True)
class Rang:
    """One territory among the others of its kind: its point, its rank from 1, its shade from 0 (the lowest values).

    No point: nothing is known of that period. No rank: nothing to rank, or a hidden value could stand anywhere among the others.
    """

    territoire: Territoire
    point: Point | None
    rang: int | None
    classe: int | None
    ecart: float | None

    @property
    def cache(self) -> bool:
        """Is there a value that may not be told?"""
        return self.point is not None and (self.point.masque or self.point.etat is Etat.SECRET)


def list_territoires(cur: Cursor, vue: Vue) -> list[Territoire]:
    """The département, what is below it at any depth, then what it is compared with, each by name."""
    lus = cur.execute("""
        with recursive ici as (
            select code, nom, type, parent from territoire_connu($connu::timestamp) where plan = $plan
        ), dessous as (
            select departement as code, 0 as niveau from plan_connu($connu::timestamp) where plan = $plan
            union select t.code, 1 from ici t join dessous d on d.code = t.parent
        )
        select coalesce(t.code, d.code), coalesce(t.nom, d.code), coalesce(t.type, ''),
            case when d.niveau = 0 then 'departement' when d.niveau = 1 then 'dessous' else 'comparaison' end as place
        from ici t full join (select code, min(niveau) as niveau from dessous group by code) d on d.code = t.code
        order by list_position(['departement', 'dessous', 'comparaison'], place), 2, 1""",
        {"plan": vue.plan, "connu": vue.connu_au}).fetchall()
    return [Territoire(code, nom, type_, Place(place)) for code, nom, type_, place in lus]


def list_mesures(cur: Cursor, vue: Vue) -> list[tuple[str, str]]:
    """(indicateur, territoire) pairs that have an answer, whatever it says, without a breakdown."""
    return cur.execute("""select distinct indicateur, territoire from mesure_visible where plan = $plan and ventilation = ''
        and fin <= $observe::date and visible_du <= $connu::timestamp and $connu::timestamp < visible_au order by all""",
                       _dates(vue)).fetchall()


def list_series(detail: Detail) -> list[tuple[str, Point]]:
    """(territoire, point) pairs of one indicator, every territory and no breakdown, by date."""
    series = [(t, p) for (t, ventilation), points in detail.points.items() if not ventilation for p in points]
    return sorted(series, key=lambda x: x[1].fin)


def list_periodes(series: Sequence[tuple[str, Point]], territoires: Sequence[Territoire]) -> list[Periode]:
    """The periods for which one of these territories has a value, hidden or not, the latest first."""
    codes = {t.code for t in territoires}
    return sorted({(p.debut, p.fin) for t, p in series if t in codes and (p.valeur is not None or p.etat is Etat.SECRET)},
                  key=lambda x: (x[1], x[0]), reverse=True)


def rank_territoires(x: Ligne, territoires: Sequence[Territoire], points: Mapping[str, Point]) -> list[Rang]:
    """These territories, the most favourable first (the highest when no direction is), then what is hidden, then what is missing.

    `points` are those of one period, the département's too. Values written alike share their rank and their shade. One hidden
    value hides every rank: where it would stand is not known, and must not be. A gap to the département compares rates only.
    """
    ecrites = {t.code: format_nombre(p.valeur, x.decimales) for t in territoires
               if (p := points.get(t.code)) is not None and p.valeur is not None}
    valeurs = sorted({(ecrite, points[code].valeur) for code, ecrite in ecrites.items()}, key=lambda v: v[1])
    croissantes = list(dict.fromkeys(ecrite for ecrite, _ in valeurs))
    ordonnees = croissantes if x.sens is Sens.BAISSE else croissantes[::-1]
    k = min(CLASSES, len(croissantes))
    departement = points.get(x.territoire)
    rangs = []
    for t in territoires:
        p, ecrite = points.get(t.code), ecrites.get(t.code)
        if ecrite is None:
            rangs.append(Rang(t, p, None, None, None))
            continue
        devant = sum(ordonnees.index(e) < ordonnees.index(ecrite) for e in ecrites.values())
        compare = x.nature is Nature.TAUX and departement is not None and departement.valeur is not None
        rangs.append(Rang(t, p, devant + 1, croissantes.index(ecrite) * k // len(croissantes),
                          p.valeur - departement.valeur if compare else None))
    if any(r.cache for r in rangs):
        ordre = sorted(rangs, key=lambda r: (r.rang is None, r.rang or 0, not r.cache, r.territoire.nom))
        return [Rang(r.territoire, r.point, None, r.classe, r.ecart) for r in ordre]
    return sorted(rangs, key=lambda r: (r.rang is None, r.rang or 0, r.territoire.nom))
