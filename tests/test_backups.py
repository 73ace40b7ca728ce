"""Backups and restorations, the chain of the dépôts, received files removed after their time, and the drill: nothing is lost."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from indicators import audit, backups, bordereaux, chaine, deposits, migrations
from indicators.backups import GuardedStore
from indicators.errors import BaseTropRecente, DemandeInvalide, EcritureImpossible, SauvegardeInutilisable, VersionEndommagee
from indicators.model import Trace
from indicators.settings import Sauvegardes, read_settings
from indicators.store import Store, is_intact
from indicators.tables import TABLES
from indicators.verification import verify
from tests.conftest import FichierRecu, copier_base, csv_bytes, deposer, plan_minimal


@pytest.fixture(scope="module")
def modele_suivi(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A plan with one indicator, one value, and a target."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("modele-sauvegarde") / "base")
    deposer(store, plan_minimal(indicateur=[{"code": "I1"}], mesure=[{"indicateur": "I1", "periode": "2020", "valeur": "10"}],
                                cible=[{"indicateur": "I1", "role": "reference", "date": "2019-12-31", "valeur": "0"},
                                       {"indicateur": "I1", "role": "finale", "date": "2024-12-31", "valeur": "100"}]))
    return store


@pytest.fixture(scope="module")
def modele_trois(modele_suivi: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The same with two more dépôts, and nothing that `verify` finds wrong."""
    store = GuardedStore(copier_base(modele_suivi, tmp_path_factory.mktemp("modele-trois") / "base").settings)
    deposer(store, [valeur(2021, 20)])
    deposer(store, [valeur(2022, 30)])
    assert sains(store)
    return store


@pytest.fixture(scope="module")
def coffre(modele_suivi: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of that plan, with one line in its access journal; only read."""
    store = GuardedStore(copier_base(modele_suivi, tmp_path_factory.mktemp("modele-coffre") / "base").settings)
    audit.record(store.settings.base, "agent", "connexion")
    return Path(backups.create(store, tmp_path_factory.mktemp("coffre")).fichier)


@pytest.fixture
def suivi(modele_suivi: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GuardedStore:
    """A base of this test's own that holds that plan; INDICATORS_BASE points to it."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return GuardedStore(copier_base(modele_suivi, tmp_path / "base").settings)


def valeur(annee: int, combien: float) -> FichierRecu:
    """A file of one value."""
    return FichierRecu(f"mesure_{annee}.csv", csv_bytes(["indicateur", "periode", "valeur"], [["I1", str(annee), str(combien)]]))


def other(store: Store, **reglages: Any) -> GuardedStore:
    """The same folder as another process sees it, with other settings."""
    return GuardedStore(replace(store.settings, **reglages))


def sains(store: Store) -> bool:
    """Does `verify` find nothing?"""
    return not [d for c in [*verify(store), backups.check(store)] for d in c.defauts]


def content(store: Store) -> dict[str, list[Any]]:
    """Every row of every table that a dépôt writes, and the derived ones that pages read."""
    tables = ("depot", "fichier", "chaine", "depot_vie", "mesure_visible", "dernier_etat", "dernier_action", *TABLES)
    return {t: store.read().execute(f"from {t} order by all").fetchall() for t in tables}


def edit(store: Store, sql: str, sceller: bool = False) -> None:
    """Someone changes the last version with another tool and signs it: as one more version, which nobody holds open here."""
    derniere = store.list_versions()[0]
    version = derniere.with_name(f"{int(derniere.stem) + 1:06d}.duckdb")
    shutil.copyfile(derniere, version)
    with duckdb.connect(str(version)) as con:
        con.execute(sql)
        if sceller:
            chaine.seal(con)
    version.with_suffix(".duckdb.sha256").write_text(hashlib.sha256(version.read_bytes()).hexdigest())


def flip(fichier: Path) -> None:
    """One bit changed in the middle."""
    octets = bytearray(fichier.read_bytes())
    octets[len(octets) // 2] ^= 1
    fichier.write_bytes(octets)


# -- the chain -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sql", "dit"), [
    ("update mesure set valeur = 99 where depot_id = 2", "le dépôt 2 n’est plus celui"),
    ("update mesure set valeur = valeur + 1e-9 where depot_id = 1", "le dépôt 1 n’est plus celui"),
    ("delete from mesure where depot_id = 2", "le dépôt 2 n’est plus celui"),
    ("insert into mesure by name select * replace (2030 as ligne) from mesure where depot_id = 3", "le dépôt 3 n’est plus celui"),
    ("update depot set auteur = 'un autre' where id = 2", "le dépôt 2 n’est plus celui"),
    ("update fichier set sha256 = repeat('0', 64) where depot = 3", "le dépôt 3 n’est plus celui"),
    ("delete from depot where id = 2; delete from fichier where depot = 2; delete from mesure where depot_id = 2",
     "le dépôt 2 a disparu"),
    ("delete from chaine where depot = 2", "le dépôt 2 n’a pas de maillon"),
    ("insert into depot select 4, type, porte_sur, recu_le, connu_le, auteur, motif from depot where id = 3",
     "le dépôt 4 n’a pas de maillon"),
    ("insert into chaine from chaine where depot = 2", "deux maillons"),
])
def test_a_row_changed_behind_the_tool_is_found_at_its_depot(modele_trois: Store, tmp_path: Path, sql: str, dit: str) -> None:
    store = copier_base(modele_trois, tmp_path / "base")
    edit(store, sql)
    _, defaut = chaine.check(other(store).read())
    assert dit in str(defaut)


