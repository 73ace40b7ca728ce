"""What a write leaves behind it inside its transaction: rows that hold together, and the derived tables made again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import duckdb

from indicators.errors import DepotRefuse
from indicators.secrecy.replay import Masque, list_masques
from indicators.tables import TABLES, Table

Vue = tuple[str, date, datetime]  # plan, observe_au, connu_au

VUES = {"dernier_point": ("vue_point", "evaluation($1, $2::date, $3::timestamp)"),  # each serves the next
        "dernier_etat": ("vue_ligne", "progression_de($1, $2::date, $3::timestamp, 'vue_point')"),
        "dernier_action": ("vue_action", "action_etat_de($1, $2::date, $3::timestamp, 'vue_ligne')")}
JUGEES = {"plan", "territoire", "indicateur", "cible", "mesure"}  # tables that the values of a view and their statuses come from
SUIVIES = JUGEES | {"action", "suivi_action", "action_indicateur", "participation", "partenaire"}  # and what it says of actions


def get_last_depot(cur: duckdb.DuckDBPyConnection) -> int:
    """Number of the last dépôt; 0 in an empty base."""
    return int((cur.execute("select coalesce(max(id), 0) from depot").fetchone() or (0,))[0])


def check_integrity(cur: duckdb.DuckDBPyConnection, avant: int = 0) -> None:
    """Refuse a transaction that leaves a row without its parent, or one key twice in one dépôt; `avant`: last dépôt before it."""
    touchees = _list_touched(cur, avant)
    _check_seances(cur, avant, touchees)
    if _may_orphan(cur, avant, touchees):
        orphelins = cur.execute('select distinct "table", cle, vers, valeur from orphelin order by all limit 5').fetchall()
        if orphelins:
            liste = " ; ".join(f"{table} « {cle} » attend {vers} « {valeur} »" for table, cle, vers, valeur in orphelins)
            raise DepotRefuse(f"Des lignes perdraient ce dont elles dépendent : {liste}.",
                              "Déposez ce qui manque avec elles, ou retirez-les dans le même dépôt.")
    for table in touchees:
        double = cur.execute(f"select concat_ws(' ', {table.cle_sql}) from {table.nom} where depot_id > $1 "
                             f"group by depot_id, {table.cle_sql} having count(*) > 1", [avant]).fetchone()
        if double:
            raise DepotRefuse(f"La clé « {double[0]} » apparaît deux fois dans la table {table.nom} de ce dépôt.",
                              "Gardez une seule ligne par clé.")

def _check_seances(cur: duckdb.DuckDBPyConnection, avant: int, touchees: list[Table]) -> None:
    """Refuse what would move a frozen séance: its row changed by a file, its pages cancelled or mixed with others."""
    noms = {t.nom for t in touchees}
    if "seance" in noms:
        changee = cur.execute("""select n.code from seance n join (
                select t.* from seance t join depot_vie v on v.depot = t.depot_id
                where t.depot_id <= $1 and v.vivant_au = timestamp 'infinity'
                qualify row_number() over (partition by t.plan, t.code
                    order by t.provenance = 'illustratif', v.connu_le desc, t.depot_id desc) = 1) a
            on a.plan = n.plan and a.code = n.code
            where n.depot_id > $1 and not a.retire and a.figee_le is not null and (n.retire
                or (n.date, n.observe_au, n.connu_au, n.figee_le) is distinct from (a.date, a.observe_au, a.connu_au, a.figee_le)
                or (a.close_le is not null and n.close_le is distinct from a.close_le))""", [avant]).fetchone()
        if changee:
            raise DepotRefuse(f"La séance « {changee[0]} » est figée : ses dates ne changent plus.",
                              "Retirez sa ligne du fichier, ou annulez d’abord au journal le dépôt qui l’a figée.")
    if noms & {"seance", "seance_etat"} or _has_cancellation(cur, avant):
        changee = cur.execute("""select code from seance_figee(timestamp '9999-12-31') f
            where empreinte is distinct from calculee and exists (from seance_etat e where e.plan = f.plan and e.seance = f.code)
            order by code""").fetchone()
        if changee:
            raise DepotRefuse(f"La séance « {changee[0]} » est figée et perdrait ce qu’elle montre.",
                              "Annulez d’abord, au journal, le dépôt qui l’a close ou qui l’a figée depuis.")


def _has_cancellation(cur: duckdb.DuckDBPyConnection, avant: int) -> bool:
    return cur.execute("select count(*) from depot where id > $1 and type <> 'depot'", [avant]).fetchone() != (0,)


def _list_touched(cur: duckdb.DuckDBPyConnection, avant: int) -> list[Table]:
    """The tables that have rows of the dépôts after this one."""
    vus = cur.execute(" union all ".join(f"(select '{t.nom}' from {t.nom} where depot_id > $1 limit 1)"
                                         for t in TABLES.values()), [avant]).fetchall()
    return [TABLES[nom] for (nom,) in vus]


def _may_orphan(cur: duckdb.DuckDBPyConnection, avant: int, touchees: list[Table]) -> bool:
    """May these dépôts leave a row without its parent? Only by taking something back, by changing a plan (its département is a
    territory), or by a row of their own whose parent is nowhere: looking at every row of the base is for these cases."""
    if _has_cancellation(cur, avant) or any(t.nom == "plan" for t in touchees):
        return True
    retraits = [f"select 1 from {t.nom} where depot_id > $1 and retire" for t in touchees]
    renvois = [f"""select 1 from (select distinct plan, "{c.nom}" as valeur from {t.nom} where depot_id > $1) r
        anti join parent p on p.vers = '{c.vers}' and p.plan = r.plan and p.valeur = r.valeur where valeur is not null"""
               for t in touchees for c in t.colonnes if c.vers and c.vers != t.nom]
    requetes = [f"(select count(*) from ({q}))" for q in retraits + renvois]
    return bool(requetes) and cur.execute(f"select {' + '.join(requetes)}", [avant]).fetchone() != (0,)


def rebuild_derived(cur: duckdb.DuckDBPyConnection, plans: list[str] | None, depot: int | None = None) -> None:
    """Write what derives from these plans (None: all): `mesure_visible` whole and in order, and the default view.

    `depot`: the only dépôt written, when it is one; `mesure_visible` changes for the indicators that it measures only, and
    nothing of a view that none of its tables serves. The default view is made for each plan's end when it is past, else for
    today; another day is computed when it is asked for.
    """
    noms = TABLES.keys() if depot is None else {t.nom for t in _list_touched(cur, depot - 1)}
    _rebuild_visible(cur, plans, depot)
    if noms & JUGEES:
        _rebuild_secret(cur, plans)
    vues: list[Vue] = cur.execute("from vue_par_defaut(today()) order by plan").fetchall()
    vues = vues or [("", date.min, datetime(1970, 1, 1))]  # no such plan: it still gives the columns
    touches = {p for p, *_ in vues if plans is None or p in plans}
    jugees = set()
    if plans is not None:
        jugees = _list_unmoved(cur, [v for v in vues if not noms & JUGEES or v[0] not in touches])
        _bring_to_day(cur, vues[0][2])
    suivies = jugees - touches if noms & SUIVIES else jugees
    _rebuild_views(cur, vues, {"dernier_point": jugees, "dernier_etat": jugees, "dernier_action": suivies})


def foresee_statuts(cur: duckdb.DuckDBPyConnection, plans: list[str], depot: int) -> dict[tuple[str, str], str]:
    """Status of each ligne principale, by plan and indicator, that `rebuild_derived` would leave after this dépôt.

    For a preview, which is thrown away: `mesure_visible` is left with no more than what these statuses come from.
    """
    if not {t.nom for t in _list_touched(cur, depot - 1)} & JUGEES:
        plans = []
    ici, touches = _limit_visible(cur, plans, depot)
    if touches:
        cur.execute(f"delete from mesure_visible where {ici}", touches)
        cur.execute(f"""insert into mesure_visible select * from mesure_visible_calcul
            where {ici} and ventilation = ''""", touches)  # a ligne principale owes nothing to a breakdown
    vues: list[Vue] = cur.execute("from vue_par_defaut(today()) order by plan").fetchall()
    gardees = _list_unmoved(cur, [v for v in vues if v[0] not in plans])
    statuts = cur.execute("select plan, indicateur, statut from dernier_etat where principale and list_contains($1, vue_plan)",
                          [list(gardees)]).fetchall()
    for vue in (v for v in vues if v[0] not in gardees):
        stage_vue(cur, *vue, ("dernier_point",))
        statuts += cur.execute(f"select plan, indicateur, statut from {VUES['dernier_etat'][1]} where principale",
                               list(vue)).fetchall()
    return {(plan, indicateur): statut for plan, indicateur, statut in statuts}


def _rebuild_visible(cur: duckdb.DuckDBPyConnection, plans: list[str] | None, depot: int | None) -> None:
    ici, touches = _limit_visible(cur, plans, depot)
    if touches:
        cur.execute(f"""create or replace table mesure_visible as
            select * from mesure_visible where not ({ici})
            union all select * from mesure_visible_calcul where {ici}
            order by plan, indicateur, territoire, ventilation, fin, debut, visible_du""", touches)


def _limit_visible(cur: duckdb.DuckDBPyConnection, plans: list[str] | None, depot: int | None) -> tuple[str, dict[str, object]]:
    """The condition of the rows of `mesure_visible` that may change, with its values: none when no row may."""
    if depot is None:
        return "$plans is null or list_contains($plans, plan)", {"plans": plans}
    series = "list_distinct(list(concat_ws(chr(31), plan, indicateur)))"
    lues = cur.execute(f"select {series} from mesure where depot_id = $1", [depot]).fetchone()[0]
    ici = "list_contains($plans, plan) and list_contains($series, concat_ws(chr(31), plan, indicateur))"
    return ici, {"plans": plans, "series": lues} if lues else {}


def _list_unmoved(cur: duckdb.DuckDBPyConnection, vues: list[Vue]) -> set[str]:
    """The plans, of those views that nothing touches, whose stored view looks at the same date: it may stay."""
    faites = cur.execute("select distinct vue_plan, vue_observe_au from dernier_action").fetchall()
    return {p for p, observe, _ in vues if (p, observe) in faites}


def _bring_to_day(cur: duckdb.DuckDBPyConnection, connu_au: datetime) -> None:
    """Of the moment of the last dépôt, a view that nothing touches takes only the day: figures not waited for yesterday are."""
    if cur.execute("select count(*) from dernier_action where vue_connu_au::date <> $1::date", [connu_au]).fetchone() != (0,):
        cur.execute("""update dernier_etat set a_actualiser = est_attendue(
                prochaine_fin, coalesce(i.delai_publication_mois, 0), vue_observe_au, $1::date)
            from indicateur_connu($1::timestamp) i where i.plan = vue_plan and i.code = indicateur""", [connu_au])


def _rebuild_views(cur: duckdb.DuckDBPyConnection, vues: list[Vue], gardees: dict[str, set[str]]) -> None:
    """The default views; each table keeps those of its `gardees`, brought to the moment of the last dépôt."""
    restes = {t: (f"select * replace ($connu::timestamp as vue_connu_au) from {t} where list_contains($gardees, vue_plan)",
                  {"connu": vues[0][2], "gardees": list(plans)}) for t, plans in gardees.items() if plans}
    entamees: set[str] = set()
    for plan, observe_au, connu_au in vues:
        refaites = [t for t in VUES if plan not in gardees[t]]
        if refaites == ["dernier_action"]:
            cur.execute("""create or replace temp table vue_ligne as select * exclude (vue_plan, vue_observe_au, vue_connu_au)
                from dernier_etat where vue_plan = ?""", [plan])
        stage_vue(cur, plan, observe_au, connu_au, refaites)
        for table in refaites:
            reste, valeurs = restes.pop(table, ("", {}))
            ordre = f"insert into {table}" if table in entamees else f"create or replace table {table} as {reste}"
            cur.execute(f"""{ordre}{" union all " if reste else ""} select $plan::varchar as vue_plan,
                $observe::date as vue_observe_au, $connu::timestamp as vue_connu_au, * from {VUES[table][0]}""",
                {"plan": plan, "observe": observe_au, "connu": connu_au} | valeurs)
            entamees.add(table)
    for table, (reste, valeurs) in restes.items():
        cur.execute(f"create or replace table {table} as {reste}", valeurs)


def _rebuild_secret(cur: duckdb.DuckDBPyConnection, plans: list[str] | None) -> None:
    colonnes = dict(zip(Masque._fields, zip(*list_masques(cur, plans), strict=True), strict=False))
    listes = {c: list(colonnes.get(c, ())) for c in Masque._fields}
    types = ("varchar", "varchar", "varchar", "varchar", "date", "date", "timestamp", "boolean")
    nouvelles = ", ".join(f"unnest(${c}::{t}[]) as {c}" for c, t in zip(listes, types, strict=True))
    cur.execute(f"""create or replace table secret as
        select * from secret where $plans is not null and not list_contains($plans, plan)
        union all select {nouvelles} order by all""", {"plans": plans} | listes)


def stage_vue(cur: duckdb.DuckDBPyConnection, plan: str, observe_au: date, connu_au: datetime,
              tables: Iterable[str] = tuple(VUES)) -> None:
    """One view of one plan, each step worked out once: the cursor's temporary tables `vue_point`, `vue_ligne`, `vue_action`.

    `tables`: what they are for, in the order of `VUES`, when the steps before the first of them are already there.
    """
    seulement = "" if plan else " limit 0"  # of no plan, the columns only
    for nom, source in (VUES[t] for t in tables):
        cur.execute(f"create or replace temp table {nom} as from {source}{seulement}", [plan, observe_au, connu_au])
