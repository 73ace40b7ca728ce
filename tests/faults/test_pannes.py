"""Real trouble of disks and folders: what is said, that nothing is lost, and that the way back works."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from indicators import audit, backups, chaine
from indicators.backups import GuardedStore
from indicators.errors import EcritureImpossible, VersionEndommagee
from indicators.settings import Sauvegardes
from indicators.store import Store
from indicators.ui import donnees
from indicators.ui.server import FRAME
from tests.conftest import FichierRecu, copier_base, csv_bytes, deposer, plan_minimal


def valeur(combien: int) -> FichierRecu:
    """A file of one value."""
    return FichierRecu("mesure.csv", csv_bytes(["indicateur", "periode", "valeur"], [["I1", "2021", str(combien)]]))


@pytest.fixture(scope="module")
def modele_suivi(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A small plan, two dépôts."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("suivi") / "base")
    deposer(store, plan_minimal(indicateur=[{"code": "I1"}]))
    deposer(store, [valeur(1)])
    return store


@pytest.fixture
def suivi(modele_suivi: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GuardedStore:
    """A copy of it for one test."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return GuardedStore(copier_base(modele_suivi, tmp_path / "base").settings)


@pytest.fixture
def petit_disque(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 64 MB; skipped where mounting one is not allowed."""
    dossier = tmp_path / "disque"
    dossier.mkdir()
    monte = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(dossier)], capture_output=True).returncode == 0
    if not monte:
        pytest.skip("monter un petit disque demande des droits d’administration")
    try:
        yield dossier
    finally:
        subprocess.run(["umount", "-l", str(dossier)], check=True)


def rows(store: Store) -> int:
    """The last dépôt that a newcomer reads."""
    return chaine.get_last(Store(store.settings).read())[0]


def test_a_disk_that_fills_up_with_backups_loses_no_depot(suivi: GuardedStore, petit_disque: Path) -> None:
    (petit_disque / "occupe").write_bytes(b"x" * (shutil.disk_usage(petit_disque).free - 100_000))
    garde = GuardedStore(replace(suivi.settings, sauvegardes=Sauvegardes(petit_disque / "coffre", depots=1)))
    assert deposer(garde, [valeur(2)]).depot == 3
    assert isinstance(garde.avertissement, EcritureImpossible) and "est plein" in garde.avertissement.message
    assert list((petit_disque / "coffre").glob("*.zip")) == [] and list((petit_disque / "coffre").glob(".*partiel")) == []
    (petit_disque / "occupe").unlink()
    assert deposer(garde, [valeur(3)]).depot == 4 and garde.avertissement is None
    assert backups.check(garde).vus == 1 and backups.check(garde).defauts == ()


def test_a_base_on_a_full_disk_says_so_and_goes_on_once_freed(suivi: GuardedStore, petit_disque: Path) -> None:
    shutil.copytree(suivi.list_versions()[0].parent, petit_disque / "base" / "versions", ignore=lambda d, noms: [
        n for n in noms if not n.startswith(suivi.list_versions()[0].stem)])
    plein = GuardedStore(replace(suivi.settings, base=petit_disque / "base", sauvegardes=Sauvegardes(depots=0)))
    libre = shutil.disk_usage(petit_disque).free
    (petit_disque / "occupe").write_bytes(b"x" * (libre - 200_000))
    with pytest.raises(EcritureImpossible, match="Libérez de la place"):
        deposer(plein, [valeur(2)])
    assert rows(plein) == 2 and list(plein.ecriture.iterdir()) == []
    with (petit_disque / "occupe").open("ab") as f:
        f.write(b"x" * shutil.disk_usage(petit_disque).free)
    with pytest.raises(EcritureImpossible, match="le disque est plein"):
        audit.record(plein.settings.base, "agent", "export", "x" * 9000)
    (petit_disque / "occupe").unlink()
    audit.record(plein.settings.base, "agent", "connexion")
    assert (audit.check(plein.settings.base).lignes, audit.check(plein.settings.base).defaut) == (1, None)


def test_a_restoration_on_a_full_disk_leaves_nothing_by_half(suivi: GuardedStore, petit_disque: Path, tmp_path: Path) -> None:
    faite = Path(backups.create(suivi, tmp_path / "coffre").fichier)
    (petit_disque / "occupe").write_bytes(b"x" * (shutil.disk_usage(petit_disque).free - 900_000))
    neuve = GuardedStore(replace(suivi.settings, base=petit_disque / "base"))
    with pytest.raises(EcritureImpossible, match="Libérez de la place"):
        neuve.restore(faite)
    assert neuve.list_versions() == [] and list(neuve.ecriture.iterdir()) == []
    (petit_disque / "occupe").unlink()
    assert neuve.restore(faite).depots == 2


def test_a_backup_folder_that_cannot_be_written_is_named(suivi: GuardedStore, tmp_path: Path) -> None:
    (tmp_path / "coffre").write_text("un fichier")
    with pytest.raises(EcritureImpossible, match="coffre ne peut pas être lu ou écrit"):
        backups.create(suivi, tmp_path / "coffre")
    with pytest.raises(EcritureImpossible, match="coffre"):
        backups.create(suivi, tmp_path / "coffre" / "dessous")


def test_two_backups_at_once_do_not_mix(suivi: GuardedStore, tmp_path: Path) -> None:
    (tmp_path / "coffre").mkdir()
    tenant = subprocess.Popen([sys.executable, "-c", "import fcntl, sys, time\nf = open(sys.argv[1], 'w')\n"
                               "fcntl.flock(f, fcntl.LOCK_EX)\nprint('tenu', flush=True)\ntime.sleep(60)",
                               str(tmp_path / "coffre" / ".verrou")], stdout=subprocess.PIPE, text=True)
    try:
        assert tenant.stdout is not None and tenant.stdout.readline() == "tenu\n"
        with pytest.raises(EcritureImpossible, match="Une autre sauvegarde est en cours"):
            backups.create(suivi, tmp_path / "coffre")
    finally:
        tenant.kill()
        tenant.communicate()
    assert backups.create(suivi, tmp_path / "coffre").depots == 2


@pytest.mark.parametrize("abime", ["version", "empreinte", "toutes"])
def test_the_page_says_the_damage_and_the_way_back_works(suivi: GuardedStore, abime: str, tmp_path: Path, cli) -> None:
    faite = backups.create(suivi, tmp_path / "coffre").fichier
    for fichier in suivi.list_versions()[: None if abime == "toutes" else 1]:
        touche = fichier.with_suffix(".duckdb.sha256") if abime == "empreinte" else fichier
        octets = bytearray(touche.read_bytes())
        octets[len(octets) // 2] ^= 1
        touche.write_bytes(octets)
    donnees.open_store.cache_clear()
    try:
        if abime == "toutes":
            with pytest.raises(VersionEndommagee, match="python -m indicators restore"):
                GuardedStore(suivi.settings).read()
        at = AppTest.from_file(str(FRAME), default_timeout=60).run()
        assert not at.exception and "python \\-m indicators restore" in at.error[0].value
        base = suivi.settings.base
        assert cli("restore", faite, "--rejouer", base, "--remplace")[0] == 0
        assert cli("verify")[0] == 0 and rows(suivi) == 2
        at = AppTest.from_file(str(FRAME), default_timeout=60).run()
        assert not at.exception and not at.error
    finally:
        donnees.open_store.cache_clear()
        donnees._read.cache_clear()