def test_cells_that_slide_from_one_column_to_the_next_are_seen(suivi: GuardedStore) -> None:
    deposer(suivi, [valeur(2021, 20)])
    edit(suivi, "update depot set auteur = null, motif = 'x' where id = 1")
    (premier,) = next(c for c in verify(other(suivi)) if c.nom == "chaîne des dépôts").defauts
    edit(suivi, "update depot set auteur = 'x', motif = null where id = 1; delete from chaine", sceller=True)
    _, autre = chaine.get_last(other(suivi).read())
    edit(suivi, "update depot set auteur = null, motif = 'x' where id = 1; delete from chaine", sceller=True)
    assert "dépôt 1" in premier and chaine.get_last(other(suivi).read())[1] != autre


def test_a_chain_made_again_is_found_by_the_backups(suivi: GuardedStore) -> None:
    deposer(suivi, [valeur(2021, 20)])
    faite = backups.create(suivi, suivi.settings.dossier_sauvegardes)
    edit(suivi, "update mesure set valeur = 99 where depot_id = 2; delete from chaine", sceller=True)
    relu = other(suivi)
    assert chaine.check(relu.read()) == (2, None)
    (defaut,) = backups.check(relu).defauts
    assert Path(faite.fichier).name in defaut and "un autre dépôt 2" in defaut


def test_depots_or_accesses_cut_off_the_end_are_found_by_the_backups(suivi: GuardedStore) -> None:
    base = suivi.settings.base
    for qui in "abc":
        audit.record(base, qui, "connexion")
    deposer(suivi, [valeur(2021, 20)])
    backups.create(suivi, suivi.settings.dossier_sauvegardes)
    derniere = suivi.list_versions()[0]
    derniere.unlink()  # the version before takes over: the last dépôt is gone, and the chain still holds
    audit.get_path(base).write_bytes(b"".join(audit.get_path(base).read_bytes().splitlines(keepends=True)[:2]))
    relu = other(suivi)
    assert chaine.check(relu.read()) == (1, None) and audit.check(base).defaut is None
    defauts = backups.check(relu).defauts
    assert len(defauts) == 2 and "un autre dépôt 2" in defauts[0] and "3 lignes du journal des accès" in defauts[1]


