"""The folder of versions: what a write publishes, what readers see meanwhile, and what is left when something breaks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from indicators import migrations
from indicators.errors import (
    BaseAbsente,
    BaseOccupee,
    BaseTropRecente,
    DepotRefuse,
    EcritureImpossible,
    ErreurMetier,
    MigrationModifiee,
    Renoncement,
    VersionEndommagee,
)
from indicators.settings import RACINE
from indicators.store import Store, is_intact
from indicators.verification import verify
from tests.conftest import csv_bytes, deposer, ecrire, plan_minimal

LIGNES = 3


def note(cur: duckdb.DuckDBPyConnection) -> int:
    """The smallest dépôt: a line of the journal and three rows of its number; returns the number."""
    numero = int((cur.execute("select coalesce(max(id), 0) + 1 from depot").fetchone() or (0,))[0])
    cur.execute("insert into depot values (?, 'depot', null, now()::timestamp, now()::timestamp, 'essai', null)", [numero])
    cur.execute("""insert into repere by name select 'R' || $1 || '-' || range as code, date '2020-01-01' as date,
        'x' as intitule, $1 as depot_id, false as retire, 'saisi' as provenance from range($2)""", [numero, LIGNES])
    cur.execute("delete from depot_vie")
    cur.execute("insert into depot_vie from depot_vie_calcul")
    return numero


def state(cur: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Rows held by each dépôt."""
    return dict(cur.execute("""select d.id, count(r.code) from depot d left join repere r on r.depot_id = d.id
        group by d.id""").fetchall())


def files(store: Store) -> dict[str, bytes]:
    """Every file of the base but the lock, with its bytes."""
    return {str(f.relative_to(store.settings.base)): f.read_bytes() for f in sorted(store.settings.base.rglob("*"))
            if f.is_file() and f.name != "verrou"}


def other(store: Store, **reglages: object) -> Store:
    """Another process as far as the store can tell: same folder, nothing shared."""
    return Store(replace(store.settings, **reglages))


