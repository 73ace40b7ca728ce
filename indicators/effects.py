"""What a write changes, seen by a person: the statuses of the lignes principales, and each cell before and after.

For a person who may not see small numbers, a row on a hidden value always counts as a change and the statuses of its indicator
are left out: a count or a status that depended on it would tell, one guess after the other, what it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb

from indicators.derived import check_integrity, foresee_statuts, rebuild_derived
from indicators.formats import MASQUE
from indicators.tables import TABLES, Table

CHANGEMENTS_MONTRES = 500  # a preview is read by a person: the total is said, the file itself has the rest
CHIFFRES = {"mesure": ("valeur", "numerateur", "denominateur", "commentaire"),  # what may say a hidden count
            "cible": ("valeur", "valeur_min", "valeur_max")}
CACHEE = "(s.plan is not null and c.provenance is distinct from 'publie')"  # everybody knows a published value
TU = f"'{MASQUE}'"


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


def hide_from(cur: duckdb.DuckDBPyConnection, plans: Collection[str]) -> None:
    """From now on, tell nothing on this cursor of the hidden values of these plans, which the person who writes may not see."""
    cur.execute("set variable plans_masques = $1::varchar[]", [list(plans)])
    hide_again(cur)


def hide_again(cur: duckdb.DuckDBPyConnection) -> None:
    """The same with what was hidden since: a write may hide the very values that it brings."""
    cur.execute("""create or replace temp table masquee as select plan, indicateur, territoire, ventilation, debut, fin
        from secret where list_contains(getvariable('plans_masques'), plan)""")
    cur.execute("set variable masquees = (select count(*) from masquee)")


def is_hidden_from(cur: duckdb.DuckDBPyConnection, plans: Collection[str]) -> bool:
    """Are there small numbers of one of these plans that the person who writes may not see?"""
    return cur.execute("select len(list_intersect(getvariable('plans_masques')::varchar[], $1::varchar[])) > 0",
                       [list(plans)]).fetchone() == (True,)


def join_masquees(cur: duckdb.DuckDBPyConnection, t: Table) -> str:
    """What to join to the rows `c` and `p` of this table to find, as `s`, those on a hidden value; empty when there is none.

    A reference is the value of its date: it is hidden with any value of its year.
    """
    ligne = ("plan", "indicateur", "territoire", "ventilation")
    sources = {"mesure": "masquee", "cible": f"(select distinct {', '.join(ligne)}, year(fin) as annee from masquee)"}
    if t.nom not in sources or not _has_masquees(cur):
        return ""
    egales = {c: f"coalesce(c.{c}, p.{c})" for c in ligne}
    if t.nom == "mesure":
        egales |= {c: f"coalesce(c.{c}, p.{c})" for c in ("debut", "fin")}
    else:
        egales |= {"annee": "if(coalesce(c.role, p.role) = 'reference', year(coalesce(c.date, p.date)), null)"}
    return f" left join {sources[t.nom]} s on " + " and ".join(f"s.{c} = {x}" for c, x in egales.items())


def _has_masquees(cur: duckdb.DuckDBPyConnection) -> bool:
    # no such variable: nobody in particular writes, everything may be told
    return cur.execute("select getvariable('masquees') > 0").fetchone() == (True,)


def list_changements(cur: duckdb.DuckDBPyConnection, jointures: dict[str, str],
                     siennes: bool = False) -> tuple[list[Changement], int]:
    """The first cells that differ, and how many do; `jointures` pairs, by table, the rows before (c) with the rows after (p).

    `siennes`: the rows after are those that the person brings, who may read them again.
    """
    lots = []
    for rang, (nom, jointure) in enumerate(jointures.items()):
        t = TABLES[nom]
        masquees = join_masquees(cur, t)
        paires = zip(t.cle_expressions("c"), t.cle_expressions("p"), strict=True)
        cle = ", ".join(f"coalesce({x}, {y})::varchar" for x, y in paires)
        ecarts = _differ(t)
        if masquees and siennes:
            ecarts = f"if({CACHEE}, {_brought(t)}, {ecarts})"
        elif masquees:
            ecarts = f"if(s.plan is not null, [{_cell(0, 'valeur', TU, TU)}], {ecarts})"
        lots.append(f"""select {rang} as rang, '{nom}' as nom, cle, unnest(if(seule, ecarts[1:1], ecarts)) as k from (
            select [{cle}] as cle, c.provenance is null or coalesce(p.retire, true) as seule,
                {ecarts} as ecarts from {jointure}{masquees})""")
    if not lots:
        return [], 0
    cur.execute("create or replace temp table changement as " + " union all ".join(lots))
    total = cur.execute("select count(*) from changement").fetchone() or (0,)
    lus = cur.execute(f"""select nom, cle, k.colonne, k.avant, k.apres from changement order by rang, cle, k.rang
        limit {CHANGEMENTS_MONTRES}""").fetchall()
    return [Changement(nom, tuple(cle), *reste) for nom, cle, *reste in lus], int(total[0])


def _cell(rang: int, colonne: str, avant: str, apres: str) -> str:
    return f"{{rang: {rang}, colonne: '{colonne}', avant: {avant}, apres: {apres}}}"


def _differ(t: Table) -> str:
    """The cells that are not the same before and after."""
    cellules = (_cell(r, c, f'c."{c}"::varchar', f'if(coalesce(p.retire, true), null, p."{c}"::varchar)')
                for r, c in enumerate((*t.valeurs, "provenance", "source")))
    return f"list_filter([{', '.join(cellules)}], lambda x: x.avant is distinct from x.apres)"


def _brought(t: Table) -> str:
    """The figures that a row brings in place of hidden ones, whether they differ or not: one cell at least."""
    cellules = (_cell(r, c, TU, f'if(p.retire, null, p."{c}"::varchar)') for r, c in enumerate(CHIFFRES[t.nom]))
    apportees = f"list_filter([{', '.join(cellules)}], lambda x: x.apres is not null)"
    return f"if(len({apportees}) = 0, [{_cell(0, 'valeur', TU, 'null::varchar')}], {apportees})"


def list_masquees(cur: duckdb.DuckDBPyConnection, depots: Sequence[int]) -> list[tuple[str, str]]:
    """The (plan, indicateur) of each hidden value that these dépôts write, once for each of them."""
    return cur.execute("""select plan, indicateur from mesure
        semi join masquee using (plan, indicateur, territoire, ventilation, debut, fin)
        where list_contains($1::bigint[], depot_id)""", [list(depots)]).fetchall() if _has_masquees(cur) else []


def hide_effets(cur: duckdb.DuckDBPyConnection, effets: Sequence[Effet], depots: Sequence[int]) -> list[Effet]:
    """The same without the indicators of which these dépôts hold a hidden value."""
    tus = set(list_masquees(cur, depots))
    return [e for e in effets if (e.plan, e.indicateur) not in tus]


def list_statuts(cur: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """Status of each ligne principale in the default view, by plan and indicator."""
    return {(p, i): s for p, i, s in cur.execute("select plan, indicateur, statut from dernier_etat where principale").fetchall()}


def compare_statuts(cur: duckdb.DuckDBPyConnection, avant: dict[tuple[str, str], str]) -> list[Effet]:
    """What changed since `avant`, by plan and indicator."""
    return _compare(avant, list_statuts(cur))


def foresee_effets(cur: duckdb.DuckDBPyConnection, depot: int, plans: list[str]) -> list[Effet]:
    """What this dépôt, which touches these plans and after which nothing was rebuilt, would change: for a preview only."""
    return _compare(list_statuts(cur), foresee_statuts(cur, plans, depot))


def _compare(avant: dict[tuple[str, str], str], apres: dict[tuple[str, str], str]) -> list[Effet]:
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
