"""Every page through the frame, without a browser: what it says on full, past, empty, damaged and hostile bases."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from streamlit.testing.v1 import AppTest

from indicators import model
from indicators.formats import FINE, format_nombre, pluriel
from indicators.model import Statut
from indicators.store import Store
from indicators.tables import TABLES, TEXTE
from indicators.ui import donnees, state
from indicators.ui.server import FRAME, JOINTURE, PAGES, RACINE
from tests.conftest import copier_base, deposer, plan_minimal

ISERE, REUNION = "isere-2020-2024", "la-reunion-2020-2024"
PLANS = (ISERE, REUNION)
VUES: dict[str, dict[str, str]] = {
    "cloture": {},
    "fin2022": {"observe_au": "2022-12-31"},
    "connu2022": {"observe_au": "2022-12-31", "connu_au": "2022-06-30"},
}
PLANS_ET_VUES = pytest.mark.parametrize(("plan", "vue"), [
    pytest.param(plan, vue, marks=[] if (plan, vue) in ((ISERE, "cloture"), (ISERE, "connu2022"), (REUNION, "fin2022"))
                 else pytest.mark.long) for plan in PLANS for vue in VUES])
NON_EVALUES = {"suivi", "non_evaluable", "non_renseigne"}


pytestmark = pytest.mark.usefixtures("cadre")


def ouvrir(page: str, deplie: bool = False, **adresse: str) -> AppTest:
    """That page at that address, which must run without an exception; `deplie` opens the tables that wait for it.

    As a link does: the frame runs once, on that page, and no other page is drawn first.
    """
    at = AppTest.from_file(str(FRAME), default_timeout=60)
    for cle, valeur in adresse.items():
        at.query_params[cle] = valeur
    sain(at.switch_page(str(RACINE / "pages" / f"{page}.py")).run())
    return deplier(at) if deplie else at


def deplier(at: AppTest) -> AppTest:
    """Open every table that is drawn once it is asked for."""
    for volet in at.expander:
        if volet.proto.id:
            at.session_state["tableau_" + volet.proto.id.rpartition("-tableau_")[2]] = True
    return sain(at.run())


def sain(at: AppTest) -> AppTest:
    assert not at.exception, [e.value for e in at.exception]
    return at


def titre(at: AppTest) -> str:
    """The only title of the page, as it reads."""
    (seul,) = at.title
    return lire(seul.value)


def lire(markdown: str) -> str:
    """What a reader sees of a text escaped for Markdown."""
    return re.sub(r"\\([\\`*_{}\[\]()#+\-.!|~$:<>&=])", r"\1", markdown).replace(JOINTURE, "")


def tables(at: AppTest) -> list[list[dict[str, str]]]:
    """Every table of rows, as the texts that a reader sees under each heading; the page's HTML must be well formed."""
    resultat = []
    for racine in _html(at):
        for table in racine.iter("table"):
            if entetes := [th.text for th in table.iterfind("thead/tr/th")]:
                resultat.append([dict(zip(entetes, ["".join(td.itertext()) for td in tr.iterfind("td")], strict=True))
                                 for tr in table.iterfind("tbody/tr")])
    return resultat


def faits(at: AppTest) -> str:
    """Texts of the HTML tables, those of facts included."""
    return " ".join(texte for racine in _html(at) for texte in racine.itertext())


def _html(at: AppTest) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(f"<p>{e.proto.body}</p>") for e in at.get("html") if "<style" not in e.proto.body]


def dits(at: AppTest) -> str:
    return " ".join(lire(e.value) for liste in (at.markdown, at.caption, at.info, at.warning) for e in liste)


# -- shipped plans -------------------------------------------------------------------------------------------------------


@PLANS_ET_VUES
def test_every_page_on_every_date(base_livree, plan, vue):
    for page in PAGES:
        at = ouvrir(page, deplie=True, plan=plan, **VUES[vue])
        assert titre(at) and not at.error
        assert at.selectbox(key="plan").value == plan
        if vue != "cloture":
            assert "situation au 31/12/2022" in at.caption[0].value
        if vue == "connu2022":
            assert "données connues au 30/06/2022" in at.caption[0].value


