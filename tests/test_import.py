"""Files coming in: every anomaly with its place and its advice, what a dépôt changes, and how it is taken back."""

from __future__ import annotations

import csv
import dataclasses
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from indicators.checking import check
from indicators.errors import CATALOGUE, DemandeInvalide, DepotRefuse
from indicators.model import Gravite
from indicators.reading import FichierRecu, read_tableau
from indicators.settings import RACINE
from indicators.store import Store
from indicators.tables import TABLES
from tests.conftest import copier_base, csv_bytes, deposer, ecrire, fichier, plan_minimal

ANOMALIES = RACINE / "tests" / "cases" / "anomalies"
MESURE = ("indicateur", "periode", "valeur")

PLAN = {
    "indicateur": [
        {"code": "I1", "unite": "%", "nature": "taux", "borne_min": 0, "borne_max": 100},
        {"code": "I2"}, {"code": "M1", "periodicite": "mensuelle", "nature": "flux"},
        {"code": "D1", "periodicite": "tous_les_deux_ans"}, {"code": "E1", "unite": "enfants"},
        {"code": "S1", "periodicite": "annee_scolaire"},
    ],
    "mesure": [{"indicateur": "I1", "periode": "2021", "valeur": "10", "millesime": "2024-07", "provenance": "publie",
                "source": "DREES"}],
    "cible": [{"indicateur": "I1", "role": "finale", "date": "2024-12-31", "valeur": "60"}],
}


@pytest.fixture(scope="module")
def modele_plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The base that `plan` copies: the plan « essai », deposited once (dépôt 1)."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("modele-plan") / "base")
    deposer(store, plan_minimal(**PLAN), connu_le=datetime(2024, 1, 1))
    return store


@pytest.fixture
def plan(modele_plan: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A base of this test's own that holds the plan « essai »."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_plan, tmp_path / "base")


def files(store: Store) -> dict[str, int]:
    """Every file of the base, with the moment of its last change."""
    return {str(f.relative_to(store.settings.base)): f.stat().st_mtime_ns for f in store.settings.base.rglob("*")
            if f.is_file() and f.name != "verrou"}


def write_csv(dossier: Path, nom: str, *lignes: str) -> Path:
    """A file typed by hand."""
    chemin = dossier / nom
    chemin.write_text("\n".join(lignes) + "\n", "utf-8")
    return chemin


def values(store: Store, indicateur: str = "I1", connu: datetime | None = None) -> dict[str, float | None]:
    """Period end -> value of the département, as known at that moment (default now)."""
    lus = store.read().execute("""select strftime(fin, '%Y-%m-%d'), valeur from mesure_connu($connu) where plan = 'essai'
        and indicateur = $indicateur and territoire = '38' order by fin""",
        {"connu": connu or datetime(9999, 1, 1), "indicateur": indicateur}).fetchall()
    return dict(lus)


def known(store: Store, table: str, *colonnes: str) -> list[tuple[Any, ...]]:
    """Rows of a table as known now."""
    return (
        store.read().execute(f"select {', '.join(colonnes)} from {table}_connu(timestamp '9999-12-31') order by all").fetchall()
    )


def typed(store: Store, table: str, contenu: bytes, nom: str | None = None) -> tuple[list[tuple[Any, ...]], list[str]]:
    """Rows of one file once typed, and the codes of its anomalies; nothing is written."""
    cur = store.read()
    controle = check(cur, [read_tableau(FichierRecu(nom or f"{table}.csv", contenu))], "essai")
    colonnes = ", ".join(f'"{c.nom}"' for c in TABLES[table].colonnes if c.nom != "plan")
    lignes = cur.execute(f"select {colonnes} from pret_{table} order by ligne").fetchall() if controle.tables else []
    return lignes, [a.code for a in controle.anomalies]


# -- the catalogue, one readable file per code ---------------------------------------------------------------------------


def expected() -> list[dict[str, str]]:
    """What each file of tests/cases/anomalies must give."""
    with (ANOMALIES / "attendus.csv").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter=";"))


def test_every_code_of_the_catalogue_has_its_file() -> None:
    assert {e["code"] for e in expected()} == set(CATALOGUE)
    assert {f.stem for f in ANOMALIES.iterdir()} - {"attendus"} == set(CATALOGUE)


