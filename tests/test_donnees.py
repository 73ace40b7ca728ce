"""What ships: every row says where it comes from, nothing invented hides a published value, the known rates come out exact."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from indicators import queries
from indicators.model import Provenance
from indicators.reading import FichierRecu, find_table, read_tableau
from indicators.settings import RACINE
from indicators.store import Store
from indicators.verification import verify

DONNEES = RACINE / "data"
PLANS = ("isere-2020-2024", "la-reunion-2020-2024")
TAUX = RACINE / "tests" / "cases" / "taux_calcules.csv"
CODES = {"Part des confiés en famille d’accueil": "OFF-01", "Part des confiés en établissement": "OFF-02",
         "Part des mesures administratives parmi les confiés": "PARC-05", "Actions éducatives pour 100 accueils": "PARC-07"}
INFINI = datetime(9999, 12, 31)

CSV_PLANS = sorted(f for f in (DONNEES / "plans").rglob("*.csv") if f.name != "depots.csv")
CSV_NATIONAUX = [DONNEES / "national" / n for n in ("mesures.csv", "mesures_edition_2021.csv", "reperes.csv")]
DEPOSES = [*CSV_PLANS, *CSV_NATIONAUX]


def name(fichier: Path) -> str:
    """Where it is, for messages."""
    return fichier.relative_to(DONNEES).as_posix()


def load(fichier: Path) -> list[dict[str, str]]:
    """Rows of a `;` separated UTF-8 file, as text."""
    with fichier.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter=";"))


@pytest.fixture(scope="module")
def cur(modele_livre: Store) -> Any:
    """The shipped base, read only."""
    return modele_livre.read()


# -- the files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fichier", DEPOSES, ids=name)
def test_a_shipped_file_is_clean_and_every_row_says_where_it_comes_from(fichier: Path) -> None:
    octets = fichier.read_bytes()
    assert not octets.startswith(b"\xef\xbb\xbf") and b"\r" not in octets and octets.endswith(b"\n")
    assert find_table(fichier.name) is not None
    tableau = read_tableau(FichierRecu(fichier.name, octets))
    assert tableau.anomalies == [] and tableau.lues == len(tableau.lignes) > 0
    for numero, ligne in enumerate(load(fichier), 2):
        assert ligne["provenance"] in {p.value for p in Provenance}, f"{name(fichier)}:{numero}"
        assert ligne["source"].strip(), f"{name(fichier)}:{numero} has no source"
        if ligne["provenance"] == "illustratif":
            assert re.search("illustrati|Déduit de", ligne["source"]), f"{name(fichier)}:{numero} is invented and does not say so"


@pytest.mark.parametrize("plan", PLANS)
def test_every_file_of_a_plan_is_deposited_by_its_history(plan: str) -> None:
    dossier = DONNEES / "plans" / plan
    histoire = load(dossier / "depots.csv")
    cites = [n for x in histoire for n in x["fichiers"].split("|") if n]
    assert sorted(set(cites)) == sorted(
        f.relative_to(dossier).as_posix() for f in dossier.rglob("*.csv") if f.name != "depots.csv"
    )
    moments = [x["connu_le"] for x in histoire]
    assert moments == sorted(moments) and len(set(moments)) == len(moments)
    assert [int(x["ordre"]) for x in histoire] == list(range(1, len(histoire) + 1))
    assert {x["type"] for x in histoire} >= {"depot", "annulation"}
    assert all(x["auteur"] and x["motif"] for x in histoire)


def test_short_labels_hold_on_the_wall() -> None:
    for fichier in CSV_PLANS:
        for numero, ligne in enumerate(load(fichier), 2):
            court = ligne.get("libelle_court") or ""
            assert len(court) <= 28, f"{name(fichier)}:{numero} « {court} »"
            if fichier.name in ("action.csv", "indicateur.csv", "orientation.csv"):
                assert court, f"{name(fichier)}:{numero} has no short label"


LIBELLES = (
    "intitule",
    "libelle_court",
    "definition",
    "numerateur",
    "denominateur",
    "description",
    "texte",
    "nom",
    "commentaire",
    "motif",
    "limites",
)
FAUTES = {
    "apostrophe droite": r"\w'\w",
    "double espace": r"\S  +\S",
    "espace au bord": r"^\s|\s$",
    "guillemets droits": r'"',
    "espace avant virgule ou point": r"\s[,.](\s|$)",
    "trois points": r"\.\.\.",
    "espace manquante": r"\w[;!?]|\w:\s",
    "ligature": r"\b[Oo]euvre|\b[Cc]oeur",
    "capitale non accentuée": r"\bE(tat|cole|tablissement|ducation|quipe|valuation|coute)|\bA (l’|la |partir)",
    "caractère de contrôle": r"[\x00-\x1f\x7f\ufffd]",
    "double encodage": r"Ã|Â|â€",
}


@pytest.mark.parametrize("fichier", DEPOSES, ids=name)
def test_labels_are_typographically_clean(fichier: Path) -> None:
    mal = [
        f"ligne {n}, {colonne} : {faute} dans « {ligne[colonne]} »"
        for n, ligne in enumerate(load(fichier), 2)
        for colonne in LIBELLES
        if ligne.get(colonne)
        for faute, motif in FAUTES.items()
        if re.search(motif, ligne[colonne])
        and not (fichier.name.startswith("mesure") and colonne in ("numerateur", "denominateur"))
    ]
    assert mal == []


@pytest.mark.parametrize("faute", FAUTES)
def test_the_typography_rules_can_fail(faute: str) -> None:
    exemples = {
        "apostrophe droite": "l'enfant",
        "double espace": "deux  espaces",
        "espace au bord": " bord",
        "guillemets droits": 'un "mot"',
        "espace avant virgule ou point": "mot , mot",
        "trois points": "etc...",
        "espace manquante": "mot; mot",
        "ligature": "coeur",
        "capitale non accentuée": "Etat",
        "caractère de contrôle": "a\tb",
        "double encodage": "Ã©tat",
    }
    assert re.search(FAUTES[faute], exemples[faute])
    assert not any(re.search(m, "L’État et l’enfant : une mesure, 12,5 % ; cœur d’œuvre.") for m in FAUTES.values())


# -- published and illustrative ------------------------------------------------------------------------------------------


def test_no_illustrative_value_where_a_published_one_exists(cur: Any) -> None:
    doubles = cur.execute("""select distinct i.plan, i.indicateur, i.territoire, i.ventilation, i.fin from mesure i join mesure p
        using (plan, indicateur, territoire, ventilation, debut, fin)
        where i.provenance = 'illustratif' and p.provenance = 'publie' order by all""").fetchall()
    assert doubles == []
    for table, cle in (
        ("cible", "plan, indicateur, territoire, ventilation, role, date"),
        ("action", "plan, code"),
        ("indicateur", "plan, code"),
    ):
        assert cur.execute(f"""select count(*) from {table} i join {table} p using ({cle})
            where i.provenance = 'illustratif' and p.provenance = 'publie'""").fetchone() == (0,), table


@pytest.mark.parametrize("table, macro", [("dernier_point", "evaluation"), ("dernier_etat", "progression"),
                                          ("dernier_action", "action_etat")])
def test_the_base_holds_what_an_analyst_who_calls_the_macro_reads(cur: Any, table: str, macro: str) -> None:
    for vue in cur.execute("select distinct vue_plan, vue_observe_au, vue_connu_au from dernier_action").fetchall():
        tenu = cur.execute(f"""select * exclude (vue_plan, vue_observe_au, vue_connu_au) from {table} where vue_plan = ?
            order by all""", vue[:1]).fetchall()
        assert tenu == cur.execute(f"from {macro}(?, ?::date, ?::timestamp) order by all", vue).fetchall() != []


def test_the_shipped_base_is_sound_and_holds_both_plans(modele_livre: Store, cur: Any) -> None:
    assert [c for c in verify(modele_livre) if c.defauts] == []
    assert {p.plan for p in queries.list_plans(cur)} == set(PLANS)
    sans = [(t, n) for t in ("mesure", "cible", "action", "indicateur", "suivi_action") for n in
            cur.execute(f"select count(*) from {t} where coalesce(source, '') = ''").fetchone() if n]
    assert sans == []


def test_the_history_has_a_revision_a_cancellation_and_seances(cur: Any) -> None:
    depots = queries.list_depots(cur)
    assert {d.type for d in depots} >= {"depot", "annulation"}
    assert all(d.auteur and d.motif for d in depots)
    for plan in PLANS:
        assert cur.execute("select count(*) from seance where plan = ?", [plan]).fetchone()[0] >= 4
        revisees = cur.execute(
            """select count(*) from (select indicateur from mesure where plan = ?
            group by indicateur, territoire, ventilation, debut, fin
            having count(distinct valeur) > 1 or count(distinct numerateur) > 1)""",
            [plan],
        ).fetchone()[0]
        assert revisees > 0, plan


# -- known rates through the engine --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def valeurs(cur: Any) -> dict[tuple[str, str, int], tuple[float, float | None, float | None]]:
    """(indicateur, territoire, year) -> (value, numerator, denominator) as the engine reads them, the same in every plan."""
    lues: dict[tuple[str, str, int], set[tuple[float, float | None, float | None]]] = {}
    for plan in PLANS:
        for indicateur, territoire, fin, *termes in cur.execute(
            """select indicateur, territoire, fin, valeur, numerateur, denominateur
                from valeur_lue(?, date '2024-12-31', ?::timestamp) where ventilation = '' and provenance = 'publie' and conforme
                and valeur is not null""",
            [plan, INFINI],
        ).fetchall():
            lues.setdefault((indicateur, territoire, fin.year), set()).add(tuple(termes))
    assert [c for c, v in lues.items() if len(v) > 1] == []
    return {c: next(iter(v)) for c, v in lues.items()}


@pytest.mark.parametrize(("annee", "attendu"), [(2019, 32.5), (2022, 32.0)])
def test_confies_en_famille_d_accueil_en_isere(valeurs: Any, annee: int, attendu: float) -> None:
    assert round(valeurs["OFF-01", "38", annee][0], 1) == attendu


def test_every_known_rate_comes_out_of_the_engine(valeurs: Any) -> None:
    connus = load(TAUX)
    assert len(connus) == 72
    faux = []
    for ligne in connus:
        ici = ligne["code_departement"], int(ligne["annee"])
        if ligne["indicateur"] in CODES:
            calcule = valeurs[CODES[ligne["indicateur"]], *ici][0]
        else:  # no indicator of ours, but each of its terms: actions éducatives, accueils, and those who are under 20 that day
            assert ligne["indicateur"] == "Mesures d’ASE pour 1 000 moins de 20 ans"
            _, actions, accueils = valeurs["PARC-07", *ici]
            calcule = 1000 * (actions + accueils) / valeurs["CTX-01", *ici][0]
        if round(calcule, 1) != float(ligne["valeur"]):
            faux.append((*ici, ligne["indicateur"], calcule, ligne["valeur"]))
    assert faux == []


def test_national_measures_are_rebuilt_byte_for_byte(tmp_path: Path) -> None:
    copie = tmp_path / "national"
    shutil.copytree(DONNEES / "national", copie)
    construits = ("mesures.csv", "mesures_edition_2021.csv")
    for nom in construits:
        (copie / nom).unlink()
    fait = subprocess.run(
        [sys.executable, copie / "construire.py", copie / "valeurs_publiees.csv", TAUX],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert fait.returncode == 0, fait.stdout + fait.stderr
    assert "0 écart" in fait.stdout
    for nom in construits:
        assert (copie / nom).read_bytes() == (DONNEES / "national" / nom).read_bytes(), nom
    (copie / "valeurs_publiees.csv").write_text(
        (copie / "valeurs_publiees.csv").read_text("utf-8").replace("famille", "famile"), "utf-8"
    )
    refuse = subprocess.run(
        [sys.executable, copie / "construire.py", copie / "valeurs_publiees.csv"], capture_output=True, text=True, timeout=60
    )
    assert refuse.returncode == 1 and "Refusé" in refuse.stderr


# -- the first screen ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS)
def test_the_closing_screen_has_something_true_to_say(cur: Any, plan: str) -> None:
    vue = queries.get_vue(cur, queries.get_plan(cur, plan))
    assert vue.observe_au == date(2024, 12, 31)
    lignes = queries.list_lignes(cur, vue)
    statuts = Counter(x.statut.value for x in lignes)
    assert len(statuts) >= 5, statuts
    assert max(statuts.values()) <= 0.6 * len(lignes), statuts
    verdicts = Counter(x.verdict.value for x in lignes if x.verdict)
    assert len(verdicts) >= 3, verdicts
    assert all(x.motif for x in lignes if x.statut.value.startswith("non_"))
    assert len({a.cellule.value for a in queries.list_actions(cur, vue)}) >= 4
    avant = queries.get_vue(cur, queries.get_plan(cur, plan), date(2022, 12, 31))
    assert {x.indicateur: x.statut for x in queries.list_lignes(cur, avant)} != {x.indicateur: x.statut for x in lignes}


@pytest.mark.parametrize("plan", PLANS)
def test_something_changed_since_the_last_seance(cur: Any, plan: str) -> None:
    p = queries.get_plan(cur, plan)
    connus = cur.execute(
        "select connu_au, observe_au from seance where plan = ? and connu_au is not null order by date desc limit 1", [plan]
    ).fetchall()
    assert connus, "no past séance"
    (connu, observe) = connus[0]
    avant = {x.indicateur: (x.statut, x.realise) for x in queries.list_lignes(cur, queries.get_vue(cur, p, observe, connu))}
    apres = {x.indicateur: (x.statut, x.realise) for x in queries.list_lignes(cur, queries.get_vue(cur, p))}
    assert avant != apres


def test_figures_can_leave_as_json(cur: Any) -> None:
    vue = queries.get_vue(cur, queries.get_plan(cur, PLANS[0]))
    for x in queries.list_lignes(cur, vue, territoires=True):
        for champ in ("realise", "attendu", "avancement", "rythme", "cible", "reference"):
            json.dumps(getattr(x, champ), allow_nan=False)
