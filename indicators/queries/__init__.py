"""The only reader for pages, slides and exports: typed functions over the views, no formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import duckdb

from indicators.derived import stage_vue
from indicators.errors import DemandeInvalide
from indicators.model import Etat, Mot, Nature, Provenance, Statut, StatutAction
from indicators.queries.masques import (
    Masques,
    hide_cible,
    hide_connue,
    hide_ligne,
    hide_points,
    hide_valeur,
)
from indicators.queries.rows import (
    Action,
    Cible,
    Depot,
    Detail,
    EtatPlan,
    Fiche,
    Fichier,
    Ligne,
    Mesure,
    Orientation,
    Plan,
    Point,
    Valeur,
    Vue,
)
from indicators.tables import TABLES

__all__ = ["Action", "Cible", "Depot", "Detail", "EtatPlan", "Fiche", "Fichier", "Ligne", "Mesure", "Orientation", "Plan",
           "Point", "Valeur", "Vue"]

T = TypeVar("T")
Cursor = duckdb.DuckDBPyConnection
INFINI = datetime(9999, 12, 31)  # after every dépôt: what is known now
# a row of `seance_etat` that everyone may read
VISIBLE_DE_TOUS = "if(json_valid(contenu), json_extract_string(contenu, '$.droit') in ('tous', 'masque'), false)"
# one point, from what was judged (j) and what is stored (l) at its period
POINT = """coalesce(j.debut, l.debut), coalesce(j.fin, l.fin), j.valeur, l.numerateur, l.denominateur, coalesce(j.etat, l.etat),
    if(j.statut in ('suivi', 'non_evaluable') or j.avant_reference, null, j.statut), j.attendu,
    coalesce(provenance_nom(j.rang), l.provenance), coalesce(j.source, l.source), coalesce(j.depot_id, l.depot_id),
    if(j.statut in ('suivi', 'non_evaluable') or j.avant_reference, null, j.avancement)"""
CHAMPS_LIGNE = ", ".join(f.name for f in fields(Ligne) if f.name != "masque")
CHAMPS_ACTION = ", ".join(f.name for f in fields(Action))


# -- what is looked at ---------------------------------------------------------------------------------------------------


def list_plans(cur: Cursor) -> list[Plan]:
    """Every plan of the base, as known now, sorted by name."""
    return _rows(cur, Plan, f"""select {_champs(Plan)} from (
        select p.*, coalesce(t.nom, p.departement) as nom from plan_connu(timestamp '9999-12-31') p
        left join territoire_connu(timestamp '9999-12-31') t on t.plan = p.plan and t.code = p.departement) order by nom, plan""")


def get_plan(cur: Cursor, code: str) -> Plan:
    """The plan of that code; `DemandeInvalide` names those that exist."""
    plans = list_plans(cur)
    for p in plans:
        if p.plan == code:
            return p
    connus = ", ".join(p.plan for p in plans) or "aucun"
    raise DemandeInvalide(f"Le plan « {code} » n’existe pas dans la base.", f"Plans connus : {connus}.")


def get_vue(cur: Cursor, plan: Plan, observe_au: date | None = None, connu_au: datetime | date | None = None,
            aujourdhui: date | None = None) -> Vue:
    """The view asked for; by default the plan's end once past, else today, and the moment of the last dépôt.

    A `connu_au` without a time means the end of that day in the plan's time zone; with a time but no zone, it is UTC.
    """
    jour, moment = cur.execute("select observe_au, connu_au from vue_par_defaut($1::date) where plan = $2",
                               [aujourdhui or date.today(), plan.plan]).fetchone() or (plan.fin, None)
    if isinstance(connu_au, datetime):
        moment = connu_au.astimezone(UTC).replace(tzinfo=None) if connu_au.tzinfo else connu_au
    elif connu_au is not None:
        moment = end_of_day(connu_au, plan.fuseau)
    vue = Vue(plan.plan, observe_au or jour, moment)
    prete = cur.execute("""select count(*) from (from dernier_action where vue_plan = $1 and vue_observe_au = $2
        and vue_connu_au = $3 limit 1) union all select count(*) from (from dernier_etat where vue_plan = $1
        and vue_observe_au = $2 and vue_connu_au = $3 limit 1)""", [vue.plan, vue.observe_au, vue.connu_au]).fetchall()
    return replace(vue, stockee=any(n for (n,) in prete))


def end_of_day(jour: date, fuseau: str) -> datetime:
    """Last instant of a day in a time zone, as naive UTC."""
    local = datetime.combine(jour + timedelta(days=1), time.min, ZoneInfo(fuseau))
    return local.astimezone(UTC).replace(tzinfo=None) - timedelta(microseconds=1)


# -- progress ------------------------------------------------------------------------------------------------------------


def list_lignes(cur: Cursor, vue: Vue, territoires: bool = False) -> list[Ligne]:
    """The lignes principales, sorted by code; `territoires` adds the other lines that have a target of their own."""
    filtre = "true" if territoires else "principale"
    return _hide_lignes(cur, vue, _vue_rows(cur, Ligne, vue, "dernier_etat", "progression", CHAMPS_LIGNE,
                                            f"where {filtre} order by indicateur, territoire, ventilation"))


def list_actions(cur: Cursor, vue: Vue) -> list[Action]:
    """Every action of the plan, sorted by code."""
    return _vue_rows(cur, Action, vue, "dernier_action", "action_etat", CHAMPS_ACTION, "order by action")


def get_etat_plan(cur: Cursor, vue: Vue) -> EtatPlan:
    """Lignes principales and actions of one view together: a view that is not stored is worked out once for both."""
    if vue.stockee:
        return EtatPlan(tuple(list_lignes(cur, vue)), tuple(list_actions(cur, vue)))
    stage_vue(cur, vue.plan, vue.observe_au, vue.connu_au)
    lignes = _rows(cur, Ligne, f"select {CHAMPS_LIGNE} from vue_ligne where principale order by indicateur")
    return EtatPlan(
        tuple(_hide_lignes(cur, vue, lignes)),
        tuple(_rows(cur, Action, f"select {CHAMPS_ACTION} from vue_action order by action")))


def get_detail(cur: Cursor, vue: Vue, indicateur: str) -> Detail:
    """Stored values and judged series of every line of an indicator, in one statement: planning it costs more than its rows."""
    source = ("(from dernier_point where vue_plan = $plan)" if vue.stockee
              else "evaluation($plan, $observe::date, $connu::timestamp)")
    valeurs: list[Valeur] = []
    points: dict[tuple[str, str], list[Point]] = {}
    n = len(_readers(Valeur))
    lues = cur.execute(f"""
        with j as (select *, true as conforme from {source} where indicateur = $indicateur),
        l as (
            select v.* replace (f.nom as fichier), d.connu_le, d.auteur
            from valeur_lue($plan, $observe::date, $connu::timestamp, p_indicateur := $indicateur) v
            join depot_connu d on d.id = v.depot_id
            left join fichier f on f.depot = v.depot_id and f.ordre = v.fichier)
        select coalesce(j.territoire, l.territoire) as t, coalesce(j.ventilation, l.ventilation) as v, l.fin is not null,
            j.fin is not null or (l.conforme and not l.utilisable), {_champs(Valeur, "l.")}, {POINT}
        from j full join l on l.territoire = j.territoire and l.ventilation = j.ventilation and l.fin = j.fin
            and l.debut = j.debut and l.conforme = j.conforme
        order by t, v, coalesce(j.fin, l.fin), coalesce(j.debut, l.debut)""", _dates(vue) | {"indicateur": indicateur}).fetchall()
    for territoire, ventilation, est_valeur, est_point, *reste in lues:
        if est_valeur:
            valeurs.append(_build(Valeur, reste[:n]))
        if est_point:
            points.setdefault((territoire, ventilation), []).append(_build(Point, reste[n:]))
    return _hide_detail(cur, vue, indicateur, valeurs, points)


def list_valeurs(cur: Cursor, vue: Vue, indicateur: str) -> list[Valeur]:
    """Every value of an indicator as it is stored, all territories and breakdowns, the finest periods included."""
    return list(get_detail(cur, vue, indicateur).valeurs)


def list_mesures(cur: Cursor, plan: str, indicateur: str, voit_tout: bool = True) -> list[Mesure]:
    """Every value of an indicator as known now, the latest period first: what a correction would change."""
    mesures = _rows(cur, Mesure, f"""select {_champs(Mesure)} from mesure_visible where plan = $plan and indicateur = $indicateur
        and visible_au = timestamp 'infinity' order by territoire, ventilation, fin desc, debut desc""",
        {"plan": plan, "indicateur": indicateur})
    masques = _list_masques(cur, Vue(plan, date.max, datetime.max, voit_tout=voit_tout))
    return [hide_valeur(m, masques.get((indicateur, m.territoire, m.ventilation), ())) for m in mesures]


def list_mesures_vues(cur: Cursor, vue: Vue) -> dict[str, list[Mesure]]:
    """Every value of the plan as it is stored at a view, by indicator: only the periods that end by then."""
    masques, par_indicateur = _list_masques(cur, vue), {}
    for x in list_connues(cur, vue, "mesure"):
        if x["fin"] <= vue.observe_au:
            cachee = (x["debut"], x["fin"]) in masques.get((x["indicateur"], x["territoire"], x["ventilation"]), ())
            champs = {f.name: x[f.name] for f in fields(Mesure) if f.name != "masque"}
            mesure = Mesure(**champs | {"etat": Etat(x["etat"]), "provenance": Provenance(x["provenance"])}, masque=cachee)
            par_indicateur.setdefault(x["indicateur"], []).append(mesure)
    return par_indicateur


def read_periode(cur: Cursor, texte: str, periodicite: str) -> tuple[date, date] | None:
    """First and last day of a period as a file may write it (« T1 2021 »); None when it is no period."""
    debut, fin = cur.execute("select debut_entier(lue, $2), lue.fin from (select periode_lue(trim($1), $2) as lue)",
                             [texte, periodicite]).fetchone() or (None, None)
    return (debut, fin) if fin else None


def list_cibles(cur: Cursor, vue: Vue) -> dict[tuple[str, str, str], tuple[Cible, ...]]:
    """Points of the target trajectory, by date, of each line (indicateur, territoire, ventilation) of the plan."""
    cibles = _rows_by(cur, 3, Cible, f"""select indicateur, territoire, ventilation, {_champs(Cible)}
        from cible_connu($connu::timestamp) where plan = $plan order by date""", {"plan": vue.plan, "connu": vue.connu_au})
    masques = _list_masques(cur, vue)
    fiches = list_fiches(cur, vue) if masques else {}
    return {ligne: tuple(hide_cible(c, fiches[ligne[0]].nature, masques[ligne]) if ligne in masques else c for c in lues)
            for ligne, lues in cibles.items()}


def list_fiches(cur: Cursor, vue: Vue) -> dict[str, Fiche]:
    """Definition of each indicator of the plan as known then, by code."""
    return {x.indicateur: x for x in _rows(cur, Fiche, f"select {_champs(Fiche)} from indicateur_lu($plan, $connu::timestamp)",
                                           {"plan": vue.plan, "connu": vue.connu_au})}


def list_orientations(cur: Cursor, vue: Vue) -> list[Orientation]:
    """First level of the plan, in its order."""
    return _rows(cur, Orientation, f"""select {_champs(Orientation)} from orientation_connu($connu::timestamp) where plan = $plan
        order by ordre, code""", {"plan": vue.plan, "connu": vue.connu_au})


# -- the statistical secret ----------------------------------------------------------------------------------------------


def list_exposees(cur: Cursor, plan: str) -> list[tuple[str, str, str, date, date]]:
    """(indicateur, territoire, ventilation, debut, fin) of what is hidden in vain: what all may know gives it back."""
    return cur.execute("""select indicateur, territoire, ventilation, debut, fin from secret where plan = $plan and exposee
        order by all""", {"plan": plan}).fetchall()


def _list_masques(cur: Cursor, vue: Vue) -> Masques:
    """What this reader may not see at that moment."""
    masques: dict[tuple[str, str, str], list[tuple[date, date]]] = {}
    if not vue.voit_tout:
        for indicateur, territoire, ventilation, debut, fin in cur.execute(
                "from masque($plan, $connu::timestamp) order by all", {"plan": vue.plan, "connu": vue.connu_au}).fetchall():
            masques.setdefault((indicateur, territoire, ventilation), []).append((debut, fin))
    return masques


def _hide_lignes(cur: Cursor, vue: Vue, lignes: list[Ligne]) -> list[Ligne]:
    masques = _list_masques(cur, vue)
    return [hide_ligne(x, masques.get((x.indicateur, x.territoire, x.ventilation), ())) for x in lignes]


def _hide_detail(cur: Cursor, vue: Vue, indicateur: str, valeurs: list[Valeur],
                 points: dict[tuple[str, str], list[Point]]) -> Detail:
    masques = {ligne: m for ligne, m in _list_masques(cur, vue).items() if ligne[0] == indicateur}
    if masques:
        fiche, cibles = list_fiches(cur, vue)[indicateur], list_cibles(cur, vue)
        valeurs = [hide_valeur(v, masques.get((indicateur, v.territoire, v.ventilation), ())) for v in valeurs]
        for ligne, masquees in masques.items():
            points[ligne[1:]] = hide_points(points.get(ligne[1:], ()), fiche, cibles.get(ligne, ()), masquees)
    return Detail(tuple(valeurs), {ligne: tuple(lus) for ligne, lus in points.items()})


# -- around the figures --------------------------------------------------------------------------------------------------


def list_rattachements(cur: Cursor, vue: Vue) -> list[tuple[str, str]]:
    """(action, indicateur) pairs of the plan."""
    return cur.execute("select action, indicateur from action_indicateur_connu(?::timestamp) where plan = ? order by all",
                       [vue.connu_au, vue.plan]).fetchall()


def list_connues(cur: Cursor, vue: Vue, table: str, action: str | None = None) -> list[dict[str, Any]]:
    """Rows of one table of the plan as known then, one dict per row with its columns and its trace; `action` keeps that one's."""
    t = TABLES[table]
    filtre = ("where plan = $plan" if t.par_plan else "where $plan is not null") + (" and action = $action" if action else "")
    if table == "seance_etat" and not vue.voit_tout:
        filtre += f" and {VISIBLE_DE_TOUS}"
    cur.execute(f"from {t.nom}_connu($connu::timestamp) {filtre} order by {t.cle_sql}",
                {"plan": vue.plan, "connu": vue.connu_au} | ({"action": action} if action else {}))
    noms = [c[0] for c in cur.description]
    lignes = [dict(zip(noms, ligne, strict=True)) for ligne in cur.fetchall()]
    if table not in ("mesure", "cible") or not (masques := _list_masques(cur, vue)):
        return lignes
    natures = {code: Nature(nature) for code, nature in cur.execute(
        "select indicateur, nature from indicateur_lu($plan, $connu::timestamp)",
        {"plan": vue.plan, "connu": vue.connu_au}).fetchall()}
    return [hide_connue(table, x, natures[x["indicateur"]],
                        masques.get((x["indicateur"], x["territoire"], x["ventilation"]), ())) for x in lignes]


