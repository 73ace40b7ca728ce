"""Migrations: they agree with tables.py, start from zero, keep the rows of an older base, and fail as if never begun."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from indicators import migrations
from indicators.settings import Settings
from indicators.store import Store, is_intact
from indicators.tables import SQL_TYPES, TABLES
from indicators.verification import verify
from tests.conftest import copier_base, deposer, plan_minimal

TRACE = {"depot_id": "INTEGER", "fichier": "INTEGER", "ligne": "INTEGER", "retire": "BOOLEAN", "provenance": "VARCHAR",
         "source": "VARCHAR"}
RENAME = "alter table action add column pilotage varchar; update action set pilotage = 'à préciser' where priorite is null;"


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    """The migrations of the code, where a test may add its own."""
    copie = tmp_path / "migrations"
    shutil.copytree(migrations.SQL / "migrations", copie)
    return copie


@pytest.fixture(scope="module")
def modele_ancien(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A base of the first migration that holds a plan."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("ancien") / "base")
    deposer(store, plan_minimal(indicateur=[{"code": "I1"}], mesure=[{"indicateur": "I1", "periode": "2021", "valeur": "4"}]))
    return store


@pytest.fixture
def ancien(modele_ancien: Store, tmp_path: Path) -> Store:
    """A copy of it for one test."""
    return copier_base(modele_ancien, tmp_path / "base")


def rows(cur: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the plan."""
    return {t: cur.execute(f"select {', '.join(chr(34) + c.nom + chr(34) for c in TABLES[t].colonnes)}, depot_id from {t} "
                           "order by all").fetchall() for t in TABLES}


def test_the_tables_of_the_base_are_those_of_tables_py(base: Store) -> None:
    cur = base.read()
    lues: dict[str, dict[str, str]] = {}
    for table, colonne, type_, nul in cur.execute("""select table_name, column_name, data_type, is_nullable from duckdb_columns()
            where not internal order by table_oid, column_index""").fetchall():
        lues.setdefault(table, {})[colonne] = type_
        if table in TABLES and colonne in TABLES[table].cle:
            assert not nul, f"{table}.{colonne} is a key and may be NULL"
    for nom, table in TABLES.items():
        attendues = {c.nom: SQL_TYPES[c.type].upper() for c in table.colonnes} | TRACE
        assert lues[nom] == attendues, nom  # in any order: a migration adds at the end
    tables = {t for (t,) in cur.execute("select table_name from duckdb_tables() where not internal").fetchall()}
    assert tables - set(TABLES) == {"depot", "fichier", "chaine", "depot_vie", "mesure_visible", "dernier_etat", "dernier_point",
                                    "dernier_action", "acces", "secret", "_migration", "_vues"}


def test_codes_and_keys_are_text_and_references_name_a_table() -> None:
    for table in TABLES.values():
        assert set(table.cle) <= {c.nom for c in table.colonnes} | {"date_jalon"}, table.nom
        for c in table.colonnes:
            if c.vers:
                assert c.type == "texte" and c.vers in TABLES, f"{table.nom}.{c.nom}"
            if c.choix is not None and c.defaut is not None:
                assert c.defaut in {m.value for m in c.choix}, f"{table.nom}.{c.nom}"
        noms = [n for c in table.colonnes for n in (c.nom, *c.synonymes)]
        assert len(noms) == len(set(noms)), f"{table.nom}: two columns share a word"


def test_names_of_migrations_are_numbered_without_a_gap() -> None:
    noms = list(migrations.list_migrations())
    assert [int(n[:3]) for n in noms] == list(range(1, len(noms) + 1))
    assert all(re.fullmatch(r"\d{3}_[a-z0-9_]+", n) for n in noms)


def test_from_nothing_to_the_last_migration(tmp_path: Path) -> None:
    store = Store(Settings(base=tmp_path / "neuve"))
    assert store.prepare() == list(migrations.list_migrations())
    assert [v.name for v in store.list_versions()] == ["000001.duckdb"]
    journal = store.read().execute("select nom, empreinte from _migration order by nom").fetchall()
    assert journal == [(n, migrations.hash_texte(sql)) for n, sql in migrations.list_migrations().items()]
    assert all(not c.defauts for c in verify(store))


def test_an_older_base_is_brought_up_and_keeps_its_rows(ancien: Store, dossier: Path) -> None:
    avant, versions = rows(ancien.read()), [v.name for v in ancien.list_versions()]
    (dossier / "002_pilotage.sql").write_text(RENAME, "utf-8")
    nouveau = Store(ancien.settings, dossier)
    assert nouveau.prepare() == ["002_pilotage"]
    assert rows(nouveau.read()) == avant
    assert nouveau.read().execute("select distinct pilotage from action").fetchall() == [("à préciser",)]
    assert [v.name for v in nouveau.list_versions()][1:] == versions, "the version from before stays beside the new one"
    assert all(not c.defauts for c in verify(nouveau))
    assert nouveau.prepare() == []
    deposer(nouveau, plan_minimal("autre"))
    assert len(nouveau.read().execute("select * from plan").fetchall()) == 2


def test_a_base_from_before_a_table_is_brought_up_too(ancien: Store) -> None:
    def go_back(cur: duckdb.DuckDBPyConnection) -> None:
        cur.execute("drop table ordre_du_jour; drop table participant; alter table seance drop column close_le")
        cur.execute("delete from _migration where nom = '006_seances'")

    with ancien._locked(), ancien._draft(ancien.list_versions()[0]) as (copie, cur):
        go_back(cur)
        ancien._publish(copie, cur, None)
    assert Store(ancien.settings).prepare() == ["006_seances"]
    assert all(not c.defauts for c in verify(Store(ancien.settings)))


@pytest.mark.parametrize("sql", ["create table nouvelle (a integer); select 1 / 'zéro'::integer;", "ceci n’est pas du SQL",
                                 "drop table mesure; drop table mesure;"])
def test_a_migration_that_fails_leaves_the_published_version(ancien: Store, dossier: Path, sql: str) -> None:
    avant, versions = rows(ancien.read()), {v.name: v.read_bytes() for v in ancien.list_versions()}
    (dossier / "002_pilotage.sql").write_text(RENAME, "utf-8")
    (dossier / "003_ratee.sql").write_text(sql, "utf-8")
    with pytest.raises(duckdb.Error):
        Store(ancien.settings, dossier).prepare()
    assert {v.name: v.read_bytes() for v in ancien.list_versions()} == versions
    assert all(is_intact(v) for v in ancien.list_versions())
    assert list(ancien.ecriture.iterdir()) == []
    assert rows(Store(ancien.settings).read()) == avant
    deposer(Store(ancien.settings), plan_minimal("autre"))


def test_each_migration_is_whole_or_absent(base: Store, dossier: Path) -> None:
    (dossier / "002_ratee.sql").write_text("create table nouvelle (a integer); insert into nouvelle values ('x');", "utf-8")
    con = duckdb.connect()
    with pytest.raises(duckdb.Error):
        migrations.apply_migrations(con, migrations.list_migrations(dossier))
    assert con.execute("select nom from _migration order by nom").fetchall() == [("001_socle",), ("002_correspondance",)]
    assert con.execute("select count(*) from duckdb_tables() where table_name = 'nouvelle'").fetchone() == (0,)


def test_no_constraint_that_the_second_engine_lacks() -> None:
    for nom, sql in migrations.list_migrations().items():
        code = re.sub(r"--.*", "", sql).lower()
        assert not re.search(r"\b(foreign key|references|primary key|unique|enum|create index|check)\b", code), nom
