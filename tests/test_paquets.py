"""The Data Package of a plan: the same state elsewhere, whatever its history; nothing hidden goes out without saying so."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from indicators import deposits, propositions, queries
from indicators.errors import DemandeInvalide
from indicators.paquets import build_package, import_package, is_package
from indicators.reading import FichierRecu
from indicators.saisie import deposit_tables
from indicators.settings import Limites
from indicators.store import Store
from indicators.verification import verify
from tests.conftest import copier_base, deposer, fichier, plan_minimal

LIMITES = Limites()


def emporter(store: Store, plan: str = "essai", voit_tout: bool = True) -> bytes:
    return build_package(store.read(), plan, voit_tout)


def apporter(store: Store, paquet: bytes) -> None:
    recu = FichierRecu("plan.zip", paquet)
    assert is_package(recu)
    store.write(lambda cur: import_package(cur, recu, LIMITES, store.keep_file))


def table(paquet: bytes, nom: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(paquet)) as zip_:
        return list(csv.DictReader(io.StringIO(zip_.read(nom).decode()), delimiter=";"))


def etat(store: Store, plan: str, moments: list[datetime]) -> list[Any]:
    """Every line and action at each of these moments, without the number of the base that answers."""
    cur, vus = store.read(), []
    fiche = queries.get_plan(cur, plan)
    for moment in moments:
        vue = queries.get_vue(cur, fiche, connu_au=moment)
        vus += [queries.list_lignes(cur, vue, True), queries.list_actions(cur, vue)]
    return vus


@pytest.fixture(scope="module")
def histoire(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """« essai » with another plan's dépôts between its own, a revision, a withdrawal, a cancellation taken back, a proposal."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("histoire") / "base")
    cibles = [{"indicateur": "I1", "role": r, "date": d, "valeur": v}
              for r, d, v in (("reference", "2019-12-31", 0.1), ("finale", "2024-12-31", 100))]
    deposer(store, plan_minimal(indicateur=[{"code": "I1"}], cible=cibles), auteur="Léa", motif="Structure")
    deposer(store, plan_minimal("autre"), plan="autre", auteur="Secrète", motif="Confidentiel")

    def envoyer(motif: str, *lignes: dict[str, Any]) -> None:
        deposer(store, [fichier("mesure", [{"indicateur": "I1", **x} for x in lignes])], plan="essai", motif=motif)

    envoyer("Livraison", {"periode": 2020, "valeur": "0,3"}, {"periode": 2021, "valeur": 40})
    envoyer("Révision", {"periode": 2021, "valeur": 41.123456789012345})
    store.write(lambda cur: deposits.cancel(cur, 4, "Erreur", "Léa"))
    store.write(lambda cur: deposits.cancel(cur, 5, "C’était juste", "Léa"))
    envoyer('Retrait ; "motif"\nlong', {"periode": 2020, "valeur": "", "supprimer": "oui"})
    return store


def test_an_empty_base_gets_the_same_plan_with_the_same_numbers(histoire: Store, base: Store) -> None:
    apporter(base, emporter(histoire))
    avant, apres = (queries.list_depots(s.read()) for s in (histoire, base))
    moments = [d.connu_le for d in avant]
    assert etat(base, "essai", moments) == etat(histoire, "essai", moments)
    assert [(d.id, d.type, d.porte_sur, d.connu_le) for d in apres] == [(d.id, d.type, d.porte_sur, d.connu_le) for d in avant]
    propres = {d.id: (d.auteur, d.motif) for d in avant if d.id != 2}
    assert {d.id: (d.auteur, d.motif) for d in apres if d.id != 2} == propres
    assert [c for c in verify(base) if c.defauts] == []


def test_nothing_of_another_plan_goes_out(histoire: Store) -> None:
    with zipfile.ZipFile(io.BytesIO(emporter(histoire))) as zip_:
        tout = "".join(zip_.read(n).decode() for n in zip_.namelist())
    assert "Secrète" not in tout and "Confidentiel" not in tout and "autre;" not in tout


