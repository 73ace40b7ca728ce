"""The command line: exit codes, one JSON document and nothing else, French messages on stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from indicators.errors import ReglageInvalide
from indicators.formats import ABSENT
from indicators.settings import RACINE, read_settings
from indicators.store import Store
from tests.conftest import copier_base, csv_bytes, deposer, ecrire, plan_minimal

CHAMPS = {"plan", "indicateur", "territoire", "ventilation", "statut", "verdict", "avancement", "rythme", "attendu", "realise",
          "date_realise", "reference", "cible", "a_actualiser", "provisoire", "provenance", "motif"}
CIBLES = [{"indicateur": "I1", "role": "reference", "date": "2019-12-31", "valeur": "0"},
          {"indicateur": "I1", "role": "finale", "date": "2024-12-31", "valeur": "100"}]


@pytest.fixture(scope="module")
def modele_plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A plan with two indicators, one of them measured in two territories."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("modele-cli") / "base")
    deposer(store, plan_minimal(
        indicateur=[{"code": "I2"}, {"code": "I1"}], territoire=[{"code": "T1", "nom": "Nord", "parent": "38"}],
        cible=[*CIBLES, {"indicateur": "I1", "territoire": "T1", "role": "finale", "date": "2024-12-31", "valeur": "10"}],
        mesure=[{"indicateur": "I1", "periode": "2021", "valeur": "30"}, {"indicateur": "I1", "periode": "2022", "valeur": "60"},
                {"indicateur": "I1", "territoire": "T1", "periode": "2022", "valeur": "5"}]))
    return store


@pytest.fixture
def plan(modele_plan: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A base of this test's own that holds that plan."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_plan, tmp_path / "base")


def run(*arguments: str, base: Path | str) -> subprocess.CompletedProcess[str]:
    """The real process, as a person starts it."""
    return subprocess.run([sys.executable, "-m", "indicators", *arguments], cwd=RACINE, capture_output=True, text=True,
                          env=os.environ | {"INDICATORS_BASE": str(base)}, timeout=60)


# -- the real process ----------------------------------------------------------------------------------------------------


def test_init_from_nothing_then_again(tmp_path: Path) -> None:
    premier = run("init", "--vide", "--json", base=tmp_path / "base")
    assert (premier.returncode, premier.stderr) == (0, "")
    document = json.loads(premier.stdout)
    assert document["base"] == str(tmp_path / "base") and document["plans"] == [] and document["migrations"]
    contenus = {f: f.read_bytes() for f in (tmp_path / "base" / "versions").iterdir()}
    second = run("init", "--vide", "--json", base=tmp_path / "base")
    assert json.loads(second.stdout) == {"base": str(tmp_path / "base"), "migrations": [], "plans": []}
    assert {f: f.read_bytes() for f in (tmp_path / "base" / "versions").iterdir()} == contenus


def test_a_refusal_exits_two_and_trouble_exits_one(base: Store, tmp_path: Path) -> None:
    (tmp_path / "mesure.csv").write_bytes(csv_bytes(["indicateur", "periode", "valeur"], [["I9", "2021", "1"]]))
    refus = run("import", str(tmp_path / "mesure.csv"), "--plan", "essai", "--json", base=base.settings.base)
    assert (refus.returncode, refus.stderr) == (2, "")
    assert json.loads(refus.stdout)["anomalies"]
    trouble = run("status", base=tmp_path / "nulle-part")
    assert (trouble.returncode, trouble.stdout) == (1, "")
    assert "Il n’y a pas encore de base" in trouble.stderr and "python -m indicators init" in trouble.stderr
    trouble = run("status", "--json", base=tmp_path / "nulle-part")
    assert (trouble.returncode, trouble.stderr) == (1, "")
    assert set(json.loads(trouble.stdout)["erreur"]) == {"message", "conseil"}


def test_who_stops_reading_is_told_nothing(plan: Store) -> None:
    with subprocess.Popen([sys.executable, "-m", "indicators", "status"], cwd=RACINE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=os.environ | {"INDICATORS_BASE": str(plan.settings.base)}) as process:
        process.stdout.close()
        assert (process.stderr.read(), process.wait(60)) == (b"", 1)


# -- shipped plans -------------------------------------------------------------------------------------------------------


def test_status_of_the_shipped_plan_at_the_end_of_2022(base_livree: Store, cli) -> None:
    code, lignes, erreur = cli("status", "--plan", "isere-2020-2024", "--observe-au", "2022-12-31", "--json")
    assert (code, erreur) == (0, "")
    assert len(lignes) >= 15
    assert [x["indicateur"] for x in lignes] == sorted(x["indicateur"] for x in lignes)
    for ligne in lignes:
        assert set(ligne) == CHAMPS
        assert (ligne["plan"], ligne["territoire"], ligne["ventilation"]) == ("isere-2020-2024", "38", "")
        assert ligne["date_realise"] is None or ligne["date_realise"] <= "2022-12-31"
        assert ligne["verdict"] is None, "the plan is not over at that date"
        assert ligne["motif"] or not ligne["statut"].startswith("non_")
    assert len({x["statut"] for x in lignes}) >= 4
    (un,) = cli("status", "--plan", "isere-2020-2024", "--observe-au", "2022-12-31", "--indicateur", "OFF-01")[1]
    assert un == next(x for x in lignes if x["indicateur"] == "OFF-01")
    assert un["realise"] == pytest.approx(32.0, abs=0.05)


def test_init_never_touches_a_plan_that_is_there(base: Store, cli, tmp_path: Path) -> None:
    deposer(base, plan_minimal("isere-2020-2024", plan_champs={"intitule": "Le nôtre"}))
    code, document, _ = cli("init")
    assert (code, document["plans"]) == (0, ["la-reunion-2020-2024"])
    cur = base.read()
    assert cur.execute("select intitule from plan_connu(now()::timestamp) where plan = 'isere-2020-2024'").fetchall() == [
        ("Le nôtre",)
    ]
    assert cur.execute("select count(*) from indicateur where plan = 'isere-2020-2024'").fetchone() == (0,)
    version = base.list_versions()[0].name
    assert cli("init")[1]["plans"] == []
    assert base.list_versions()[0].name == version, "nothing new: nothing published"


def test_a_cancelled_shipped_plan_is_not_brought_back(base: Store, cli) -> None:
    deposer(base, plan_minimal("isere-2020-2024"))
    deposer(base, plan_minimal("la-reunion-2020-2024"))
    assert cli("cancel", 1, "--motif", "Ce n’est pas notre département")[0] == 0
    assert cli("init")[1]["plans"] == []


# -- status --------------------------------------------------------------------------------------------------------------


def test_status_lists_principal_lines_and_others_on_request(plan: Store, cli) -> None:
    code, lignes, _ = cli("status")
    assert code == 0 and [(x["indicateur"], x["territoire"]) for x in lignes] == [("I1", "38"), ("I2", "38")]
    assert [(x["indicateur"], x["territoire"]) for x in cli("status", "--territoires")[1]] == [
        ("I1", "38"),
        ("I1", "T1"),
        ("I2", "38"),
    ]
    assert lignes[0]["avancement"] == pytest.approx(0.6) and lignes[0]["statut"] == "dans_les_temps"
    assert lignes[1]["statut"] == "non_renseigne" and lignes[1]["motif"] and lignes[1]["realise"] is None
    avant = cli("status", "--observe-au", "2021-12-31", "--indicateur", "I1")[1]
    assert [(x["realise"], x["date_realise"]) for x in avant] == [(30.0, "2021-12-31")]


def test_status_for_people_says_words_not_slugs(plan: Store, cli) -> None:
    code, dit, _ = cli("status", texte=True)
    assert code == 0 and "En bonne voie" in dit and "Non renseigné" in dit and "dans_les_temps" not in dit
    assert "60\u00a0places au 31/12/2022, attendu 60\u00a0places" in dit and ABSENT in dit


@pytest.mark.parametrize(("arguments", "dit"), [
    (("status", "--plan", "nulle-part"), "Le plan « nulle-part » n’existe pas"),
    (("status", "--indicateur", "I9"), "L’indicateur « I9 » n’existe pas"),
    (("status", "--observe-au", "31/12/2022"), "« 31/12/2022 » n’est pas une date"),
    (("status", "--observe-au", "2022-02-30"), "« 2022-02-30 » n’est pas une date"),
    (("status", "--connu-au", "jamais"), "« jamais » n’est pas un moment"),
    (("status", "--aujourdhui", "demain"), "« demain » n’est pas une date"),
    (("cancel", "99", "--motif", "x"), "Le dépôt 99 n’existe pas"),
    (("import", "/nulle/part.csv"), "n’existe pas"),
])
def test_what_does_not_exist_is_named(plan: Store, cli, arguments: tuple[str, ...], dit: str) -> None:
    code, document, erreur = cli(*arguments)
    assert (code, erreur) == (1, "")
    assert list(document) == ["erreur"] and dit in document["erreur"]["message"] and document["erreur"]["conseil"]
    code, texte, erreur = cli(*arguments, texte=True)
    assert (code, texte) == (1, "")
    assert dit in erreur


def test_an_unknown_word_of_the_command_line_never_writes(plan: Store, cli) -> None:
    version = plan.list_versions()[0].name
    for arguments in (
        ("importer",),
        ("import",),
        ("status", "--inconnu"),
        ("import", "x.csv", "--table", "depot"),
        ("cancel", "1"),
    ):
        code, document, erreur = cli(*arguments)
        assert code not in (0,) and document is None and erreur
    assert plan.list_versions()[0].name == version


# -- journal, verify -----------------------------------------------------------------------------------------------------


def test_journal_and_verify_of_a_sound_base(plan: Store, cli) -> None:
    code, depots, _ = cli("journal")
    assert code == 0 and [d["id"] for d in depots] == [1]
    assert depots[0]["lignes"] == plan.read().execute("select sum(lignes) from fichier").fetchone()[0]
    code, controles, _ = cli("verify")
    assert code == 0
    assert {c["nom"] for c in controles} == {
        "versions",
        "migrations",
        "orphelins",
        "conflits",
        "tables dérivées",
        "fichiers reçus",
        "chaîne des dépôts",
        "séances figées",
        "bordereaux",
        "journal des accès",
        "sauvegardes",
        "valeurs masquées",
        "valeurs masquées mais déductibles",
    }
    assert all(c["defauts"] == [] for c in controles)
    vides = {"journal des accès", "sauvegardes", "séances figées", "valeurs masquées", "valeurs masquées mais déductibles"}
    assert {c["nom"] for c in controles if not c["vus"]} <= vides
    assert "sain" in cli("verify", texte=True)[1]


def test_verify_names_what_is_wrong(base: Store, cli, tmp_path: Path) -> None:
    deposer(
        base,
        plan_minimal(indicateur=[{"code": "I1"}], cible=CIBLES, mesure=[{"indicateur": "I1", "periode": "2021", "valeur": "4"}]),
    )
    recu = sorted(base.recus.iterdir())
    recu[0].write_bytes(b"autre chose")
    recu[1].unlink()
    base.write(lambda cur: cur.execute("""update mesure_visible set valeur = 5; delete from dernier_etat;
        update depot_vie set vivant_au = timestamp '2020-01-01' where false"""))
    code, controles, _ = cli("verify")
    assert code == 1
    defauts = {c["nom"]: " ".join(c["defauts"]) for c in controles}
    assert "a été modifié" in defauts["fichiers reçus"] and "manque" in defauts["fichiers reçus"]
    assert "mesure_visible" in defauts["tables dérivées"] and "dernier_etat" in defauts["tables dérivées"]
    assert "en défaut" in cli("verify", texte=True)[1]


def test_verify_sees_an_orphan_and_a_conflict(base: Store, cli) -> None:
    import indicators.store as store

    deposer(base, plan_minimal())
    contournement = pytest.MonkeyPatch()
    contournement.setattr(store, "check_integrity", lambda cur, avant: None)
    base.write(lambda cur: cur.execute("""insert into orientation from orientation;
        insert into action by name select 'essai' as plan, 'A9' as code, 'O9' as orientation, 1 as depot_id, false as retire,
        'saisi' as provenance"""))
    contournement.undo()
    code, controles, _ = cli("verify")
    defauts = {c["nom"]: " ".join(c["defauts"]) for c in controles}
    assert code == 1
    assert "O9" in defauts["orphelins"] and "apparaît deux fois dans le dépôt 1" in defauts["conflits"]


# -- settings ------------------------------------------------------------------------------------------------------------


def test_settings_have_safe_defaults_and_refuse_what_cannot_be_used(tmp_path: Path) -> None:
    assert read_settings({}).base == RACINE / "data" / "base"
    lus = read_settings(
        {
            "INDICATORS_BASE": str(tmp_path),
            "INDICATORS_VERSIONS": "3",
            "INDICATORS_FILS": "1",
            "INDICATORS_ATTENTE": "0",
            "INDICATORS_MEMOIRE": "256MB",
        }
    )
    assert (lus.base, lus.versions_gardees, lus.fils, lus.attente_verrou, lus.memoire) == (tmp_path, 3, 1, 0.0, "256MB")
    for nom, valeur in (
        ("INDICATORS_VERSIONS", "1"),
        ("INDICATORS_VERSIONS", "cinq"),
        ("INDICATORS_FILS", "0"),
        ("INDICATORS_ATTENTE", "-1"),
        ("INDICATORS_BASE", "ducklake:postgres:x"),
        ("INDICATORS_BASE", "s3://base"),
    ):
        with pytest.raises(ReglageInvalide, match=nom):
            read_settings({nom: valeur})


def test_a_wrong_setting_is_told_in_french(plan: Store, cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for nom in ("INDICATORS_FILS", "INDICATORS_MEMOIRE"):
        with monkeypatch.context() as environnement:
            environnement.setenv(nom, "beaucoup")
            code, document, _ = cli("status")
        assert code == 1 and f"{nom} vaut « beaucoup »" in document["erreur"]["message"]


def test_a_published_value_changes_only_with_a_motif(plan: Store, cli, tmp_path: Path) -> None:
    envoi = tmp_path / "mesure.csv"
    colonnes = ("indicateur", "periode", "valeur", "provenance")
    envoi.write_bytes(csv_bytes(colonnes, [("I1", "2023", "70", "publie")]))
    assert cli("import", envoi)[0] == 0, "a new value needs none"
    envoi.write_bytes(csv_bytes(colonnes, [("I1", "2023", "75", "publie")]))
    version = plan.list_versions()[0].name
    assert cli("import", envoi, "--essai")[1]["publiees"] == 1, "nor does looking"
    code, document, _ = cli("import", envoi)
    assert code == 1 and "demande un motif" in document["erreur"]["message"] and "--motif" in document["erreur"]["conseil"]
    assert plan.list_versions()[0].name == version
    assert cli("import", envoi, "--motif", "série révisée")[0] == 0


def test_a_folder_import_ignores_its_history_file(base: Store, cli, tmp_path: Path) -> None:
    dossier = ecrire(tmp_path / "essai", plan_minimal())
    (dossier / "depots.csv").write_text("ordre;type\n1;depot\n", "utf-8")
    code, document, _ = cli("import", dossier, "--essai")
    assert code == 0 and len(document["fichiers"]) == 3