@pytest.mark.parametrize("attendu", expected(), ids=lambda e: e["code"])
def test_anomaly(plan: Store, cli, attendu: dict[str, str]) -> None:
    code, bloque = attendu["code"], CATALOGUE[attendu["code"]].gravite is Gravite.BLOQUANTE
    avant = files(plan)
    table = ("--table", attendu["table"]) if attendu["table"] else ()
    fichier = next(ANOMALIES.glob(f"{code}.*"))
    sortie, document, erreur = cli("import", fichier, *table, *(() if bloque else ("--essai",)))
    assert erreur == ""
    fois = 2 if code == "valeurs_contradictoires" else 1  # each of the two lines is told
    dites = [a for a in document["anomalies"] if a["code"] != "plan_reconnu" or code == "plan_reconnu"]  # said of every plan
    assert [a["code"] for a in dites] == [code] * fois
    anomalie = dites[0]
    assert anomalie["fichier"].split(" › ")[0] == fichier.name
    assert anomalie["ligne"] == (int(attendu["ligne"]) if attendu["ligne"] else None)
    assert (anomalie["colonne"] or "", anomalie["valeur"] or "") == (attendu["colonne"], attendu["valeur"])
    assert anomalie["gravite"] == CATALOGUE[code].gravite.value
    for texte in (anomalie["message"], anomalie["conseil"]):
        assert texte and texte == texte.strip() and "{" not in texte and "None" not in texte
    assert sortie == (2 if bloque else 0)
    assert document["depot"] is None
    assert files(plan) == avant
    assert document["lues"] == sum(document[c] for c in ("nouvelles", "modifiees", "inchangees", "retirees", "rejetees"))


@pytest.mark.parametrize(("code", "apres"), [
    ("denominateur_nul", {"2021-12-31": 10.0, "2022-12-31": None, "2023-12-31": None}),
    ("millesime_ancien", {"2021-12-31": 10.0, "2022-12-31": 42.5}),
    ("reel_prime", {"2021-12-31": 10.0, "2022-12-31": 42.5}),
])
def test_a_warning_lets_the_other_rows_in(plan: Store, cli, code: str, apres: dict[str, float | None]) -> None:
    sortie, document, _ = cli("import", ANOMALIES / f"{code}.csv", "--table", "mesure")
    assert (sortie, document["depot"]) == (0, 2)
    assert document["rejetees"] == (1 if CATALOGUE[code].ecarte else 0)
    assert values(plan) == apres


def test_every_anomaly_of_a_file_is_listed_at_once(plan: Store, cli, tmp_path: Path) -> None:
    chemin = write_csv(
        tmp_path,
        "mesure.csv",
        "indicateur;periode;valeur;etat;couleur",
        "I9;2022;12;definitif;",
        "I1;T5 2022;douze;;",
        ";2022;12;;",
        "I1;2022;;;",
        "I1;2023;142;;",
        "I2;2023;1;bof;bleu",
        "I2;2024;1;;;;",
    )
    sortie, document, _ = cli("import", chemin)
    assert sortie == 2
    assert [(a["ligne"], a["colonne"], a["code"]) for a in document["anomalies"]] == [
        (1, "couleur", "colonne_inconnue"), (2, "indicateur", "code_inconnu"), (3, "periode", "periode_impossible"),
        (3, "valeur", "nombre_illisible"), (4, "indicateur", "valeur_manquante"), (5, "valeur", "mesure_sans_valeur"),
        (6, "valeur", "hors_bornes"), (7, "etat", "choix_inconnu"), (8, None, "ligne_irreguliere")]
    assert (document["lues"], document["rejetees"]) == (7, 7)


def test_anomalies_of_several_files_name_theirs(plan: Store, cli, tmp_path: Path) -> None:
    un = write_csv(tmp_path, "mesure_un.csv", ";".join(MESURE), "I9;2022;1")
    deux = write_csv(tmp_path, "mesure_deux.csv", ";".join(MESURE), "I1;2022;9", "I8;2022;1", "I1;2022;9")
    sortie, document, _ = cli("import", un, deux)
    assert sortie == 2
    assert [(a["fichier"], a["ligne"], a["code"]) for a in document["anomalies"]] == [
        ("mesure_un.csv", 2, "code_inconnu"), ("mesure_deux.csv", 3, "code_inconnu"), ("mesure_deux.csv", 4, "cle_en_double")]
    assert [(f["fichier"], f["table"], f["lues"]) for f in document["fichiers"]] == [
        ("mesure_un.csv", "mesure", 1), ("mesure_deux.csv", "mesure", 3)]