def test_the_depots_of_an_older_base_receive_their_link(tmp_path: Path) -> None:
    anciennes = tmp_path / "migrations"
    shutil.copytree(migrations.SQL / "migrations", anciennes)
    (anciennes / "005_chaine.sql").unlink()
    recent = GuardedStore(replace(read_settings({}), base=tmp_path / "base"))
    recent.prepare()
    deposer(recent, plan_minimal(indicateur=[{"code": "I1"}], mesure=[{"indicateur": "I1", "periode": "2020", "valeur": "1"}]))
    edit(recent, "drop table chaine; delete from _migration where nom = '005_chaine'")
    shutil.rmtree(recent.depots)
    ancien = other(recent)
    assert ancien.prepare() == ["005_chaine"]
    assert sains(ancien) and chaine.check(ancien.read()) == (1, None)
    (sauvegarde,) = (f for _, f in backups.list_backups(ancien.settings.dossier_sauvegardes))
    assert sauvegarde.name.startswith("auto-"), "a backup is made before the base is migrated"
    assert backups.check_file(sauvegarde)["maillon"] == ""
    ailleurs = other(recent, base=tmp_path / "ailleurs")
    assert ailleurs.restore(sauvegarde).depots == 1 and sains(ailleurs)


# -- backup --------------------------------------------------------------------------------------------------------------


def test_a_backup_gives_back_the_same_base(suivi: GuardedStore, tmp_path: Path, cli, monkeypatch: pytest.MonkeyPatch) -> None:
    deposer(suivi, [valeur(2021, 20)])
    audit.record(suivi.settings.base, "agent", "connexion")
    code, faite, erreur = cli("backup", tmp_path / "ailleurs" / "coffre")
    assert (code, erreur, faite["depots"], faite["recus_manquants"]) == (0, "", 2, [])
    assert [f.name for f in (tmp_path / "ailleurs" / "coffre").iterdir() if f.name != ".verrou"] == [Path(faite["fichier"]).name]
    etat, journal = cli("status")[1], cli("journal")[1]
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "neuve"))
    code, rendue, _ = cli("restore", faite["fichier"])
    assert (code, rendue["depots"], rendue["rejoues"]) == (0, 2, 0)
    neuve = Store(read_settings())
    assert content(neuve) == content(suivi) and cli("status")[1] == etat and cli("journal")[1] == journal
    assert {f.name for f in neuve.recus.iterdir()} == {f.name for f in suivi.recus.iterdir()}
    assert [a.quoi for a in audit.list_acces(neuve.settings.base)] == [Trace.CONNEXION, Trace.RESTAURATION]
    assert cli("verify")[0] == 0
    assert deposer(neuve, [valeur(2022, 30)]).depot == 3


def test_a_backup_of_a_copied_folder_is_taken_too(suivi: GuardedStore, tmp_path: Path) -> None:
    deposer(suivi, [valeur(2021, 20)])
    shutil.copytree(suivi.settings.base, tmp_path / "copie")
    neuve = other(suivi, base=tmp_path / "neuve")
    neuve.restore(tmp_path / "copie")
    assert content(neuve) == content(suivi) and sains(neuve)


def test_a_backup_is_made_while_a_write_goes_on(suivi: GuardedStore, tmp_path: Path) -> None:
    def slow(cur: duckdb.DuckDBPyConnection) -> deposits.BilanDepot:
        faites.append(backups.create(other(suivi), tmp_path / "coffre"))
        return deposits.import_files(cur, [valeur(2021, 20)], deposits.Demande(), suivi.keep_file)

    faites: list[backups.Sauvegarde] = []
    suivi.write(slow)
    assert faites[0].depots == 1


