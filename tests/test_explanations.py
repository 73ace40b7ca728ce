"""Sentences that lead a page or open under a status: agreed, rounded as the row, silent on what is missing, true to the plan."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest

from indicators import explanations, queries
from indicators.formats import ABSENT, FINE, INSECABLE, format_ecart, format_nombre
from indicators.model import (
    Nature,
    Periodicite,
    Provenance,
    Sens,
    Statut,
    StatutAction,
    TypeCible,
    TypeIndicateur,
    Verdict,
)
from indicators.queries import Action, Ligne, Plan, Vue

PLAN = Plan("p", "Essai", "38", "Plan", date(2020, 1, 1), date(2024, 12, 31), None, "Europe/Paris", "orientation", "orientations",
            0.95, 0.6, 0.6, None)
EN_COURS, FINI = (Vue("p", d, datetime(2025, 6, 1)) for d in (date(2022, 12, 31), date(2024, 12, 31)))
GRAVITES = {Statut.ATTEINT: 1, Statut.SEUIL_RESPECTE: 2, Statut.DANS_LES_TEMPS: 2, Statut.RETARD_LEGER: 3, Statut.RETARD_FORT: 4,
            Statut.SEUIL_FRANCHI: 4, Statut.RECUL: 5}
SEUILS = (TypeCible.RESTER_AU_DESSUS, TypeCible.RESTER_EN_DESSOUS, TypeCible.RESTER_ENTRE)
RIEN = dict.fromkeys(("reference", "date_reference", "cible", "cible_min", "cible_max", "date_cible", "attendu", "realise",
                      "date_realise", "avancement", "part_attendue", "rythme", "ecart", "seuil_bas", "seuil_haut", "provenance",
                      "depot_id"))


def ligne(statut: Statut = Statut.RETARD_LEGER, **autres) -> Ligne:
    """71,43 % in 2022 for 75,68 % expected, on the way from 54,2 % (2019) to 90 % (2024)."""
    champs = dict(
        plan="p", indicateur="I1", intitule="Indicateur", libelle_court="", unite="%", decimales=1, sens=Sens.HAUSSE,
        type_cible=TypeCible.ATTEINDRE, nature=Nature.TAUX, periodicite=Periodicite.ANNUELLE, type=TypeIndicateur.RESULTAT,
        territoire="38", ventilation="", statut=statut, verdict=None, motif=None,
        reference=54.2, date_reference=date(2019, 12, 31), cible=90.0, cible_min=None, cible_max=None,
        date_cible=date(2024, 12, 31), attendu=75.68, realise=71.43, date_realise=date(2022, 12, 31),
        avancement=0.48128, part_attendue=0.6, rythme=0.80214, ecart=-4.25, a_actualiser=False, prochaine_fin=None,
        provisoire=False, provenance=Provenance.SAISI, tendance=None, tendance_bas=None, tendance_haut=None, tendance_motif=None,
        pas_annuel=None, gravite=GRAVITES.get(statut, 0), seuil_bas=None, seuil_haut=None, tolerance=0.05,
        seuil_dans_les_temps=0.95, seuil_retard_leger=0.6, etat_suivant=None, source=None, depot_id=7, responsable=None,
    )  # fmt: skip
    return Ligne(**(champs | autres))


def seuil(type_cible: TypeCible, bas: float | None, haut: float | None, statut: Statut = Statut.SEUIL_FRANCHI) -> Ligne:
    sans = dict.fromkeys(("reference", "date_reference", "cible", "attendu", "avancement", "part_attendue", "rythme", "ecart"))
    return ligne(statut, type_cible=type_cible, seuil_bas=bas, seuil_haut=haut, cible_min=bas, cible_max=haut, **sans)


def action(**autres) -> Action:
    champs = dict.fromkeys(Action.__dataclass_fields__) | dict(
        action="A1", orientation="O1", intitule="Action", libelle_court="Action", provenance=Provenance.SAISI,
        statut=StatutAction.EN_COURS, indicateurs=0, evalues=0, dans_le_rythme=0, echeance_depassee=False,
        cellule=StatutAction.EN_COURS, cellule_raison="statut donné par la PMI", alertes=(),
    )  # fmt: skip
    return Action(**(champs | autres))


def lire(texte: str) -> str:
    return texte.replace(FINE, " ").replace(INSECABLE, " ")


def dire(x: Ligne) -> dict[str, str]:
    return {k: lire(v) for k, v in explanations.explain_statut(x)}


# -- headline and coverage -----------------------------------------------------------------------------------------------


def juge(verdict: Verdict | None, **autres) -> Ligne:
    return ligne(Statut.ATTEINT if verdict is Verdict.ATTEINT else Statut.RETARD_FORT, verdict=verdict, **autres)


OUI, NON, SANS = juge(Verdict.ATTEINT), juge(Verdict.NON_ATTEINT), juge(Verdict.NON_EVALUABLE)
BON, MAUVAIS, INCONNU = ligne(Statut.DANS_LES_TEMPS), ligne(Statut.RETARD_FORT), ligne(Statut.NON_RENSEIGNE)
SUIVI = ligne(Statut.SUIVI)


@pytest.mark.parametrize(
    "vue, lignes, dit",
    [
        (FINI, [], "Aucune cible ne peut être jugée sur la dernière période du plan"),
        (FINI, [SANS, SUIVI], "Aucune cible ne peut être jugée sur la dernière période du plan"),
        (FINI, [NON], "La seule cible jugée à la fin du plan n’est pas atteinte"),
        (FINI, [NON, NON, SANS], "Aucune des 2 cibles jugées à la fin du plan n’est atteinte"),
        (FINI, [OUI, SANS, SUIVI], "1 cible atteinte sur 1 jugée à la fin du plan"),
        (FINI, [OUI, NON], "1 cible atteinte sur 2 jugées à la fin du plan"),
        (FINI, [OUI, OUI, NON], "2 cibles atteintes sur 3 jugées à la fin du plan"),
        (FINI, [juge(Verdict.PARTIELLEMENT_ATTEINT), OUI], "1 cible atteinte sur 2 jugées à la fin du plan"),
        (EN_COURS, [], "Aucun indicateur ne peut encore être évalué"),
        (EN_COURS, [INCONNU, SUIVI], "Aucun indicateur ne peut encore être évalué"),
        (EN_COURS, [BON, INCONNU, SUIVI], "1 indicateur sur 1 est dans le rythme attendu"),
        (EN_COURS, [BON, BON, MAUVAIS], "2 indicateurs sur 3 sont dans le rythme attendu"),
        (EN_COURS, [MAUVAIS, MAUVAIS], "Aucun des 2 indicateurs évalués n’est dans le rythme attendu"),
        (EN_COURS, [OUI, ligne(Statut.SEUIL_RESPECTE), MAUVAIS], "2 indicateurs sur 3 sont dans le rythme attendu"),
    ],
)
def test_headline(vue, lignes, dit):
    assert lire(explanations.write_headline(PLAN, vue, lignes)) == dit


ANCIEN, JAMAIS = SANS, juge(Verdict.NON_EVALUABLE, date_realise=None, realise=None)


@pytest.mark.parametrize(
    "vue, lignes, dit",
    [
        (FINI, [OUI, NON], ""),
        (FINI, [], ""),
        (EN_COURS, [], ""),
        (FINI, [ANCIEN], "1 indicateur a pour dernier point connu une année antérieure : son statut est montré, sans verdict."),
        (FINI, [ANCIEN, ANCIEN, JAMAIS, SUIVI],
         "2 indicateurs ont pour dernier point connu une année antérieure : leur statut est montré, sans verdict ; "
         "1 indicateur sans valeur exploitable ; 1 autre est suivi sans cible."),
        (FINI, [JAMAIS, JAMAIS], "2 indicateurs sans valeur exploitable."),
        (FINI, [SUIVI, SUIVI], "2 indicateurs sont suivis sans cible."),
        (EN_COURS, [BON], "1 indicateur évalué sur 1 qui porte une cible."),
        (EN_COURS, [BON, BON, INCONNU, SUIVI, SUIVI],
         "2 indicateurs évalués sur 3 qui portent une cible ; 2 autres sont suivis sans cible."),
        (EN_COURS, [SUIVI], "1 indicateur est suivi sans cible."),
    ],
)  # fmt: skip
def test_coverage(vue, lignes, dit):
    assert lire(explanations.write_coverage(PLAN, vue, lignes)) == dit


def test_illustrative_rows_are_said_and_only_they():
    invente, vraie = ligne(provenance=Provenance.ILLUSTRATIF), ligne(provenance=Provenance.PUBLIE)
    fausse = action(provenance=Provenance.ILLUSTRATIF)
    assert explanations.write_illustrative([vraie], [action()]) == ""
    assert explanations.write_illustrative([ligne(Statut.SUIVI, provenance=Provenance.ILLUSTRATIF)], []) == ""
    dit = lire(explanations.write_illustrative([invente, invente, vraie], [fausse, action()]))
    assert "1 action illustrative sur 2, et 2 statuts calculés sur une cible ou une valeur illustrative." in dit
    assert "action" not in explanations.write_illustrative([invente], [])
    assert "statut" not in explanations.write_illustrative([vraie], [fausse])


# -- priorities ----------------------------------------------------------------------------------------------------------


def test_priorities_come_by_gravity_then_pace_and_leave_a_place_to_actions():
    lent, vite = (ligne(Statut.RETARD_FORT, indicateur=nom, rythme=r) for nom, r in (("lent", 0.1), ("vite", 0.5)))
    recul, leger = ligne(Statut.RECUL, indicateur="recul", rythme=-0.2), ligne(Statut.RETARD_LEGER, indicateur="leger")
    depassee = action(cellule=StatutAction.ECHEANCE_DEPASSEE, cellule_raison="échéance du 30/06/2021 dépassée (PMI)")
    lignes = [BON, leger, vite, lent, INCONNU, SUIVI, recul]
    choisies = [x for x, _ in explanations.list_priorites(lignes, [])]
    assert [x.indicateur for x in choisies] == ["recul", "lent", "vite", "leger"]
    objet, raison = explanations.list_priorites(lignes, [action(), depassee, depassee])[-1]
    assert objet is depassee and raison == "Échéance du 30/06/2021 dépassée (PMI), action en cours."
    assert len(explanations.list_priorites(lignes, [depassee] * 9)) == 4 == len(explanations.list_priorites([], [depassee] * 9))
    assert explanations.list_priorites([BON, INCONNU, SUIVI], [action()]) == []


# -- one line ------------------------------------------------------------------------------------------------------------


def test_sentence_beside_a_status():
    assert lire(explanations.write_statut(ligne())) == (
        "Au 31/12/2022 : 71,4 %, soit −4,3 points par rapport au niveau attendu (75,7 %).")
    assert lire(explanations.write_position(ligne())) == "71,4 % en 2022 pour 75,7 % à cette date ; cible 90,0 %."
    assert "points" not in explanations.write_statut(ligne(unite="places", decimales=0))
    assert "soit −4 places" in lire(explanations.write_statut(ligne(unite="places", decimales=0)))
    assert "soit +1 point " in lire(explanations.write_statut(ligne(decimales=0, ecart=1.2)))
    entre, dessus = seuil(TypeCible.RESTER_ENTRE, 90, 95), seuil(TypeCible.RESTER_AU_DESSUS, 90, None)
    dessous = seuil(TypeCible.RESTER_EN_DESSOUS, None, 60)
    assert lire(explanations.write_statut(entre)) == "71,4 % en 2022, à tenir entre 90,0 % et 95,0 %."
    assert lire(explanations.write_statut(dessus)) == "71,4 % en 2022, à tenir au-dessus de 90,0 %."
    assert lire(explanations.write_statut(dessous)) == "71,4 % en 2022, à tenir en dessous de 60,0 %."
    suivi = ligne(Statut.SUIVI, **(RIEN | {"realise": 3.0, "date_realise": date(2022, 6, 30)}))
    assert lire(explanations.write_statut(suivi)) == "3,0 % au 30/06/2022."
    fait = ligne(Statut.ATTEINT, type_cible=TypeCible.REALISER, realise=1)
    assert explanations.write_statut(fait) == "Réalisé au 31/12/2022."


def test_nothing_is_said_of_what_is_missing():
    for statut, motif in ((Statut.NON_RENSEIGNE, "aucune valeur utilisable"), (Statut.NON_EVALUABLE, "2021 manque (CAF, PMI)")):
        x = ligne(statut, motif=motif, **RIEN)
        assert explanations.write_statut(x) == motif[0].upper() + motif[1:] + "."
        assert dire(x) == {"Règle": x.type_cible.label, "Ce qui manque": motif, "Conclusion": statut.label}
    assert explanations.write_statut(ligne(Statut.NON_RENSEIGNE, **RIEN)) == ""
    assert explanations.write_statut(ligne(Statut.SUIVI, **RIEN)) == ""
    assert explanations.write_statut(ligne(Statut.SUIVI, motif="aucune valeur utilisable", **RIEN)) == "Aucune valeur utilisable."


@pytest.mark.parametrize("statut", list(Statut))
@pytest.mark.parametrize("type_cible", list(TypeCible))
def test_each_status_opens_an_arithmetic_without_blank(statut, type_cible):
    pleine = seuil(type_cible, 90, 95, statut) if type_cible in SEUILS else ligne(statut, type_cible=type_cible)
    sans_rythme = ligne(statut, type_cible=type_cible, rythme=None, part_attendue=None)
    for x in (pleine, sans_rythme, ligne(statut, type_cible=type_cible, **RIEN)):
        faits = explanations.explain_statut(x)
        assert faits[0] == ("Règle", type_cible.label) and len(faits) >= 2
        assert all(k and v and ABSENT not in v and "None" not in v for k, v in faits)
        assert len({k for k, _ in faits}) == len(faits)
        conclusion = dict(faits)["Conclusion"]
        assert "sans cible" in conclusion if statut is Statut.SUIVI else conclusion == statut.label


def test_arithmetic_shows_the_numbers_of_the_row():
    dit = dire(ligne(provisoire=True))
    assert dit["Référence au 31/12/2019"] == "54,2 %" and dit["Cible au 31/12/2024"] == "90,0 %"
    assert dit["Réalisé au 31/12/2022"] == "71,4 % (provisoire)" and dit["Attendu à cette date"] == "75,7 %"
    assert dit["Écart à l’attendu"] == "−4,3 points"
    assert dit["Chemin parcouru"] == "48,1 % = (71,4 − 54,2) ÷ (90,0 − 54,2)"
    assert dit["Rythme"] == "80,2 % = 48,1 % ÷ 60,0 %"
    assert dit["Seuils du plan"] == "en bonne voie dès 95,0 %, à surveiller dès 60,0 %"
    assert dit["Valeur déposée par"] == "dépôt n° 7" and dit["Solidité"].startswith("Donnée saisie")
    entre = dire(seuil(TypeCible.RESTER_ENTRE, 90, 95))
    assert entre["Seuil en vigueur"] == "à tenir entre 90,0 % et 95,0 %" and "Attendu à cette date" not in entre
    suivi = dire(ligne(Statut.SUIVI))
    assert "aucun jugement" in suivi["Conclusion"] and not {"Rythme", "Chemin parcouru", "Attendu à cette date"} & set(suivi)


@pytest.mark.parametrize("observe_au", [None, date(2022, 12, 31), date(2020, 6, 30)])
def test_shipped_rows_say_their_own_rounded_numbers(base_livree, observe_au):
    cur = base_livree.read()
    vues = 0
    for plan in queries.list_plans(cur):
        vue = queries.get_vue(cur, plan, observe_au)
        for x in queries.list_lignes(cur, vue, territoires=True):
            phrase, dit = explanations.write_statut(x), dict(explanations.explain_statut(x))
            assert ABSENT not in phrase and "None" not in phrase and not re.search(r"nan|inf\b|  |\.\.$", phrase), phrase
            assert all(v and ABSENT not in v for v in dit.values()), dit
            assert bool(phrase) == (x.realise is not None or x.motif is not None)
            if x.statut in explanations.NON_EVALUES or x.statut is Statut.SUIVI or x.type_cible is TypeCible.REALISER:
                continue
            assert format_nombre(x.realise, x.decimales, x.unite) in phrase
            if "par rapport" in phrase:
                assert format_ecart(x.ecart, x.decimales, x.unite) in phrase
                assert format_nombre(x.attendu, x.decimales, x.unite) in phrase
                assert ("point" in phrase) == (x.unite in ("%", "‰"))
            vues += 1
    assert vues


def test_gravity_of_these_tests_is_that_of_the_views(base_livree):
    lues = base_livree.read().execute("select s, gravite(s) from unnest($1) t(s)", [[s.value for s in Statut]]).fetchall()
    assert {Statut(s): g for s, g in lues if g} == GRAVITES