def test_nothing_of_a_refused_file_is_kept(plan: Store, cli, tmp_path: Path) -> None:
    avant = set(plan.recus.iterdir())
    assert cli("import", write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I9;2022;1"))[0] == 2
    assert set(plan.recus.iterdir()) == avant


def test_what_is_not_a_table_of_text_is_refused(plan: Store, cli, tmp_path: Path) -> None:
    melange = b"indicateur;periode;valeur;commentaire\nI1;2022;1;" + "été".encode() + b"\nI2;2022;1;" + "été".encode("cp1252")
    for nom, contenu in {"nul": b"indicateur;periode;valeur\nI1;2022;\x001\n", "melange": melange,
                         "classeur": b"PK\x03\x04" + bytes(range(256)) * 8, "vide": b"", "utf16": b"\xff\xfea"}.items():
        (tmp_path / f"mesure_{nom}.csv").write_bytes(contenu)
        sortie, document, _ = cli("import", tmp_path / f"mesure_{nom}.csv")
        assert sortie == 2, nom
        assert [a["code"] for a in document["anomalies"]] == ["fichier_vide" if nom == "vide" else "fichier_illisible"], nom


# -- a plan that comes with a mistake ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("nom", "lignes", "attendues"), [
    ("indicateur", ["code;intitule;unite;nature", "I1;Un;%;taux"], [(1, "type_cible", "colonne_manquante")]),
    ("action", ["code;orientation;intitule", "A1;O1;Un", "A2;O7;Deux"], [(3, "orientation", "code_inconnu")]),
    ("orientation", ["code;intitule", "O1;Un", "O1;Un encore"], [(2, "intitule", "valeurs_contradictoires"),
                                                                    (3, "intitule", "valeurs_contradictoires")]),
    ("action", ["code;orientation;intitule;echeance", "A1;O1;Un;30/02/2023"], [(2, "echeance", "date_impossible")]),
    ("plan", ["plan;departement;intitule;debut;fin", "essai;38;Plan;2024-12-31;2020-01-01"], [(2, "fin", "fin_avant_debut")]),
])
def test_a_plan_folder_with_a_mistake_writes_nothing(
    base: Store, cli, tmp_path: Path, nom: str, lignes: list[str], attendues
) -> None:
    dossier = ecrire(tmp_path / "essai", plan_minimal(indicateur=[{"code": "I1"}]))
    write_csv(dossier, f"{nom}.csv", *lignes)
    avant = files(base)
    sortie, document, _ = cli("import", dossier)
    assert sortie == 2
    trouvees = [(a["ligne"], a["colonne"], a["code"]) for a in document["anomalies"] if a["fichier"] == f"{nom}.csv"]
    assert trouvees == attendues
    assert files(base) == avant


def test_a_clean_plan_folder_is_one_depot(base: Store, cli, tmp_path: Path) -> None:
    dossier = ecrire(tmp_path / "essai", plan_minimal(**PLAN))
    sortie, document, erreur = cli("import", dossier, "--auteur", "Direction", "--motif", "Premier dépôt")
    assert (sortie, erreur, document["depot"], document["anomalies"]) == (0, "", 1, [])
    assert document["lues"] == document["nouvelles"] == 11
    assert {f["table"] for f in document["fichiers"]} == {"plan", "orientation", "action", "indicateur", "mesure", "cible"}
    journal = cli("journal")[1]
    assert [(d["id"], d["type"], d["auteur"], d["motif"], d["vivant"], d["lignes"]) for d in journal] == [
        (1, "depot", "Direction", "Premier dépôt", True, 11)]
    assert sorted(journal[0]["fichiers"]) == sorted(f.name for f in dossier.iterdir())
    assert {f.read_bytes() for f in base.recus.iterdir()} == {f.read_bytes() for f in dossier.iterdir()}


# -- what a dépôt changes ------------------------------------------------------------------------------------------------


def test_the_same_file_twice_makes_no_depot_and_names_the_holder(plan: Store, cli, tmp_path: Path) -> None:
    chemin = write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I1;2022;12", "I1;2023;13")
    assert cli("import", chemin)[1]["depot"] == 2
    avant = files(plan)
    sortie, document, _ = cli("import", chemin)
    assert (sortie, document["depot"], document["porteur"]) == (0, None, 2)
    assert (document["lues"], document["inchangees"], document["nouvelles"], document["modifiees"]) == (2, 2, 0, 0)
    assert files(plan) == avant
    sortie, dit, _ = cli("import", chemin, texte=True)
    assert "le dépôt 2 contient déjà ces lignes" in dit


def test_unchanged_rows_are_stored_with_the_ones_that_change(plan: Store, cli, tmp_path: Path) -> None:
    chemin = write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I2;2021;1", "I2;2022;2")
    assert cli("import", chemin)[1]["nouvelles"] == 2
    write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I2;2021;1", "I2;2022;3", "I2;2023;4")
    document = cli("import", chemin)[1]
    assert (document["nouvelles"], document["modifiees"], document["inchangees"]) == (1, 1, 1)
    assert plan.read().execute("select count(*) from mesure where depot_id = 3").fetchone() == (3,)
    assert values(plan, "I2") == {"2021-12-31": 1, "2022-12-31": 2 + 1, "2023-12-31": 4}


