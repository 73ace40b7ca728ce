"""What a write changes, seen by a person: the statuses of the lignes principales, and each cell before and after."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from indicators.derived import check_integrity, rebuild_derived
from indicators.tables import TABLES

CHANGEMENTS_MONTRES = 500  # a preview is read by a person: the total is said, the file itself has the rest


@dataclass(frozen=True)
class Effet:
    """A status of a ligne principale that the dépôt changes; None where the line did not or does no longer exist."""

    plan: str
    indicateur: str
    avant: str | None
    apres: str | None


@dataclass(frozen=True)
class Changement:
    """One cell of a row already known that the dépôt changes, as stored text (None: nothing there).

    `cle` follows `Table.cle`. A row withdrawn, or that reappears, gives only its first filled cell.
    """

    table: str
    cle: tuple[str | None, ...]
    colonne: str
    avant: str | None
    apres: str | None


def list_changements(cur: duckdb.DuckDBPyConnection, jointures: dict[str, str]) -> tuple[list[Changement], int]:
    """The first cells that differ, and how many do; `jointures` pairs, by table, the rows before (c) with the rows after (p)."""
    lots = []
    for rang, (nom, jointure) in enumerate(jointures.items()):
        t = TABLES[nom]
        cellules = ", ".join(f"""{{rang: {r}, colonne: '{c}', avant: c."{c}"::varchar,
            apres: if(coalesce(p.retire, true), null, p."{c}"::varchar)}}"""
                             for r, c in enumerate((*t.valeurs, "provenance", "source")))
        paires = zip(t.cle_expressions("c"), t.cle_expressions("p"), strict=True)
        cle = ", ".join(f"coalesce({x}, {y})::varchar" for x, y in paires)
        lots.append(f"""select {rang} as rang, '{nom}' as nom, cle, unnest(if(seule, ecarts[1:1], ecarts)) as k from (
            select [{cle}] as cle, c.provenance is null or coalesce(p.retire, true) as seule,
                list_filter([{cellules}], lambda x: x.avant is distinct from x.apres) as ecarts from {jointure})""")
    if not lots:
        return [], 0
    cur.execute("create or replace temp table changement as " + " union all ".join(lots))
    total = cur.execute("select count(*) from changement").fetchone() or (0,)
    lus = cur.execute(f"""select nom, cle, k.colonne, k.avant, k.apres from changement order by rang, cle, k.rang
        limit {CHANGEMENTS_MONTRES}""").fetchall()
    return [Changement(nom, tuple(cle), *reste) for nom, cle, *reste in lus], int(total[0])


def list_statuts(cur: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """Status of each ligne principale in the default view, by plan and indicator."""
    return {(p, i): s for p, i, s in cur.execute("select plan, indicateur, statut from dernier_etat where principale").fetchall()}


def compare_statuts(cur: duckdb.DuckDBPyConnection, avant: dict[tuple[str, str], str]) -> list[Effet]:
    """What changed since `avant`, by plan and indicator."""
    apres = list_statuts(cur)
    return [Effet(*cle, avant.get(cle), apres.get(cle)) for cle in sorted(avant.keys() | apres.keys())
            if avant.get(cle) != apres.get(cle)]


def preview_acceptance(cur: duckdb.DuckDBPyConnection, depot: int, plans: list[str]) -> list[Effet]:
    """The statuses that this proposed dépôt would change if it counted now; nothing counts any more when this returns.

    Raises `DepotRefuse` when rows would lose their parent: what could not be accepted is not proposed.
    """
    avant = list_statuts(cur)
    cur.execute("""insert into depot_vie select id, connu_le, (select max(connu_au) from vue_par_defaut(today())),
        timestamp 'infinity' from depot where id = ?""", [depot])
    check_integrity(cur)
    rebuild_derived(cur, plans)
    effets = compare_statuts(cur, avant)
    cur.execute("delete from depot_vie where depot = ?", [depot])
    rebuild_derived(cur, plans)
    return effets