@PLANS_ET_VUES
def test_synthese_says_what_the_command_line_says(base_livree, cli, plan, vue):
    options = [mot for cle, v in VUES[vue].items() for mot in (f"--{cle.replace('_', '-')}", v)]
    code, lignes, _ = cli("status", "--plan", plan, *options)
    assert code == 0
    at = ouvrir("synthese", deplie=True, plan=plan, **VUES[vue])

    compte = Counter(x["statut"] for x in lignes)
    groupes = (("atteint", "dans_les_temps", "seuil_respecte"), ("retard_leger",), ("retard_fort", "recul", "seuil_franchi"),
               ("non_evaluable", "non_renseigne"))
    attendus = [sum(compte[s] for s in statuts) for statuts in groupes]
    assert [m.value for m in at.metric] == [str(n) for n in attendus]
    if vue == "cloture":
        juges = [x["verdict"] for x in lignes if x["verdict"] not in (None, "non_evaluable")]
        atteintes = pluriel(juges.count("atteint"), "cible atteinte", "cibles atteintes")
        assert titre(at) == f"{atteintes} sur {len(juges)} jugées à la fin du plan"
    else:
        evalues = sum(n for s, n in compte.items() if s not in NON_EVALUES)
        assert titre(at).startswith(f"{pluriel(attendus[0], 'indicateur')} sur {evalues} ")
    table, _ = tables(at)
    assert [v["Indicateur"].split(" ")[0] for v in table] == [x["indicateur"] for x in lignes]
    assert [v["Statut"] for v in table] == [Statut(x["statut"]).label for x in lignes]


def test_published_figures_of_isere(base_livree):
    at = ouvrir("indicateur", deplie=True, plan=ISERE, code="OFF-01")
    (realise,) = [m for m in at.metric if m.label.startswith("Réalisé")]
    assert (realise.label, realise.value) == ("Réalisé au 31/12/2022", f"32,0{FINE}%")
    (table,) = [t for t in tables(at) if "Numérateur" in t[0]]
    en = {v["Période"]: v["Valeur"] for v in table if v["Territoire"] in ("38", "Isère") and not v["Détail"]}
    assert (en["2019"], en["2022"]) == (f"32,5{FINE}%", f"32,0{FINE}%")


@pytest.mark.parametrize("plan", [ISERE, pytest.param(REUNION, marks=pytest.mark.long)])
def test_figures_of_each_indicator_are_those_of_the_command_line(base_livree, cli, plan):
    _, lignes, _ = cli("status", "--plan", plan, "--observe-au", "2022-12-31")
    at = ouvrir("indicateur", plan=plan, observe_au="2022-12-31")
    for x in lignes:
        at.query_params["code"] = x["indicateur"]
        sain(at.run())
        vus = {m.label.split(" ")[0]: m.value for m in at.metric}
        for libelle, champ in (("Référence", "reference"), ("Réalisé", "realise"), ("Attendu", "attendu"), ("Cible", "cible")):
            nom = "Seuil" if libelle == "Attendu" and "Seuil" in vus else libelle  # what is expected of a threshold is to hold it
            vu, ou = vus.get(nom), (x["indicateur"], libelle)
            assert (vu is None) == (x[champ] is None), ou
            if vu in ("Réalisé", "Non réalisé"):
                assert x[champ] == (vu == "Réalisé"), ou
            elif vu is not None:
                decimales = len(re.match(r"[−\d\u202f]+,?(\d*)", vu)[1])
                assert re.sub(r"(\u202f[%‰]|\u00a0€)$", "", vu) == format_nombre(x[champ], decimales), ou
        assert any(Statut(x["statut"]).label in m.value for m in at.markdown), x["indicateur"]


def test_charts_have_an_alternative_text_and_french_locale(base_livree):
    for page in ("synthese", "action", "indicateur"):
        graphiques = ouvrir(page, plan=REUNION).get("plotly_chart")
        assert graphiques
        for g in graphiques:
            assert len(g.proto.alt) > 20 and json.loads(g.proto.config)["locale"] == "fr"


