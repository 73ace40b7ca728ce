"""Numbered SQL files applied once each, and the views that every version of the base carries.

A migration is applied in one transaction with its line in the journal; its text may never change afterwards. Views and macros
are not migrations: they are written again whenever their text differs from the one the version holds.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import duckdb

from indicators.errors import BaseTropRecente, MigrationModifiee
from indicators.tables import TABLES, Table

SQL = Path(__file__).with_name("sql")

JOURNAL = """create table if not exists _migration (
    nom varchar not null, empreinte varchar not null, appliquee_le timestamp not null)"""


def hash_texte(texte: str) -> str:
    """SHA-256 of a text whatever the line ends of the checkout."""
    return hashlib.sha256(texte.replace("\r\n", "\n").encode()).hexdigest()


def list_migrations(dossier: Path = SQL / "migrations") -> dict[str, str]:
    """Name -> SQL text, in order."""
    return {f.stem: f.read_text("utf-8") for f in sorted(dossier.glob("[0-9][0-9][0-9]_*.sql"))}


def check_journal(cur: duckdb.DuckDBPyConnection, migrations: dict[str, str]) -> dict[str, str]:
    """Migrations that the base still lacks; raises `BaseTropRecente` or `MigrationModifiee` when it cannot be trusted."""
    connue = cur.execute("select count(*) from duckdb_tables() where table_name = '_migration'").fetchone()
    faites = dict(cur.execute("select nom, empreinte from _migration order by nom").fetchall()) if connue and connue[0] else {}
    if inconnues := sorted(faites.keys() - migrations.keys()):
        raise BaseTropRecente(inconnues)
    if modifiees := sorted(n for n, empreinte in faites.items() if hash_texte(migrations[n]) != empreinte):
        raise MigrationModifiee(modifiees)
    return {nom: sql for nom, sql in migrations.items() if nom not in faites}


def apply_migrations(cur: duckdb.DuckDBPyConnection, migrations: dict[str, str]) -> list[str]:
    """Apply what is missing, each file in its own transaction with its journal line; returns the names applied."""
    cur.execute(JOURNAL)
    nouvelles = check_journal(cur, migrations)
    for nom, sql in nouvelles.items():
        cur.execute("begin")
        try:
            cur.execute(sql)
            cur.execute("insert into _migration values (?, ?, now() at time zone 'UTC')", [nom, hash_texte(sql)])
            cur.execute("commit")
        except BaseException:
            cur.execute("rollback")
            raise
    return list(nouvelles)


@cache
def build_views() -> str:
    """The whole SQL of the views: files in order, the ones that start with « -- pour chaque … » repeated from `tables.py`."""
    textes = []
    for fichier in sorted((SQL / "views").glob("*.sql")):
        premiere, _, reste = fichier.read_text("utf-8").partition("\n")
        match premiere:
            case "-- pour chaque table":
                textes += [reste.format(table=t.nom, cle=t.cle_sql) for t in TABLES.values()]
            case "-- pour chaque enfant":
                enfants = [t for t in TABLES.values() if _references(t)]
                textes += [reste.format(table=t.nom, cle=t.cle_sql, plan="plan" if t.par_plan else "null",
                                        references=", ".join(_references(t))) for t in enfants]
                textes.append("create or replace view rattachement as\n" + "\nunion all\n".join(
                    f"from rattachement_{t.nom}" for t in enfants) + ";")
            case _:
                textes.append(premiere + "\n" + reste)
    return "\n".join(textes)


def _references(t: Table) -> list[str]:
    """For each column that holds a code of another table: which column, its value, and the table it refers to."""
    return [f"{{colonne: '{c.nom}', valeur: \"{c.nom}\", vers: '{c.vers}'}}" for c in t.colonnes if c.vers and t.nom != c.vers]


def check_views(cur: duckdb.DuckDBPyConnection) -> bool:
    """Does this version carry the views of the code?"""
    return cur.execute("select count(*) from duckdb_tables() where table_name = '_vues'").fetchone() != (0,) and cur.execute(
        "select empreinte from _vues").fetchone() == (hash_texte(build_views()),)


def apply_views(cur: duckdb.DuckDBPyConnection) -> None:
    """Write the views of the code in one transaction, with their checksum."""
    cur.execute("begin")
    try:
        cur.execute(build_views())
        cur.execute("create or replace table _vues as select ? as empreinte", [hash_texte(build_views())])
        cur.execute("commit")
    except BaseException:
        cur.execute("rollback")
        raise
