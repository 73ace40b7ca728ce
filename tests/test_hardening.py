"""What somebody who means harm sends: texts, numbers, names, files and addresses. Nothing runs, nothing hangs, nothing leaks."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import io
import json
import pkgutil
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

import indicators
from indicators import annotated, deposits
from indicators.errors import build_anomalie
from indicators.formats import format_csv
from indicators.queries import list_plans
from indicators.queries.modeles import Destinataire, get_besoins
from indicators.reading import FichierRecu, read_tableaux
from indicators.reading.plan_words import split_names, split_number
from indicators.settings import RACINE, Limites
from indicators.store import Store
from indicators.templates import build_suivi, build_valeurs
from indicators.ui.server import JOINTURE, escape_error, escape_markdown
from tests.conftest import copier_base, csv_bytes, deposer, plan_minimal
from tests.test_pages import faits, ouvrir, sain
from tests.test_reading import FEUILLE, SIMPLE, codes, rewritten, workbook

SQL = "'; drop table mesure; --"
FORMULES = ('=cmd|\' /C calc\'!A1', "=1+1", "@SUM(1+1)*cmd|' /C calc'!A1", "+cmd|' /C calc'!A1", "-2+3+cmd|' /C calc'!A1",
            "\t=1+1")


pytestmark = pytest.mark.usefixtures("cadre")


@pytest.fixture(scope="module")
def modele_vise(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A plan with one indicator and its target, as dépôt 1."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("vise") / "base")
    cibles = [{"indicateur": "I1", "role": r, "date": d, "valeur": v}
              for r, d, v in (("reference", "2019-12-31", 10), ("finale", "2024-12-31", 60))]
    deposer(store, plan_minimal(indicateur=[{"code": "I1"}], cible=cibles))
    return store


@pytest.fixture
def vise(modele_vise: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of it for one test."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_vise, tmp_path / "base")


# -- time: no expression and no file may cost more than its size ---------------------------------------------------------

LONG = 20_000
# always given a whole text, whose end they need: a search, which would start again at every letter, is not asked of them
ENTIERES = {"NOTE", "NOMBRE", "NUMERO_ECRIT", "ABSENT"}
MORCEAUX = ("a", " ", "1", "1 ", "(", ")", "\n", ",", ", ", "<c ", '<c r="', '<c r="A1" ', '<c r="A1">', '<c r="A1"><f>', "@",
            "a@", "a.", "-", "_", "0", "noms_", "é", "axe ", "a1.1", "€", " €", "au ", "sep=", "«",
            "\u00a0", "Ã", "- ", "[", "d_")


def expressions() -> dict[str, re.Pattern[Any]]:
    """Every expression compiled at the top of a module of the package, in a tuple or not, by its name."""
    trouvees: dict[str, re.Pattern[Any]] = {}
    for module in pkgutil.walk_packages(indicators.__path__, "indicators."):
        if module.name.endswith(("__main__", ".frame")):
            continue
        for nom, valeur in vars(importlib.import_module(module.name)).items():
            feuilles = [valeur]
            while feuilles:
                x = feuilles.pop()
                if isinstance(x, re.Pattern):
                    trouvees[f"{nom} {x.pattern!r}"] = x
                elif isinstance(x, tuple):
                    feuilles += x
    return trouvees


@pytest.mark.parametrize("nom", expressions())
def test_no_expression_explodes(nom: str) -> None:
    lue = expressions()[nom]
    for morceau in MORCEAUX:
        for fin in ("", "\x00"):
            texte = morceau * (LONG // len(morceau)) + fin
            sujet = texte.encode() if isinstance(lue.pattern, bytes) else texte
            debut = time.process_time()
            lue.fullmatch(sujet)
            if nom.split()[0] not in ENTIERES:
                lue.search(sujet)
                lue.sub(sujet[:0], sujet)
            assert time.process_time() - debut < 0.7, f"{morceau!r} x {LONG // len(morceau)}"


def test_cells_made_to_last_are_read_at_once() -> None:
    debut = time.process_time()
    split_number("Axe" + " " * 200_000 + "x")
    assert len(list(split_names("a," * 20_000))) == 20_000
    hostile = "<!--" + "<c " * 300_000 + "-->"
    contenu = rewritten(workbook(mesure=SIMPLE), FEUILLE, "</sheetData>", f"</sheetData>{hostile}")
    assert read_tableaux(FichierRecu("mesure.xlsx", contenu))
    assert time.process_time() - debut < 5


def test_a_name_between_brackets_still_keeps_its_commas() -> None:
    assert list(split_names("CAF (Isère, Drôme), ARS")) == ["CAF (Isère, Drôme)", "ARS"]


def test_a_sheet_written_with_single_quotes_keeps_its_columns() -> None:
    contenu = workbook(mesure=SIMPLE)
    autre = rewritten(rewritten(contenu, FEUILLE, r'(?<=<c r=)"', "'"), FEUILLE, r"""(?<=<c r='[A-Z]\d)\"""", "'")
    assert read_tableaux(FichierRecu("x.xlsx", autre))[0].lignes == read_tableaux(FichierRecu("x.xlsx", contenu))[0].lignes


# -- files ---------------------------------------------------------------------------------------------------------------


def test_ten_million_columns_and_nothing_else() -> None:
    (t,) = read_tableaux(FichierRecu("mesure.csv", b"indicateur;periode;valeur\n" + b";" * 10_000_000))
    assert codes(t) == ["fichier_trop_grand"] and t.lignes == []


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    tampon = io.BytesIO(workbook(mesure=SIMPLE))
    with zipfile.ZipFile(tampon, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"0" * 50_000_000)
    assert len(tampon.getvalue()) < 100_000
    debut = time.process_time()
    (t,) = read_tableaux(FichierRecu("x.xlsx", tampon.getvalue()), None, Limites(fichier_mo=10))
    assert codes(t) == ["fichier_trop_grand"] and time.process_time() - debut < 1


def test_workbooks_are_read_in_pure_python_whatever_is_installed() -> None:
    assert openpyxl.xml.LXML is False
    (t,) = read_tableaux(FichierRecu("x.xlsx", rewritten(workbook(mesure=SIMPLE), "docProps/app.xml", "(?s).+", "")))
    assert t.anomalies or t.lignes


@pytest.mark.parametrize("nom", ["../../etc/passwd.csv", "..\\..\\mesure.csv", "/etc/mesure.csv", "C:\\mesure.csv",
                                 "me\x00sure.csv", "mesure.csv\r\nSet-Cookie: a=b", "~/mesure.csv",
                                 "a" * 5000 + ".csv", "\u202evsc.erusem"])
def test_a_name_of_file_leads_nowhere(vise: Store, nom: str, tmp_path: Path) -> None:
    avant = {f for f in tmp_path.rglob("*") if vise.settings.base not in f.parents}
    contenu = csv_bytes(("indicateur", "periode", "valeur"), [("I1", "2021", 1), ("I9", "2021", 2)])
    demande = deposits.Demande(plan="essai", table="mesure", lignes_valides=True)
    bilan = vise.write(lambda cur: deposits.import_files(cur, [FichierRecu(nom, contenu)], demande, vise.keep_file))
    assert bilan.depot == 2
    assert all(re.fullmatch(r"[0-9a-f]{64}", f.name) for f in vise.recus.iterdir()), "kept under their fingerprint"
    assert {f for f in tmp_path.rglob("*") if vise.settings.base not in f.parents} == avant
    (souche,) = annotated.list_stems([FichierRecu(nom, contenu)])
    assert Path(souche).name == souche and "\\" not in souche and souche.isprintable() and not souche.startswith(".")


@pytest.mark.parametrize("ecrit", ["1e308", "-0", "-0,0", "1e-320", "1e309", "-1e308", "NaN", "inf", "9" * 400, "0x10", "1\x002"])
def test_an_extreme_number_is_kept_or_refused_and_every_page_still_opens(vise: Store, cli: Callable[..., Any], tmp_path: Path,
                                                                         ecrit: str) -> None:
    fichier = tmp_path / "mesure.csv"
    fichier.write_bytes(csv_bytes(("indicateur", "periode", "valeur"), [("I1", "2023", ecrit)]))
    code, document, _ = cli("import", fichier, "--plan", "essai")
    assert code == 0 or (code == 2 and document["anomalies"] and document["depot"] is None)
    code, lignes, _ = cli("status", "--plan", "essai")
    assert code == 0 and len(lignes) == 1
    ouvrir("indicateur", deplie=True, plan="essai", code="I1")
    ouvrir("synthese", deplie=True, plan="essai")


# -- SQL -----------------------------------------------------------------------------------------------------------------


def test_quotes_in_every_code_and_name_are_only_letters(base: Store, cli: Callable[..., Any], tmp_path: Path) -> None:
    plan, i, a, o, t, p, v = (f"{x}{SQL}" for x in ("plan", "I", "A", "O", "T", "P", "V"))
    recus = plan_minimal(
        plan=plan, plan_champs={"intitule": SQL},
        orientation=[{"code": o, "intitule": SQL}], action=[{"code": a, "orientation": o, "intitule": SQL}],
        partenaire=[{"code": p, "nom": SQL}], participation=[{"action": a, "partenaire": p, "role": "pilote"}],
        territoire=[{"code": "38", "nom": SQL}, {"code": t, "nom": SQL}],
        indicateur=[{"code": i, "intitule": SQL, "unite": SQL, "responsable": SQL}],
        action_indicateur=[{"action": a, "indicateur": i}],
        mesure=[{"indicateur": i, "periode": "2021", "territoire": t, "ventilation": v, "valeur": 3, "commentaire": SQL},
                {"indicateur": i, "periode": "2021", "valeur": 4}])
    dossier = tmp_path / "envoi"
    dossier.mkdir()
    for recu in recus:
        (dossier / recu.nom).write_bytes(recu.contenu)
    code, document, erreur = cli("import", dossier, "--auteur", SQL, "--motif", SQL)
    assert code == 0, (document, erreur)
    code, lignes, _ = cli("status", "--plan", plan, "--indicateur", i, "--territoires")
    assert code == 0 and {(x["plan"], x["indicateur"]) for x in lignes} == {(plan, i)}
    assert cli("status", "--plan", SQL)[0] == 1
    assert cli("journal")[1][0]["motif"] == SQL
    for numero in (document["depot"], document["depot"] + 1):
        assert cli("cancel", numero, "--motif", SQL)[0] == 0
    assert cli("verify")[0] == 0
    for page, adresse in (("synthese", {}), ("action", {"code": a}), ("indicateur", {"code": i}), ("journal", {"depot": "1"}),
                          ("depot", {})):
        at = ouvrir(page, deplie=True, plan=plan, **adresse)
        assert at.title
    at = ouvrir("journal", plan=plan, depot="1")
    assert SQL in faits(at)
    (lu,) = list_plans(base.read())
    for qui in (Destinataire(), Destinataire(partenaire=p), Destinataire(responsable=SQL)):
        besoins = get_besoins(base.read(), lu, qui, lu.fin)
        assert build_valeurs(besoins) and build_suivi(besoins)


# -- addresses -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("valeur", [SQL, "<script>alert(1)</script>", "../../etc/passwd", "x" * 200_000, "\x00", "\u202e",
                                    "1e308", "None", "9999-99-99", "0001-01-01", "10000-01-01", "2022-12-31T25:00", "${7*7}",
                                    "%00"])