# -- addresses -----------------------------------------------------------------------------------------------------------


def test_deep_link_restores_plan_dates_and_code(base_livree, cli):
    at = ouvrir("indicateur", plan=REUNION, observe_au="2022-12-31", connu_au="2023-03-31", code="OFF-01")
    assert at.selectbox(key="plan").value == REUNION
    assert at.date_input[0].value == date(2022, 12, 31)
    assert at.selectbox(key="connu_au").value == "2023-03-31"
    assert at.selectbox(key="code").value == "OFF-01"
    assert at.caption[0].value.endswith("situation au 31/12/2022 · données connues au 31/03/2023 à 23\u00a0h\u00a059")
    assert dict(at.query_params) == {"plan": REUNION, "observe_au": "2022-12-31", "connu_au": "2023-03-31", "code": "OFF-01"}
    liens = [lien.proto.query_string for lien in at.get("page_link")]
    assert liens and all(re.match(f"plan={REUNION}&observe_au=2022-12-31&connu_au=2023-03-31&(code|depot)=", x) for x in liens)


PERIMES = (
    {"plan": "zz"}, {"code": "ZZ"}, {"observe_au": "2022-13-45"}, {"connu_au": "hier"}, {"observe_au": "1987-01-01"},
    {"connu_au": "2022-06-30T25:00"}, {"plan": "", "code": "", "observe_au": "", "connu_au": ""},
    {"plan": "<script>", "code": "![](http://evil/x.png)", "observe_au": "9999999", "connu_au": "0"},
)


@pytest.mark.parametrize("adresse", PERIMES, ids=lambda a: "-".join(f"{k}={v}" for k, v in a.items()))
def test_stale_link_gives_the_default(base_livree, adresse):
    defaut = ouvrir("indicateur")
    at = ouvrir("indicateur", **adresse)
    assert titre(at) == titre(defaut) and at.caption[0].value == defaut.caption[0].value
    for cle in ("plan", "connu_au", "code"):
        assert at.selectbox(key=cle).value == defaut.selectbox(key=cle).value
    assert dict(at.query_params) == dict(defaut.query_params)  # and the address no longer says it


@pytest.mark.parametrize("connu_au", ["2022-06-30T12:00:00", "2022-06-30T12:00:00+02:00", "2022-06-30T12:00:00Z"])
def test_moment_with_or_without_zone(base_livree, connu_au):
    assert "données connues au 30/06/2022" in ouvrir("synthese", connu_au=connu_au).caption[0].value


# -- bases that lack something -------------------------------------------------------------------------------------------


def test_empty_base_says_what_to_do(base):
    at = sain(AppTest.from_file(str(FRAME), default_timeout=60).run())
    assert titre(at) == "Aucun plan n’est encore déposé" and "python -m indicators init" in dits(at)
    assert [lien.proto.label for lien in at.get("page_link")] == ["Déposer un plan", "Lire le guide"]
    sans_plan = {"depot": "Déposer des données", "journal": "Journal des dépôts", "methode": "Comment les statuts sont calculés",
                 "administration": "Aucun rôle donné ici, aucune sauvegarde"}
    for page in PAGES:
        at = ouvrir(page)
        assert titre(at) == sans_plan.get(page, "Aucun plan n’est encore déposé") and not at.error


def test_rules_of_an_empty_base_have_the_thresholds_by_default(base):
    at = ouvrir("methode")
    assert f"95{FINE}%" in dits(at) and f"60{FINE}%" in dits(at)


def test_plan_that_has_only_its_name(base):
    deposer(base, plan_minimal(orientation=[], action=[]))
    for page in PAGES:
        at = ouvrir(page, deplie=True)
        assert titre(at) and not at.error
    assert "pas encore d’action" in titre(ouvrir("action")) and "pas encore d’indicateur" in titre(ouvrir("indicateur"))
    assert "Aucun" in titre(ouvrir("synthese"))


