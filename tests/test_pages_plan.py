"""Plan and Partenaires: the laws of what they list, the frise as it is drawn, and both pages as a person reads them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from indicators import queries, templates
from indicators.charts import build_frise, build_matrice
from indicators.charts.frise import ANNEE, SEMESTRE, list_annees, write_dates
from indicators.model import Provenance, Role, Statut, StatutAction
from indicators.queries import Action, Orientation, Plan, Vue
from indicators.queries.modeles import Destinataire, get_besoins
from indicators.queries.plan import (
    Etape,
    Filtre,
    Participation,
    keep_actions,
    keep_besoins,
    list_dus,
    list_echeances,
    list_etapes,
    list_participations,
)
from indicators.sentences import describe_frise, describe_matrice, describe_roles
from indicators.store import Store
from indicators.ui.server import FRAME, RACINE
from tests.conftest import deposer, plan_minimal

N, F = "\u00a0", "\u202f"
ISERE, REUNION = "isere-2020-2024", "la-reunion-2020-2024"
O1 = Orientation("O1", "Première", None, Provenance.SAISI, None)
PLAN = Plan("p", "Isère", "38", "Plan", date(2020, 1, 1), date(2024, 12, 31), None, "Europe/Paris", "orientation", "orientations",
            0.95, 0.6, 0.6, None)
VUE = Vue("p", date(2022, 6, 30), None)
POISON = '<b>x</b>"&'


def action(code: str = "A1", **autres) -> Action:
    champs = dict(
        action=code, orientation="O1", intitule=f"Action {code}", libelle_court=f"Action {code}", description=None,
        debut=date(2020, 1, 1), echeance_initiale=None, echeance=date(2024, 12, 31), priorite=None, publics=None,
        provenance=Provenance.SAISI, source=None, statut=StatutAction.EN_COURS, statut_le=None, meteo=None, bilan=None,
        commentaire=None, pilotes=None, indicateurs=0, evalues=0, dans_le_rythme=0, echeance_depassee=False,
        cellule=StatutAction.EN_COURS, cellule_raison="statut de l’action", alertes=(),
    )  # fmt: skip
    return Action(**(champs | autres))


def participe(code: str, partenaire: str, role: Role = Role.PILOTE, convention: str | None = None) -> Participation:
    return Participation(code, partenaire, f"Nom de {partenaire}", None, role, convention)


def dessiner(actions: list[Action], pas: str = ANNEE, observe_au: date = VUE.observe_au) -> ElementTree.Element:
    """The frise of these actions, which must be well formed."""
    annees = list_annees(PLAN, actions)
    return ElementTree.fromstring(build_frise([(O1, actions)], annees, observe_au, pas, lambda c: f"action?code={c}", "note"))


def marques(table: ElementTree.Element, classe: str) -> list[dict[str, float]]:
    """Where the marks of one kind are, in percents of the axis."""
    trouvees = [e for e in table.iter("span") if classe in (e.get("class") or "").split()]
    place = re.compile(r"(left|right):(?:calc\(100% - )?([\d.]+)%")
    return [{cote: float(v) for cote, v in place.findall(e.get("style"))} for e in trouvees]


# -- the frise -----------------------------------------------------------------------------------------------------------


def test_a_bar_goes_from_the_first_day_to_the_deadline():
    table = dessiner([action(debut=date(2021, 1, 1), echeance=date(2022, 12, 31))])
    assert [th.text for th in table.iterfind("thead/tr/th")][2:] == ["2020", "2021", "2022", "2023", "2024"]
    assert marques(table, "barre") == [{"left": 20, "right": 60}]
    assert marques(table, "jour") == [{"left": 50}]
    assert not marques(table, "initiale") and not marques(table, "report")


def test_initial_and_revised_deadlines_are_both_seen():
    repoussee = dessiner([action(echeance_initiale=date(2022, 12, 31), echeance=date(2023, 12, 31))])
    assert marques(repoussee, "barre") == [{"left": 0, "right": 80}] and marques(repoussee, "initiale") == [{"left": 60}]
    assert marques(repoussee, "report") == [{"left": 60, "right": 80}]
    assert "échéance 31/12/2023, initialement 31/12/2022" in "".join(repoussee.itertext())
    avancee = dessiner([action(echeance_initiale=date(2023, 12, 31), echeance=date(2022, 12, 31))])
    assert marques(avancee, "initiale") == [{"left": 80}] and not marques(avancee, "report")
    tenue = dessiner([action(echeance_initiale=date(2023, 12, 31), echeance=date(2023, 12, 31))])
    assert not marques(tenue, "initiale") and "initialement" not in "".join(tenue.itertext())


def test_no_bar_towards_a_date_that_nobody_gave():
    sans_fin, sans_debut = dessiner([action(echeance=None)]), dessiner([action(debut=None)])
    assert not marques(sans_fin, "barre") and not marques(sans_debut, "barre")
    assert len(marques(sans_fin, "repere")) == len(marques(sans_debut, "repere")) == 1
    assert "sans échéance" in "".join(sans_fin.itertext()) and "sans début" in "".join(sans_debut.itertext())
    assert "sans dates" in "".join(dessiner([action(debut=None, echeance=None)]).itertext())


def test_axis_follows_the_dates_within_reason():
    assert list_annees(PLAN, [action(echeance=date(2025, 6, 30))]) == range(2020, 2026)
    assert list_annees(PLAN, [action(debut=date(20, 1, 1), echeance=date(9999, 12, 31))]) == range(2018, 2027)
    assert list_annees(PLAN, []) == range(2020, 2025)
    loin = dessiner([action(debut=date.min, echeance=date.max)])
    assert marques(loin, "barre") == [{"left": 0, "right": 100}] and "31/12/9999" in "".join(loin.itertext())


def test_semesters_have_their_own_columns():
    table = dessiner([action()], SEMESTRE)
    assert [th.text for th in table.iterfind("thead/tr[2]/th")] == ["S1", "S2"] * 5
    assert table.find("tbody/tr/td[@class='piste']").get("colspan") == "10"


def test_each_row_says_its_status_in_a_word_and_its_text_is_a_link():
    tardive = action("A1", cellule=Statut.RETARD_FORT, intitule=POISON, pilotes=POISON)
    table = dessiner([tardive, action("A2", cellule=Statut.ATTEINT)])
    mots = ["".join(e.itertext()) for e in table.iter("span") if "pastille" in (e.get("class") or "")]
    assert mots == ["▲ En retard", "✓ Atteint"]
    (lien, _) = table.iter("a")
    assert lien.text == f"A1 {POISON}" and lien.get("href") == "action?code=A1"
    assert table.find("caption").text == "note"


DATES = st.none() | st.dates()


@given(st.lists(st.builds(lambda d, i, e: action(debut=d, echeance_initiale=i, echeance=e), DATES, DATES, DATES), max_size=4),
       st.sampled_from([ANNEE, SEMESTRE]), st.dates())
def test_whatever_the_dates_marks_stay_on_the_axis(actions, pas, observe_au):
    table = dessiner(actions, pas, observe_au)
    for classe in ("barre", "report", "initiale", "repere", "jour"):
        for place in marques(table, classe):
            assert all(0 <= v <= 100 for v in place.values())
    assert len(marques(table, "barre")) == sum(bool(a.debut and a.echeance) for a in actions)


CELLULES = st.sampled_from([*Statut, *StatutAction])


QUELCONQUES = st.builds(lambda c, i, e: action(cellule=c, echeance_initiale=i, echeance=e), CELLULES, DATES, DATES)


@given(st.lists(QUELCONQUES, min_size=1), st.integers(0, 3))
def test_the_note_counts_what_is_drawn(actions, autres):
    note = describe_frise(actions, len(actions) + autres, date(2022, 6, 30))
    en_tete, _, reste = note.partition(f"{F}: ")
    assert en_tete.startswith(f"{len(actions)}{N}action") and (f" sur {len(actions) + autres} au" in en_tete) == bool(autres)
    assert sum(int(n) for n in re.findall(r" (\d+)(?=[,.])", " " + reste.partition(".")[0] + ".")) == len(actions)
    repoussees = sum(bool(a.echeance and a.echeance_initiale and a.echeance > a.echeance_initiale) for a in actions)
    assert (f" {repoussees}{N}échéance" in note and "repoussée" in note) if repoussees else "repoussée" not in note


# -- what is kept, what falls due, what is owed --------------------------------------------------------------------------

ACTIONS = [action("A1", intitule="Évaluer les informations préoccupantes"),
           action("A2", orientation="O2", cellule=Statut.RETARD_FORT),
           action("A3", publics="Jeunes majeurs")]
PARTS = [participe("A1", "CAF"), participe("A2", "CAF", Role.CONTRIBUTEUR, "SDSF"), participe("A3", "ARS")]


@pytest.mark.parametrize(("filtre", "codes"), [
    (Filtre(), "A1 A2 A3"), (Filtre(orientation="O2"), "A2"), (Filtre(statut="retard_fort"), "A2"), (Filtre(pilote="CAF"), "A1"),
    (Filtre(partenaire="CAF"), "A1 A2"), (Filtre(texte="EVALUER  préoccup"), "A1"), (Filtre(texte="sdsf"), "A2"),
    (Filtre(texte="nom de ars"), "A3"), (Filtre(texte="jeunes CAF"), ""), (Filtre(pilote="CAF", statut="retard_fort"), ""),
], ids=str)
def test_filters(filtre, codes):
    assert " ".join(a.action for a in keep_actions(ACTIONS, PARTS, filtre)) == codes


def test_what_falls_due_leaves_out_what_is_done():
    passee = action("A1", echeance=date(2021, 1, 1), echeance_depassee=True)
    faite = action("A2", statut=StatutAction.REALISEE)
    etapes = [Etape("A1", 1, "Signer", date(2022, 7, 1), False), Etape("A2", 1, "Rien", date(2022, 7, 1), False)]
    dues = list_echeances([passee, faite, action("A3")], etapes, VUE)
    assert [(e.date, e.action.action, e.etape, e.depassee) for e in dues] == [
        (date(2021, 1, 1), "A1", None, True), (date(2022, 7, 1), "A1", "Signer", False), (date(2024, 12, 31), "A3", None, False)]


@pytest.mark.parametrize("plan", [ISERE, REUNION])
@pytest.mark.parametrize("observe_au", [None, date(2022, 6, 30)])
def test_rows_are_those_of_the_tables(base_livree, plan, observe_au):
    cur = base_livree.snapshot().cursor()
    le_plan = queries.get_plan(cur, plan)
    vue = queries.get_vue(cur, le_plan, observe_au)
    participations = list_participations(cur, vue)
    brutes = queries.list_connues(cur, vue, "participation")
    assert {(p.action, p.partenaire, p.role.value) for p in participations} == {
        (x["action"], x["partenaire"], x["role"]) for x in brutes}
    etapes = queries.list_connues(cur, vue, "etape")
    ouvertes = {(e["action"], e["ordre"]) for e in etapes
                if e["prevu_le"] and not (e["fait_le"] and e["fait_le"] <= vue.observe_au)}
    lues = list_etapes(cur, vue)
    assert {(e.action, e.ordre) for e in lues} == ouvertes
    assert all(e.depassee == (e.prevu_le < min(vue.observe_au, le_plan.fin)) for e in lues)


@pytest.mark.parametrize("plan", [ISERE, REUNION])
def test_what_is_owed_is_what_the_workbook_asks(base_livree, plan):
    cur = base_livree.snapshot().cursor()
    le_plan, jour = queries.get_plan(cur, plan), date(2026, 3, 1)
    besoins = get_besoins(cur, le_plan, Destinataire(partenaire="CAF"), jour)
    dus = list_dus(besoins)
    assert dus and sum(d.valeurs for d in dus) == len(besoins.attendues)
    assert all(a.fin <= a.due_le < jour for a in besoins.attendues)
    assert [d.depuis for d in dus] == sorted(d.depuis for d in dus)
    un = dus[0]
    assert un.depuis == min(a.due_le for a in besoins.attendues if a.indicateur == un.indicateur)
    siennes = {p.action for p in list_participations(cur, queries.get_vue(cur, le_plan)) if p.partenaire == "CAF"}
    suivis = {i for a, i in queries.list_rattachements(cur, queries.get_vue(cur, le_plan)) if a in siennes}
    assert keep_besoins(get_besoins(cur, le_plan, Destinataire(), jour), besoins.pour, siennes, suivis) == besoins
    reduits = keep_besoins(besoins, "convention X", set(), {un.indicateur})
    assert {a.indicateur for a in reduits.attendues} == {d.indicateur for d in reduits.definitions} == {un.indicateur}
    assert not reduits.situations
    classeur = openpyxl.load_workbook(BytesIO(templates.build_valeurs(reduits)))
    assert {r[0] for r in classeur["mesure"].iter_rows(min_row=2, values_only=True) if r[0]} == {un.indicateur}


def test_matrix_says_each_role_and_marks_one_partner():
    parts = [*PARTS, participe("A1", "CAF", Role.COPILOTE)]
    note = describe_matrice(ACTIONS, parts)
    table = ElementTree.fromstring(build_matrice(ACTIONS, parts, "ARS", lambda a: f"a?{a}", lambda p: f"p?{p}", note))
    rangs = [["".join(td.itertext()) for td in tr.iterfind("td")] for tr in table.iterfind("tbody/tr")]
    assert rangs == [["P+CPPilote, Copilote", "·"], ["CContributeur", "·"], ["·", "PPilote"]]
    assert [th.get("class") for th in table.iterfind("thead/tr/th")] == [None, None, "choisi"]
    assert note == f"3{N}actions et 2{N}partenaires{F}; 1{N}action est sans pilote."
    assert describe_roles(parts[:2]) == f"pilote de 1{N}action, contributeur de 1{N}action" and describe_roles([])


# -- the pages -----------------------------------------------------------------------------------------------------------


pytestmark = pytest.mark.usefixtures("cadre")


def ouvrir(page: str, **adresse: str) -> AppTest:
    at = AppTest.from_file(str(FRAME), default_timeout=60)
    for cle, valeur in adresse.items():
        at.query_params[cle] = valeur
    sain(at.run())
    return sain(at.switch_page(str(RACINE / "pages" / f"{page}.py")).run())


def sain(at: AppTest) -> AppTest:
    assert not at.exception, [e.value for e in at.exception]
    return at


def html(at: AppTest) -> str:
    return " ".join(e.proto.body for e in at.get("html") if "<style" not in e.proto.body)


def lignes_de(at: AppTest) -> list[str]:
    """Codes of the actions on the frise."""
    return re.findall(r'scope="row"><a [^>]*>(\S+) ', html(at))


def dits(at: AppTest) -> str:
    return " ".join(e.value for liste in (at.title, at.markdown, at.caption, at.info) for e in liste)


def test_frise_shows_every_action_then_those_asked_for(base_livree):
    at = ouvrir("plan", plan=ISERE)
    assert len(lignes_de(at)) == 16 and at.title[0].value == f"16{N}actions, dont 2 à l’échéance dépassée au 31/12/2024"
    at.selectbox(key="pilote").set_value("PMI")
    sain(at.run())
    assert lignes_de(at) == ["I1.1", "I1.2"] and at.query_params["pilote"] == "PMI"
    assert f"2{N}actions sur 16" in dits(at)
    at.text_input(key="texte").set_value("bilan")
    sain(at.run())
    assert lignes_de(at) == ["I1.2"]
    at.text_input(key="texte").set_value("zzz")
    sain(at.run())
    assert lignes_de(at) == [] and "Aucune des 16 actions" in dits(at)
    next(b for b in at.button if b.label == "Effacer les filtres").click()
    sain(at.run())
    assert len(lignes_de(at)) == 16 and not {"pilote", "texte"} & set(at.query_params)


def test_a_link_keeps_the_filters_and_wins_over_what_was_chosen(base_livree):
    at = ouvrir("plan", plan=ISERE, pilote="PMI", texte="bilan", echelle="semestre")
    assert lignes_de(at) == ["I1.2"] and ">S1<" in html(at)
    at.query_params.clear()
    at.query_params["plan"] = ISERE
    at.query_params["statut"] = "recul"
    sain(at.run())
    assert lignes_de(at) == ["I4.2"] and at.selectbox(key="pilote").value is None
    at.query_params["statut"] = "n_importe_quoi"
    sain(at.run())
    assert len(lignes_de(at)) == 16 and "statut" not in at.query_params


def test_calendar_and_table_say_the_same_dates(base_livree):
    at = ouvrir("plan", plan=ISERE, observe_au="2022-06-30")
    at.session_state["vue_plan"] = "Calendrier des échéances"
    sain(at.run())
    assert "Échéance de l’action" in html(at) and "Étape" in html(at) and "frise" not in html(at)
    at.session_state["vue_plan"] = "Tableau"
    sain(at.run())
    assert html(at).count("<tr>") == 17 and "31/12/2022" in html(at)
    at = ouvrir("plan", plan=REUNION)
    at.session_state["vue_plan"] = "Calendrier des échéances"
    assert f"4{N}actions et 7{N}étapes ont passé leur échéance" in dits(sain(at.run())) and "dont 4" in at.title[0].value


def test_partner_and_convention(base_livree):
    at = ouvrir("partenaires", plan=ISERE, code="CAF")
    assert at.title[0].value == "Caisse d’allocations familiales \\(CAF\\)"
    assert f"copilote de 1{N}action, contributeur de 5{N}actions" in dits(at)
    assert "manquent" in dits(at) and "I1.1" in html(at) and 'class="matrice"' in html(at)
    assert [b.label for b in at.get("download_button")] == ["Télécharger la demande de données (Excel)"]
    at = ouvrir("partenaires", plan=ISERE, code="convention:SDSF")
    assert at.title[0].value == "Convention SDSF" and "I3.4" in html(at) and f"4{N}actions" in dits(at)


def test_partner_without_any_part_owes_nothing(base: Store):
    deposer(base, plan_minimal(partenaire=[{"code": "P1", "nom": "Un partenaire"}], indicateur=[{"code": "I1"}]))
    at = ouvrir("partenaires")
    assert "ne participe à aucune action" in dits(at) and "Rien n’est attendu" in dits(at) and not at.get("download_button")


def test_empty_states_say_what_to_do(base: Store):
    deposer(base, plan_minimal())
    assert "pas encore de partenaire" in ouvrir("partenaires").title[0].value
    assert len(lignes_de(ouvrir("plan"))) == 1
    at = ouvrir("plan", plan="essai", observe_au="2023-01-01")
    at.session_state["vue_plan"] = "Calendrier des échéances"
    assert "Aucune échéance à venir" in dits(sain(at.run()))


def test_dates_in_words():
    assert write_dates(replace(action(), echeance=None, echeance_initiale=date(2022, 1, 1))) == (
        "sans échéance, initialement 01/01/2022")
