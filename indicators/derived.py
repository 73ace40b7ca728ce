"""What a write leaves behind it inside its transaction: rows that hold together, and the derived tables made again."""

from __future__ import annotations

from datetime import date, datetime

import duckdb

from indicators.errors import DepotRefuse
from indicators.secrecy.replay import Masque, list_masques
from indicators.tables import TABLES


def check_integrity(cur: duckdb.DuckDBPyConnection) -> None:
    """Refuse a transaction that leaves a row without its parent, or one key twice in one dépôt."""
    orphelins = cur.execute('select distinct "table", cle, vers, valeur from orphelin order by all limit 5').fetchall()
    if orphelins:
        liste = " ; ".join(f"{table} « {cle} » attend {vers} « {valeur} »" for table, cle, vers, valeur in orphelins)
        raise DepotRefuse(f"Des lignes perdraient ce dont elles dépendent : {liste}.",
                          "Déposez ce qui manque avec elles, ou retirez-les dans le même dépôt.")
    for table in TABLES.values():
        double = cur.execute(f"select concat_ws(' ', {table.cle_sql}) from {table.nom} "
                             f"where depot_id = (select max(id) from depot) "
                             f"group by {table.cle_sql} having count(*) > 1").fetchone()
        if double:
            raise DepotRefuse(f"La clé « {double[0]} » apparaît deux fois dans la table {table.nom} de ce dépôt.",
                              "Gardez une seule ligne par clé.")


def rebuild_derived(cur: duckdb.DuckDBPyConnection, plans: list[str] | None) -> None:
    """Write the derived tables whole and in order: `mesure_visible` for these plans (None: all), and the default view.

    The default view is made for each plan's end when it is past, else for today; another day is computed when it is asked for.
    """
    cur.execute("""create or replace table mesure_visible as
        select * from mesure_visible where $plans is not null and not list_contains($plans, plan)
        union all select * from mesure_visible_calcul where $plans is null or list_contains($plans, plan)
        order by plan, indicateur, territoire, ventilation, fin, debut, visible_du""", {"plans": plans})
    _rebuild_secret(cur, plans)
    vues = cur.execute("from vue_par_defaut(today()) order by plan").fetchall()
    vues = vues or [("", date.min, datetime(1970, 1, 1))]  # no such plan: it still gives the columns
    for rang, vue in enumerate(vues):
        stage_vue(cur, *vue)
        for table, source in (("dernier_point", "vue_point"), ("dernier_etat", "vue_ligne"), ("dernier_action", "vue_action")):
            ordre = f"create or replace table {table} as" if rang == 0 else f"insert into {table}"
            cur.execute(f"{ordre} select $1::varchar as vue_plan, $2::date as vue_observe_au, $3::timestamp as vue_connu_au, * "
                        f"from {source}", list(vue))


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