def run_script(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python process of its own, in the project, talking on its standard output."""
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)], cwd=RACINE, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.PIPE)


# -- versions ------------------------------------------------------------------------------------------------------------


def test_each_write_publishes_one_numbered_immutable_version(base: Store) -> None:
    depart = [v.name for v in base.list_versions()]
    premiere = base.list_versions()[0]
    contenu = premiere.read_bytes()
    assert [base.write(note), base.write(note)] == [1, 2]
    noms = [v.name for v in base.list_versions()]
    assert len(noms) == len(depart) + 2
    assert [int(n[:6]) for n in noms] == list(range(len(noms), 0, -1))
    assert all(is_intact(v) for v in base.list_versions())
    assert premiere.read_bytes() == contenu
    assert state(base.read()) == {1: LIGNES, 2: LIGNES}
    assert list(base.ecriture.iterdir()) == []


def test_only_the_last_versions_are_kept_with_their_fingerprints(base: Store) -> None:
    magasin = other(base, versions_gardees=3)
    for _ in range(5):
        magasin.write(note)
    noms = [v.name for v in magasin.list_versions()]
    assert len(noms) == 3
    assert sorted(f.name for f in magasin.versions.iterdir()) == sorted(noms + [f"{n}.sha256" for n in noms])
    assert max(int(n[:6]) for n in noms) == 6


def test_a_base_that_does_not_exist_says_what_to_run(tmp_path: Path, base: Store) -> None:
    vide = other(base, base=tmp_path / "ailleurs")
    with pytest.raises(BaseAbsente, match="python -m indicators init"):
        vide.read()
    with pytest.raises(BaseAbsente, match="python -m indicators init"):
        vide.write(note)


def test_prepare_twice_publishes_once(base: Store) -> None:
    avant = files(base)
    assert base.prepare() == []
    assert files(base) == avant


def test_a_received_file_joins_the_base_with_its_depot_only(base: Store) -> None:
    base.write(lambda cur: (base.keep_file(b"retenu"), note(cur)))
    assert [f.read_bytes() for f in base.recus.iterdir()] == [b"retenu"]

    def refuse(cur: duckdb.DuckDBPyConnection) -> None:
        base.keep_file(b"nom;prenom\nDurand;Lea\n")
        raise DepotRefuse("Non.", "Rien.")

    with pytest.raises(DepotRefuse):
        base.write(refuse)
    assert [f.read_bytes() for f in base.recus.iterdir()] == [b"retenu"]


# -- snapshots -----------------------------------------------------------------------------------------------------------


def test_a_snapshot_taken_before_a_write_does_not_see_it(base: Store) -> None:
    base.write(note)
    instantane = base.snapshot()

    def pendant(cur: duckdb.DuckDBPyConnection) -> None:
        note(cur)
        assert state(instantane.cursor()) == {1: LIGNES}
        assert state(other(base).read()) == {1: LIGNES}

    base.write(pendant)
    assert state(instantane.cursor()) == {1: LIGNES}
    assert state(base.read()) == {1: LIGNES, 2: LIGNES}


def test_a_snapshot_outlives_the_removal_of_its_version(base: Store) -> None:
    magasin = other(base, versions_gardees=2)
    magasin.write(note)
    instantane = magasin.snapshot()
    for _ in range(3):
        magasin.write(note)
    assert f"{instantane.version:06d}.duckdb" not in {v.name for v in magasin.list_versions()}
    assert state(instantane.cursor()) == {1: LIGNES}


def test_eight_threads_get_their_own_rows(base: Store) -> None:
    base.write(note)

    def ask(fil: int) -> list[tuple[int, int]]:
        lus = []
        for k in range(60):
            cur = base.read()
            cur.execute("select ? * 1000 + ? + i - i from range(200) t(i)", [fil, k])
            lus += [(fil * 1000 + k, v) for (v,) in cur.fetchall()]
        return lus

    with ThreadPoolExecutor(8) as fils:
        resultats = [paire for lus in fils.map(ask, range(8)) for paire in lus]
    assert len(resultats) == 8 * 60 * 200
    assert all(attendu == lu for attendu, lu in resultats)


def test_readers_of_this_process_follow_a_writer_without_ever_seeing_half_a_depot(base: Store) -> None:
    arret, vus = threading.Event(), set()

    def look() -> None:
        while not arret.is_set():
            lu = state(base.read())
            assert all(n == LIGNES for n in lu.values()), lu
            vus.add(len(lu))

    with ThreadPoolExecutor(4) as fils:
        lecteurs = [fils.submit(look) for _ in range(4)]
        for _ in range(5):
            base.write(note)
        arret.set()
        for lecteur in lecteurs:
            lecteur.result()
    assert len(vus) > 1


def test_another_process_reads_while_this_one_writes(base: Store) -> None:
    lecteur = run_script("""
        import sys
        from pathlib import Path
        from indicators.settings import Settings
        from indicators.store import Store
        store, vus = Store(Settings(base=Path(sys.argv[1]))), []
        print("pret", flush=True)
        while not vus or vus[-1] < 5:
            lu = dict(store.read().execute(
                "select d.id, count(r.code) from depot d left join repere r on r.depot_id = d.id group by d.id").fetchall())
            assert all(n == 3 for n in lu.values()), lu
            vus.append(len(lu))
        assert vus == sorted(vus)
        print(len(set(vus)), flush=True)
    """, base.settings.base)
    assert lecteur.stdout is not None and lecteur.stdout.readline() == "pret\n"
    for _ in range(5):
        base.write(note)
    dit, erreur = lecteur.communicate(timeout=30)
    assert lecteur.returncode == 0, erreur
    assert int(dit) >= 2


# -- two writers ---------------------------------------------------------------------------------------------------------


def test_a_second_writer_waits_for_its_turn_then_builds_on_the_first(base: Store) -> None:
    entre, laisse = threading.Event(), threading.Event()

    def slow(cur: duckdb.DuckDBPyConnection) -> int:
        entre.set()
        assert laisse.wait(10)
        return note(cur)

    with ThreadPoolExecutor(2) as fils:
        premier = fils.submit(base.write, slow)
        assert entre.wait(10)
        second = fils.submit(other(base).write, note)
        assert not second.done()
        laisse.set()
        assert (premier.result(), second.result()) == (1, 2)
    assert state(base.read()) == {1: LIGNES, 2: LIGNES}


def test_a_writer_that_waits_too_long_says_so_and_leaves_the_other_alone(base: Store) -> None:
    presse = other(base, attente_verrou=0.1)

    def slow(cur: duckdb.DuckDBPyConnection) -> int:
        with pytest.raises(BaseOccupee, match="Un autre dépôt est en cours"):
            presse.write(note)
        return note(cur)

    assert base.write(slow) == 1
    assert presse.write(note) == 2


def test_the_lock_of_another_process_is_seen_and_dies_with_it(base: Store) -> None:
    tenant = run_script("""
        import sys, time
        from pathlib import Path
        from indicators.settings import Settings
        from indicators.store import Store
        def hold(cur):
            print("tenu", flush=True)
            time.sleep(60)
        Store(Settings(base=Path(sys.argv[1]))).write(hold)
    """, base.settings.base)
    try:
        assert tenant.stdout is not None and tenant.stdout.readline() == "tenu\n"
        with pytest.raises(BaseOccupee):
            other(base, attente_verrou=0.1).write(note)
    finally:
        tenant.kill()
        tenant.communicate()
    assert other(base, attente_verrou=5).write(note) == 1
    assert list(base.ecriture.iterdir()) == []


# -- what f may do -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("erreur", [ValueError("panne"), KeyboardInterrupt(), DepotRefuse("Non.", "Rien.")])
def test_a_failure_inside_f_leaves_nothing(base: Store, erreur: BaseException) -> None:
    base.write(note)
    avant = files(base)

    def fail(cur: duckdb.DuckDBPyConnection) -> None:
        note(cur)
        base.keep_file(b"perdu")
        raise erreur

    with pytest.raises(type(erreur)):
        base.write(fail)
    assert files(base) == avant
    assert base.write(note) == 2


def test_giving_up_answers_and_leaves_nothing(base: Store) -> None:
    avant = files(base)

    def give_up(cur: duckdb.DuckDBPyConnection) -> None:
        note(cur)
        raise Renoncement("rien de neuf")

    assert base.write(give_up) == "rien de neuf"
    assert base.rehearse(give_up) == "rien de neuf"
    assert files(base) == avant


def test_a_rehearsal_answers_and_leaves_nothing(base: Store) -> None:
    base.write(note)
    avant = files(base)
    assert base.rehearse(note) == 2
    assert files(base) == avant


def test_an_orphan_or_a_key_held_twice_is_refused_in_the_transaction(base: Store) -> None:
    deposer(base, plan_minimal())
    avant = files(base)

    def orphan(cur: duckdb.DuckDBPyConnection) -> None:
        note(cur)
        cur.execute("""insert into action by name select 'essai' as plan, 'A9' as code, 'O9' as orientation, 'x' as intitule,
            (select max(id) from depot) as depot_id, false as retire, 'saisi' as provenance""")

    def twice(cur: duckdb.DuckDBPyConnection) -> None:
        note(cur)
        cur.execute("insert into repere from repere where depot_id = (select max(id) from depot)")

    with pytest.raises(DepotRefuse, match="« essai A9 » attend orientation « O9 »"):
        base.write(orphan)
    with pytest.raises(DepotRefuse, match="apparaît deux fois dans la table repere"):
        base.write(twice)
    with pytest.raises(DepotRefuse):
        base.rehearse(orphan)
    assert files(base) == avant


@pytest.mark.parametrize("rang", [1, 2, 3])
def test_stopping_before_any_rename_of_the_publication_leaves_the_version_before(
    base: Store, monkeypatch: pytest.MonkeyPatch, rang: int
) -> None:
    base.write(note)
    remplace, appels = os.replace, []

    def stop(source: Path, cible: Path) -> None:
        appels.append(cible)
        if len(appels) == rang:
            raise KeyboardInterrupt
        remplace(source, cible)

    with monkeypatch.context() as arret, pytest.raises(KeyboardInterrupt):
        arret.setattr(os, "replace", stop)
        base.write(lambda cur: (base.keep_file(b"retenu"), note(cur)))
    assert len(appels) == rang
    still_serves(base, {1: LIGNES})
    assert base.write(note) == 2


# -- releases that do not match ------------------------------------------------------------------------------------------


def test_a_base_newer_than_the_code_is_named_and_not_written(base: Store) -> None:
    base.write(note)

    def migrate(cur: duckdb.DuckDBPyConnection) -> None:
        cur.execute("insert into _migration values ('002_futur', 'abc', now()::timestamp)")

    base.write(migrate)
    ancien = other(base)
    avant = files(ancien)
    assert state(ancien.read()) == {1: LIGNES}, "the newest version that this code understands is still read"
    assert isinstance(ancien.probleme, BaseTropRecente)
    assert "002_futur" in str(ancien.probleme) and "Mettez l’outil à jour" in str(ancien.probleme)
    for ecriture in (lambda: ancien.write(note), ancien.prepare):
        with pytest.raises(BaseTropRecente, match="002_futur"):
            ecriture()
    assert files(ancien) == avant


def test_an_altered_migration_is_named_and_nothing_is_written(base: Store, tmp_path: Path) -> None:
    dossier = tmp_path / "migrations"
    shutil.copytree(migrations.SQL / "migrations", dossier)
    (dossier / "001_socle.sql").write_text((dossier / "001_socle.sql").read_text("utf-8") + "-- retouche\n", "utf-8")
    retouche = Store(base.settings, dossier)
    avant = files(base)
    for acte in (retouche.read, lambda: retouche.write(note), retouche.prepare):
        with pytest.raises(MigrationModifiee, match="001_socle"):
            acte()
    assert files(base) == avant


def test_line_ends_of_the_checkout_do_not_alter_a_migration(base: Store, tmp_path: Path) -> None:
    dossier = tmp_path / "migrations"
    dossier.mkdir()
    for f in (migrations.SQL / "migrations").glob("*.sql"):
        (dossier / f.name).write_bytes(f.read_bytes().replace(b"\n", b"\r\n"))
    assert Store(base.settings, dossier).prepare() == []


def test_views_of_another_release_are_refused_by_writes_and_published_by_prepare(
        base: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    base.write(note)
    textes = migrations.build_views() + "\ncreate or replace view vue_nouvelle as select 1 as un;"
    monkeypatch.setattr(migrations, "build_views", lambda: textes)
    avant = base.list_versions()[0].name
    with pytest.raises(EcritureImpossible, match="python -m indicators init"):
        base.write(note)
    assert base.list_versions()[0].name == avant
    assert base.prepare() == []
    assert base.list_versions()[0].name > avant
    assert base.read().execute("from vue_nouvelle").fetchone() == (1,)
    assert state(base.read()) == {1: LIGNES}
    assert base.write(note) == 2


# -- damage --------------------------------------------------------------------------------------------------------------


def flip(fichier: Path) -> None:
    """One bit changed in the middle."""
    octets = bytearray(fichier.read_bytes())
    octets[len(octets) // 2] ^= 1
    fichier.write_bytes(octets)


def truncate(fichier: Path) -> None:
    """The second half lost."""
    os.truncate(fichier, fichier.stat().st_size // 2)


def empty(fichier: Path) -> None:
    """Nothing left."""
    os.truncate(fichier, 0)


def unsign(fichier: Path) -> None:
    """Its fingerprint lost."""
    fichier.with_suffix(".duckdb.sha256").unlink()


DEGATS = [flip, truncate, empty, unsign]


@pytest.mark.parametrize("abimer", DEGATS)
def test_a_damaged_version_is_told_and_the_one_before_is_served_read_only(base: Store, abimer) -> None:
    base.write(note)
    base.write(note)
    derniere, precedente = base.list_versions()[:2]
    abimer(derniere)
    lecteur = other(base)
    assert state(lecteur.read()) == {1: LIGNES}
    assert isinstance(lecteur.probleme, VersionEndommagee)
    assert derniere.name in lecteur.probleme.message and f"{precedente.name}) est servie" in lecteur.probleme.message
    avant = files(base)
    for ecriture in (lambda: lecteur.write(note), lecteur.prepare):
        with pytest.raises(VersionEndommagee, match=derniere.name):
            ecriture()
    assert files(base) == avant
    assert any(derniere.name in defaut for c in verify(lecteur) for defaut in c.defauts)
    derniere.unlink()  # what the message tells to do
    assert other(base).write(note) == 2


def test_when_every_version_is_damaged_the_message_names_the_last_one(base: Store) -> None:
    base.write(note)
    for version in base.list_versions():
        truncate(version)
    with pytest.raises(VersionEndommagee, match=base.list_versions()[0].name) as prise:
        other(base).read()
    assert "Aucune version antérieure" in prise.value.message


def test_the_command_line_tells_of_a_damaged_version_and_still_answers(base: Store, cli) -> None:
    deposer(base, plan_minimal(indicateur=[{"code": "I1"}]))
    flip(base.list_versions()[0])
    abimee = base.list_versions()[0].name
    code, document, erreur = cli("journal")
    assert (code, document) == (0, [])
    assert abimee in erreur and "endommagé" in erreur
    code, document, _ = cli("init", "--vide")
    assert code == 1 and abimee in document["erreur"]["message"]


# -- locked-down readers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sql", [
    "select * from read_text('/etc/passwd')",
    "select * from read_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from glob('/etc/*')",
    "copy (select 1) to '{dossier}/sortie.csv'",
    "export database '{dossier}/copie'",
    "attach '{dossier}/autre.duckdb' as autre",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "set memory_limit = '10GB'",
    "reset threads",
    "pragma threads = 8",
    "create secret s (type s3, key_id 'a', secret 'b')",
    "create table t as select 1",
    "insert into repere from repere",
    "delete from depot",
])
def test_a_read_cursor_reaches_nothing_else(base: Store, tmp_path: Path, sql: str) -> None:
    avant = sorted(tmp_path.iterdir())
    with pytest.raises(duckdb.Error):
        base.read().execute(sql.format(dossier=tmp_path)).fetchall()
    assert sorted(tmp_path.iterdir()) == avant
    assert base.read().execute("select count(*) from depot").fetchone() == (0,)


def test_a_write_cursor_reaches_no_other_file(base: Store, tmp_path: Path) -> None:
    for sql in ("select * from read_text('/etc/passwd')", f"attach '{tmp_path}/autre.duckdb' as autre", "install httpfs"):
        with pytest.raises(duckdb.Error):
            base.write(lambda cur, sql=sql: cur.execute(sql).fetchall())
    assert len(base.list_versions()) == 1


# -- disk ----------------------------------------------------------------------------------------------------------------


@contextmanager
def frozen(dossier: Path) -> Iterator[None]:
    """That folder cannot be written: immutable where the system lets us, else a file stands in its place."""
    if shutil.which("chattr") and subprocess.run(["chattr", "+i", dossier], capture_output=True).returncode == 0:
        try:
            yield
        finally:
            subprocess.run(["chattr", "-i", dossier], check=True)
    elif os.geteuid():
        dossier.chmod(0o555)
        try:
            yield
        finally:
            dossier.chmod(0o755)
    else:
        with replaced(dossier):
            yield


@contextmanager
def replaced(dossier: Path) -> Iterator[None]:
    """A file stands in the place of that folder."""
    cote = dossier.with_name(dossier.name + ".cote")
    dossier.rename(cote)
    dossier.write_text("un fichier")
    try:
        yield
    finally:
        dossier.unlink()
        cote.rename(dossier)


def still_serves(store: Store, attendu: dict[int, int]) -> None:
    """What was published is read by a newcomer, clean, and nothing is left behind."""
    lecteur = other(store)
    assert state(lecteur.read()) == attendu
    assert lecteur.probleme is None
    assert all(is_intact(v) for v in store.list_versions())
    assert list(store.ecriture.iterdir()) == []


@pytest.mark.parametrize(("obstacle", "dossier"), [(frozen, "ecriture"), (frozen, "versions"), (replaced, "ecriture")])
def test_a_folder_that_cannot_be_written_is_named_in_french(base: Store, obstacle, dossier: str) -> None:
    base.write(note)
    with obstacle(base.settings.base / dossier):
        with pytest.raises(EcritureImpossible, match="ne peut pas être écrit") as prise:
            base.write(lambda cur: (base.keep_file(b"perdu"), note(cur)))
        assert str(base.settings.base) in prise.value.message and "droit d’écrire" in prise.value.conseil
        assert state(other(base).read()) == {1: LIGNES}
    still_serves(base, {1: LIGNES})
    assert base.write(note) == 2


def test_a_base_folder_that_is_a_file_is_named_in_french(base: Store, tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("pas un dossier")
    with pytest.raises(EcritureImpossible, match="ne peut pas être écrit"):
        other(base, base=tmp_path / "fichier").prepare()
    with pytest.raises(EcritureImpossible, match="ne peut pas être écrit"):
        other(base, base=tmp_path / "fichier" / "dessous").prepare()


def test_too_little_room_is_told_before_anything_is_written(base: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    base.write(note)
    avant = files(base)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 2**20, 2**20))
    with pytest.raises(EcritureImpossible, match=r"Il reste 1 Mo sur le disque de la base, il en faut \d+") as prise:
        base.write(note)
    assert "Libérez de la place" in prise.value.conseil
    assert files(base) == avant
    monkeypatch.undo()
    assert other(base).write(note) == 2


PLEIN = """
    import resource, sys
    from pathlib import Path
    from indicators.errors import EcritureImpossible
    from indicators.settings import Settings
    from indicators.store import Store
    store = Store(Settings(base=Path(sys.argv[1])))
    store.read()
    limite = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limite, limite))  # a write beyond fails as it does on a full disk
    def fill(cur):
        cur.execute("insert into depot values (99, 'depot', null, now()::timestamp, now()::timestamp, 'essai', null)")
        cur.execute('''insert into repere by name select 'X' || range as code, date '2020-01-01' as date,
            sha256(range::varchar) || sha256((range + 1)::varchar) as texte, 99 as depot_id, false as retire,
            'saisi' as provenance
            from range(300000)''')
        if len(sys.argv) > 3:
            store.keep_file(b"x" * int(sys.argv[3]))
    try:
        store.write(fill)
    except EcritureImpossible as erreur:
        print(erreur.message, erreur.conseil, sep="|")
        assert store.read().execute("select count(*) from depot").fetchone() == (1,), "this process must go on reading"
