"""Proposed dépôts: they count nowhere until a second person accepts them, and then exactly as if deposited at that moment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from indicators import deposits, migrations, propositions, queries
from indicators.access import Personne, run_as
from indicators.deposits import BilanDepot, Demande
from indicators.errors import AccesRefuse, DemandeInvalide, DepotRefuse
from indicators.model import Attribution, EtatDepot, Habilitation, TypeDepot
from indicators.queries.modeles import Destinataire, get_besoins
from indicators.reading import FichierRecu
from indicators.settings import RACINE, Settings
from indicators.store import Store
from indicators.tables import TABLES
from indicators.ui import acces as porte
from indicators.ui import donnees
from indicators.verification import verify
from tests.conftest import copier_base, deposer, ecrire, fichier, plan_minimal
from tests.test_access import someone
from tests.test_lois import examples
from tests.test_pages import dits, faits, lire, ouvrir, sain, tables

JOUR = date(2024, 12, 31)
STRUCTURE: dict[str, list[dict[str, Any]]] = {
    "territoire": [{"code": "38A", "nom": "Agglomération", "type": "territoire"}],
    "partenaire": [{"code": "P1", "nom": "CAF"}],
    "indicateur": [{"code": c, "borne_max": 1000} for c in ("I1", "I2")],
    "cible": [{"indicateur": c, "role": r, "date": d, "valeur": v} for c in ("I1", "I2")
              for r, d, v in (("reference", "2019-12-31", 0), ("finale", "2024-12-31", 100))],
}


def structure(validation: str = "oui") -> list[FichierRecu]:
    """The plan « essai », with two indicators that no value follows yet."""
    return plan_minimal(plan_champs={"validation": validation}, **STRUCTURE)


def valeurs(*lignes: tuple[str, int, object]) -> list[FichierRecu]:
    return [fichier("mesure", [{"indicateur": i, "periode": a, "valeur": v} for i, a, v in lignes])]


@pytest.fixture(scope="module")
def modele(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """« essai », whose dépôts wait for a second person, as dépôt 1; a first value accepted, as 2 and 3; never written to."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("propose") / "base")
    deposer(store, structure())
    deposer(store, valeurs(("I1", 2021, 30)), auteur="Léa")
    accepter(store, 2)
    return store