def test_valid_rows_alone_may_be_taken(plan: Store, cli, tmp_path: Path) -> None:
    chemin = write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I2;2021;1", "I9;2022;2", "I2;2023;quatre")
    assert cli("import", chemin)[0] == 2
    sortie, document, _ = cli("import", chemin, "--lignes-valides")
    assert (sortie, document["depot"], document["nouvelles"], document["rejetees"]) == (0, 2, 1, 2)
    assert len(document["anomalies"]) == 2
    assert values(plan, "I2") == {"2021-12-31": 1}
    write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I9;2022;2")
    sortie, document, _ = cli("import", chemin, "--lignes-valides")
    assert (sortie, document["depot"]) == (2, None), "no row applied: refused"


def test_a_rehearsal_gives_the_figures_of_the_import_and_writes_nothing(plan: Store, cli, tmp_path: Path) -> None:
    chemin = write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I1;2021;11", "I1;2022;61")
    avant = files(plan)
    essai = cli("import", chemin, "--essai")
    assert files(plan) == avant
    reel = cli("import", chemin, "--motif", "révision")
    assert (essai[0], reel[0]) == (0, 0)
    assert essai[1] == reel[1] | {"depot": None}
    assert reel[1]["depot"] == 2
    assert reel[1]["effets"] == [{"plan": "essai", "indicateur": "I1", "avant": "non_evaluable", "apres": "atteint"}]


def test_a_whole_plan_sent_again_lists_what_it_no_longer_holds_and_replaces_on_request(plan: Store, cli, tmp_path: Path) -> None:
    dossier = ecrire(tmp_path / "essai", plan_minimal(**PLAN | {"indicateur": PLAN["indicateur"][:-1]}))
    sortie, document, _ = cli("import", dossier)
    assert (sortie, document["depot"], document["absentes"], document["retirees"]) == (0, None, 1, 0)
    assert ("S1",) in known(plan, "indicateur", "code")
    sortie, document, _ = cli("import", dossier, "--remplace", "--essai")
    assert (document["retirees"], document["depot"]) == (1, None)
    assert ("S1",) in known(plan, "indicateur", "code")
    sortie, document, _ = cli("import", dossier, "--remplace")
    assert (sortie, document["depot"], document["retirees"]) == (0, 2, 1)
    assert ("S1",) not in known(plan, "indicateur", "code")
    assert values(plan) == {"2021-12-31": 10.0}, "measures are not part of the structure: never retired by absence"
    assert cli("cancel", "2", "--motif", "Erreur")[0] == 0
    assert ("S1",) in known(plan, "indicateur", "code")


def test_a_row_marked_supprimer_leaves_the_plan_from_that_depot(plan: Store, cli, tmp_path: Path) -> None:
    entete = ";".join((*MESURE, "supprimer"))
    chemin = write_csv(tmp_path, "mesure.csv", entete, "I1;2021;;oui")
    sortie, document, _ = cli("import", chemin, "--motif", "révision")
    assert (sortie, document["depot"], document["retirees"], document["nouvelles"]) == (0, 2, 1, 0)
    assert values(plan) == {}
    assert values(plan, connu=datetime(2024, 1, 2)) == {"2021-12-31": 10.0}
    sortie, document, _ = cli("import", chemin)
    assert (sortie, document["depot"], document["inchangees"]) == (0, None, 1), "already gone"
    assert cli("cancel", "2", "--motif", "Erreur")[0] == 0
    assert values(plan) == {"2021-12-31": 10.0}


def test_what_others_depend_on_cannot_be_withdrawn_alone(plan: Store, cli, tmp_path: Path) -> None:
    chemin = write_csv(tmp_path, "orientation.csv", "code;intitule;supprimer", "O1;Première orientation;oui")
    avant = files(plan)
    sortie, document, _ = cli("import", chemin)
    assert sortie == 1
    assert "« essai A1 » attend orientation « O1 »" in document["erreur"]["message"]
    assert document["erreur"]["conseil"]
    assert files(plan) == avant


def test_editions_follow_their_order(plan: Store, cli, tmp_path: Path) -> None:
    entete = ";".join((*MESURE, "millesime"))
    for millesime, valeur, depot in (("2024-07", 11, 2), ("2025-07", 12, 3), ("2024-07", 13, None)):
        envoi = write_csv(tmp_path, "mesure.csv", entete, f"I1;2021;{valeur};{millesime}")
        document = cli("import", envoi, "--motif", "édition révisée")[1]
        assert document["depot"] == depot, millesime
        assert [a["code"] for a in document["anomalies"]] == ([] if depot else ["millesime_ancien"])
    assert values(plan) == {"2021-12-31": 12.0}


