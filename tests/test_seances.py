"""Meetings: frozen ones do not move, show no one more than their right, and say what would be different today."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from indicators import access, deposits, explanations, queries
from indicators.derived import rebuild_derived
from indicators.errors import AccesRefuse, DemandeInvalide, DepotRefuse
from indicators.exports import FORMATS, build_export
from indicators.formats import MASQUE
from indicators.meetings import freezing, pages, preparation
from indicators.meetings.codec import write_part
from indicators.meetings.composition import build_deck
from indicators.meetings.decisions import Saisie, change_decision, record_decision
from indicators.meetings.difference import compare_seance
from indicators.meetings.preparation import save_ordre_du_jour, save_participants
from indicators.model import Attribution, EtatDecision, Habilitation, Statut, Sujet
from indicators.queries import INFINI, Vue
from indicators.queries.seances import Decision, Participant, PointOrdre, get_seance, list_decisions, list_seances
from indicators.store import Store
from indicators.ui import acces as porte
from indicators.ui.copil import sorties
from indicators.verification import verify
from tests.conftest import copier_base, deposer, fichier, plan_minimal
from tests.test_access import someone
from tests.test_exports_copil import lire
from tests.test_pages import dits, ouvrir

PLAN, COPIL = "essai", "COPIL-2023"
SECRET = "HID-9"  # what `hide` hides
VU = re.compile(r"\b43[\u00a0 ]enfants|[;:\[>,]43(\.0)?[;,\]<]")  # its value, said or written as a number
CIBLES = [{"indicateur": c, "role": r, "date": d, "valeur": v}
          for c, bas, haut in (("I1", 10, 20), ("I2", 10, 20), (SECRET, 17, 99))
          for r, d, v in (("reference", "2020-12-31", bas), ("finale", "2024-12-31", haut))]


@pytest.fixture(scope="module")
def modele_prepare(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A plan with two meetings: one past, whose decision is open, and one being prepared."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("seances") / "base")
    deposer(store, plan_minimal(
        indicateur=[{"code": "I1", "sens": "hausse"}, {"code": "I2", "sens": "hausse"}, {"code": SECRET, "unite": "enfants"}],
        cible=CIBLES, action_indicateur=[{"action": "A1", "indicateur": c} for c in ("I1", SECRET)],
        mesure=[{"indicateur": c, "periode": p, "valeur": v} for c, p, v in (
            ("I1", 2021, 12), ("I1", 2022, 13), ("I2", 2021, 11), ("I2", 2022, 16), (SECRET, 2022, 43))],
        seance=[{"code": "COPIL-2022", "type": "COPIL", "date": "2022-06-30", "observe_au": "2021-12-31",
                 "connu_au": "2022-06-30 08:00:00"}, {"code": COPIL, "type": "COPIL", "date": "2023-06-15"}],
        decision=[{"code": "D-2022-01", "seance": "COPIL-2022", "texte": "Ouvrir des places.", "etat": "à faire",
                   "echeance": "2022-12-31"}],
        participant=[{"seance": COPIL, "nom": "Direction"}]), auteur="Observatoire", connu_le=datetime(2022, 6, 1))
    return store


@pytest.fixture(scope="module")
def modele_fige(modele_prepare: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The same, its second meeting frozen."""
    store = copier_base(modele_prepare, tmp_path_factory.mktemp("figee") / "base")
    freeze(store)
    return store


