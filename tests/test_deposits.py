"""What a dépôt changes, cell by cell: old and new values, bounded, and what a cancellation brings back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from indicators import deposits, effects
from indicators.deposits import Changement
from indicators.errors import DemandeInvalide, VersionEndommagee
from indicators.reading import FichierRecu
from indicators.store import Store
from indicators.verification import verify
from tests.conftest import copier_base, csv_bytes, deposer, plan_minimal

MESURE = ("indicateur", "periode", "valeur")
CLE = ("essai", "I1", "38", "")


@pytest.fixture(scope="module")
def modele_plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The base that `plan` copies."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("modele-plan") / "base")
    deposer(store, plan_minimal(indicateur=[{"code": "I1"}], mesure=[
        {"indicateur": "I1", "periode": "2021", "valeur": 10, "provenance": "publie", "commentaire": "a"},
        {"indicateur": "I1", "periode": "2022", "valeur": 11}]))
    return store


@pytest.fixture
def plan(modele_plan: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The plan « essai », as dépôt 1: two years of one indicator, the first one published."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_plan, tmp_path / "base")


def rehearse(store: Store, contenu: bytes, nom: str = "mesure.csv", **demande) -> deposits.BilanDepot:
    """The effect of one file, thrown away."""
    return store.rehearse(lambda cur: deposits.import_files(cur, [FichierRecu(nom, contenu)], deposits.Demande(**demande),
                                                            deposits.keep_nothing))


def test_only_what_differs_is_listed(plan: Store) -> None:
    bilan = rehearse(plan, csv_bytes(MESURE, [("I1", "2022", "12,5"), ("I1", "2023", "13")]))
    assert (bilan.nouvelles, bilan.modifiees, bilan.publiees) == (1, 1, 0)
    assert bilan.changements == [Changement("mesure", (*CLE, "2022-01-01", "2022-12-31"), "valeur", "11.0", "12.5")]
    assert bilan.cellules_changees == 1


def test_an_unchanged_row_gives_nothing(plan: Store) -> None:
    bilan = rehearse(plan, csv_bytes(MESURE, [("I1", "2022", "11")]))
    assert (bilan.inchangees, bilan.changements, bilan.cellules_changees, bilan.porteur) == (1, [], 0, 1)


def test_every_column_that_changes_even_when_the_file_is_refused(plan: Store) -> None:
    bilan = rehearse(plan, csv_bytes(MESURE, [("I1", "2021", "9"), ("I1", "2022", "zz")]))
    assert bilan.bloque and bilan.publiees == 1
    assert [(x.colonne, x.avant, x.apres) for x in bilan.changements] == [
        ("valeur", "10.0", "9.0"), ("commentaire", "a", None), ("provenance", "publie", "saisi")]


def test_a_row_withdrawn_gives_its_first_filled_cell(plan: Store) -> None:
    bilan = rehearse(plan, csv_bytes((*MESURE, "supprimer"), [("I1", "2021", "", "oui"), ("I1", "2030", "", "oui")]))
    assert (bilan.retirees, bilan.publiees, bilan.cellules_changees) == (1, 1, 1)
    assert bilan.changements == [Changement("mesure", (*CLE, "2021-01-01", "2021-12-31"), "valeur", "10.0", None)]


def test_the_list_is_bounded_and_the_total_said(plan: Store) -> None:
    def lignes(decalage: int) -> bytes:
        return csv_bytes((*MESURE, "ventilation"), [("I1", "2022", str(n + decalage), f"v{n:04}") for n in range(700)])

    deposer(plan, [FichierRecu("mesure.csv", lignes(0))])
    bilan = rehearse(plan, lignes(1))
    assert (len(bilan.changements), bilan.cellules_changees) == (effects.CHANGEMENTS_MONTRES, 700)
    assert [x.cle[3] for x in bilan.changements[:2]] == ["v0000", "v0001"]


def test_other_tables_are_compared_too(plan: Store) -> None:
    bilan = rehearse(plan, csv_bytes(("code", "orientation", "intitule", "echeance"), [("A1", "O1", "Autre nom", "2023-06-30")]),
                     "action.csv")
    assert [(x.table, x.cle, x.colonne, x.avant, x.apres) for x in bilan.changements] == [
        ("action", ("essai", "A1"), "intitule", "Première action", "Autre nom"),
        ("action", ("essai", "A1"), "echeance", None, "2023-06-30")]


def test_cancelling_says_what_goes_and_what_comes_back(plan: Store) -> None:
    deposer(plan, [FichierRecu("mesure.csv", csv_bytes(MESURE, [("I1", "2022", "12"), ("I1", "2023", "13")]))])
    bilan = plan.rehearse(lambda cur: deposits.cancel_with_effects(cur, 2, "essai"))
    assert bilan.depots == [3] and bilan.cellules_changees == 2
    assert [(x.cle[5], x.colonne, x.avant, x.apres) for x in bilan.changements] == [
        ("2022-12-31", "valeur", "12.0", "11.0"), ("2023-12-31", "valeur", "13.0", None)]
    plan.write(lambda cur: deposits.cancel_with_effects(cur, 2, "essai"))
    reprise = plan.rehearse(lambda cur: deposits.cancel_with_effects(cur, 3, "essai"))
    assert [(x.avant, x.apres) for x in reprise.changements] == [("11.0", "12.0"), (None, "13.0")]


def test_a_later_deposit_hides_what_is_cancelled(plan: Store) -> None:
    for valeur in ("12", "14"):
        deposer(plan, [FichierRecu("mesure.csv", csv_bytes(MESURE, [("I1", "2022", valeur)]))])
    assert plan.rehearse(lambda cur: deposits.cancel_with_effects(cur, 2, "essai")).changements == []


@pytest.mark.parametrize("motif", [None, "", "  "])
def test_a_motif_is_required_when_asked_for(plan: Store, motif: str | None) -> None:
    publie = csv_bytes(MESURE, [("I1", "2021", "9")])
    with pytest.raises(DemandeInvalide, match="motif"):
        rehearse(plan, publie, motif=motif, motif_exige=True)
    assert rehearse(plan, publie, motif="révision", motif_exige=True).depot == 2
    assert rehearse(plan, csv_bytes(MESURE, [("I1", "2022", "9")]), motif=motif, motif_exige=True).depot == 2


def test_received_bytes_come_back_or_say_that_they_are_damaged(plan: Store) -> None:
    contenu = csv_bytes(MESURE, [("I1", "2022", "12")])
    deposer(plan, [FichierRecu("mesure.csv", contenu)])
    ((empreinte,),) = plan.read().execute("select sha256 from fichier where depot = 2").fetchall()
    assert plan.read_received(empreinte) == contenu
    (plan.recus / empreinte).write_bytes(b"autre")
    for faux in (empreinte, "../verrou", "", "0" * 64):
        with pytest.raises(VersionEndommagee):
            plan.read_received(faux)


# -- what is made again, and what is kept ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deux_plans(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """« essai » (I1 of the département, I2 the sum of two territories) and « autre », both known since March 2024."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("deux-plans") / "base")
    buts = [{"indicateur": i, "role": role, "date": jour, "valeur": valeur} for i in ("I1", "I2")
            for role, jour, valeur in (("reference", "2019-12-31", 10), ("finale", "2024-12-31", 20))]
    deposer(store, plan_minimal(
        indicateur=[{"code": "I1"}, {"code": "I2", "agregation": "somme"}], cible=buts,
        territoire=[{"code": "38", "nom": "Isère"}, *({"code": t, "nom": t, "parent": "38"} for t in ("T1", "T2"))],
        mesure=[{"indicateur": "I1", "territoire": "38", "periode": "2022", "valeur": 11},
                *({"indicateur": "I2", "territoire": t, "periode": "2022", "valeur": 5.5} for t in ("T1", "T2"))]),
        connu_le=datetime(2024, 3, 1))
    deposer(store, plan_minimal("autre", indicateur=[{"code": "X1", "delai_publication_mois": 6}], cible=[buts[0] | {
        "indicateur": "X1"}, buts[1] | {"indicateur": "X1"}], mesure=[{"indicateur": "X1", "periode": "2022", "valeur": 12}]),
        connu_le=datetime(2024, 3, 2))
    return store