def test_another_base_numbers_them_after_its_own(histoire: Store, base: Store) -> None:
    deposer(base, plan_minimal("tiers"), plan="tiers")
    apporter(base, emporter(histoire))
    moments = [d.connu_le for d in queries.list_depots(histoire.read())]
    sans_numero = [[[vars(x) | {"depot_id": None} for x in lot] for lot in etat(s, "essai", moments)] for s in (histoire, base)]
    assert sans_numero[0] == sans_numero[1]
    depots = queries.list_depots(base.read())
    assert [d.id for d in depots] == list(range(7, 0, -1)) and [c for c in verify(base) if c.defauts] == []


def test_the_same_base_gives_the_same_bytes(histoire: Store) -> None:
    assert emporter(histoire) == emporter(histoire)


def test_it_describes_its_tables(histoire: Store) -> None:
    paquet = emporter(histoire)
    with zipfile.ZipFile(io.BytesIO(paquet)) as zip_:
        decrit = json.loads(zip_.read("datapackage.json"))
        noms = set(zip_.namelist())
    assert {r["path"] for r in decrit["resources"]} | {"datapackage.json"} == noms
    for r in decrit["resources"]:
        assert [f["name"] for f in r["schema"]["fields"]] == list(table(paquet, r["path"])[0])


def test_a_plan_that_is_there_is_not_brought_twice(histoire: Store) -> None:
    with pytest.raises(DemandeInvalide, match="connaît déjà le plan"):
        apporter(histoire, emporter(histoire))


def test_hidden_counts_do_not_go_out_masked(base: Store) -> None:
    enfants = [{"code": "A", "nom": "Nord", "parent": "38"}, {"code": "B", "nom": "Sud", "parent": "38"}]
    deposer(base, plan_minimal(
        territoire=[{"code": "38", "nom": "Isère"}, *enfants],
        indicateur=[{"code": "I1", "unite": "enfants", "nature": "stock", "sens": "hausse", "type_cible": "atteindre"}],
        cible=[{"indicateur": "I1", "territoire": "A", "role": "reference", "date": "2021-12-31", "valeur": 3}]))
    deposer(base, [fichier("mesure", [
        {"indicateur": "I1", "territoire": t, "periode": 2021, "valeur": v, "commentaire": c}
        for t, v, c in (("38", 120, ""), ("A", 3, "trois enfants"), ("B", 117, ""))])])
    nues, masquees = (table(emporter(base, voit_tout=v), "mesure.csv") for v in (True, False))
    assert [(x["territoire"], x["valeur"]) for x in nues] == [("38", "120.0"), ("A", "3.0"), ("B", "117.0")]
    assert [(x["territoire"], x["valeur"], x["etat"], x["commentaire"]) for x in masquees] == [
        ("38", "120.0", "definitif", ""), ("A", "", "secret", ""), ("B", "", "secret", "")]
    assert "cible" not in {r["name"] for r in json.loads(
        zipfile.ZipFile(io.BytesIO(emporter(base, voit_tout=False))).read("datapackage.json"))["resources"]}


@pytest.mark.parametrize("refuse", [False, True])
def test_a_small_count_that_was_only_proposed_does_not_go_out_masked(base: Store, refuse: bool) -> None:
    deposer(base, plan_minimal(
        plan_champs={"validation": "oui"},
        territoire=[{"code": "38", "nom": "Isère"}, {"code": "A", "nom": "Nord", "parent": "38"}],
        indicateur=[{"code": "I1", "unite": "enfants", "nature": "stock"}],
        mesure=[{"indicateur": "I1", "territoire": "A", "periode": 2021, "valeur": 60}]))
    deposer(base, [fichier("mesure", [{"indicateur": "I1", "territoire": "A", "periode": 2021, "valeur": 3}])], auteur="Léa")
    if refuse:
        base.write(lambda cur: propositions.refuse(cur, 2, "Paul", "erreur"))
    nues, masquees = ([x["valeur"] for x in table(emporter(base, voit_tout=v), "mesure.csv")] for v in (True, False))
    assert (nues, masquees) == (["60.0", "3.0"], ["60.0", ""])