def test_no_parameter_of_an_address_breaks_a_page(base_livree: Store, valeur: str) -> None:
    adresse = dict.fromkeys(("plan", "code", "observe_au", "connu_au", "depot"), valeur)
    for page in ("synthese", "indicateur", "journal"):
        at = ouvrir(page, **adresse)
        assert at.title and valeur not in (at.title[0].value, *(m.value for m in at.markdown), *(e.value for e in at.error))


# -- texts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("texte", [":material/home:", ":streamlit:", "a -> b", "a <- b", "a -- b", "a >= b", "a <= b", "a ~= b"])
def test_what_streamlit_replaces_is_parted(texte: str) -> None:
    assert JOINTURE in escape_markdown(texte)


@pytest.mark.parametrize("texte", ["http://evil.example", "HTTPS://evil.example", "www.evil.example", "a@evil.example"])
def test_an_error_leads_nowhere(texte: str) -> None:
    assert JOINTURE in escape_error(texte) and JOINTURE not in escape_markdown(texte)


def test_ordinary_french_is_given_nothing_invisible() -> None:
    for texte in ("Taux : 12,5 % — à l’horizon 2024 (A1-b)", "de 8:30 à 12:00", "x < 5 et y > 3", "0-3 ans"):
        assert JOINTURE not in escape_markdown(texte)