LOTS = {  # name -> file, rows, the indicators of « essai » whose status it changes
    "département": ("mesure", ("indicateur", "territoire", "periode", "valeur"), [("I1", "38", "2023", "18")], ["I1"]),
    "parties": ("mesure", ("indicateur", "territoire", "periode", "valeur"),
                [("I2", "T1", "2023", "9"), ("I2", "T2", "2023", "9")], ["I2"]),
    "ventilation": ("mesure", ("indicateur", "ventilation", "periode", "valeur"), [("I1", "filles", "2023", "18")], []),
    "cible": ("cible", ("indicateur", "role", "date", "valeur"), [("I1", "finale", "2024-12-31", "11")], ["I1"]),
    "suivi": ("suivi_action", ("action", "date", "statut"), [("A1", "2023-06-30", "en_cours")], []),
    "rupture": ("rupture", ("indicateur", "date", "texte"), [("I1", "2021-06-30", "Nouvelle définition")], []),
}


def _receive(lot: str) -> tuple[list[FichierRecu], deposits.Demande]:
    nom, colonnes, lignes, _ = LOTS[lot]
    return [FichierRecu(f"{nom}.csv", csv_bytes(colonnes, lignes))], deposits.Demande(plan="essai")


@pytest.mark.parametrize("lot", LOTS)
def test_a_preview_tells_the_statuses_that_the_write_gives(deux_plans: Store, lot: str) -> None:
    recus, demande = _receive(lot)
    vus = deux_plans.rehearse(lambda cur: deposits.preview_files(cur, recus, demande)).effets
    faits = deux_plans.rehearse(lambda cur: deposits.import_files(cur, recus, demande, deposits.keep_nothing)).effets
    assert vus == faits
    assert [(e.plan, e.indicateur) for e in vus] == [("essai", i) for i in LOTS[lot][3]]


def test_what_a_depot_keeps_is_what_would_be_made_again(deux_plans: Store, tmp_path: Path) -> None:
    store = copier_base(deux_plans, tmp_path / "base")

    def read_attendu() -> bool:
        return store.read().execute("select a_actualiser from dernier_etat where vue_plan = 'autre'").fetchone()[0]

    assert not read_attendu()  # the figure of 2023 is due at the end of June 2024
    for lot in LOTS:
        recus, demande = _receive(lot)
        assert store.write(lambda cur, r=recus, d=demande: deposits.import_files(cur, r, d, store.keep_file)).depot
        assert read_attendu()
        assert [d for x in verify(store) for d in x.defauts] == [], lot
    store.write(lambda cur: deposits.cancel(cur, 3, "essai"))
    assert [d for x in verify(store) for d in x.defauts] == []
