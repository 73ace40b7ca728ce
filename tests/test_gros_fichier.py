"""The two ways into the base give the same rows and the same anomalies: line by line, and as bytes that DuckDB reads itself.

The fast way is forced on small files: its thresholds are lowered, so that all but a few lines go through it.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators import deposits, reading
from indicators.checking import check
from indicators.reading import FichierRecu, encoding, read_tableaux, regular
from indicators.settings import RACINE
from indicators.store import Store
from tests.conftest import copier_base, csv_bytes, deposer, plan_minimal

ANOMALIES = RACINE / "tests" / "cases" / "anomalies"
COLONNES = ("indicateur", "territoire", "ventilation", "periode", "valeur", "etat", "commentaire")
PLAN: dict[str, Any] = {
    "indicateur": [
        {"code": "I1", "unite": "%", "nature": "taux", "borne_min": 0, "borne_max": 100},
        {"code": "I2"}, {"code": "M1", "periodicite": "mensuelle", "nature": "flux"},
        {"code": "D1", "periodicite": "tous_les_deux_ans"}, {"code": "E1", "unite": "enfants"},
    ],
    "territoire": [{"code": "T1", "nom": "Nord", "type": "commune", "parent": "38"}],
    "mesure": [{"indicateur": "I1", "periode": "2021", "valeur": "10", "millesime": "2024-07", "provenance": "publie"},
               {"indicateur": "I2", "periode": "2019", "valeur": "2"}],
}
CELLULES = {
    "indicateur": ("I1", "I2", "M1", "E1", "I9", "", " I2 ", "I\u200b1", "=I1"),
    "territoire": ("", "38", "T1", "T9", "T1\u00a0"),
    "ventilation": ("", "filles", "garçons", "-", "@SUM(A1)", "a\u00adb"),
    "periode": ("2020", "2021", "2022-03", "T1 2021", "31/12/2022", "30/06/2022", "2099", "2021/2022", "2O21", "", "44926"),
    "valeur": ("", "12", "12,5", "1\u00a0234,5", "-3", "101", "3", "n.d.", "s.", "nc", "12 %", "1e3", "abc", "#N/A", "4 (p)",
               "nan"),
    "etat": ("", "definitif", "provisoire", "Secret", "inconnu", "non_disponible"),
    "commentaire": ("", "à revoir", "=1+1", "x\u0007y", " marge ", "total", "« sûr »", "\u3000loin\u2009"),
}

PLIEES = CELLULES | {  # cells that a file must put between quotes
    "ventilation": ("", "filles\n", "garçons ; filles", "0-2\nans"),
    "periode": ("2020", "2021", "\n2022", "44926\n", "2022-03"),
    "commentaire": ("", "à revoir", "voir ;\nla note", "\n=1+1", "dit « \"non\" »\r\n\r\npuis « oui »", "\ue000"),
}


@pytest.fixture(scope="module")
def plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A base that holds the plan « essai »; nothing is written in it."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("gros") / "base")
    deposer(store, plan_minimal(**PLAN), connu_le=datetime(2024, 1, 1))
    return store


def outcome(store: Store, nom: str, contenu: bytes, table: str | None, rapide: bool) -> tuple[int, Any]:
    """How many records stayed bytes, and all that the check makes of this file, one way or the other."""
    with pytest.MonkeyPatch.context() as reglage:
        reglage.setattr(reading, "GRAND", 1 if rapide else 10**9)
        reglage.setattr(encoding, "GRAND", 1 if rapide else 10**9)
        for nom_, valeur in {"TETE": 4, "FIN": 2, "ECHANTILLON": 1, "PART": 1.0, "MORCEAU": 64}.items():
            reglage.setattr(regular, nom_, valeur)
        tableaux = read_tableaux(FichierRecu(nom, contenu), table)

        def go(cur: Any) -> Any:
            controle = check(cur, tableaux, "essai")
            rangees = {t.nom: cur.execute(f"from pret_{t.nom} order by fichier, ligne").fetchall() for t in controle.tables}
            return controle.anomalies, controle.lues, controle.rejetees, rangees

        return sum(t.bloc.records - len(t.bloc.a_part) for t in tableaux if t.bloc), store.rehearse(go)


def compare(store: Store, nom: str, contenu: bytes, table: str | None = None) -> int:
    """Assert that both ways agree; returns how many records took the fast one."""
    octets, rapide = outcome(store, nom, contenu, table, rapide=True)
    _, stricte = outcome(store, nom, contenu, table, rapide=False)
    for quoi, a, b in zip(("anomalies", "lues", "rejetées", "lignes"), rapide, stricte, strict=True):
        assert a == b, quoi
    return octets


def pad(contenu: bytes) -> bytes:
    """The same lines with others around them: the first ones again, so that what they say is doubled or contradicted."""
    entete, *lignes = contenu.splitlines(keepends=True)
    return b"".join([entete, *lignes[:1] * 4, *lignes, *lignes[:3]])


@pytest.mark.parametrize("fichier", sorted(set(ANOMALIES.glob("*.csv")) - {ANOMALIES / "attendus.csv"}), ids=lambda f: f.stem)
def test_every_anomaly_is_the_same_both_ways(plan: Store, fichier: Path) -> None:
    compare(plan, fichier.name if fichier.stem == "table_inconnue" else "mesure.csv", pad(fichier.read_bytes()))


@pytest.mark.parametrize(("sep", "fin", "encodage"), [(";", "\r\n", "cp1252"), ("\t", "\n", "utf-8-sig"), ("|", "\r\n", "utf-8"),
                                                      (";", "\n", "utf-16")])
def test_every_form_of_a_text_is_the_same_both_ways(plan: Store, sep: str, fin: str, encodage: str) -> None:
    lignes = [("I2", ("", "38")[n % 2], f"v{n}", str(1990 + n % 30), f"{1000 + n:,}".replace(",", "\u00a0") + ",5", "", " où ça ")
              for n in range(40)]
    lignes[7] = ("I9", "", "", "2020", "5", "", "œuvre")
    lignes[9] = ("I2", "38", "é\u00a0", "2O20", "x", "", "à")
    octets = compare(plan, "mesure.csv", csv_bytes(COLONNES, lignes, sep, encodage, fin))
    assert octets > 30


def test_cells_over_several_lines_take_the_fast_way_too(plan: Store) -> None:
    dits = ("", "une ; deux", "une\r\ndeux\n", '"')
    lignes = [("I2", "38", f"v{n}", str(1990 + n % 30), n, "", dits[n % 4]) for n in range(40)]
    lignes[21] = ("I9", "", "a\nb", "2O20", "x", "", "=A1\nfin")
    lignes[30] = ("Total", "", "", "", "12", "", "des\nlignes")
    octets = compare(plan, "mesure.csv", csv_bytes(COLONNES, lignes, encodage="cp1252", fin="\r\n"))
    assert octets > 30


@pytest.mark.parametrize("texte", ["=SOMME(A1)", "x\u0007y"])
@pytest.mark.parametrize("rang", [0, 20, 39])
def test_what_one_line_hides_is_seen_wherever_it_stands(plan: Store, rang: int, texte: str) -> None:
    lignes = [("I2", "38", f"v{n}", str(1990 + n % 30), n, "", texte if n == rang else "rien") for n in range(40)]
    contenu = csv_bytes(COLONNES, lignes)
    assert compare(plan, "mesure.csv", contenu) > 30
    _, (anomalies, *_) = outcome(plan, "mesure.csv", contenu, None, rapide=True)
    assert [(a.ligne, a.colonne) for a in anomalies] == [(rang + 2, "commentaire")]


TABLES = st.one_of(*(st.lists(st.tuples(*map(st.sampled_from, c.values())), min_size=4, max_size=30) for c in (CELLULES, PLIEES)))


@given(TABLES, st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=14, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_table_is_the_same_both_ways(plan: Store, lignes: list[tuple[str, ...]], fin: str) -> None:
    compare(plan, "mesure.csv", csv_bytes(COLONNES, lignes, fin=fin))


def test_a_file_of_some_thousand_lines_ending_as_windows_does(plan: Store) -> None:
    """Once refused by the base: the last line kept for the person to see must end as the others do."""
    lignes = [("I2", f"v{n}", 2000 + n % 20, n) for n in range(9_000)]
    contenu = csv_bytes(("indicateur", "ventilation", "periode", "valeur"), lignes, encodage="cp1252", fin="\r\n")
    assert len(contenu) < reading.GRAND or read_tableaux(FichierRecu("mesure.csv", contenu))[0].bloc
    dits: list[tuple[float, str]] = []
    bilan = plan.rehearse(lambda cur: deposits.import_files(
        cur, [FichierRecu("mesure.csv", contenu)], deposits.Demande(), deposits.keep_nothing, lambda *x: dits.append(x)))
    assert (bilan.lues, bilan.nouvelles, bilan.anomalies) == (9_000, 9_000, [])
    assert json.loads(json.dumps(bilan.lues)) == 9_000  # what counts lines must not leave its own kind of number
    assert [part for part, _ in dits] == sorted(part for part, _ in dits) and len({etape for _, etape in dits}) == 3
