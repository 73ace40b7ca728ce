"""Fixtures and helpers shared by the tests: bases prepared once and copied, the command line in process, files as bytes.

    base           an empty base (no plan), a copy made for this test; INDICATORS_BASE points to it
    base_livree    the same with the shipped plans; INDICATORS_BASE points to it
    cli            cli("status", "--plan", "essai") -> (exit code, JSON document or None, stderr); --json is added
    csv_bytes      csv_bytes(colonnes, lignes) -> bytes of a CSV file
    plan_minimal   files of a small plan, as FichierRecu: plan_minimal(indicateur=[{...}], cible=[{...}], mesure=[{...}])
    deposer        deposer(store, files, connu_le=...) -> BilanDepot, asserting that the files are clean
    ecrire         ecrire(folder, files) -> the folder, for `cli("import", folder)`

Functions are imported: `from tests.conftest import csv_bytes, plan_minimal`.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from indicators import cli as ligne_de_commande
from indicators import deposits, shipped
from indicators.reading import FichierRecu
from indicators.settings import Settings
from indicators.store import Store

Resultat = tuple[int, Any, str]

# Files that take longest, the longest first: two processors share the files in this order, and the last one must be short.
LONGS = ("test_pages", "test_backups", "test_propositions", "test_import", "test_secret_base", "test_pages_qualite",
         "test_hardening", "test_lois", "test_annotated", "test_seances", "test_templates", "test_connexion", "test_cli",
         "test_copil", "test_fuzz", "test_correction", "test_access", "test_pages_indicateur", "test_durcissement",
         "test_pages_depot", "test_plan_entier", "test_pannes", "test_paquets", "test_depot", "test_store", "test_parcours",
         "test_kill", "test_exports_copil", "test_correspondance", "test_pages_fiche", "test_exports", "test_controles",
         "test_serveur")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; within a file, as it is written."""
    items.sort(key=lambda x: LONGS.index(x.path.stem) if x.path.stem in LONGS else len(LONGS))