def list_depots(cur: Cursor) -> list[Depot]:
    """The journal, the latest first."""
    compte = " union all ".join(f"select depot_id, count(*) as n from {t.nom} group by depot_id" for t in TABLES.values())
    return _rows(cur, Depot, f"""select d.id, d.type, d.porte_sur, d.recu_le, d.connu_le, d.auteur, d.motif,
            d.type not in ('depot', 'propose') or v.depot is not null as vivant,
            coalesce((select list(f.nom order by f.ordre) from fichier f where f.depot = d.id), []),
            coalesce((select sum(n) from ({compte}) c where c.depot_id = d.id), 0),
            case when vivant then 'en_vigueur' when d.id in (from depot_attente) then 'propose'
                when exists (select 1 from depot r where r.porte_sur = d.id and r.type = 'refus') then 'refuse' else 'annule' end
        from depot_connu d left join depot_vie v on v.depot = d.id and v.vivant_au = timestamp 'infinity' order by d.id desc""")


def count_attente(cur: Cursor, plan: str) -> int:
    """How many proposed dépôts with rows of this plan wait for a second person."""
    lignes = " union all ".join(f"select depot_id, plan from {t.nom}" for t in TABLES.values() if t.par_plan)
    return int(cur.execute(f"""select count(distinct depot_id) from ({lignes})
        where depot_id in (from depot_attente) and plan = ?""", [plan]).fetchone()[0])