@pytest.mark.parametrize("membre", ["versions", "recus", "acces", "manifeste"])
def test_a_damaged_backup_restores_nothing(suivi: GuardedStore, coffre: Path, tmp_path: Path, membre: str) -> None:
    faite = Path(shutil.copy(coffre, tmp_path))
    abimee = faite.with_name("abimee.zip")
    with zipfile.ZipFile(faite) as avant, zipfile.ZipFile(abimee, "w") as apres:
        for nom in avant.namelist():
            octets = bytearray(avant.read(nom))
            if nom.startswith(membre) and not nom.endswith(".sha256"):
                octets[len(octets) // 2] ^= 1
            apres.writestr(nom, bytes(octets))
    neuve = other(suivi, base=tmp_path / "neuve")
    with pytest.raises(SauvegardeInutilisable, match=r"abimee\.zip ne peut pas servir"):
        neuve.restore(abimee)
    assert neuve.list_versions() == [] and list(neuve.ecriture.iterdir()) == [] and not neuve.recus.exists()
    flip(faite)
    with pytest.raises(SauvegardeInutilisable):
        neuve.restore(faite)
    with pytest.raises(SauvegardeInutilisable):
        neuve.restore(tmp_path)  # a folder without any version
    assert neuve.list_versions() == []


@pytest.mark.parametrize("nom", ["../dehors.txt", "recus/../../dehors.txt", "/tmp/dehors.txt", "indicators.py"])
def test_a_backup_made_by_someone_else_writes_nowhere(suivi: GuardedStore, coffre: Path, tmp_path: Path, nom: str) -> None:
    faite = Path(shutil.copy(coffre, tmp_path))
    with zipfile.ZipFile(faite, "a") as zip_:
        zip_.writestr(nom, "x")
    neuve = other(suivi, base=tmp_path / "neuve")
    with pytest.raises(SauvegardeInutilisable, match="qui n’y a pas sa place"):
        neuve.restore(faite)
    assert not list(tmp_path.rglob("dehors.txt")) and neuve.list_versions() == []


def test_a_backup_whose_rows_were_changed_is_refused(suivi: GuardedStore, tmp_path: Path) -> None:
    shutil.copytree(suivi.settings.base, tmp_path / "copie")
    edit(other(suivi, base=tmp_path / "copie"), "update mesure set valeur = 99")
    neuve = other(suivi, base=tmp_path / "neuve")
    with pytest.raises(SauvegardeInutilisable, match="le dépôt 1 n’est plus celui"):
        neuve.restore(tmp_path / "copie")
    assert neuve.list_versions() == [] and audit.list_acces(neuve.settings.base) == []


def test_a_backup_of_a_later_release_is_refused_in_words(suivi: GuardedStore, tmp_path: Path) -> None:
    shutil.copytree(suivi.settings.base, tmp_path / "copie")
    edit(other(suivi, base=tmp_path / "copie"), "insert into _migration values ('999_futur', 'abc', now()::timestamp)")
    neuve = other(suivi, base=tmp_path / "neuve")
    with pytest.raises(BaseTropRecente, match="999_futur"):
        neuve.restore(tmp_path / "copie")
    assert neuve.list_versions() == []


def test_a_base_in_place_is_never_replaced_without_saying_so(suivi: GuardedStore, tmp_path: Path, cli) -> None:
    faite = backups.create(suivi, tmp_path / "coffre").fichier
    deposer(suivi, [valeur(2021, 20)])
    avant = content(suivi)
    code, document, _ = cli("restore", faite)
    assert code == 1 and "déjà une base" in document["erreur"]["message"] and "--remplace" in document["erreur"]["conseil"]
    assert content(other(suivi)) == avant
    remplacees = {v.name for v in suivi.list_versions()}
    assert cli("restore", faite, "--remplace")[0] == 0
    relu = other(suivi)
    assert chaine.get_last(relu.read())[0] == 1 and sains(relu)
    ecartees = {f.name[5:] for f in (suivi.settings.base / "ecartees").iterdir()}
    assert remplacees <= ecartees, "what was in place is set aside, not removed"
    assert deposer(relu, [valeur(2022, 5)]).depot == 2 and sains(relu), "another second dépôt may follow"


@pytest.mark.parametrize("rang", [pytest.param(n, marks=[] if n in (2, 5) else pytest.mark.long) for n in range(1, 7)])
def test_a_restoration_stopped_at_any_rename_leaves_the_base_of_before(
        suivi: GuardedStore, coffre: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rang: int) -> None:
    neuve, appels, remplace = other(suivi, base=tmp_path / "neuve"), [], backups.os.replace

    def stop(source: Path, cible: Path) -> None:
        appels.append(str(cible))
        if len(appels) == rang:
            raise KeyboardInterrupt
        remplace(source, cible)

    with monkeypatch.context() as arret, pytest.raises(KeyboardInterrupt):
        arret.setattr(backups.os, "replace", stop)
        neuve.restore(coffre)
    if appels[-1].endswith("-000001"):  # the bordereau, once the version is published: the next write makes it again
        assert content(neuve) == content(suivi)
    else:
        assert neuve.list_versions() == []
        neuve.restore(coffre)
    deposer(neuve, [valeur(2022, 5)])
    assert sains(neuve)


# -- backups that the tool makes ------------------------------------------------------------------------------------------


def autos(store: Store) -> list[int]:
    """Dépôts at which the tool made a backup, in time."""
    return [int(m["depot"]) for m, _ in backups.list_backups(store.settings.dossier_sauvegardes) if m["genre"] == "auto"]


def test_one_backup_every_n_depots_and_the_oldest_go(suivi: GuardedStore, tmp_path: Path) -> None:
    garde = other(suivi, sauvegardes=Sauvegardes(tmp_path / "coffre", depots=2, gardees=2))
    backups.create(garde, tmp_path / "coffre")
    vus = []
    for i in range(7):
        deposer(garde, [valeur(2021, i)])
        vus.append(autos(garde))
    assert vus == [[2], [2], [2, 4], [2, 4], [4, 6], [4, 6], [6, 8]]
    assert len(list((tmp_path / "coffre").glob("sauvegarde-*.zip"))) == 1, "the one that was asked for stays"
    assert sains(garde) and garde.avertissement is None


def test_no_backup_when_none_is_wanted(suivi: GuardedStore) -> None:
    sans = other(suivi, sauvegardes=Sauvegardes(depots=0))
    for i in range(3):
        deposer(sans, [valeur(2021, i)])
    assert autos(sans) == []


def test_a_backup_that_fails_loses_no_depot_and_is_said(suivi: GuardedStore, tmp_path: Path, cli,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "coffre").write_text("un fichier, pas un dossier")
    monkeypatch.setenv("INDICATORS_SAUVEGARDES", str(tmp_path / "coffre"))
    monkeypatch.setenv("INDICATORS_SAUVEGARDE_DEPOTS", "1")
    (tmp_path / "mesure.csv").write_bytes(valeur(2021, 20).contenu)
    code, document, erreur = cli("import", tmp_path / "mesure.csv")
    assert (code, document["depot"]) == (0, 2)
    assert "La base est à jour, mais la sauvegarde automatique n’a pas pu se faire." in erreur and "coffre" in erreur
    (tmp_path / "coffre").unlink()
    (tmp_path / "mesure.csv").write_bytes(valeur(2021, 21).contenu)
    code, _, erreur = cli("import", tmp_path / "mesure.csv")
    assert (code, erreur) == (0, "") and autos(GuardedStore(read_settings())) == [3]


def test_a_damaged_base_is_not_saved_as_if_it_were_sound(suivi: GuardedStore, tmp_path: Path) -> None:
    deposer(suivi, [valeur(2021, 20)])
    flip(suivi.list_versions()[0])
    with pytest.raises(VersionEndommagee):
        backups.create(other(suivi), tmp_path / "coffre")
    assert not (tmp_path / "coffre").exists() or not list((tmp_path / "coffre").glob("*.zip"))


def test_verify_opens_the_last_backup(suivi: GuardedStore, cli) -> None:
    faite = Path(backups.create(suivi, suivi.settings.dossier_sauvegardes).fichier)
    assert cli("verify")[0] == 0
    flip(faite)
    code, document, _ = cli("verify")
    assert code == 1 and faite.name in str(next(c for c in document if c["nom"] == "sauvegardes")["defauts"])


# -- the drill -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exercice:
    """A base with a day of work after the backup `hier`, and what it then gives."""

    base: Path
    hier: str
    dernier: int
    attendu: dict[str, list[Any]]


@pytest.fixture(scope="module")
def exercice(modele_suivi: Store, tmp_path_factory: pytest.TempPathFactory) -> Exercice:
    """Nine dépôts after the backup: values, cancellations, the valid lines of a file, a whole plan replaced."""
    store = GuardedStore(copier_base(modele_suivi, tmp_path_factory.mktemp("exercice") / "base").settings)
    deposer(store, [FichierRecu("suivi_action.csv", b"action;date;statut\nA1;2021-01-01;en_cours\n")])
    work_of_before = chaine.get_last(store.read())[0]
    hier = backups.create(store, tmp_path_factory.mktemp("coffre-exercice")).fichier
    audit.record(store.settings.base, "agent", "connexion")
    for i in range(4):
        deposer(store, [valeur(2021, 20 + i)], auteur="Agnès", motif=f"dépôt {i}")
    deposer(store, [valeur(2022, 30.5), valeur(2023, 1 / 3)])
    store.write(lambda cur: deposits.cancel(cur, 5, "erreur", "Agnès"))
    store.write(lambda cur: deposits.cancel(cur, 8, "finalement juste"))
    mauvais = FichierRecu("mesure.csv", b"indicateur;periode;valeur\nI1;2023;x\nI1;2024;9\n")
    store.write(lambda cur: deposits.import_files(cur, [mauvais], deposits.Demande(lignes_valides=True), store.keep_file))
    deposer(store, plan_minimal(indicateur=[{"code": "I1"}], orientation=[{"code": "O1", "intitule": "Autre"}]), remplace=True)
    dernier = chaine.get_last(store.read())[0]
    assert dernier - work_of_before == 9
    return Exercice(store.settings.base, hier, dernier, content(store))


@pytest.mark.parametrize("reste", ["base entière", "base sans version", "dernière version abîmée"])
def test_the_drill_from_yesterday_to_the_same_state(exercice: Exercice, tmp_path: Path, cli, reste: str,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    ancienne = Path(shutil.copytree(exercice.base, tmp_path / "base"))
    monkeypatch.setenv("INDICATORS_BASE", str(ancienne))
    etat, journal = cli("status")[1], cli("journal")[1]
    if reste == "base sans version":
        shutil.rmtree(ancienne / "versions")
    elif reste == "dernière version abîmée":
        flip(Store(read_settings()).list_versions()[0])
    ici = reste == "dernière version abîmée"
    if not ici:
        monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "neuve"))
    code, rendue, erreur = cli("restore", exercice.hier, "--rejouer", ancienne, *(["--remplace"] if ici else []))
    assert (code, rendue["depots"], rendue["rejoues"], erreur) == (0, exercice.dernier, 9, "")
    assert content(Store(read_settings())) == exercice.attendu
    assert (cli("status")[1], cli("journal")[1]) == (etat, journal)
    assert cli("verify")[0] == 0
    assert [a.quoi for a in audit.list_acces(read_settings().base)] == [Trace.CONNEXION, Trace.RESTAURATION]