@pytest.fixture
def figee(modele_fige: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of it for one test; INDICATORS_BASE points to it."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_fige, tmp_path / "base")


def freeze(store: Store) -> deposits.BilanDepot:
    return store.write(lambda cur: freezing.freeze(cur, PLAN, COPIL, "Cheffe de projet", store.keep_file))


def hide(cur) -> None:
    """Put the values of SECRET under the statistical secret; the next dépôt works it out again."""
    cur.execute("""insert into secret select plan, indicateur, territoire, ventilation, debut, fin, visible_du, false
        from mesure_visible where indicateur = ?""", [SECRET])


@pytest.fixture
def cachee(modele_prepare: Store, tmp_path: Path) -> Store:
    """The meeting frozen while a value of its own is hidden."""
    store = copier_base(modele_prepare, tmp_path / "base")
    store.write(lambda cur: (hide(cur), freezing.freeze(cur, PLAN, COPIL, None, store.keep_file)))
    return store


def close(store: Store) -> deposits.BilanDepot:
    return store.write(lambda cur: freezing.close(cur, PLAN, COPIL, "Cheffe de projet", store.keep_file))


def shown(store: Store, voit_tout: bool = True) -> str:
    """All that the meeting shows, as text."""
    return write_part(freezing.get_deck(store.read(), PLAN, COPIL, voit_tout))


def today(store: Store) -> str:
    """All that it would show if it were not frozen."""
    cur = store.read()
    return write_part(build_deck(cur, queries.get_plan(cur, PLAN), get_seance(cur, PLAN, COPIL)))


def leave(store: Store) -> list[str]:
    """The checksum of each file that people leave with."""
    deck = freezing.get_deck(store.read(), PLAN, COPIL)
    return [hashlib.sha256(build_export(deck, extension)).hexdigest() for extension in FORMATS]


def mesure(store: Store, nom: str, code: str, periode: int, valeur: object, auteur: str) -> deposits.BilanDepot:
    return deposer(store, [fichier(nom, [{"indicateur": code, "periode": periode, "valeur": valeur}])], plan=PLAN, table="mesure",
                   auteur=auteur)


# -- freezing ------------------------------------------------------------------------------------------------------------



def find(store: Store, code: str) -> Decision:
    return next(d for d in list_decisions(store.read(), PLAN, date.today()) if d.code == code)


def test_freezing_keeps_what_was_on_screen_as_one_depot(modele_prepare: Store, modele_fige: Store) -> None:
    cur = modele_prepare.read()
    for voit_tout in (True, False):
        vu, garde = (freezing.get_deck(s.read(), PLAN, COPIL, voit_tout) for s in (modele_prepare, modele_fige))
        assert (garde.lignes, garde.actions, garde.diapos) == (vu.lignes, vu.actions, vu.diapos)
        assert garde.participants == vu.participants
    seance = get_seance(modele_fige.read(), PLAN, COPIL)
    assert (seance.observe_au, seance.connu_au) == (date(2023, 6, 15), queries.list_depots(cur)[0].connu_le)
    assert seance.figee_le and garde.entete.seance == seance and len(seance.empreinte or "") == 64
    dernier, *autres = queries.list_depots(modele_fige.read())
    assert dernier.motif == f"Séance {COPIL} figée" and len(autres) == len(queries.list_depots(cur))
    assert all(not c.defauts for c in verify(modele_fige))


def test_a_frozen_seance_is_frozen_once_and_prepared_again_by_cancelling(figee: Store) -> None:
    with pytest.raises(DemandeInvalide, match="déjà figée"):
        freeze(figee)
    numero = queries.list_depots(figee.read())[0].id
    figee.write(lambda cur: deposits.cancel(cur, numero, "Trop tôt"))
    assert get_seance(figee.read(), PLAN, COPIL).figee_le is None
    deposer(figee, [fichier("ordre_du_jour", [{"seance": COPIL, "ordre": 1, "sujet": "synthese"}]),
                    fichier("mesure", [{"indicateur": "I1", "periode": 2022, "valeur": 14}])], plan=PLAN)
    freeze(figee)
    assert freezing.get_deck(figee.read(), PLAN, COPIL).ligne("I1").ligne.realise == 14
    with pytest.raises(DepotRefuse, match="perdrait ce qu’elle montre"):  # the pages of both would be mixed
        figee.write(lambda cur: deposits.cancel(cur, numero + 1, "Reprise"))


def test_what_the_secret_hides_is_in_no_page_of_who_may_not_see(cachee: Store) -> None:
    cur = cachee.read()
    decks = [freezing.get_deck(cur, PLAN, COPIL, v) for v in (True, False)]
    assert all(len({x.ligne.indicateur for x in d.lignes}) == len(d.lignes) == 3 for d in decks)
    assert all(len({x.cle for x in d.diapos}) == len(d.diapos) for d in decks)
    complet, masque = (d.ligne(SECRET) for d in decks)
    assert complet.ligne.realise == 43 and [p.valeur for p in complet.points] == [43]
    assert masque.ligne.masque and masque.ligne.realise is None and [p.valeur for p in masque.points] == [None]
    assert str(complet.ligne.avancement) in shown(cachee) and str(complet.ligne.avancement) not in shown(cachee, False)
    lues = queries.list_connues(cur, Vue(PLAN, date.max, INFINI, voit_tout=False), "seance_etat")
    assert lues and {json.loads(x["contenu"])["droit"] for x in lues} == {"tous", "masque"}
    numero = queries.list_depots(cur)[0].id
    bilan = cachee.rehearse(lambda c: deposits.cancel_with_effects(c, numero, "essai"))
    assert {x.table for x in bilan.changements} == {"seance"}
    limitee = someone(Attribution(Habilitation.DEPOT, PLAN, "UDAF"))
    with pytest.raises(AccesRefuse):  # what cancelling it would bring back is not told either
        cachee.rehearse(lambda c: access.run_as(c, limitee, deposits.cancel_with_effects, numero, "essai"))


def test_nothing_moves_a_frozen_seance(figee: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither later values, targets and thresholds, nor another rule, nor other words."""
    avant, avant_masque, live = shown(figee), shown(figee, False), today(figee)
    mesure(figee, "tard.csv", "I1", 2022, 19, "A")
    deposer(figee, [fichier("plan", [{"plan": PLAN, "departement": "38", "intitule": "Autre nom", "debut": "2020-01-01",
                                      "fin": "2024-12-31", "seuil_dans_les_temps": 0.1}])])

    def change_the_rule(cur) -> None:
        cur.execute("create or replace macro statut_rythme(a, b, c, d, e, f, g) as 'recul'")
        rebuild_derived(cur, None)

    figee.write(change_the_rule)
    for s in Statut:
        monkeypatch.setattr(s, "label", "Autre mot")
    monkeypatch.setattr(explanations, "write_statut", lambda x: "autre phrase")
    monkeypatch.setattr(explanations, "DANS_LE_RYTHME", ())
    assert (shown(figee), shown(figee, False)) == (avant, avant_masque)
    connu = build_deck(figee.read(), queries.get_plan(figee.read(), PLAN), get_seance(figee.read(), PLAN, "COPIL-2022"))
    assert "Autre mot" in write_part(connu) and "Autre mot" in today(figee) != live


def test_a_form_saved_again_writes_nothing_and_a_refused_one_is_said(modele_prepare: Store, tmp_path: Path) -> None:
    store = copier_base(modele_prepare, tmp_path / "base")
    seance = get_seance(store.read(), "essai", COPIL)
    garde = ("Ana", store.keep_file)
    store.write(lambda cur: preparation.save_seance(cur, "essai", replace(seance, presidence="Ana"), *garde))
    avant = queries.list_depots(store.read())
    assert store.write(lambda cur: preparation.save_seance(cur, "essai", replace(seance, presidence="Ana"), *garde)) == COPIL
    with pytest.raises(DemandeInvalide, match="formule"):
        store.write(lambda cur: preparation.save_seance(cur, "essai", replace(seance, presidence="=1+1"), *garde))
    with pytest.raises(DemandeInvalide, match="Le point 2 est une action à décider"):
        store.write(lambda cur: save_ordre_du_jour(
            cur, "essai", COPIL, [PointOrdre(1, Sujet.SYNTHESE), PointOrdre(2, Sujet.ACTION)], *garde))
    assert queries.list_depots(store.read()) == avant


def test_no_file_changes_a_frozen_seance(figee: Store) -> None:
    for ligne in ({"intitule": "Sans gel"}, {"figee_le": "2020-01-01 10:00:00"}, {"supprimer": "oui"}):
        with pytest.raises(DepotRefuse, match="est figée"):
            deposer(figee, [fichier("seance", [{"code": COPIL, "type": "COPIL", "date": "2023-06-15", **ligne}])], plan=PLAN)
    deposer(figee, [fichier("seance", [{"code": "COPIL-2022", "type": "COTECH", "date": "2022-06-30"}])], plan=PLAN)


# -- closing -------------------------------------------------------------------------------------------------------------


def test_a_closed_seance_keeps_its_decisions_as_they_were_taken(figee: Store) -> None:
    code = figee.write(lambda cur: record_decision(cur, PLAN, COPIL, Saisie("Recruter.", "DEF", date(2023, 9, 1), "A1"), "Elu",
                                                   figee.keep_file))
    assert [d.code for d in freezing.get_deck(figee.read(), PLAN, COPIL).decisions] == [code]
    close(figee)
    avant = shown(figee)
    faite = {**vars(find(figee, code)), "etat": EtatDecision.FAITE, "en_retard": False}
    figee.write(lambda cur: change_decision(cur, PLAN, Decision(**faite), "Elu", None, figee.keep_file))
    deposer(figee, [fichier("participant", [{"seance": COPIL, "nom": "Une autre"}])], plan=PLAN)
    assert shown(figee) == avant and find(figee, code).etat is EtatDecision.FAITE
    assert [p.nom for p in freezing.get_deck(figee.read(), PLAN, COPIL, False).participants] == ["Direction"]
    assert all(not c.defauts for c in verify(figee))
    with pytest.raises(DemandeInvalide, match="déjà close"):
        close(figee)
    gel = next(d.id for d in queries.list_depots(figee.read()) if d.motif == f"Séance {COPIL} figée")
    with pytest.raises(DepotRefuse, match="perdrait ce qu’elle montre"):
        figee.write(lambda cur: deposits.cancel(cur, gel, "Trop tôt"))


# -- what differs today --------------------------------------------------------------------------------------------------


def test_the_difference_is_each_change_once_with_its_author_and_file(figee: Store) -> None:
    fige, fichiers = shown(figee), leave(figee)
    assert compare_seance(figee.read(), PLAN, COPIL).ecarts == compare_seance(figee.read(), PLAN, COPIL).consequences == ()
    mesure(figee, "un.csv", "I1", 2022, 18, "Ana")
    annule = mesure(figee, "faux.csv", "I2", 2021, 99, "Personne").depot
    figee.write(lambda cur: deposits.cancel(cur, annule, "Erreur"))
    mesure(figee, "deux.csv", "I2", 2022, 9, "Bob")
    mesure(figee, "trois.csv", "I1", 2021, 10.5, "Cléo")
    cible = {"indicateur": "I2", "role": "finale", "date": "2024-12-31", "valeur": 40}
    deposer(figee, [fichier("quatre.csv", [cible])], plan=PLAN, table="cible", auteur="Dan")
    deposer(figee, [fichier("tout.csv", [{"indicateur": c, "periode": p, "valeur": v} for c, p, v in (
        ("I1", 2021, 10.5), ("I1", 2022, 18), ("I2", 2022, 9), ("I1", 2023, 30))])], plan=PLAN, table="mesure", auteur="Eve")
    difference = compare_seance(figee.read(), PLAN, COPIL)
    assert [(e.indicateur, e.genre, e.objet, e.valeur_avant, e.valeur_apres, e.auteur, e.fichier) for e in difference.ecarts] == [
        ("I1", "valeur", "2021", 12, 10.5, "Cléo", "trois.csv"), ("I1", "valeur", "2022", 13, 18, "Ana", "un.csv"),
        ("I2", "valeur", "2022", 16, 9, "Bob", "deux.csv"),
        ("I2", "cible", "Cible finale au 31/12/2024", 20, 40, "Dan", "quatre.csv")]
    suites = {(c.objet, c.quoi): (c.ancien, c.nouveau) for c in difference.consequences}
    assert suites["I1", "Statut"] == ("À surveiller", "En bonne voie") and suites["I2", "Statut"] == ("En bonne voie", "En recul")
    assert shown(figee) == fige and leave(figee) == fichiers


def test_a_value_taken_away_names_who_took_it(figee: Store) -> None:
    figee.write(lambda cur: deposits.cancel(cur, queries.list_depots(cur)[0].id, "Encore une valeur"))
    numero = mesure(figee, "avant.csv", "I2", 2022, 17, "Bob").depot
    freeze(figee)
    figee.write(lambda cur: deposits.cancel(cur, numero, "Mauvais fichier", "Ana"))
    (ecart,) = compare_seance(figee.read(), PLAN, COPIL).ecarts
    assert (ecart.ancien, ecart.nouveau, ecart.auteur, ecart.motif, ecart.fichier) == (
        "17\u00a0places", "16\u00a0places", "Ana", "Mauvais fichier", None)


def test_the_difference_hides_what_the_secret_hides(cachee: Store) -> None:
    mesure(cachee, "petit.csv", SECRET, 2022, 42, "Ana")
    cachee.write(hide)
    (complet,), (masque,) = (compare_seance(cachee.read(), PLAN, COPIL, v).ecarts for v in (True, False))
    assert (complet.ancien, complet.nouveau) == ("43\u00a0enfants", "42\u00a0enfants")
    assert (masque.ancien, masque.nouveau, masque.valeur_avant, masque.valeur_apres) == (MASQUE, MASQUE, None, None)
    suites = compare_seance(cachee.read(), PLAN, COPIL, False).consequences
    assert not any(re.search(r"\b4[23]\b", c.ancien + c.nouveau) for c in suites)


def read_texts(fichiers: dict[str, Callable[[], bytes]]) -> dict[str, str]:
    """All the text and numbers of these downloads, by extension."""
    faits = {nom.rpartition(".")[2]: donner() for nom, donner in fichiers.items()}
    cellules = [c.value for f in load_workbook(io.BytesIO(faits["xlsx"])) for ligne in f.iter_rows() for c in ligne]
    return ({e: lire(faits[e], e) for e in ("pptx", "pdf", "docx")}
            | {"csv": faits["csv"].decode(), "xlsx": ";".join(["", *map(str, cellules), ""])})


@pytest.mark.usefixtures("cadre")
@pytest.mark.parametrize(("attribution", "voit"), [
    (Attribution(Habilitation.LECTURE), False), (Attribution(Habilitation.DEPOT, "autre"), False),
    (Attribution(Habilitation.DEPOT, PLAN), True), (Attribution(Habilitation.PILOTAGE), True)])
def test_a_role_sees_and_takes_away_what_it_may(cachee: Store, monkeypatch: pytest.MonkeyPatch, attribution: Attribution,
                                                voit: bool) -> None:
    """The page of the séance, every slide, every file, and the kept file of the dépôt that froze it."""
    monkeypatch.setenv("INDICATORS_BASE", str(cachee.settings.base))
    monkeypatch.setattr(porte, "_find_personne", lambda: someone(attribution))
    fichiers: dict[str, Callable[[], bytes]] = {}
    with monkeypatch.context() as m:
        m.setattr(sorties.st, "download_button", lambda nom, **k: fichiers.update({k["file_name"]: k["data"]}))
        page = ouvrir("copil", plan=PLAN, seance=COPIL)
        ouverts = read_texts(fichiers)
        assert ouverts.keys() == set(FORMATS)
        assert [e for e, texte in ouverts.items() if VU.search(texte)] == []
        assert bool(page.toggle) == voit
        if voit:  # asked for, and recorded
            page.toggle(key="sorties_nues").set_value(True).run()
            assert [e for e, texte in read_texts(fichiers).items() if not VU.search(texte)] == []
    mots = {v: freezing.get_deck(cachee.read(), PLAN, COPIL, v).ligne(SECRET).mot for v in (True, False)}
    diapos = [ouvrir("copil", plan=PLAN, seance=COPIL, d=str(d)) for d in (3, 4, 5, 6)]
    tuiles = re.findall(rf"Indicateur {SECRET}</span><b>.*?</span> ([^<]+)</b>", " ".join(
        e.proto.body for at in diapos for e in at.get("html")))
    assert tuiles == [mots[voit]] and mots[True] != mots[False]
    assert voit or not any(VU.search(str(at._tree)) for at in (page, *diapos))
    at = ouvrir("journal", plan=PLAN, depot=str(queries.list_depots(cachee.read())[0].id))
    assert "seance_etat" in dits(at) and bool(at.get("download_button")) == voit


# -- a plan that asks for two persons --------------------------------------------------------------------------------------


def test_a_meeting_needs_no_second_person(modele_prepare: Store, tmp_path: Path) -> None:
    """Its agenda, its members, its pages and its decisions are written at once; a value still waits for someone else."""
    store = copier_base(modele_prepare, tmp_path / "base")
    deposer(store, [fichier("plan", [{"plan": PLAN, "departement": "38", "intitule": "Plan", "debut": "2020-01-01",
                                      "fin": "2024-12-31", "validation": "oui"}])])
    assert mesure(store, "un.csv", "I1", 2022, 18, "Ana").propose
    store.write(lambda cur: save_ordre_du_jour(cur, PLAN, COPIL, [PointOrdre(1, Sujet.ACTION, action="A1")], "Ana",
                                               store.keep_file))
    store.write(lambda cur: save_participants(cur, PLAN, COPIL, [Participant("Une élue")], "Ana", store.keep_file))
    assert not freeze(store).propose
    code = store.write(lambda cur: record_decision(cur, PLAN, COPIL, Saisie("Recruter."), "Ana", store.keep_file))
    assert not close(store).propose
    deck = freezing.get_deck(store.read(), PLAN, COPIL)
    assert deck.diapos[-1].action == "A1" and deck.ligne("I1").ligne.realise == 13
    assert [d.code for d in deck.decisions] == [code] and [p.nom for p in deck.participants] == ["Une élue"]
    assert [d.code for d in list_decisions(store.read(), PLAN, date(2023, 6, 15), seance=COPIL)] == [code]
    assert all(not c.defauts for c in verify(store))


# -- pages that moved or cannot be read ----------------------------------------------------------------------------------


def test_a_page_changed_behind_the_tool_is_found_and_never_shown(figee: Store) -> None:
    figee.write(lambda cur: cur.execute("update seance_etat set contenu = replace(contenu, '\"masque\"', '\"tous\"')"))
    (defaut,) = next(c for c in verify(figee) if c.nom == "séances figées").defauts
    assert COPIL in defaut and "empreinte" in defaut
    with pytest.raises(DemandeInvalide, match=COPIL):
        freezing.get_deck(figee.read(), PLAN, COPIL, voit_tout=False)


def test_a_seance_said_frozen_without_pages_is_told(base: Store) -> None:
    deposer(base, plan_minimal(seance=[{"code": "S1", "date": "2022-01-01", "figee_le": "2022-01-01 10:00:00"}]))
    assert "aucune de ses pages" in next(c for c in verify(base) if c.nom == "séances figées").defauts[0]
    with pytest.raises(DemandeInvalide, match="S1"):
        freezing.get_deck(base.read(), PLAN, "S1")


def test_a_page_of_another_release_is_read_or_refused_in_words(modele_fige: Store) -> None:
    lues = modele_fige.read().execute("select contenu from seance_etat order by ordre").fetchall()
    diapo = next(json.loads(c) for (c,) in lues if '"genre":"diapo"' in c)
    donnees = {k: v for k, v in diapo["donnees"].items() if k != "notes"} | {"plus_tard": 1}
    assert pages.read_page(json.dumps(diapo | {"donnees": donnees})).donnees.notes == ""
    faux = (diapo | {"donnees": {"cle": "x"}}, diapo | {"donnees": []}, diapo | {"genre": "inconnu"}, {"genre": "diapo"}, [])
    for contenu in (*map(json.dumps, faux), "{"):
        with pytest.raises(ValueError):
            pages.read_page(contenu)


# -- the command line ----------------------------------------------------------------------------------------------------


def test_the_life_of_a_seance_by_commands(modele_prepare: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli) -> None:
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    store = copier_base(modele_prepare, tmp_path / "base")
    ici = ("--plan", PLAN, "--seance", COPIL)
    assert [(s["code"], s["etat"]) for s in cli("seance", "list", "--plan", PLAN)[1]] == [
        (COPIL, "preparee"), ("COPIL-2022", "preparee")]
    assert cli("seance", "diff", *ici)[0] == 1 and cli("seance", "close", *ici)[0] == 1
    code, document, _ = cli("seance", "freeze", *ici, "--auteur", "Ana")
    assert (code, document["etat"], document["code"]) == (0, "figee", COPIL)
    assert cli("seance", "freeze", *ici)[:2] == (1, {"erreur": {
        "message": f"La séance « {COPIL} » est déjà figée.",
        "conseil": "Pour la préparer de nouveau, annulez au journal le dépôt qui l’a figée."}})
    mesure(store, "un.csv", "I1", 2022, 18, "Ana")
    code, document, _ = cli("seance", "diff", *ici)
    (ecart,) = document["ecarts"]
    assert code == 0 and (ecart["valeur_avant"], ecart["valeur_apres"], ecart["fichier"]) == (13, 18, "un.csv")
    assert "13\u00a0places -> 18\u00a0places" in cli("seance", "diff", *ici, texte=True)[1]
    assert cli("seance", "close", *ici)[1]["etat"] == "close"
    assert cli("seance", "freeze", "--plan", PLAN)[0] == 1


# -- what the slides say -------------------------------------------------------------------------------------------------


def test_slides_name_what_is_newly_late_and_what_is_back(modele_prepare: Store) -> None:
    deck = freezing.get_deck(modele_prepare.read(), PLAN, COPIL)
    (ouvertes,) = (d for d in deck.diapos if d.sujet is Sujet.DECISIONS)
    assert ouvertes.titre == "1\u00a0décision encore ouverte, en retard"  # known after the figures of no meeting, open now
    avant = {d.cle for d in build_deck(modele_prepare.read(), queries.get_plan(modele_prepare.read(), PLAN),
                                       get_seance(modele_prepare.read(), PLAN, "COPIL-2022")).diapos}
    assert not any(cle.startswith("decisions") for cle in avant), "a meeting does not see what it or a later one decided"


@pytest.mark.parametrize("plan", ["isere-2020-2024", "la-reunion-2020-2024"])
def test_the_decks_of_the_shipped_plans_say_something(modele_livre: Store, plan: str) -> None:
    cur = modele_livre.read()
    du_plan = queries.get_plan(cur, plan)
    seance = list_seances(cur, plan)[0]
    decks = build_deck(cur, du_plan, seance), build_deck(cur, du_plan, type(seance)("FIN", "COPIL", date(2025, 6, 1)))
    evolution = next(d for d in decks[0].diapos if d.sujet is Sujet.EVOLUTION)
    assert "Nouvellement en retard" in {g.titre for g in evolution.grilles} and len(evolution.phrases) == 3
    assert [d.sujet for d in decks[1].diapos][-2:] == [Sujet.LIBRE, Sujet.RELEVE], "a plan that ends hands on what it learnt"
    assert "à la fin du plan" in next(d.titre for d in decks[1].diapos if d.sujet is Sujet.SYNTHESE)
    textes = [t for deck in decks for d in deck.diapos
              for t in (d.titre, *d.phrases, *(c for g in d.grilles for ligne in g.lignes for c in ligne))]
    assert not [t for t in textes if re.search(r"None|nan|\(\)| [;:!?]|'|\.\.", t)]