@pytest.fixture(autouse=True)
def sur_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The visitor of a page is on the machine that serves: AppTest gives no address."""
    monkeypatch.setattr("indicators.ui.state.is_local", lambda: True)


@pytest.fixture(scope="session")
def composants() -> list[Any]:
    """What Streamlit finds in the packages installed: AppTest looks again each time, which takes longer than most pages."""
    from streamlit.components.v2.manifest_scanner import scan_component_manifests

    return scan_component_manifests()


@pytest.fixture
def cadre(monkeypatch: pytest.MonkeyPatch, composants: list[Any]) -> Iterator[None]:
    """The store and the answers of the process belong to one test; errors are shown in full, else `exception` is silent."""
    from indicators.ui import donnees  # here: most tests need no Streamlit

    monkeypatch.setenv("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS", "full")
    monkeypatch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", lambda: composants)
    memoires = (donnees.open_store, donnees._read)
    for memoire in memoires:
        memoire.cache_clear()
    yield
    for memoire in memoires:
        memoire.cache_clear()


# -- files ---------------------------------------------------------------------------------------------------------------


def csv_bytes(colonnes: Sequence[str], lignes: Iterable[Sequence[Any] | Mapping[str, Any]], sep: str = ";",
              encodage: str = "utf-8", fin: str = "\n") -> bytes:
    """Bytes of a CSV file: a header, then rows given in order or by name. None is an empty cell, a date is ISO."""
    tampon = io.StringIO(newline="")
    sortie = csv.writer(tampon, delimiter=sep, lineterminator=fin)
    sortie.writerow(colonnes)
    for ligne in lignes:
        cellules = [ligne.get(c) for c in colonnes] if isinstance(ligne, Mapping) else ligne
        sortie.writerow([_cell(v) for v in cellules])
    return tampon.getvalue().encode(encodage)


def fichier(nom: str, lignes: Sequence[Mapping[str, Any]]) -> FichierRecu:
    """A received file whose columns are all those named by its rows; `nom` without extension becomes a .csv."""
    colonnes = list(dict.fromkeys(c for ligne in lignes for c in ligne))
    return FichierRecu(nom if "." in nom else f"{nom}.csv", csv_bytes(colonnes, lignes))


def plan_minimal(plan: str = "essai", plan_champs: Mapping[str, Any] | None = None,
                 **tables: Sequence[Mapping[str, Any]]) -> list[FichierRecu]:
    """Files of a plan 2020-2024 of département 38, orientation O1, action A1; more tables by keyword, rows as dicts.

    A table given replaces the default one. An indicator needs only its `code`: what is required and absent is filled in.
    """
    defaut: dict[str, Sequence[Mapping[str, Any]]] = {
        "plan": [{"plan": plan, "departement": "38", "intitule": f"Plan {plan}", "debut": "2020-01-01", "fin": "2024-12-31",
                  **(plan_champs or {})}],
        "orientation": [{"code": "O1", "intitule": "Première orientation"}],
        "action": [{"code": "A1", "orientation": "O1", "intitule": "Première action"}],
    }
    toutes = defaut | tables
    if "indicateur" in toutes:
        toutes["indicateur"] = [{"intitule": f"Indicateur {x['code']}", "unite": "places", "type_cible": "atteindre",
                                 "nature": "stock", **x} for x in toutes["indicateur"]]
    return [fichier(nom, lignes) for nom, lignes in toutes.items() if lignes]


def ecrire(dossier: Path, recus: Sequence[FichierRecu]) -> Path:
    """Write these files into a folder, made if need be."""
    dossier.mkdir(parents=True, exist_ok=True)
    for recu in recus:
        (dossier / recu.nom).write_bytes(recu.contenu)
    return dossier


def _cell(valeur: Any) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, date | datetime):
        return valeur.isoformat()
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, Fraction):
        return repr(float(valeur))
    return str(valeur)


# -- bases ---------------------------------------------------------------------------------------------------------------


def copier_base(modele: Store, dossier: Path) -> Store:
    """A store on a private copy of that base."""
    shutil.copytree(modele.settings.base, dossier)
    return Store(Settings(base=dossier))


def deposer(store: Store, recus: Sequence[FichierRecu], **demande: Any) -> deposits.BilanDepot:
    """Deposit these files, which must be clean; keywords are those of `Demande` (connu_le, remplace, auteur...)."""
    bilan = store.write(lambda cur: deposits.import_files(cur, recus, deposits.Demande(**demande), store.keep_file))
    assert not bilan.bloque, [f"{a.fichier}:{a.ligne} {a.code} {a.message}" for a in bilan.anomalies]
    return bilan


@pytest.fixture(scope="session")
def modele_base(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The empty base that `base` copies; never written to."""
    store = Store(Settings(base=tmp_path_factory.mktemp("modele") / "base"))
    store.prepare()
    return store


@pytest.fixture(scope="session")
def modele_livre(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The base with the shipped plans that `base_livree` copies; never written to."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("modele-livre") / "base")
    store.write(lambda cur: shipped.deposit_shipped(cur, store.keep_file))
    return store


@pytest.fixture
def base(modele_base: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty base of this test's own."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_base, tmp_path / "base")


@pytest.fixture
def base_livree(modele_livre: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A base of this test's own, with the shipped plans."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base-livree"))
    return copier_base(modele_livre, tmp_path / "base-livree")


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Resultat]:
    """Run `python -m indicators` in process on the base of the test (`tmp_path / "base"`, absent, when it asked for none)."""
    if not os.environ.get("INDICATORS_BASE", "").startswith(str(tmp_path)):
        monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))

    def run(*arguments: object, texte: bool = False) -> Resultat:
        """Exit code, JSON document (the text itself with `texte`, None when there is none), what was said on stderr."""
        capsys.readouterr()
        mots = [str(a) for a in arguments]
        try:
            code = ligne_de_commande.main(mots if texte or "--json" in mots else [*mots, "--json"])
        except SystemExit as sortie:  # argparse
            code = sortie.code if isinstance(sortie.code, int) else 1
        dit, erreur = capsys.readouterr()
        return code, dit if texte else (json.loads(dit) if dit.strip() else None), erreur

    return run