def test_an_illustrative_row_never_hides_a_real_one(plan: Store, cli, tmp_path: Path) -> None:
    entete = ";".join((*MESURE, "provenance"))
    sortie, document, _ = cli(
        "import", write_csv(tmp_path, "mesure.csv", entete, "I2;2021;5;illustratif", "I2;2022;6;illustratif")
    )
    assert (sortie, document["nouvelles"]) == (0, 2)
    assert cli("import", write_csv(tmp_path, "mesure.csv", entete, "I2;2021;7;"))[1]["modifiees"] == 1
    sortie, document, _ = cli(
        "import", write_csv(tmp_path, "mesure.csv", entete, "I2;2021;8;illustratif", "I2;2022;9;illustratif")
    )
    assert [(a["ligne"], a["code"]) for a in document["anomalies"]] == [(2, "reel_prime")]
    assert values(plan, "I2") == {"2021-12-31": 7.0, "2022-12-31": 9.0}
    assert cli("cancel", "3", "--motif", "Erreur")[0] == 0
    assert values(plan, "I2")["2021-12-31"] == 5.0, "the real row cancelled, the illustrative one shows again"


def test_a_renamed_code_is_resolved_when_a_file_still_uses_the_old_one(plan: Store, cli, tmp_path: Path) -> None:
    assert cli("import", write_csv(tmp_path, "alias.csv", "table;ancien;nouveau", "indicateur;IND-1;I1"))[0] == 0
    envoi = write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "IND-1;2022;12", "I1;2021;10")
    sortie, document, _ = cli("import", envoi, "--motif", "révision")
    assert (sortie, document["anomalies"]) == (0, [])
    assert values(plan)["2022-12-31"] == 12.0


def test_a_pilot_named_in_the_action_file_is_a_participation(plan: Store, cli, tmp_path: Path) -> None:
    write_csv(tmp_path, "partenaire.csv", "code;nom", "ARS;Agence régionale de santé", "CAF;Caf de l’Isère")
    write_csv(tmp_path, "action.csv", "code;orientation;intitule;pilote", "A1;O1;Première action;Agence régionale de santé",
              "A2;O1;Deuxième;CAF", "A3;O1;Troisième;")
    sortie, document, _ = cli("import", tmp_path / "partenaire.csv", tmp_path / "action.csv")
    assert (sortie, document["anomalies"]) == (0, [])
    assert known(plan, "participation", "action", "partenaire", "role") == [("A1", "ARS", "pilote"), ("A2", "CAF", "pilote")]
    write_csv(tmp_path, "action.csv", "code;orientation;intitule;pilote", "A4;O1;Quatrième;Inconnu")
    sortie, document, _ = cli("import", tmp_path / "action.csv")
    assert sortie == 2
    assert [(a["ligne"], a["code"], a["valeur"]) for a in document["anomalies"]] == [(2, "code_inconnu", "Inconnu")]


def test_rows_that_name_no_plan_belong_to_the_only_one_or_to_the_one_asked(plan: Store, cli, tmp_path: Path) -> None:
    assert cli("import", ecrire(tmp_path / "autre", plan_minimal("autre", indicateur=[{"code": "I1"}])))[0] == 0
    chemin = write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I1;2022;12")
    sortie, document, _ = cli("import", chemin)
    assert sortie == 2 and {a["code"] for a in document["anomalies"]} >= {"plan_inconnu"}
    sortie, document, _ = cli("import", chemin, "--plan", "autre")
    assert (sortie, document["nouvelles"]) == (0, 1)
    assert known(plan, "mesure", "plan", "valeur") == [("autre", 12.0), ("essai", 10.0)]


# -- forms of a file -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sep", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("fin", ["\n", "\r\n", "\r"])
def test_separators_encodings_and_line_ends(plan: Store, sep: str, encodage: str, fin: str) -> None:
    contenu = csv_bytes(
        (*MESURE, "commentaire"),
        [["I1", "2022", "42.5", "été à l’Œuvre – « ça » ; suite, fin"], ["I2", "2022", "3", ""]],
        sep=sep,
        encodage=encodage,
        fin=fin,
    )
    (un, deux), anomalies = typed(plan, "mesure", contenu)
    assert anomalies == []
    assert (un[0], un[-1], deux[0], deux[-1]) == ("I1", "été à l’Œuvre – « ça » ; suite, fin", "I2", None)
    assert 42.5 in un


