"""What a write leaves behind it inside its transaction: rows that hold together, and the derived tables made again."""

from __future__ import annotations

from datetime import date, datetime

import duckdb

from indicators.errors import DepotRefuse
from indicators.secrecy.replay import Masque, list_masques
from indicators.tables import TABLES, Table

VUES = {"dernier_point": "vue_point", "dernier_etat": "vue_ligne", "dernier_action": "vue_action"}


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
    vus = cur.execute(" union all ".join(f"select '{t.nom}' where exists (from {t.nom} where depot_id > $1)"
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

    `depot`: the only dépôt written, when it is one; `mesure_visible` changes for the indicators that it measures only. The
    default view is made for each plan's end when it is past, else for today; another day is computed when it is asked for.
    """
    _rebuild_visible(cur, plans, depot)
    _rebuild_secret(cur, plans)
    vues = cur.execute("from vue_par_defaut(today()) order by plan").fetchall()
    vues = vues or [("", date.min, datetime(1970, 1, 1))]  # no such plan: it still gives the columns
    gardees = _keep_views(cur, vues, plans)
    for rang, vue in enumerate(v for v in vues if v[0] not in gardees):
        stage_vue(cur, *vue)
        for table, source in VUES.items():
            ordre = f"create or replace table {table} as" if rang == 0 and not gardees else f"insert into {table}"
            cur.execute(f"{ordre} select $1::varchar as vue_plan, $2::date as vue_observe_au, $3::timestamp as vue_connu_au, * "
                        f"from {source}", list(vue))


def _rebuild_visible(cur: duckdb.DuckDBPyConnection, plans: list[str] | None, depot: int | None) -> None:
    touches, ici = {"plans": plans}, "$plans is null or list_contains($plans, plan)"
    if depot is not None:
        series = "list_distinct(list(concat_ws(chr(31), plan, indicateur)))"
        touches["series"] = cur.execute(f"select {series} from mesure where depot_id = $1", [depot]).fetchone()[0]
        if not touches["series"]:
            return
        ici = "list_contains($plans, plan) and list_contains($series, concat_ws(chr(31), plan, indicateur))"
    cur.execute(f"""create or replace table mesure_visible as
        select * from mesure_visible where not ({ici})
        union all select * from mesure_visible_calcul where {ici}
        order by plan, indicateur, territoire, ventilation, fin, debut, visible_du""", touches)


def _keep_views(cur: duckdb.DuckDBPyConnection, vues: list[tuple[str, date, datetime]], plans: list[str] | None) -> set[str]:
    """Keep the default view of the plans that nothing touches, brought to the moment of the last dépôt; which ones they are.

    Of that moment a view takes what is known then, which has not moved, and the day: another day is worked out again.
    """
    if plans is None:
        return set()
    faites = {plan: (observe, connu.date()) for plan, observe, connu in cur.execute(
        "select distinct vue_plan, vue_observe_au, vue_connu_au from dernier_action").fetchall()}
    gardees = {p for p, observe, connu in vues if p not in plans and faites.get(p) == (observe, connu.date())}
    for table in VUES if gardees else ():
        cur.execute(f"create or replace table {table} as select * replace ($connu::timestamp as vue_connu_au) from {table} "
                    "where list_contains($gardees, vue_plan)", {"connu": vues[0][2], "gardees": list(gardees)})
    return gardees


def _rebuild_secret(cur: duckdb.DuckDBPyConnection, plans: list[str] | None) -> None:
    colonnes = dict(zip(Masque._fields, zip(*list_masques(cur, plans), strict=True), strict=False))
    listes = {c: list(colonnes.get(c, ())) for c in Masque._fields}
    types = ("varchar", "varchar", "varchar", "varchar", "date", "date", "timestamp", "boolean")
    nouvelles = ", ".join(f"unnest(${c}::{t}[]) as {c}" for c, t in zip(listes, types, strict=True))
    cur.execute(f"""create or replace table secret as
        select * from secret where $plans is not null and not list_contains($plans, plan)
        union all select {nouvelles} order by all""", {"plans": plans} | listes)


def stage_vue(cur: duckdb.DuckDBPyConnection, plan: str, observe_au: date, connu_au: datetime) -> None:
    """One view of one plan, each step worked out once: the cursor's temporary tables `vue_point`, `vue_ligne`, `vue_action`."""
    for table, source in (("vue_point", "evaluation($1, $2::date, $3::timestamp)"),
                          ("vue_ligne", "progression_de($1, $2::date, $3::timestamp, 'vue_point')"),
                          ("vue_action", "action_etat_de($1, $2::date, $3::timestamp, 'vue_ligne')")):
        cur.execute(f"create or replace temp table {table} as from {source}", [plan, observe_au, connu_au])