def test_a_text_cannot_turn_ours_round_nor_open_a_title_or_a_block() -> None:
    assert "\u202e" not in escape_markdown("\u202eabc") and "\ufffd" in escape_markdown("\u202eabc")
    assert "\n===" not in escape_markdown("a\n===") and "\n    " not in escape_markdown("a\n\n    b")
    assert escape_markdown("&colon;") == "\\&colon;"


# -- what a spreadsheet would run ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("formule", FORMULES)
def test_no_formula_comes_out(vise: Store, formule: str) -> None:
    recu = FichierRecu("mesure.csv", csv_bytes(("indicateur", "periode", "valeur", "commentaire"),
                                               [("I1", "2021", "beaucoup", formule), (formule, "2022", "-4", "- voir T1")]))
    bilan = vise.rehearse(lambda cur: deposits.import_files(cur, [recu], deposits.Demande(plan="essai"), deposits.keep_nothing))
    (liste,) = [format_csv(["a"], [[build_anomalie("nombre_illisible", formule, 1, formule, formule).valeur]])]
    (rejete,) = annotated.reject([recu], bilan, Limites())
    for contenu in (liste, rejete.contenu):
        for ligne in csv.reader(io.StringIO(contenu.decode("utf-8-sig")), delimiter=";"):
            assert not [c for c in ligne if c.lstrip()[:1] in ("=", "@", "+") or c.startswith("-2+3")]
    lus = list(csv.reader(io.StringIO(rejete.contenu.decode("utf-8-sig")), delimiter=";"))
    assert lus[2][2:4] == ["-4", "- voir T1"], "a negative number and a dash are what they were"
    (annote,) = annotated.annotate([recu], bilan, Limites())
    for page in openpyxl.load_workbook(io.BytesIO(annote.contenu)).worksheets:
        assert not [c.coordinate for ligne in page.iter_rows() for c in ligne if c.data_type == "f"]