@pytest.mark.parametrize(
    ("ecrit", "lu"),
    [
        ("1234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u00a0234,5", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("1\u2009234", 1234.0),
        ("1234.5", 1234.5),
        ("−3,5", -3.5),
        ("-3", -3.0),
        ("+3", 3.0),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("1e3", 1000.0),
        (",5", 0.5),
        ("NaN", None),
        ("inf", None),
        ("1e309", None),
        ("douze", None),
        ("1,2,3", None),
        ("12 %", None),
        ("--", None),
        ("0x10", None),
        ("٣", None),
    ],
)
def test_numbers_as_french_offices_write_them(plan: Store, ecrit: str, lu: float | None) -> None:
    lignes, anomalies = typed(plan, "mesure", csv_bytes(MESURE, [["I2", "2022", ecrit]]))
    place = [c.nom for c in TABLES["mesure"].colonnes if c.nom != "plan"].index("valeur")
    assert ([x[place] for x in lignes], anomalies) == (([lu], []) if lu is not None else ([], ["nombre_illisible"]))


PERIODES = [
    ("I2", "2021", "2021-01-01", "2021-12-31"),
    ("I2", "31/12/2021", "2021-01-01", "2021-12-31"),
    ("I2", "2021-12-31", "2021-01-01", "2021-12-31"),
    ("I2", "T1 2021", "2021-01-01", "2021-03-31"),
    ("I2", "2021-T4", "2021-10-01", "2021-12-31"),
    ("I2", "t2 2024", "2024-04-01", "2024-06-30"),
    ("I2", "S2 2021", "2021-07-01", "2021-12-31"),
    ("I2", "2021-02", "2021-02-01", "2021-02-28"),
    ("I2", "02/2024", "2024-02-01", "2024-02-29"),
    ("M1", "2021-3", "2021-03-01", "2021-03-31"),
    ("M1", "31/03/2021", "2021-03-01", "2021-03-31"),
    ("S1", "2021/2022", "2021-09-01", "2022-08-31"),
    ("S1", "2021-2022", "2021-09-01", "2022-08-31"),
    ("S1", "31/08/2022", "2021-09-01", "2022-08-31"),
    ("D1", "2021/2022", "2021-01-01", "2022-12-31"),
    ("D1", "2021-2022", "2021-01-01", "2022-12-31"),
]


def test_a_plan_without_thresholds_takes_the_usual_ones(plan: Store) -> None:
    """Once lost while the reading of numbers changed: nothing could then say why a status is what it is."""
    colonnes = ("plan", "departement", "intitule", "debut", "fin", "seuil_partiel")
    lignes, codes = typed(plan, "plan", csv_bytes(colonnes, [("neuf", "38", "Plan", "2020-01-01", "2024-12-31", "0,7")]))
    lu = dict(zip((c.nom for c in TABLES["plan"].colonnes if c.nom != "plan"), lignes[0], strict=True))
    assert (lu["seuil_dans_les_temps"], lu["seuil_retard_leger"], lu["seuil_partiel"], codes) == (0.95, 0.6, 0.7, [])


def test_periods_in_every_form(plan: Store) -> None:
    for indicateur, ecrit, debut, fin in PERIODES:
        lignes, anomalies = typed(plan, "mesure", csv_bytes(MESURE, [[indicateur, ecrit, "1"]]))
        assert anomalies == [], ecrit
        assert (date.fromisoformat(debut), date.fromisoformat(fin)) == lignes[0][3:5], ecrit


@pytest.mark.parametrize(
    ("ecrit", "code"),
    [
        ("2021-13", "periode_impossible"),
        ("00/2021", "periode_impossible"),
        ("T0 2021", "periode_impossible"),
        ("S3 2021", "periode_impossible"),
        ("31/02/2021", "periode_impossible"),
        ("2021/2023", "periode_impossible"),
        ("2022/2021", "periode_impossible"),
        ("21", "periode_impossible"),
        ("printemps", "periode_impossible"),
        ("30/06/2021", "periode_hors_periodicite"),
    ],
)
def test_periods_that_do_not_exist(plan: Store, ecrit: str, code: str) -> None:
    assert typed(plan, "mesure", csv_bytes(MESURE, [["I2", ecrit, "1"]])) == ([], [code])


def test_a_period_given_by_its_two_ends(plan: Store) -> None:
    colonnes = ("indicateur", "debut", "fin", "valeur")
    lignes, anomalies = typed(plan, "mesure", csv_bytes(colonnes, [["I2", "01/01/2021", "31/12/2021", "1"]]))
    assert anomalies == [] and lignes[0][3:5] == (date(2021, 1, 1), date(2021, 12, 31))
    assert typed(plan, "mesure", csv_bytes(colonnes, [["I2", "01/01/2022", "31/12/2021", "1"]])) == ([], ["fin_avant_debut"])
    assert typed(plan, "mesure", csv_bytes(colonnes, [["I2", "", "31/12/2021", "1"]])) == ([], ["periode_manquante"])


def test_the_three_writings_of_one_period_are_one_key(plan: Store) -> None:
    lignes, anomalies = typed(
        plan, "mesure", csv_bytes(MESURE, [["I2", "2021", "1"], ["I2", "31/12/2021", "1"], ["I2", "2021-12-31", "1"]])
    )
    assert anomalies == ["cle_en_double", "cle_en_double"] and len(lignes) == 1


def test_header_words_and_codes_are_read_as_people_write_them(plan: Store) -> None:
    lignes, anomalies = typed(
        plan, "mesure", csv_bytes(("Code indicateur", "Année", "VALEUR", "État"), [["I2", "2021", "1", "Provisoire"]])
    )
    assert anomalies == [] and "provisoire" in lignes[0]
    territoires = csv_bytes(("code", "nom"), [["01", "Ain"], ["2A", "Corse-du-Sud"], ["974", "La Réunion"]])
    assert [x[0] for x in typed(plan, "territoire", territoires)[0]] == ["01", "2A", "974"]


@pytest.mark.parametrize("nom", ["mesure.csv", "Mesures 2021.csv", "valeurs_T1.csv", "MESURE-definitive.CSV"])
def test_a_file_name_tells_its_table(nom: str) -> None:
    assert read_tableau(FichierRecu(nom, b"indicateur;periode;valeur\nI1;2021;1\n")).table is TABLES["mesure"]


def test_a_quoted_cell_over_two_lines_keeps_the_line_numbers_right(plan: Store, cli, tmp_path: Path) -> None:
    chemin = write_csv(
        tmp_path, "mesure.csv", "indicateur;periode;valeur;commentaire", 'I1;2022;12;"sur', 'deux lignes"', "", "I9;2022;1;"
    )
    document = cli("import", chemin)[1]
    assert [(a["ligne"], a["code"]) for a in document["anomalies"]] == [(5, "code_inconnu")]


# -- history taken over --------------------------------------------------------------------------------------------------


def test_a_depot_known_earlier_enters_history_at_its_date(plan: Store, cli, tmp_path: Path) -> None:
    sortie, document, _ = cli(
        "import", write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I2;2022;5"), "--connu-le", "2024-03-01"
    )
    assert (sortie, document["depot"]) == (0, 2)
    assert values(plan, "I2", datetime(2024, 2, 29)) == {}
    assert values(plan, "I2", datetime(2024, 3, 2)) == {"2022-12-31": 5.0}
    depot = cli("journal")[1][0]
    assert depot["connu_le"].startswith("2024-03-01") and datetime.fromisoformat(depot["recu_le"]) > datetime(2026, 1, 1)


def test_a_depot_cannot_be_known_in_the_future(plan: Store, cli, tmp_path: Path) -> None:
    demain = (datetime.now() + timedelta(days=2)).isoformat(timespec="seconds")
    avant = files(plan)
    chemin = write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I2;2022;5")
    sortie, document, _ = cli("import", chemin, "--connu-le", demain)
    assert sortie == 1 and "dans l’avenir" in document["erreur"]["message"]
    sortie, document, _ = cli("import", chemin, "--connu-le", "hier")
    assert sortie == 1 and "« hier » n’est pas un moment" in document["erreur"]["message"]
    assert files(plan) == avant


def test_history_is_not_taken_over_under_a_frozen_seance(plan: Store, cli, tmp_path: Path) -> None:
    deposer(plan, [fichier("seance", [{"code": "COPIL-1", "date": "2024-06-01", "connu_au": "2024-06-01 08:00:00",
                                       "figee_le": "2024-06-01 18:00:00"}])], connu_le=datetime(2024, 6, 1, 18))
    chemin = write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I2;2022;5")
    sortie, document, _ = cli("import", chemin, "--connu-le", "2024-05-01")
    assert sortie == 1 and "COPIL-1" in document["erreur"]["message"]
    assert cli("import", chemin, "--connu-le", "2024-07-01")[0] == 0


def test_numbers_are_dense_and_reception_strictly_increases(plan: Store) -> None:
    for k in range(3):
        deposer(plan, [fichier("mesure", [{"indicateur": "I2", "periode": "2022", "valeur": k}])])
    lus = plan.read().execute("select id, recu_le from depot order by id").fetchall()
    assert [n for n, _ in lus] == [1, 2, 3, 4]
    assert [m for _, m in lus] == sorted({m for _, m in lus})


# -- undo ----------------------------------------------------------------------------------------------------------------


def test_a_depot_is_cancelled_then_taken_back_and_later_ones_stay(plan: Store, cli, tmp_path: Path) -> None:
    for valeur in (20, 30):
        envoi = write_csv(tmp_path, "mesure.csv", ";".join(MESURE), f"I1;2021;{valeur}", f"I1;{1992 + valeur};1")
        assert cli("import", envoi, "--motif", "révision")[0] == 0
    assert values(plan) == {"2012-12-31": 1, "2021-12-31": 30, "2022-12-31": 1}
    assert cli("cancel", 2, "--motif", "Mauvais fichier") == (0, {"depots": [4]}, "")
    assert values(plan) == {"2021-12-31": 30, "2022-12-31": 1}, "the later dépôt is kept"
    assert cli("cancel", 3, "--motif", "Aussi")[1] == {"depots": [5]}
    assert values(plan) == {"2021-12-31": 10}
    assert cli("cancel", 4, "--motif", "Finalement bon")[1] == {"depots": [6]}
    assert values(plan) == {"2012-12-31": 1, "2021-12-31": 20}
    journal = cli("journal")[1]
    assert [(d["id"], d["type"], d["porte_sur"]) for d in journal] == [
        (6, "retablissement", 2),
        (5, "annulation", 3),
        (4, "annulation", 2),
        (3, "depot", None),
        (2, "depot", None),
        (1, "depot", None),
    ]
    assert {d["id"]: d["vivant"] for d in journal if d["type"] == "depot"} == {3: False, 2: True, 1: True}
    assert cli("verify")[0] == 0
    for numero, dit in ((3, "déjà annulé"), (4, "déjà rétabli"), (6, "rétablit le dépôt 2"), (99, "n’existe pas")):
        sortie, document, _ = cli("cancel", numero, "--motif", "x")
        assert sortie == 1 and dit in document["erreur"]["message"], numero
    sortie, document, _ = cli("cancel", 2, "--motif", "  ")
    assert sortie == 1 and "motif" in document["erreur"]["message"]
    assert len(cli("journal")[1]) == 6


def test_a_parent_is_cancelled_only_with_what_follows(plan: Store, cli, tmp_path: Path) -> None:
    assert (
        cli(
            "import",
            write_csv(tmp_path, "indicateur.csv", "code;intitule;unite;type_cible;nature", "N1;Nouveau;places;atteindre;stock"),
        )[0]
        == 0
    )
    assert cli("import", write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "N1;2022;5"))[0] == 0
    avant = files(plan)
    sortie, document, _ = cli("cancel", 2, "--motif", "Erreur")
    assert sortie == 1
    assert "d’autres dépôts : 3." in document["erreur"]["message"] and "--avec-suivants" in document["erreur"]["conseil"]
    assert files(plan) == avant
    assert cli("cancel", 2, "--motif", "Erreur", "--avec-suivants")[1] == {"depots": [4, 5]}
    assert values(plan, "N1") == {} and ("N1",) not in known(plan, "indicateur", "code")
    with pytest.raises(DepotRefuse):
        plan.write(
            lambda cur: __import__("indicators.deposits", fromlist=["cancel"]).cancel(cur, 5, "Reprise de la mesure seule")
        )