def list_fichiers(cur: Cursor, depot: int) -> list[Fichier]:
    """Files received with one dépôt, in the order they came."""
    return _rows(cur, Fichier, f"select {_champs(Fichier)} from fichier where depot = $depot order by ordre", {"depot": depot})


def list_apports(cur: Cursor) -> list[tuple[int, str, int, int]]:
    """What each dépôt wrote: (dépôt, table, rows brought, rows withdrawn), in the order of the tables."""
    compte = " union all ".join(f"select depot_id, {rang} as rang, '{t.nom}' as nom, count(*) filter (not retire) as apportees, "
                                f"count(*) filter (retire) as retirees from {t.nom} group by depot_id"
                                for rang, t in enumerate(TABLES.values()))
    return cur.execute(f"select depot_id, nom, apportees, retirees from ({compte}) order by depot_id, rang").fetchall()


def list_plans_touches(cur: Cursor) -> list[tuple[int, str]]:
    """(dépôt, plan) pairs: which plans the rows of each dépôt belong to; a cancellation touches those of its dépôt."""
    lignes = " union ".join(f"select depot_id as n, plan from {t.nom}" for t in TABLES.values() if t.par_plan)
    return cur.execute(f"""with ecrit as ({lignes}) from ecrit union
        select d.id, e.plan from depot d join ecrit e on e.n = d.porte_sur order by all""").fetchall()


