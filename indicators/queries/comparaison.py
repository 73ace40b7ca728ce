"""Which values came, changed or went between two views: their keys only, figures are read where they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indicators.model import Mouvement
from indicators.queries import Cursor, Vue, _champs, _rows


@dataclass(frozen=True)
class Passage:
    """One value that is not the same at two views: a new period, a revised one, or one that was withdrawn."""

    indicateur: str
    territoire: str
    ventilation: str
    debut: date
    fin: date
    mouvement: Mouvement


def list_passages(cur: Cursor, avant: Vue, apres: Vue) -> list[Passage]:
    """Values of the plan that differ between the two views, by line then by date; the first must not look further ahead."""
    return _rows(cur, Passage, f"""
        with avant as (from mesure_visible where plan = $plan and fin <= $observe_avant
            and visible_du <= $connu_avant and $connu_avant < visible_au),
        apres as (from mesure_visible where plan = $plan and fin <= $observe_apres
            and visible_du <= $connu_apres and $connu_apres < visible_au)
        select {_champs(Passage)} from (
            select *, case when depot_avant is null then 'nouvelle' when depot_apres is null then 'retiree' else 'revisee' end
                as mouvement
            from (
                select indicateur, territoire, ventilation, debut, fin, a.depot_id as depot_avant, b.depot_id as depot_apres
                from avant a full join apres b using (indicateur, territoire, ventilation, debut, fin)
                where a.depot_id is null or b.depot_id is null or (a.valeur, a.numerateur, a.denominateur, a.etat)
                    is distinct from (b.valeur, b.numerateur, b.denominateur, b.etat)) c
            semi join indicateur_connu($connu_apres) i on i.plan = $plan and i.code = c.indicateur)
        order by indicateur, territoire, ventilation, fin, debut""",
        {"plan": apres.plan, "observe_avant": avant.observe_au, "connu_avant": avant.connu_au,
         "observe_apres": apres.observe_au, "connu_apres": apres.connu_au})