def test_a_cancellation_counts_from_its_own_date(plan: Store, cli, tmp_path: Path) -> None:
    cli("import", write_csv(tmp_path, "mesure.csv", ";".join(MESURE), "I2;2022;5"), "--connu-le", "2024-03-01")
    entre = datetime.now() - timedelta(days=1)
    cli("cancel", 2, "--motif", "Erreur")
    assert values(plan, "I2", entre) == {"2022-12-31": 5.0}, "what was shown then is still shown then"
    assert values(plan, "I2") == {}


# -- what is asked for and does not exist --------------------------------------------------------------------------------


def test_files_that_do_not_exist(plan: Store, cli, tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    for chemin, dit in ((tmp_path / "rien.csv", "n’existe pas"), (tmp_path / "vide", "ne contient aucun fichier CSV")):
        sortie, document, _ = cli("import", chemin)
        assert sortie == 1 and dit in document["erreur"]["message"]


def test_the_answer_of_a_refusal_can_be_read_by_a_person(plan: Store, cli) -> None:
    sortie, dit, _ = cli("import", ANOMALIES / "code_inconnu.csv", "--table", "mesure", texte=True)
    assert sortie == 2
    assert "code_inconnu.csv, ligne 3, colonne indicateur : « I9 » n’existe pas dans le plan." in dit
    assert "Rien n’a été déposé" in dit and "--lignes-valides" in dit


def test_cancelling_needs_a_motive(plan: Store) -> None:
    from indicators.deposits import cancel

    with pytest.raises(DemandeInvalide, match="motif"):
        plan.write(lambda cur: cancel(cur, 1, ""))


def test_every_field_of_an_anomaly_is_told() -> None:
    from indicators.model import Anomalie

    assert [f.name for f in dataclasses.fields(Anomalie)] == [
        "fichier",
        "ligne",
        "colonne",
        "valeur",
        "code",
        "gravite",
        "message",
        "conseil",
    ]


def test_replacing_wants_a_plan_without_anomaly(base, cli, tmp_path):
    """A rejected row must not be taken for an absent one and retired."""
    actions = [{"code": c, "orientation": "O1", "intitule": f"Action {c}"} for c in ("A1", "A2")]
    dossier = ecrire(tmp_path / "plan", plan_minimal(action=actions))
    assert cli("import", dossier)[0] == 0
    fautif = dossier / "action.csv"
    fautif.write_bytes(fautif.read_bytes().replace(b"A2;O1", b"A2;O9", 1))
    avant = [v.name for v in base.list_versions()]
    sortie, document, _ = cli("import", dossier, "--remplace", "--lignes-valides")
    assert (sortie, document["depot"], document["absentes"]) == (2, None, 1)
    assert [v.name for v in base.list_versions()] == avant
