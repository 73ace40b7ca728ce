"""What a dépôt changes, cell by cell: old and new values, bounded, and what a cancellation brings back."""

from __future__ import annotations

from pathlib import Path

import pytest

from indicators import deposits, effects
from indicators.deposits import Changement
from indicators.errors import DemandeInvalide, VersionEndommagee
from indicators.reading import FichierRecu
from indicators.store import Store
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