@pytest.fixture
def plan(modele: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of it for one test."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele, tmp_path / "base")


def accepter(store: Store, depot: int, auteur: str = "Paul", motif: str | None = None) -> BilanDepot:
    return store.write(lambda cur: propositions.accept(cur, depot, auteur, motif))


def refuser(store: Store, depot: int, auteur: str = "Paul", motif: str = "chiffre à vérifier") -> int:
    return store.write(lambda cur: propositions.refuse(cur, depot, auteur, motif))


def annuler(store: Store, depot: int) -> list[int]:
    return store.write(lambda cur: deposits.cancel(cur, depot, "essai", "Paul"))


def assert_sound(store: Store) -> None:
    assert [d for c in verify(store) for d in c.defauts] == []


def what_is_seen(cur: Any, moments: Sequence[datetime] = ()) -> dict[str, Any]:
    """Everything that a page, a template or the command line shows, now and at these moments."""
    vu: dict[str, Any] = {"plans": queries.list_plans(cur), "visible": cur.execute("from mesure_visible order by all").fetchall(),
                          "vie": cur.execute("from depot_vie order by all").fetchall()}
    vu |= {t: cur.execute(f"from {t} order by all").fetchall() for t in ("dernier_etat", "dernier_point", "dernier_action")}
    for plan in vu["plans"]:
        vu[f"modele {plan.plan}"] = get_besoins(cur, plan, Destinataire(), JOUR)
        vu[f"vue {plan.plan}"] = queries.get_vue(cur, plan, JOUR)
        vu[f"valeurs {plan.plan}"] = queries.list_valeurs(cur, vu[f"vue {plan.plan}"], "I1")
        vu[f"lignes {plan.plan}"] = [queries.list_lignes(cur, queries.get_vue(cur, plan, JOUR, m), True) for m in moments]
    return vu | {str(m): rows_known(cur, str(m)) for m in (*moments, "9999-12-31")}


def rows_known(cur: Any, moment: str = "9999-12-31") -> dict[str, list[tuple[Any, ...]]]:
    """Every row known then, without the number of its dépôt."""
    return {t: cur.execute(f"select * exclude (depot_id) from {t}_connu(timestamp '{moment}') order by all").fetchall()
            for t in TABLES}


def judged(cur: Any) -> list[dict[str, Any]]:
    """Every line of the default view, without the number of its dépôt."""
    vue = queries.get_vue(cur, queries.get_plan(cur, "essai"), JOUR)
    return [{k: v for k, v in vars(x).items() if k != "depot_id"} for x in queries.list_lignes(cur, vue, True)]


# -- laws ----------------------------------------------------------------------------------------------------------------


PROPOSES = {
    "values, one of them changed": lambda: valeurs(("I1", 2024, 12), ("I2", 2021, 40), ("I1", 2021, 99)),
    "a value withdrawn": lambda: [fichier("mesure", [{"indicateur": "I1", "periode": 2021, "valeur": "", "supprimer": "oui"}])],
    "an indicator": lambda: [fichier("indicateur", [{"code": "I3", "intitule": "Nouveau", "unite": "places",
                                                     "type_cible": "atteindre", "nature": "stock"}])],
    "the plan": lambda: [fichier("plan", [{"plan": "essai", "departement": "38", "intitule": "Autre", "debut": "2020-01-01",
                                           "fin": "2023-12-31", "validation": "non"}])],
}


def test_proposed_depots_change_nothing_at_any_date_and_refused_leave_nothing(plan: Store) -> None:
    moments = [plan.read().execute("select max(connu_le) from depot").fetchone()[0], datetime(2100, 1, 1)]
    avant = what_is_seen(plan.read(), moments)
    numeros = []
    for recus in PROPOSES.values():
        bilan = deposer(plan, recus(), auteur="Léa")
        assert bilan.propose
        numeros.append(bilan.depot)
    assert numeros == [4, 5, 6, 7] and what_is_seen(plan.read(), moments) == avant
    assert_sound(plan)
    assert {d.etat for d in queries.list_depots(plan.read()) if d.id in numeros} == {EtatDepot.PROPOSE}
    for numero in numeros:
        refuser(plan, numero)
    assert what_is_seen(plan.read(), moments) == avant
    assert_sound(plan)


@pytest.mark.parametrize("quoi", PROPOSES)
def test_proposed_then_accepted_is_deposited_at_that_moment(plan: Store, tmp_path: Path, quoi: str) -> None:
    shutil.copytree(plan.settings.base, tmp_path / "direct")
    direct = Store(Settings(base=tmp_path / "direct"))
    direct.write(lambda cur: cur.execute("update plan set validation = false"))
    bilan = deposer(plan, PROPOSES[quoi](), auteur="Léa", motif="révision")
    avant = rows_known(plan.read())
    accepte = accepter(plan, 4)
    comparables = ("lues", "nouvelles", "modifiees", "inchangees", "retirees", "effets", "publiees")
    attendu = deposer(direct, PROPOSES[quoi](), auteur="Léa", motif="révision")
    assert not attendu.propose and accepte.depot == 5
    for nom in comparables:
        assert getattr(accepte, nom) == getattr(attendu, nom) == getattr(bilan, nom), nom
    assert accepte.changements == bilan.changements
    assert [x for x in attendu.changements if x.colonne != "validation"] == [
        x for x in bilan.changements if x.colonne != "validation"]
    direct.write(lambda cur: cur.execute("update plan set validation = true where depot_id = 1"))
    assert rows_known(plan.read()) == rows_known(direct.read())
    assert judged(plan.read()) == judged(direct.read())
    (quand,) = plan.read().execute("select connu_le from depot where id = 5").fetchone()
    assert rows_known(plan.read(), str(quand)) == rows_known(plan.read())
    assert rows_known(plan.read(), str(quand - timedelta(microseconds=1))) == avant
    vue = queries.get_vue(plan.read(), queries.get_plan(plan.read(), "essai"), JOUR)
    assert {(v.connu_le, v.auteur) for v in queries.list_valeurs(plan.read(), vue, "I1") if v.depot_id == 4} <= {(quand, "Léa")}
    assert_sound(plan)


def play(cur: Any, r: Random) -> None:
    """Proposals decided in any order, some cancelled and taken back: the same as the accepted ones deposited in that order."""
    attente: dict[int, list[FichierRecu]] = {}
    annules: list[int] = []
    acceptes: list[int] = []
    for _ in range(14):
        geste = r.choice(["proposer", "proposer", "accepter", "accepter", "refuser", "annuler", "reprendre"])
        lu = rows_known(cur)["mesure"], judged(cur)
        if geste == "proposer":
            recus = [fichier("mesure", [{"indicateur": i, "periode": a, "valeur": r.randint(1, 90)}
                                        for i in ("I1", "I2") for a in r.sample(range(2020, 2025), 2)])]
            attente[deposits.import_files(cur, recus, Demande(auteur="Léa"), deposits.keep_nothing).depot] = recus
            assert (rows_known(cur)["mesure"], judged(cur)) == lu
        elif geste in ("accepter", "refuser") and attente:
            numero = r.choice(sorted(attente))
            recus = attente.pop(numero)
            if geste == "refuser":
                propositions.refuse(cur, numero, "Paul", "non")
                assert (rows_known(cur)["mesure"], judged(cur)) == lu
                continue
            propositions.accept(cur, numero, "Paul")
            acceptes.append(numero)
            ecrites = cur.execute("select * exclude (depot_id) from mesure where depot_id = ?", [numero]).fetchall()
            assert set(ecrites) <= set(rows_known(cur)["mesure"]), "the last accepted is the last known"
        elif geste == "annuler" and acceptes:
            cible = acceptes.pop(r.randrange(len(acceptes)))
            annules.append(deposits.cancel(cur, cible, "essai", "Paul")[0])
            (restent,) = cur.execute("select count(*) from mesure_visible where depot_id = ? and visible_au = 'infinity'",
                                     [cible]).fetchone()
            assert restent == 0
        elif geste == "reprendre" and annules:
            deposits.cancel(cur, annules.pop(), "essai", "Paul")
        assert cur.execute("select count(*) from (from depot_vie except all from depot_vie_calcul)").fetchone() == (0,)
    assert cur.execute("select count(*) from (from mesure_visible except all from mesure_visible_calcul)").fetchone() == (0,)


def tell(store: Store, r: Random) -> None:
    """A story of its own on a copy of that empty base, thrown away."""
    def story(cur: Any) -> None:
        deposits.import_files(cur, structure(), Demande(), deposits.keep_nothing)
        play(cur, r)

    store.rehearse(story)


@examples(2)
@given(st.randoms(use_true_random=True))
def test_any_story_of_proposals(modele_base: Store, r: Random) -> None:
    tell(modele_base, r)


@pytest.mark.long
@pytest.mark.timeout(1800)
@examples(40, long=True)
@given(st.randoms(use_true_random=True))
def test_any_story_of_proposals_at_length(modele_base: Store, r: Random) -> None:
    tell(modele_base, r)


def test_the_last_accepted_wins_whoever_was_proposed_first(plan: Store) -> None:
    deposer(plan, valeurs(("I1", 2021, 41)), auteur="Léa")
    deposer(plan, valeurs(("I1", 2021, 42)), auteur="Ana")
    accepter(plan, 5)
    bilan = accepter(plan, 4)
    assert [(x.colonne, x.avant, x.apres) for x in bilan.changements] == [("valeur", "42.0", "41.0")], "against what is known now"
    assert plan.read().execute("select valeur, depot_id from mesure_connu(timestamp '9999-12-31')").fetchall() == [(41.0, 4)]
    assert_sound(plan)


def test_rows_of_every_table_pass_the_check_again_as_they_are(base: Store) -> None:
    deposer(base, structure())
    tout = [
        fichier("orientation", [{"code": "O2", "intitule": "Deuxième « orientation » ; essai", "ordre": 2}]),
        fichier("action", [{"code": "A2", "orientation": "O2", "intitule": "Action", "pilote": "CAF", "debut": "2021-01-01",
                            "description": "sur\ndeux lignes"}]),
        fichier("participation", [{"action": "A1", "partenaire": "P1", "role": "copilote"}]),
        fichier("indicateur", [{"code": "T1", "intitule": "Taux", "unite": "%", "nature": "taux", "type_cible": "atteindre",
                                "sens": "hausse", "periodicite": "trimestrielle", "facteur": "100", "decimales": "2"}]),
        fichier("action_indicateur", [{"action": "A2", "indicateur": "T1"}]),
        fichier("cible", [{"indicateur": "T1", "role": r, "date": d, "valeur": v} for r, d, v in
                          (("reference", "2020-12-31", "0,1"), ("jalon", "2022-12-31", "33,333333333333336"),
                           ("finale", "2024-12-31", "66,7"))]),
        fichier("mesure", [{"indicateur": "T1", "periode": "T1 2021", "numerateur": "1", "denominateur": "3"},
                           {"indicateur": "T1", "periode": "T2 2021", "valeur": "s."},
                           {"indicateur": "I1", "periode": "2022", "territoire": "38A", "ventilation": "0-3 ans",
                            "valeur": "0,30000000000000004", "etat": "provisoire", "millesime": "2023", "commentaire": "à voir"},
                           {"indicateur": "I2", "periode": "2022", "valeur": "0,0000001", "provenance": "publie",
                            "source": "DREES"}]),
        fichier("suivi_action", [{"action": "A2", "date": "2022-06-30", "statut": "en_cours", "meteo": "nuage"}]),
        fichier("etape", [{"action": "A2", "ordre": 1, "intitule": "Étape", "prevu_le": "2022-01-01"}]),
        fichier("budget", [{"action": "A2", "annee": 2022, "nature": "fonctionnement", "prevu": "1 234,5"}]),
        fichier("lien", [{"action": "A2", "adresse": "https://exemple.fr/a?b=c", "intitule": "Lien"}]),
        fichier("seance", [{"code": "S1", "date": "2022-07-01", "type": "COPIL", "connu_au": "2022-07-01 10:00:00"}]),
        fichier("decision", [{"code": "D1", "seance": "S1", "texte": "Décider"}]),
        fichier("rupture", [{"indicateur": "T1", "date": "2022-01-01", "texte": "Nouveau périmètre"}]),
        fichier("alias", [{"table": "indicateur", "ancien": "T0", "nouveau": "T1"}]),
        fichier("repere", [{"code": "R1", "date": "2022-02-07", "intitule": "Loi"}]),
    ]
    bilan = deposer(base, tout, auteur="Léa", motif="tout")
    assert bilan.propose and not bilan.rejetees
    ecrites = {t: base.read().execute(f"select * exclude (depot_id) from {t} where depot_id = 2").fetchall() for t in TABLES}
    accepte = accepter(base, 2)
    assert not accepte.anomalies and (accepte.nouvelles, accepte.modifiees) == (bilan.nouvelles, bilan.modifiees)
    assert accepte.effets == bilan.effets
    connues = rows_known(base.read())
    assert all(set(ecrites[t]) <= set(connues[t]) for t in TABLES) and sum(map(len, ecrites.values())) == accepte.lues
    assert_sound(base)


# -- who decides ---------------------------------------------------------------------------------------------------------


def test_nobody_accepts_what_they_proposed(plan: Store) -> None:
    deposer(plan, valeurs(("I1", 2024, 12)), auteur="Léa Martin")
    for auteur in ("Léa Martin", "léa  MARTIN ", "Martin Lea", "", "  ", None):
        with pytest.raises(DemandeInvalide):
            plan.write(lambda cur, auteur=auteur: propositions.accept(cur, 4, auteur))
        assert queries.count_attente(plan.read(), "essai") == 1, auteur
    accepter(plan, 4, "Paul Martin")
    assert queries.count_attente(plan.read(), "essai") == 0


def test_another_display_name_is_not_another_person(plan: Store) -> None:
    def act(nom: str, ecriture: Callable[..., Any], *arguments: Any, identifiant: str = "lea@exemple.fr") -> Any:
        qui = Personne(identifiant, nom, attributions=(Attribution(Habilitation.DEPOT, "essai"),))
        return plan.write(lambda cur: run_as(cur, qui, ecriture, *arguments))

    act("Léa Dupré", deposits.import_files, valeurs(("I1", 2024, 12)), Demande("essai", auteur="Léa Dupré (lea@exemple.fr)"),
        plan.keep_file)
    with pytest.raises(AccesRefuse, match="proposé vous-même"):
        act("Paul", propositions.accept, 4, "Paul (lea@exemple.fr)")
    assert act("Paul", propositions.accept, 4, "Paul (paul@exemple.fr)", identifiant="paul@exemple.fr").depot == 5


def test_what_nobody_signed_cannot_be_proposed_nor_accepted(plan: Store) -> None:
    with pytest.raises(DemandeInvalide, match="auteur"):
        deposer(plan, valeurs(("I1", 2024, 12)), motif_exige=True)
    deposer(plan, valeurs(("I1", 2024, 12)))
    with pytest.raises(DemandeInvalide, match="inconnue"):
        accepter(plan, 4)
    refuser(plan, 4)


def test_a_decision_is_taken_once_and_a_refusal_says_why_and_by_whom(plan: Store) -> None:
    deposer(plan, valeurs(("I1", 2024, 12)), auteur="Léa")
    for auteur, motif in (("", "non"), ("Paul", " ")):
        with pytest.raises(DemandeInvalide):
            refuser(plan, 4, auteur, motif)
    assert refuser(plan, 4, "Léa", "doublon") == 5, "its own author may take it back"
    for geste in (accepter, refuser, annuler):
        with pytest.raises(DemandeInvalide):
            geste(plan, 4)
        with pytest.raises(DemandeInvalide):
            geste(plan, 5)
    for geste in (accepter, refuser):
        for numero in (1, 2, 3, 99):
            with pytest.raises(DemandeInvalide):
                geste(plan, numero)
    assert [(d.type, d.etat, d.motif) for d in queries.list_depots(plan.read())][:2] == [
        (TypeDepot.REFUS, EtatDepot.EN_VIGUEUR, "doublon"), (TypeDepot.PROPOSE, EtatDepot.REFUSE, None)]


def test_only_an_accepted_depot_is_cancelled_and_it_is_taken_back_like_any_other(plan: Store) -> None:
    deposer(plan, valeurs(("I1", 2024, 12)), auteur="Léa")
    with pytest.raises(DemandeInvalide, match="pas été accepté"):
        annuler(plan, 4)
    avant = rows_known(plan.read())
    accepter(plan, 4)
    apres = rows_known(plan.read())
    with pytest.raises(DemandeInvalide, match="accepte le dépôt 4"):
        annuler(plan, 5)
    with pytest.raises(DemandeInvalide, match="auteur"):
        plan.write(lambda cur: deposits.cancel(cur, 4, "essai"))
    assert annuler(plan, 4) == [6] and rows_known(plan.read()) == avant
    assert [d.etat for d in queries.list_depots(plan.read()) if d.id == 4] == [EtatDepot.ANNULE]
    assert_sound(plan)
    assert annuler(plan, 6) == [7] and rows_known(plan.read()) == apres
    assert_sound(plan)


def test_a_plan_decides_for_itself_and_its_first_depot_is_direct(plan: Store) -> None:
    deposer(plan, plan_minimal("autre", **STRUCTURE))
    assert not deposer(plan, [fichier("mesure", [{"plan": "autre", "indicateur": "I1", "periode": 2021, "valeur": 3}])]).propose
    both = [fichier("mesure", [{"plan": p, "indicateur": "I1", "periode": 2022, "valeur": 3} for p in ("autre", "essai")])]
    assert deposer(plan, both, auteur="Léa").propose, "one plan that asks for it is enough"
    assert queries.count_attente(plan.read(), "autre") == queries.count_attente(plan.read(), "essai") == 1


def test_leaving_the_rule_needs_a_second_person_too(plan: Store) -> None:
    assert deposer(plan, structure("non"), auteur="Léa").propose
    assert deposer(plan, valeurs(("I1", 2024, 12)), auteur="Léa").propose
    accepter(plan, 4)
    assert not deposer(plan, valeurs(("I2", 2024, 12))).propose
    accepter(plan, 5)
    assert_sound(plan)


@pytest.mark.parametrize("suivants", [False, True])
def test_nobody_leaves_the_rule_alone_by_cancelling_what_brought_it(base: Store, suivants: bool) -> None:
    deposer(base, structure("non"))
    deposer(base, structure("oui")[:1])
    avant = rows_known(base.read())
    with pytest.raises(DemandeInvalide, match="deuxième personne"):
        base.write(lambda cur: deposits.cancel(cur, 2, "essai", "Paul", suivants))
    assert rows_known(base.read()) == avant and deposer(base, valeurs(("I1", 2021, 30)), auteur="Léa").propose


def test_history_is_not_taken_over_where_a_second_person_decides(plan: Store) -> None:
    with pytest.raises(DemandeInvalide, match="deuxième personne"):
        deposer(plan, valeurs(("I1", 2024, 12)), auteur="Léa", connu_le=datetime(2022, 1, 1))


# -- the base has moved --------------------------------------------------------------------------------------------------


def test_rows_that_lost_their_parent_are_not_accepted(plan: Store) -> None:
    deposer(plan, [fichier("indicateur", [{"code": "I3", "intitule": "Trois", "unite": "places", "type_cible": "suivre",
                                           "nature": "stock"}])], auteur="Léa")
    accepter(plan, 4)
    deposer(plan, valeurs(("I3", 2022, 5)), auteur="Léa")
    annuler(plan, 4)
    bilan = accepter(plan, 6)
    assert bilan.bloque and bilan.depot is None and [(a.code, a.ligne) for a in bilan.anomalies] == [("code_inconnu", 2)]
    assert queries.count_attente(plan.read(), "essai") == 1
    refuser(plan, 6)
    assert_sound(plan)


def test_a_proposal_that_withdraws_a_parent_is_refused_when_proposed_and_when_accepted(plan: Store) -> None:
    retrait = [fichier("indicateur", [{"code": "I2", "intitule": "Deux", "unite": "places", "type_cible": "atteindre",
                                       "nature": "stock", "supprimer": "oui"}])]
    cibles = [fichier("cible", [{"indicateur": "I2", "role": r, "date": d, "valeur": "", "supprimer": "oui"} for r, d in
                                (("reference", "2019-12-31"), ("finale", "2024-12-31"))])]
    with pytest.raises(DepotRefuse, match="dépendent"):
        deposer(plan, retrait, auteur="Léa")
    deposer(plan, retrait + cibles, auteur="Léa")
    deposer(plan, valeurs(("I2", 2022, 5)), auteur="Léa")
    accepter(plan, 5)
    with pytest.raises(DepotRefuse, match="dépendent"):
        accepter(plan, 4)
    assert_sound(plan)


def test_a_rule_that_came_since_holds_at_the_acceptance(plan: Store) -> None:
    deposer(plan, valeurs(("I1", 2024, 500)), auteur="Léa")
    deposer(plan, [fichier("indicateur", [{"code": "I1", "intitule": "Indicateur I1", "unite": "places", "borne_max": 100,
                                           "type_cible": "atteindre", "nature": "stock"}])], auteur="Léa")
    accepter(plan, 5)
    bilan = accepter(plan, 4)
    assert bilan.bloque and len(bilan.anomalies) == 1 and bilan.anomalies[0].fichier == "mesure.csv"


def test_what_would_change_nothing_any_more_is_not_accepted(plan: Store) -> None:
    for _ in range(2):
        assert deposer(plan, valeurs(("I1", 2024, 12)), auteur="Léa").porteur is None
    accepter(plan, 4)
    with pytest.raises(DepotRefuse, match="le dépôt 4 contient déjà"):
        accepter(plan, 5)


def test_a_published_value_is_changed_with_a_motif_by_one_of_the_two(plan: Store) -> None:
    deposer(plan, valeurs(("I2", 2024, 12)), auteur="Léa")
    publiee = [fichier("mesure", [{"indicateur": "I2", "periode": 2024, "valeur": 13, "provenance": "publie"}])]
    deposer(plan, publiee, auteur="Léa")
    accepter(plan, 5)
    with pytest.raises(DemandeInvalide, match="publiées"):
        accepter(plan, 4)
    accepter(plan, 4, motif="erratum")


# -- durability ----------------------------------------------------------------------------------------------------------


TUER = """
import os, signal, sys
from indicators import store
vrai, appels = os.replace, iter(range(9))
def replace(a, b):
    if next(appels) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return vrai(a, b)
store.os.replace = replace
from indicators.cli import main
main(["accept", "4", "--auteur", "Paul"])
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("instant", [0, 1])
def test_killed_while_accepting_it_still_waits(plan: Store, instant: int) -> None:
    deposer(plan, valeurs(("I1", 2024, 12)), auteur="Léa")
    avant = what_is_seen(plan.read())
    fini = subprocess.run([sys.executable, "-c", TUER, str(instant)], cwd=RACINE, check=False, capture_output=True,
                          env={**os.environ, "PYTHONPATH": str(RACINE)})
    assert fini.returncode == -9, fini.stderr
    neuf = Store(plan.settings)
    assert what_is_seen(neuf.read()) == avant and queries.count_attente(neuf.read(), "essai") == 1
    accepter(neuf, 4)
    assert_sound(neuf)


def test_an_older_base_stays_readable_and_its_plans_do_not_wait(tmp_path: Path) -> None:
    anciennes = tmp_path / "migrations"
    shutil.copytree(migrations.SQL / "migrations", anciennes, ignore=shutil.ignore_patterns("004_*"))
    ancien = Store(Settings(base=tmp_path / "base"), anciennes)
    ancien.prepare()
    ancien.write(lambda cur: cur.execute("""
        insert into depot values (1, 'depot', null, now()::timestamp, now()::timestamp, null, null);
        insert into depot_vie from depot_vie_calcul;
        insert into plan by name select 'essai' as plan, '38' as departement, 'Plan' as intitule, date '2020-01-01' as debut,
            date '2024-12-31' as fin, 'Europe/Paris' as fuseau, 'orientation' as niveau_1, 'orientations' as niveau_1_pluriel,
            0.95 as seuil_dans_les_temps, 0.6 as seuil_retard_leger, 0.6 as seuil_partiel, 1 as depot_id, false as retire,
            'saisi' as provenance"""))
    store = Store(ancien.settings)
    assert store.prepare() == ["004_propose"]
    assert_sound(store)
    bilan = store.rehearse(lambda cur: deposits.import_files(cur, [fichier("plan", [
        {"plan": "essai", "departement": "38", "intitule": "Plan", "debut": "2020-01-01", "fin": "2024-12-31"}])], Demande(),
        deposits.keep_nothing))
    assert (bilan.inchangees, bilan.modifiees, bilan.propose) == (1, 0, False)


# -- command line --------------------------------------------------------------------------------------------------------


def test_the_command_line_proposes_accepts_and_refuses(plan: Store, cli: Callable[..., Any], tmp_path: Path) -> None:
    un, deux = (ecrire(tmp_path / nom, valeurs(("I1", 2024, v))) for nom, v in (("un", 12), ("deux", 13)))
    statut = cli("status", "--plan", "essai")[1]
    code, dit, _ = cli("import", un, "--essai", texte=True)
    assert code == 0 and "serait proposé" in dit and "enregistré" not in dit
    code, _, erreur = cli("import", un)
    assert code == 1 and queries.count_attente(plan.read(), "essai") == 0, erreur
    code, dit, _ = cli("import", un, "--auteur", "Léa", texte=True)
    assert code == 0 and "Dépôt 4 proposé" in dit
    assert cli("import", deux, "--auteur", "Léa")[1]["propose"] is True
    assert cli("status", "--plan", "essai")[1] == statut
    assert [d["etat"] for d in cli("journal")[1]][:3] == ["propose", "propose", "en_vigueur"]
    assert "(attend d’être accepté)" in cli("journal", texte=True)[1]
    assert cli("accept", 4, "--auteur", "lea")[0] == 1
    code, bilan, _ = cli("accept", 4, "--auteur", "Paul")
    assert code == 0 and (bilan["depot"], bilan["nouvelles"]) == (6, 1)
    code, dit, _ = cli("refuse", 5, "--auteur", "Paul", "--motif", "ancien", texte=True)
    assert code == 0 and "Dépôt 5 refusé, sous le numéro 7" in dit
    assert cli("refuse", 5, "--auteur", "Paul")[0] != 0
    assert "(refusé)" in cli("journal", texte=True)[1]
    assert cli("status", "--plan", "essai", "--indicateur", "I1")[1][0]["realise"] == 12
    assert cli("verify")[0] == 0


def test_the_command_line_says_why_a_proposal_no_longer_passes(plan: Store, cli: Callable[..., Any]) -> None:
    deposer(plan, valeurs(("I1", 2024, 500)), auteur="Léa")
    deposer(plan, [fichier("indicateur", [{"code": "I1", "intitule": "Indicateur I1", "unite": "places", "borne_max": 100,
                                           "type_cible": "atteindre", "nature": "stock"}])], auteur="Léa")
    accepter(plan, 5)
    code, dit, _ = cli("accept", 4, "--auteur", "Paul", texte=True)
    assert code == 2 and "n’est pas accepté" in dit and "mesure.csv, ligne 2, colonne valeur" in dit
    assert queries.count_attente(plan.read(), "essai") == 1


# -- pages ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pages(plan: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The same plan, on the screen."""
    monkeypatch.setenv("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS", "full")
    donnees.open_store.cache_clear()
    donnees._read.cache_clear()
    yield plan
    donnees.open_store.cache_clear()
    donnees._read.cache_clear()


def envoyer(recu: FichierRecu, auteur: str) -> AppTest:
    at = ouvrir("depot")
    at.file_uploader[0].set_value([(recu.nom, recu.contenu, "text/csv")])
    sain(at.run())
    assert "Votre dépôt sera proposé\u202f: une deuxième personne doit l’accepter." in dits(at)
    assert "Après acceptation, cet envoi fait passer 1\u00a0indicateur" in dits(at)
    at.text_input(key="auteur").set_value(auteur)
    return sain(next(b for b in at.button if b.label == "Proposer").click().run())


def decider(at: AppTest, depot: int, bouton: str, auteur: str, motif: str = "") -> AppTest:
    at.session_state[f"propose_{depot}"] = True
    sain(at.run())
    at.text_input(key="auteur").set_value(auteur)
    at.text_input(key=f"motif_decision_{depot}").set_value(motif)
    return sain(next(b for b in at.button if b.label == bouton).click().run())


def notices(at: AppTest) -> list[str]:
    return [lire(x.proto.label) for x in at.get("page_link") if "accepté" in x.proto.label]


def test_proposed_on_a_page_then_accepted_in_the_journal(pages: Store) -> None:
    assert notices(ouvrir("synthese")) == []
    assert "auteur" in lire(envoyer(valeurs(("I1", 2024, 12))[0], "").error[0].value)
    at = envoyer(valeurs(("I1", 2024, 12))[0], "Léa")
    assert "Dépôt n°\u00a04 proposé" in lire(at.success[0].value)
    at = ouvrir("synthese")
    assert notices(at) == ["1\u00a0dépôt attend d’être accepté\u202f: voir le journal"]
    assert "12" not in " ".join(m.value for m in ouvrir("indicateur", code="I1").metric)
    at = ouvrir("journal", depot="4")
    assert lire(at.header[0].value) == "1\u00a0dépôt attend d’être accepté"
    assert "3\u00a0dépôts, tous plans confondus" in dits(at) and "État Attend d’être accepté" in faits(at)
    assert not [e for e in at.expander if e.label == "Annuler ce dépôt"]
    at = decider(at, 4, "Accepter", "léa")
    assert "Une autre personne doit l’accepter" in lire(at.error[0].value)
    assert [x["Statut après"] for t in tables(at) for x in t if "Statut après" in x] == ["En retard"]
    at = decider(at, 4, "Accepter", "Paul")
    assert lire(at.success[0].value) == "Dépôt n°\u00a04 accepté."
    assert "12" in " ".join(m.value for m in ouvrir("indicateur", code="I1").metric)
    assert notices(ouvrir("synthese")) == []


def test_a_reader_is_told_that_deciding_is_not_for_them(pages: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    deposer(pages, valeurs(("I1", 2024, 12)), auteur="Léa")
    monkeypatch.setattr(porte, "_find_personne", lambda: someone(Attribution(Habilitation.LECTURE)))
    at = ouvrir("journal")
    at.session_state["propose_4"] = True
    sain(at.run())
    assert "Accepter ou refuser demande un rôle de dépôt" in dits(at) and not at.error
    assert not [b for b in at.button if b.label in ("Accepter", "Refuser")]


def test_refused_in_the_journal_it_says_so(pages: Store) -> None:
    deposer(pages, valeurs(("I1", 2021, 99)), auteur="Léa", motif="révision")
    at = decider(ouvrir("journal"), 4, "Refuser", "Paul")
    assert "motif" in lire(at.error[0].value)
    change = {"Objet": "Valeur I1 · 38 · 2021", "Colonne": "valeur", "En place": "30", "Après": "99"}
    assert change in [x for t in tables(at) for x in t]
    at = decider(at, 4, "Refuser", "Paul", "à vérifier")
    assert lire(at.success[0].value) == "Dépôt n°\u00a04 refusé."
    assert "refusé par le n°\u00a05" in faits(ouvrir("journal", depot="4")).lower()


def test_a_proposal_that_no_longer_passes_can_only_be_refused(pages: Store) -> None:
    deposer(pages, valeurs(("I1", 2024, 12)), auteur="Léa")
    deposer(pages, valeurs(("I1", 2024, 12)), auteur="Ana")
    accepter(pages, 4)
    at = ouvrir("journal")
    at.session_state["propose_5"] = True
    sain(at.run())
    assert "ne changerait plus rien" in lire(at.error[0].value)
    assert [b.label for b in at.button if b.label in ("Accepter", "Refuser")] == ["Refuser"]
