"""The lignes principales of a plan read at once: asked for one by one, a view that is not stored is worked out each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indicators.queries import (
    POINT,
    Cible,
    Cursor,
    EtatPlan,
    Point,
    Valeur,
    Vue,
    _champs,
    _dates,
    _list_masques,
    _rows_by,
    get_etat_plan,
    list_cibles,
)
from indicators.queries.masques import hide_points, hide_valeur

PRINCIPALE = """ventilation = '' and (indicateur, territoire) in (select code, departement
    from indicateur_connu($connu::timestamp) join plan_connu($connu::timestamp) p using (plan) where plan = $plan)"""


@dataclass(frozen=True)
class Serie:
    """What `get_detail` and `list_cibles` say of one ligne principale."""

    points: tuple[Point, ...] = ()
    cibles: tuple[Cible, ...] = ()


def get_etat_et_series(cur: Cursor, vue: Vue) -> tuple[EtatPlan, dict[str, Serie]]:
    """The plan at that view, and the series of each of its lignes principales, by indicator."""
    etat = get_etat_plan(cur, vue)
    source = "dernier_point where vue_plan = $plan and" if vue.stockee else "vue_point where"
    points = _rows_by(cur, 1, Point, f"""
        with juge as (from {source} {PRINCIPALE}),
        lu as (from valeur_lue($plan, $observe::date, $connu::timestamp) where conforme and {PRINCIPALE})
        select coalesce(j.indicateur, l.indicateur), {POINT}
        from juge j full join lu l on l.indicateur = j.indicateur and l.fin = j.fin and l.debut = j.debut
        where j.fin is not null or not l.utilisable order by coalesce(j.fin, l.fin)""", _dates(vue))
    cibles, masques = list_cibles(cur, vue), _list_masques(cur, vue)
    series = {}
    for x in etat.lignes:
        ligne = (x.indicateur, x.territoire, x.ventilation)
        lus, siennes = points.get(x.indicateur, []), cibles.get(ligne, ())
        series[x.indicateur] = Serie(tuple(hide_points(lus, x, siennes, masques[ligne]) if ligne in masques else lus), siennes)
    return etat, series


def list_valeurs_principales(cur: Cursor, vue: Vue) -> dict[str, dict[tuple[date, date], Valeur]]:
    """Every stored value of the lignes principales, the finest periods included, by indicator then by period."""
    valeurs = _rows_by(cur, 1, Valeur, f"""select indicateur, {_champs(Valeur)} from (
            select v.* replace (f.nom as fichier), d.connu_le, d.auteur
            from valeur_lue($plan, $observe::date, $connu::timestamp) v join depot_connu d on d.id = v.depot_id
            left join fichier f on f.depot = v.depot_id and f.ordre = v.fichier
            where v.ventilation = '' and v.territoire = v.fiche.departement) order by fin, debut""", _dates(vue))
    masques = _list_masques(cur, vue)
    return {code: {(v.debut, v.fin): hide_valeur(v, masques.get((code, v.territoire, ""), ())) for v in lues}
            for code, lues in valeurs.items()}