def _dates(vue: Vue) -> dict[str, Any]:
    return {"plan": vue.plan, "observe": vue.observe_au, "connu": vue.connu_au}


def _vue_rows(cur: Cursor, classe: type[T], vue: Vue, table: str, macro: str, champs: str, suite: str) -> list[T]:
    """Rows of the stored default view when it is the one asked for, else of its macro: the same figures either way."""
    if vue.stockee:
        return _rows(cur, classe, f"select {champs} from (from {table} where vue_plan = $plan) {suite}", {"plan": vue.plan})
    return _rows(cur, classe, f"select {champs} from {macro}($plan, $observe::date, $connu::timestamp) {suite}", _dates(vue))


def _champs(classe: type, devant: str = "") -> str:
    noms = (f.name for f in fields(classe) if f.name != "masque")
    return ", ".join(f'{devant}"{nom}"' for nom in noms)  # told apart from the columns of the base


@cache
def _readers(classe: type) -> tuple[Callable[[Any], Any] | None, ...]:
    """For each field, how a value of DuckDB becomes one of the field: an enum member, a tuple, or itself (None)."""
    lecteurs: list[Callable[[Any], Any] | None] = []
    for nom, attendu in get_type_hints(classe).items():
        if nom == "masque":
            continue
        mots = [m for m in (attendu, *get_args(attendu)) if isinstance(m, type) and issubclass(m, Mot)]
        if nom == "cellule":
            lecteurs.append(lambda v: StatutAction(v) if v in _STATUTS_ACTION else Statut(v))
        elif mots:
            lecteurs.append(lambda v, m=mots[0]: None if v is None else m(v))
        elif get_origin(attendu) is tuple:
            lecteurs.append(tuple)
        else:
            lecteurs.append(None)
    return tuple(lecteurs)


_STATUTS_ACTION = {s.value for s in StatutAction}


def _build(classe: type[T], ligne: Sequence[Any]) -> T:
    return classe(*(v if lire is None else lire(v) for lire, v in zip(_readers(classe), ligne, strict=True)))


def _rows(cur: Cursor, classe: type[T], sql: str, parametres: dict[str, Any] | None = None) -> list[T]:
    return [_build(classe, ligne) for ligne in cur.execute(sql, parametres).fetchall()]


def _rows_by(cur: Cursor, n: int, classe: type[T], sql: str, parametres: dict[str, Any]) -> dict[Any, list[T]]:
    """Rows by what their `n` first columns say: one value, or a tuple of them."""
    lues: dict[Any, list[T]] = {}
    for ligne in cur.execute(sql, parametres).fetchall():
        lues.setdefault(ligne[0] if n == 1 else ligne[:n], []).append(_build(classe, ligne[n:]))
    return lues