def test_plan_without_action_then_without_value(base):
    deposer(base, plan_minimal(orientation=[], action=[], indicateur=[{"code": "I1"}, {"code": "I2", "type_cible": "suivre"}]))
    for page in PAGES:
        at = ouvrir(page, deplie=True)
        assert titre(at) and "n. d. n. d." not in dits(at)
    assert "Aucune valeur ni cible" in dits(ouvrir("indicateur", code="I2"))


def test_damaged_version_is_said_and_the_previous_one_served(base_livree):
    sain_avant = ouvrir("synthese", plan=ISERE)
    deposer(base_livree, plan_minimal())
    endommagee, servie, *_ = base_livree.list_versions()
    endommagee.write_bytes(endommagee.read_bytes()[: endommagee.stat().st_size // 2])
    donnees.open_store.cache_clear()
    for page in PAGES:
        at = ouvrir(page, plan=ISERE)
        (erreur,) = at.error
        assert endommagee.name in lire(erreur.value) and servie.name in lire(erreur.value) and "sauvegarde" in erreur.value
        assert titre(at)
    assert titre(ouvrir("synthese", plan=ISERE)) == titre(sain_avant)


# -- what data could do --------------------------------------------------------------------------------------------------

POISON = "**g** <b>h</b> $x$ ![i](http://evil/x.png) [l](http://evil) :red[r] a|b <script>alert(1)</script> `c` &amp; <img src=x>"
COURT = "![i](http://evil/x.png)|<b>"  # 27 characters
MARKDOWN = re.compile(r"!\[|\]\(|evil[^\n]*\)|:red\[|\$x|<b>|<img|<script|\*\*g|`c`")


def empoisonner(table: str, **ligne: Any) -> dict[str, Any]:
    """A row whose free texts are all hostile."""
    t = TABLES[table]
    libres = [c for c in t.colonnes if c.type == TEXTE and c.choix is None and c.vers is None and c.nom not in (*t.cle, *ligne)]
    poisons = {c.nom: COURT if c.longueur else POISON for c in libres}
    return {**poisons, "source": POISON, **ligne}


@pytest.fixture(scope="module")
def empoisonnee(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A small plan, every free text of every table hostile, values on each side of the target; only read here."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("empoisonnee") / "base")
    indicateur = {"type_cible": "atteindre", "nature": "stock", "unite": POISON}
    ici, ailleurs = {"territoire": "38", "ventilation": ""}, {"territoire": "FR", "ventilation": ""}
    recus = plan_minimal(
        plan_champs=empoisonner("plan", departement="38", fuseau="Europe/Paris"),
        territoire=[empoisonner("territoire", code="38", parent=""), empoisonner("territoire", code="FR", parent="")],
        orientation=[empoisonner("orientation", code="O1", ordre=1)],
        action=[empoisonner("action", code="A1", orientation="O1", echeance="2021-06-30"),
                empoisonner("action", code="A2", orientation="O1")],
        partenaire=[empoisonner("partenaire", code="P1")],
        participation=[empoisonner("participation", action="A1", partenaire="P1", role=r) for r in model.Role],
        indicateur=[
            empoisonner("indicateur", code="I1", **indicateur),
            empoisonner("indicateur", code="I2", **indicateur | {"nature": "taux", "type_cible": "rester_entre", "facteur": 100}),
            empoisonner("indicateur", code="I3", **indicateur | {"type_cible": "suivre"}),
        ],
        action_indicateur=[{"action": "A1", "indicateur": i, "source": POISON} for i in ("I1", "I2", "I3")],
        cible=[
            empoisonner("cible", indicateur="I1", role="reference", date="2019-12-31", valeur=10, **ici),
            empoisonner("cible", indicateur="I1", role="finale", date="2024-12-31", valeur=20, **ici),
            empoisonner("cible", indicateur="I2", role="finale", date="2024-12-31", valeur_min=5, valeur_max=9, **ici),
        ],
        mesure=[empoisonner("mesure", indicateur=i, debut=f"{a}-01-01", fin=f"{a}-12-31", valeur=a - 2010, **ou)
                for i in ("I1", "I2", "I3") for ou in (ici, ailleurs) for a in (2020, 2021, 2022)],
        suivi_action=[empoisonner("suivi_action", action="A1", date="2021-12-31", statut="en_cours", meteo="orage")],
        etape=[empoisonner("etape", action="A1", ordre=1, prevu_le="2021-06-30")],
        budget=[empoisonner("budget", action="A1", annee=2021, nature=POISON, prevu=1000)],
        lien=[empoisonner("lien", action="A1", adresse="https://exemple.fr/" + COURT)],
        seance=[empoisonner("seance", code="S1", date="2022-06-30", territoire="", connu_au="2022-06-30T00:00:00")],
        decision=[empoisonner("decision", code="D1", seance="S1", action="A1", echeance="2023-01-01")],
        repere=[empoisonner("repere", code="R1", date="2022-02-07")],
        rupture=[empoisonner("rupture", indicateur="I1", territoire="38", date="2021-06-30")],
    )
    deposer(store, recus)
    return store


@pytest.fixture
def base_empoisonnee(empoisonnee: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The same; INDICATORS_BASE points to it."""
    monkeypatch.setenv("INDICATORS_BASE", str(empoisonnee.settings.base))
    return empoisonnee


def list_markdown(at: AppTest) -> Iterator[tuple[str, str]]:
    """(where, text) of everything that Streamlit reads as Markdown: bodies, labels, tooltips."""
    assert not at.table  # its cells would be Markdown
    for element in [*at.main, *at.sidebar]:
        nature = element.type
        if nature in ("html", "plotly_chart"):
            continue
        # the value of a metric and the options of a list are plain text
        for champ in ("label", "help") if nature == "metric" else ("body", "label", "help"):
            texte = getattr(element.proto, champ, "")
            if isinstance(texte, str) and texte:
                yield f"{nature} {champ}", texte


def list_vivants(at: AppTest) -> list[str]:
    """What Markdown would take as its own in the texts of this page: nothing, when each is escaped."""
    nus = ((ou, re.sub(r"\\.", "·", texte, flags=re.DOTALL)) for ou, texte in list_markdown(at))
    return sorted({f"{ou} : {trouve[0]}" for ou, nu in nus if (trouve := MARKDOWN.search(nu))})


@pytest.mark.parametrize("page", PAGES)
def test_hostile_texts_stay_texts(base_empoisonnee, page):
    at = ouvrir(page, deplie=True)
    adresses = [{"code": c} for c in {"action": ("A1", "A2"), "indicateur": ("I1", "I2", "I3")}.get(page, ())] or [{}]
    vivants = []
    for adresse in adresses:
        for cle, valeur in adresse.items():
            at.query_params[cle] = valeur
        deplier(sain(at.run()))
        vivants += list_vivants(at)
        html = " ".join(h.proto.body for h in at.get("html"))
        assert "<b>" not in html and "<script" not in html and "<img" not in html
    assert vivants == []


def test_every_chapter_of_the_guide_opens_and_takes_no_markup_from_the_plan(base_empoisonnee):
    at = ouvrir("methode")
    chapitres = [onglet.label for onglet in at.tabs if onglet.label != "Exemples calculés"]
    assert len(chapitres) == len(list((RACINE / "data" / "guide").glob("*.md")))
    for chapitre in chapitres:
        at.session_state["chapitre"] = chapitre
        sain(at.run())
        (texte,) = [m.value for m in next(t for t in at.tabs if t.label == chapitre).markdown]
        assert len(texte) > 200 and list_vivants(at) == []


def test_hostile_texts_are_shown_letter_for_letter(base_empoisonnee):
    at = ouvrir("action", deplie=True, code="A1")
    assert titre(at) == POISON
    assert POISON in dits(at) and POISON in faits(at)
    at = ouvrir("indicateur", deplie=True, code="I1")
    assert titre(at) == POISON and POISON in faits(at)
    assert {v["Source"] for t in tables(at) for v in t if "Source" in v} == {POISON}
    assert [v["Remarque"] for t in tables(at) for v in t if "Remarque" in v] == [POISON]
    figures = [json.loads(g.proto.spec) for g in at.get("plotly_chart")]
    notes = [a["text"] for f in figures for a in f["layout"]["annotations"]]
    assert notes and not any("<script" in n or "<img" in n for n in notes)


# -- source --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fichier", sorted((RACINE / "pages").glob("*.py")), ids=lambda f: f.stem)
def test_a_page_is_one_short_story(fichier: Path):
    source = fichier.read_text("utf-8")
    assert len(source.splitlines()) < 140
    assert source.startswith('"""') and "unsafe_allow" not in source and not re.search(r"\bselect\b.*\bfrom\b", source)


# -- choices -------------------------------------------------------------------------------------------------------------


def test_plans_of_one_departement_are_told_apart(base):
    def intitule(plan: str, titre: str, debut: str = "2020-01-01", fin: str = "2024-12-31") -> list:
        return plan_minimal(plan, plan_champs={"intitule": titre, "debut": debut, "fin": fin})

    seul = plan_minimal("seul", plan_champs={"departement": "974"})
    for recus in (intitule("a", "Schéma"), intitule("b", "Schéma", "2025-01-01", "2029-12-31"), seul):
        deposer(base, recus)
    at = ouvrir("plan", plan="a")
    assert at.selectbox(key="plan").options == ["38 2020-2024", "38 2025-2029", "974"]
    assert sain(at.selectbox(key="plan").set_value("b").run()).query_params["plan"] == "b"
    deposer(base, intitule("c", "Volet", "2025-01-01", "2029-12-31"))
    deposer(base, intitule("d", "Volet", "2025-01-01", "2029-12-31"))
    assert ouvrir("plan", plan="a").selectbox(key="plan").options == [
        "38 2020-2024", "38 2025-2029 — Schéma", "38 2025-2029 — Volet (c)", "38 2025-2029 — Volet (d)", "974"]


def test_decisions_are_all_shown_until_a_filter_is_chosen(base_livree):
    at = ouvrir("decisions", plan=ISERE)
    assert re.match(r"3.décisions ouvertes sur 8, toutes en retard au \d\d/\d\d/20\d\d$", titre(at))
    assert [at.selectbox(key=cle).placeholder for cle in ("seance", "etat", "action", "responsable")] == [
        "Toutes", "Tous", "Toutes", "Tous"]
    assert len(tables(at)[0]) == 8 and "8\u00a0décisions illustratives sur 8" in dits(at)
    premiere = tables(at)[0][0]  # the file says DEF
    assert (premiere["Responsable"], premiere["Action"]) == ("Direction enfance-famille", "Tout le plan")
    assert tables(at)[0][1]["Action"] == "I4.3 Préparer la sortie"
    sain(at.selectbox(key="etat").set_value("faite").run())
    assert {x["État"] for x in tables(at)[0]} == {"Faite"} and at.query_params["etat"] == "faite"


@pytest.mark.parametrize("page, colonnes", [("decisions", ["Décision", "Suite", "Action"]), ("journal", ["Dépôt", "Contenu"])])
def test_a_phone_reads_long_lists_in_few_columns(base_livree, monkeypatch, page, colonnes):
    large = state.get_contexte
    monkeypatch.setattr(state, "get_contexte", lambda: replace(large(), etroit=True))
    liste = tables(ouvrir(page, plan=ISERE))[0]
    assert list(liste[0]) == colonnes and len(liste) == (8 if page == "decisions" else 34)


def test_the_journal_opens_a_depot_from_its_number(base_livree):
    at = ouvrir("journal", plan=ISERE)
    assert f"journal?plan={ISERE}&amp;depot=22" in "".join(e.proto.body for e in at.get("html"))
    assert tables(at)[0][12]["N°"] == "22" and tables(at)[0][13]["État"].startswith("Annulé par")