def test_a_proposal_still_waits_elsewhere(modele_base: Store, base: Store, tmp_path: Path) -> None:
    source = copier_base(modele_base, tmp_path / "source")
    deposer(source, plan_minimal(plan_champs={"validation": "oui"}, indicateur=[{"code": "I1"}]))
    deposer(source, [fichier("mesure", [{"indicateur": "I1", "periode": 2021, "valeur": 4}])], auteur="Léa")
    apporter(base, emporter(source))
    vue = queries.get_vue(base.read(), queries.get_plan(base.read(), "essai"))
    assert queries.list_lignes(base.read(), vue)[0].realise is None
    base.write(lambda cur: propositions.accept(cur, 2, "Paul", None))
    assert queries.list_lignes(base.read(), queries.get_vue(base.read(), queries.get_plan(base.read(), "essai")))[0].realise == 4


@pytest.mark.parametrize(("abimer", "dit"), [
    (lambda textes: textes | {"datapackage.json": "{}"}, "ne dit pas de quel plan"),
    (lambda textes: {k: v for k, v in textes.items() if k != "depots.csv"}, "depots.csv n’y est pas"),
    (lambda textes: textes | {"datapackage.json": '{"plan": "essai", "version": "99"}'}, "autre version"),
    (lambda textes: textes | {"mesure.csv": textes["mesure.csv"].replace("I1", "I9")}, "I9"),
    (lambda textes: textes | {"depots.csv": textes["depots.csv"].replace("annulation", "oubli")}, "ligne 6, ne se lit pas"),
    (lambda textes: textes | {"depots.csv": textes["depots.csv"].replace("-", "/")}, "ligne 2, ne se lit pas"),
    (lambda textes: textes | {"depots.csv": "depot;type\r\n1;depot\r\n"}, "ligne 2, ne se lit pas"),
    (lambda textes: textes | {"depots.csv": textes["depots.csv"].replace("annulation;4", "annulation;9")}, "sur le dépôt 9"),
    (lambda textes: textes | {"depots.csv": ""}, "depots.csv ne se lit pas"),
    (lambda textes: textes | {"mesure.csv": textes["mesure.csv"].replace("\r\n3;", "\r\nx;")}, "rangé par numéro"),
    (lambda textes: textes | {"mesure.csv": textes["mesure.csv"].replace("\r\n7;", "\r\n70;")}, "dépôt 70, qui n’y est pas"),
    (lambda textes: textes | {"mesure.csv": textes["mesure.csv"] + ";" * 60}, "mesure.csv ne se lit pas"),
])
def test_a_damaged_package_is_refused_whole(histoire: Store, base: Store, abimer: Any, dit: str) -> None:
    with zipfile.ZipFile(io.BytesIO(emporter(histoire))) as zip_:
        textes = abimer({n: zip_.read(n).decode() for n in zip_.namelist()})
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as zip_:
        for nom, texte in textes.items():
            zip_.writestr(nom, texte)
    with pytest.raises(DemandeInvalide, match=dit):
        apporter(base, tampon.getvalue())
    assert queries.list_plans(base.read()) == [] and queries.list_depots(base.read()) == []


def test_a_frozen_page_longer_than_a_usual_cell_comes_back_whole(modele_base: Store, base: Store, tmp_path: Path) -> None:
    source, page = copier_base(modele_base, tmp_path / "source"), '{"donnees": "' + "é" * 200_000 + '"}'
    deposer(source, plan_minimal())
    source.write(lambda cur: deposit_tables(cur, "essai", {
        "seance": [{"plan": "essai", "code": "S1", "date": "2022-06-30"}],
        "seance_etat": [{"plan": "essai", "seance": "S1", "ordre": 1, "contenu": page}]}, "Léa", "Essai", source.keep_file))
    apporter(base, emporter(source))
    assert base.read().execute("select contenu from seance_etat").fetchall() == [(page,)]