"""


@pytest.mark.parametrize("moment", ["copie", "transaction", "fichier recu"])
def test_a_disk_that_fills_up_during_the_write_leaves_the_last_version(base: Store, moment: str) -> None:
    base.write(note)
    taille = base.list_versions()[0].stat().st_size
    limites: dict[str, list[int]] = {"copie": [taille // 2], "transaction": [taille + 2**20], "fichier recu": [2**26, 2**27]}
    ecrivain = run_script(PLEIN, base.settings.base, *limites[moment])
    dit, erreur = ecrivain.communicate(timeout=60)
    assert ecrivain.returncode == 0, erreur
    assert dit == "Le disque de la base est plein.|Libérez de la place, puis recommencez : rien n’a été écrit.\n"
    still_serves(base, {1: LIGNES})
    assert base.write(note) == 2


@pytest.mark.parametrize("json_", [True, False])
def test_the_command_line_says_that_the_folder_cannot_be_written(base: Store, cli, tmp_path: Path, json_: bool) -> None:
    deposer(base, plan_minimal(indicateur=[{"code": "I1"}]))
    dossier = ecrire(tmp_path / "recu", [])
    (dossier / "mesure.csv").write_bytes(csv_bytes(["indicateur", "periode", "valeur"], [["I1", "2021", "4"]]))
    with frozen(base.ecriture):
        code, document, erreur = cli("import", dossier / "mesure.csv", texte=not json_)
        assert cli("journal")[0] == 0
        assert len(cli("journal")[1]) == 1
    assert code == 1
    if json_:
        assert document == {"erreur": {"message": f"Le dossier {base.settings.base} ne peut pas être écrit.", "conseil": (
            "Donnez à l’application le droit d’écrire dans ce dossier, puis recommencez.")}}
        assert erreur == ""
    else:
        assert document == "" and "ne peut pas être écrit" in erreur and "droit d’écrire" in erreur
    assert len(cli("journal")[1]) == 1


def test_the_command_line_says_that_the_disk_is_full(base: Store, cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deposer(base, plan_minimal(indicateur=[{"code": "I1"}]))
    (tmp_path / "mesure.csv").write_bytes(csv_bytes(["indicateur", "periode", "valeur"], [["I1", "2021", "4"]]))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 0))
    code, document, _ = cli("import", tmp_path / "mesure.csv")
    assert code == 1 and document["erreur"]["message"].startswith("Il reste 0 Mo")
    assert [d["id"] for d in cli("journal")[1]] == [1]


def test_every_trouble_has_a_message_and_an_advice() -> None:
    assert len(ErreurMetier.__subclasses__()) >= 9
    for erreur in (BaseAbsente("data/base"), BaseOccupee(30.0), BaseTropRecente(["002"]), MigrationModifiee(["001"]),
                   VersionEndommagee("000002.duckdb"), VersionEndommagee("000002.duckdb", "000001.duckdb")):
        assert erreur.message.endswith(".") and erreur.conseil.endswith("."), erreur