def test_without_any_backup_a_damaged_version_comes_back_from_the_one_before(suivi: GuardedStore, cli) -> None:
    deposer(suivi, [valeur(2021, 20)])
    deposer(suivi, [valeur(2022, 30)])
    attendu, base = content(suivi), suivi.settings.base
    flip(suivi.list_versions()[0])
    assert cli("verify")[0] == 1
    code, rendue, _ = cli("restore", base, "--rejouer", base, "--remplace")
    assert (code, rendue["depots"], rendue["rejoues"]) == (0, 3, 1)
    assert content(other(suivi)) == attendu and cli("verify")[0] == 0
    assert deposer(other(suivi), [valeur(2023, 1)]).depot == 4


def test_a_bordereau_that_is_missing_or_of_another_base_is_refused(suivi: GuardedStore, tmp_path: Path) -> None:
    hier = Path(backups.create(suivi, tmp_path / "coffre").fichier)
    for i in range(3):
        deposer(suivi, [valeur(2021, 20 + i)])
    neuve = other(suivi, base=tmp_path / "neuve")
    with pytest.raises(DemandeInvalide, match="ne contient pas de bordereaux"):
        neuve.restore(hier, tmp_path)
    autre = copier_base(suivi, tmp_path / "autre")
    shutil.rmtree(autre.depots / "000003-000003")
    with pytest.raises(DemandeInvalide, match="Le bordereau du dépôt 3 manque"):
        neuve.restore(hier, autre.settings.base)
    shutil.copytree(suivi.depots / "000004-000004", autre.depots / "000003-000003")
    with pytest.raises(DemandeInvalide, match="ne prolongent pas cette base"):
        neuve.restore(hier, autre.settings.base)
    assert neuve.list_versions() == []