# -- DuckDB --------------------------------------------------------------------------------------------------------------

VERROUS = {"enable_external_access": "false", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
           "allow_community_extensions": "false", "lock_configuration": "true", "threads": "2"}


def _settings(cur: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return {nom: str(cur.execute("select current_setting(?)", [nom]).fetchone()[0]).lower() for nom in (*VERROUS, "memory_limit")}


def test_every_connection_is_locked_and_measured(base: Store) -> None:
    for lus in (_settings(base.read()), base.rehearse(_settings)):
        assert {k: lus[k] for k in VERROUS} == VERROUS
        assert lus["memory_limit"].startswith("488.2")  # 512 MB, said in MiB
    with pytest.raises(duckdb.InvalidInputException, match="locked"):
        base.rehearse(lambda cur: cur.execute("set threads = 8"))
    with pytest.raises(duckdb.Error):
        base.rehearse(lambda cur: cur.execute(f"from read_text('{base.settings.base / 'verrou'}')").fetchall())


# -- known vulnerabilities -----------------------------------------------------------------------------------------------


def _audit() -> Any:
    spec = importlib.util.spec_from_file_location("audit", RACINE / ".ci" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("paquets", "erreur", "code", "dit"), [
    ([{"name": "a", "version": "1", "vulns": []}], "", 0, "aucune faille connue"),
    ([{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}], "", 1, "CVE-1, corrigée en 2"),
    ([{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "absent"}], "", 0, "sans réponse pour b"),
    ([{"name": "b", "skip_reason": "absent"}], "", 0, "rien n’a été vérifié"),
    (None, "requests.exceptions.ConnectionError: Max retries exceeded", 0, "le réseau ne répond pas"),
    (None, "NewConnectionError: Failed to establish a new connection", 0, "le réseau ne répond pas"),
    (None, "ModuleNotFoundError: pip_audit", 1, "a échoué"),
])
def test_the_audit_fails_on_a_vulnerability_and_not_on_a_missing_network(paquets: Any, erreur: str, code: int, dit: str) -> None:
    sortie = json.dumps({"dependencies": paquets, "fixes": []}) if paquets else ""
    rendu = _audit().judge(sortie, erreur)
    assert rendu[0] == code and dit in rendu[1]
    assert paquets or code or "aucune faille" not in rendu[1]


def test_the_page_opens_after_all_this(base_livree: Store) -> None:
    sain(ouvrir("synthese"))
