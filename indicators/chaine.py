"""The chain of the dépôts: each has a link made from the link before, its own row, its files and the rows that it wrote.

A row edited, added or removed behind the tool's back breaks the first link that it touches, and all those after it. Someone who
computes the whole chain again is found by the links that the backups remember (`indicators/backups.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import duckdb

from indicators.tables import TABLES

SOURCES = {"depot": "id", "fichier": "depot", **{t.nom: "depot_id" for t in TABLES.values()}}  # table -> its dépôt


def seal(cur: duckdb.DuckDBPyConnection) -> None:
    """Give its link to each dépôt that has none; called inside every write. A base from before the chain has no link to give."""
    if not _is_there(cur):
        return
    dernier, precedent = cur.execute("select depot, maillon from chaine order by depot desc limit 1").fetchone() or (0, "")
    for depot, maillon in _compute(cur, int(dernier), precedent):
        cur.execute("insert into chaine values (?, ?)", [depot, maillon])


def seal_again(cur: duckdb.DuckDBPyConnection) -> None:
    """Make every link anew: a migration may write in old rows. Only for a chain that held just before."""
    if _is_there(cur):
        cur.execute("delete from chaine")
    seal(cur)


def holds(cur: duckdb.DuckDBPyConnection) -> bool:
    """Is every dépôt the one that was recorded? A base from before the chain holds."""
    return not _is_there(cur) or check(cur)[1] is None


def _is_there(cur: duckdb.DuckDBPyConnection) -> bool:
    return cur.execute("select count(*) from duckdb_tables() where table_name = 'chaine'").fetchone() == (1,)


def get_last(cur: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """(number, link) of the last dépôt; (0, '') in an empty base."""
    if not _is_there(cur):
        return 0, ""
    dernier = cur.execute("select depot, maillon from chaine order by depot desc limit 1").fetchone()
    return dernier or (0, "")


def check(cur: duckdb.DuckDBPyConnection) -> tuple[int, str | None]:
    """How many links were computed again, and the first one that does not hold, in French."""
    stockes = dict(cur.execute("select depot, maillon from chaine").fetchall())
    attendus = dict(_compute(cur, 0, ""))
    if len(stockes) != cur.execute("select count(*) from chaine").fetchone()[0]:
        return len(attendus), "un dépôt porte deux maillons"
    for depot in range(1, max([*stockes, *attendus, 0]) + 1):
        if depot not in attendus:
            return len(attendus), f"le dépôt {depot} a disparu"
        if depot not in stockes:
            return len(attendus), f"le dépôt {depot} n’a pas de maillon : il n’a pas été écrit par l’outil"
        if stockes[depot] != attendus[depot]:
            return len(attendus), f"le dépôt {depot} n’est plus celui qui a été enregistré (premier maillon rompu)"
    return len(attendus), None


def _compute(cur: duckdb.DuckDBPyConnection, apres: int, precedent: str) -> Iterator[tuple[int, str]]:
    """(dépôt, link) of each dépôt after that one, in order."""
    contenus: dict[int, list[str]] = {}
    colonnes = _list_columns(cur)
    for table in _list_touched(cur, apres, colonnes):
        for depot, contenu in cur.execute(
                f'select "{SOURCES[table]}", sha256(array_to_string(list_sort(list(sha256({_text(colonnes[table])}))), \'\')) '
                f'from {table} where "{SOURCES[table]}" > ? group by 1', [apres]).fetchall():
            contenus.setdefault(depot, []).append(f"{table} {contenu}")
    for (depot,) in cur.execute("select id from depot where id > ? order by id", [apres]).fetchall():
        precedent = hashlib.sha256("\n".join([precedent, *sorted(contenus.get(depot, []))]).encode()).hexdigest()
        yield depot, precedent


def list_touched(cur: duckdb.DuckDBPyConnection, apres: int) -> list[str]:
    """Tables that hold rows of the dépôts after that one, in a fixed order; a base not yet migrated lacks some."""
    return _list_touched(cur, apres, _list_columns(cur))


def _list_touched(cur: duckdb.DuckDBPyConnection, apres: int, presentes: Mapping[str, object]) -> list[str]:
    trouvees = {t for (t,) in cur.execute(" union all ".join(
        f"(select '{t}' from {t} where \"{numero}\" > $1 limit 1)" for t, numero in SOURCES.items() if t in presentes),
        [apres]).fetchall()}
    return [t for t in SOURCES if t in trouvees]


def _list_columns(cur: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    return dict(cur.execute("select table_name, list_sort(list(column_name)) from duckdb_columns() "
                            "where database_name = current_database() group by 1").fetchall())


def _text(colonnes: list[str]) -> str:
    """SQL text of one row: its cells that are not empty, by name, so that a column added later changes nothing to old rows."""
    return " || ".join(f"""coalesce('{c}=' || length("{c}"::varchar) || ':' || "{c}"::varchar || ';', '')""" for c in colonnes)