def test_a_write_that_failed_never_comes_back(suivi: GuardedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hier = Path(backups.create(suivi, tmp_path / "coffre").fichier)
    remplace = backups.os.replace

    def full(source: Path, cible: Path) -> None:
        if str(cible).endswith(".duckdb"):
            raise OSError(28, "No space left on device")
        remplace(source, cible)

    with monkeypatch.context() as plein:
        plein.setattr(backups.os, "replace", full)
        with pytest.raises(EcritureImpossible, match="plein"):
            deposer(suivi, [valeur(2021, 20)])
    neuve = other(suivi, base=tmp_path / "neuve")
    assert neuve.restore(hier, suivi.settings.base).rejoues == 0


def test_a_bordereau_that_cannot_be_kept_is_said_and_made_by_the_next_write(suivi: GuardedStore) -> None:
    shutil.move(suivi.depots, suivi.depots.with_name("cote"))
    suivi.depots.write_text("un fichier")
    assert deposer(suivi, [valeur(2021, 20)]).depot == 2
    assert isinstance(suivi.avertissement, EcritureImpossible) and "bordereau" in suivi.avertissement.message
    suivi.depots.unlink()
    shutil.move(suivi.depots.with_name("cote"), suivi.depots)
    assert any("bordereau du dépôt 2" in d for c in verify(suivi) for d in c.defauts)
    deposer(suivi, [valeur(2022, 20)])
    assert suivi.avertissement is None and sains(suivi)
    assert [(a, b) for a, b, _ in bordereaux.list_bordereaux(suivi.depots)] == [(1, 1), (2, 3)]


def test_the_history_given_up_is_set_aside(suivi: GuardedStore) -> None:
    deposer(suivi, [valeur(2021, 20)])
    suivi.list_versions()[0].unlink()  # by hand: the version before takes over
    assert deposer(other(suivi), [valeur(2021, 99)]).depot == 2
    assert [f.name[5:] for f in (suivi.settings.base / "ecartees").iterdir()] == ["000002-000002"]
    assert sains(other(suivi))


# -- received files ------------------------------------------------------------------------------------------------------


def age(store: Store, jours: int) -> None:
    """As if everything held now had been received that many days ago."""
    edit(store, f"update depot set recu_le = recu_le - interval {jours} day; delete from chaine", sceller=True)


def test_received_files_go_after_their_time_and_verify_knows(suivi: GuardedStore, tmp_path: Path, cli) -> None:
    age(suivi, 40)
    garde = other(suivi, recus_jours=30)
    anciens = {f.name for f in garde.recus.iterdir()}
    deposer(garde, [valeur(2021, 20)])
    assert {f.name for f in garde.recus.iterdir()} == {hashlib.sha256(valeur(2021, 20).contenu).hexdigest()}
    assert audit.list_removed(garde.settings.base) == anciens
    assert cli("verify")[0] == 0
    with pytest.raises(DemandeInvalide, match="n’est plus gardé"):
        garde.read_received(anciens.pop())
    faite = backups.create(garde, tmp_path / "coffre")
    assert (faite.recus, faite.recus_manquants) == (1, ())
    neuve = other(garde, base=tmp_path / "neuve")
    neuve.restore(Path(faite.fichier))
    assert sains(neuve)


def test_a_file_deposited_again_is_kept_again(suivi: GuardedStore) -> None:
    deposer(suivi, [valeur(2021, 20)])
    age(suivi, 40)
    deposer(suivi, [valeur(2021, 21)])
    garde = other(suivi, recus_jours=30)
    deposer(garde, [valeur(2021, 20)])
    assert hashlib.sha256(valeur(2021, 20).contenu).hexdigest() in {f.name for f in garde.recus.iterdir()}
    assert sains(garde)


def test_received_files_are_kept_for_ever_by_default(suivi: GuardedStore) -> None:
    age(suivi, 4000)
    avant = {f.name for f in suivi.recus.iterdir()}
    deposer(suivi, [valeur(2021, 20)])
    assert avant < {f.name for f in suivi.recus.iterdir()}


def test_a_file_that_cannot_be_noted_as_removed_is_not_removed(suivi: GuardedStore) -> None:
    age(suivi, 40)
    avant = {f.name for f in suivi.recus.iterdir()}
    audit.get_path(suivi.settings.base).mkdir()
    garde = other(suivi, recus_jours=30)
    assert deposer(garde, [valeur(2021, 20)]).depot == 2
    assert avant < {f.name for f in garde.recus.iterdir()}
    assert garde.avertissement and "fichiers reçus anciens" in garde.avertissement.message


def test_a_received_file_removed_by_hand_is_found(suivi: GuardedStore, cli) -> None:
    next(suivi.recus.iterdir()).unlink()
    code, document, _ = cli("verify")
    assert code == 1 and "manque dans recus" in str(document)


@pytest.mark.parametrize("refuse", [
    FichierRecu("autre_chose.csv", b"alpha;beta\n1;2\n"),
    FichierRecu("mesure_binaire.csv", bytes(range(256)) * 4),
    FichierRecu("classeur.xlsx", b"PK pas un classeur"),
    FichierRecu("mesure_vide.csv", b""),
    FichierRecu("mesure_fausse.csv", b"indicateur;periode;valeur\nI9;2021;4\n"),
])
def test_a_file_refused_beside_an_accepted_one_is_not_kept(suivi: GuardedStore, refuse: FichierRecu) -> None:
    bon = valeur(2021, 20)
    demande = deposits.Demande(lignes_valides=True)
    bilan = suivi.write(lambda cur: deposits.import_files(cur, [refuse, bon], demande, suivi.keep_file))
    assert bilan.depot == 2 and bilan.anomalies
    gardes = {f.name for f in suivi.recus.iterdir()}
    assert hashlib.sha256(bon.contenu).hexdigest() in gardes and hashlib.sha256(refuse.contenu).hexdigest() not in gardes
    assert suivi.read().execute("select nom, ordre from fichier where depot = 2").fetchall() == [("mesure_2021.csv", 1)]
    assert suivi.read().execute("select fichier from mesure where depot_id = 2").fetchall() == [(1,)], "the rank still finds it"
    assert sains(suivi)


# -- the settings --------------------------------------------------------------------------------------------------------


def test_settings_of_backups() -> None:
    lus = read_settings({"INDICATORS_BASE": "/srv/base"})
    assert (lus.recus_jours, lus.sauvegardes, lus.dossier_sauvegardes) == (0, Sauvegardes(), Path("/srv/base/sauvegardes"))
    lus = read_settings({"INDICATORS_SAUVEGARDES": "/mnt/coffre", "INDICATORS_SAUVEGARDE_DEPOTS": "0",
                         "INDICATORS_SAUVEGARDES_GARDEES": "3", "INDICATORS_RECUS_JOURS": "365"})
    assert (lus.recus_jours, lus.dossier_sauvegardes, lus.sauvegardes.depots, lus.sauvegardes.gardees) == (
        365, Path("/mnt/coffre"), 0, 3)


def test_the_list_of_a_backup_says_what_it_holds(suivi: GuardedStore, tmp_path: Path) -> None:
    faite = Path(backups.create(suivi, tmp_path).fichier)
    with zipfile.ZipFile(faite) as zip_:
        vue = json.loads(zip_.read("manifeste.json"))
        assert vue["depots"] == 1 and set(zip_.namelist()) == {"manifeste.json", *vue["fichiers"]}
        zip_.extractall(tmp_path / "a la main")
    assert is_intact(Store(replace(suivi.settings, base=tmp_path / "a la main")).list_versions()[0]), "unpacked, it is a base"
