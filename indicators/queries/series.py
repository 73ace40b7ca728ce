"""The lignes principales of a plan read at once: asked for one by one, a view that is not stored is worked out each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from indicators.model import RoleCible
from indicators.queries import (
    Cible,
    Cursor,
    EtatPlan,
    Ligne,
    Point,
    Valeur,
    Vue,
    _champs,
    _dates,
    _list_masques,
    _readers,
    _write_points,
    get_etat_plan,
)
from indicators.queries.masques import Masques, hide_cible, hide_point, hide_valeur, hides_reference

T = TypeVar("T")
PRINCIPALE = """ventilation = '' and (indicateur, territoire) in (select code, departement
    from indicateur_connu($connu::timestamp) join plan_connu($connu::timestamp) p using (plan) where plan = $plan)"""


@dataclass(frozen=True)
class Serie:
    """What `list_points` and `list_cibles` say of one ligne principale."""

    points: tuple[Point, ...] = ()
    cibles: tuple[Cible, ...] = ()


def get_etat_et_series(cur: Cursor, vue: Vue) -> tuple[EtatPlan, dict[str, Serie]]:
    """The plan at that view, and the series of each of its lignes principales, by indicator."""
    etat = get_etat_plan(cur, vue)
    points = _read_by_code(cur, Point, _write_points(vue, PRINCIPALE, "coalesce(j.indicateur, l.indicateur),", "vue_point"),
                           _dates(vue))
    cibles = _read_by_code(cur, Cible, f"""select indicateur, {_champs(Cible)} from cible_connu($connu::timestamp) c
        where plan = $plan and ventilation = ''
            and territoire in (select departement from plan_connu($connu::timestamp) where plan = $plan) order by date""",
        {"plan": vue.plan, "connu": vue.connu_au})
    masques = _list_masques(cur, vue)
    return etat, {x.indicateur: _hide(x, points.get(x.indicateur, []), cibles.get(x.indicateur, []), masques)
                  for x in etat.lignes}


def list_valeurs_principales(cur: Cursor, vue: Vue) -> dict[str, dict[tuple[date, date], Valeur]]:
    """Every stored value of the lignes principales, the finest periods included, by indicator then by period."""
    valeurs = _read_by_code(cur, Valeur, f"""select indicateur, {_champs(Valeur)} from (
            select v.* replace (f.nom as fichier), d.connu_le, d.auteur
            from valeur_lue($plan, $observe::date, $connu::timestamp) v join depot_connu d on d.id = v.depot_id
            left join fichier f on f.depot = v.depot_id and f.ordre = v.fichier
            where v.ventilation = '' and v.territoire = v.fiche.departement) order by fin, debut""", _dates(vue))
    masques = _list_masques(cur, vue)
    return {code: {(v.debut, v.fin): hide_valeur(v, masques.get((code, v.territoire, ""), ())) for v in lues}
            for code, lues in valeurs.items()}


def _read_by_code(cur: Cursor, classe: type[T], sql: str, parametres: dict[str, Any]) -> dict[str, list[T]]:
    """Rows whose first column is the indicator that they belong to."""
    lecteurs = _readers(classe)
    lus: dict[str, list[T]] = {}
    for indicateur, *ligne in cur.execute(sql, parametres).fetchall():
        lus.setdefault(indicateur, []).append(
            classe(*(v if lire is None else lire(v) for lire, v in zip(lecteurs, ligne, strict=True))))
    return lus


def _hide(x: Ligne, points: list[Point], cibles: list[Cible], masques: Masques) -> Serie:
    """The series without what this reader may not see."""
    masquees = masques.get((x.indicateur, x.territoire, x.ventilation))
    if not masquees:
        return Serie(tuple(points), tuple(cibles))
    sans_reference = any(c.role is RoleCible.REFERENCE and hides_reference(x.nature, c.date, masquees) for c in cibles)
    return Serie(tuple(hide_point(p, x.type_cible, x.nature, sans_reference, masquees) for p in points),
                 tuple(hide_cible(c, x.nature, masquees) for c in cibles))
