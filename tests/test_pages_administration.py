"""Administration: roles given and withdrawn, the base verified and saved, the access journal; for that role alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from indicators import access, audit, backups
from indicators.access import Personne
from indicators.model import Attribution, Habilitation, Trace
from indicators.store import Store
from indicators.ui import acces as porte
from tests.conftest import deposer, plan_minimal
from tests.test_pages import dits, ouvrir, sain, tables, titre

pytestmark = pytest.mark.usefixtures("cadre")

ADMINISTRATION = Attribution(Habilitation.ADMINISTRATION)


@pytest.fixture
def plan(base: Store) -> Store:
    """A plan whose only indicator is followed by the UDAF."""
    deposer(base, plan_minimal(indicateur=[{"code": "I1", "responsable": "UDAF"}]))
    return base


@pytest.fixture
def signe(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes everyone who opens a page Léa, with these roles."""
    def signe(*attributions: Attribution) -> None:
        lea = Personne("lea@exemple.fr", "Léa Dupré", attributions=attributions)
        monkeypatch.setattr(porte, "_find_personne", lambda: lea)

    return signe


def choisir(at: AppTest, onglet: str) -> AppTest:
    at.session_state["onglet"] = onglet
    return sain(at.run())


def cliquer(at: AppTest, cle: str) -> AppTest:
    return sain(at.button(key=cle).click().run())


def donner(at: AppTest, personne: str, role: Habilitation, **choix: str) -> AppTest:
    next(w for w in at.text_input if w.label == "Adresse de la personne").set_value(personne)
    at.selectbox(key="role_donne").set_value(role)
    sain(at.run())
    for debut, valeur in choix.items():
        next(w for w in at.selectbox if w.key and w.key.startswith(f"role_{debut}")).set_value(valeur)
    return cliquer(sain(at.run()), "donner")


@pytest.mark.parametrize("role", [r for r in Habilitation if r is not Habilitation.ADMINISTRATION])
def test_nobody_else_sees_who_has_which_role(plan: Store, signe: Callable[..., None], role: Habilitation) -> None:
    plan.write(lambda cur: access.grant(cur, "autre@exemple.fr", ADMINISTRATION))
    signe(Attribution(role, "essai" if role is Habilitation.DEPOT else ""))
    at = ouvrir("administration", plan="essai")
    assert titre(at) == "Cette page est réservée à l’administration"
    assert "autre@exemple.fr" not in dits(at) and not tables(at)
    assert not [b for b in at.button if b.key in ("donner", "retirer", "verifier", "sauvegarder")]


def test_a_role_given_then_withdrawn(plan: Store, signe: Callable[..., None]) -> None:
    signe(ADMINISTRATION)
    at = ouvrir("administration", plan="essai")
    assert titre(at) == "Aucun rôle donné ici, aucune sauvegarde" and at.button(key="donner").disabled
    at = donner(at, " UDAF@exemple.fr ", Habilitation.DEPOT, responsable="UDAF")
    assert titre(at).startswith("1\u00a0personne a un rôle")
    ((ligne,),) = tables(at)
    assert {k: ligne[k] for k in ("Personne", "Rôle", "Limité à", "Donné par")} == {
        "Personne": "udaf@exemple.fr", "Rôle": "Dépôt", "Limité à": "UDAF", "Donné par": "Léa Dupré (lea@exemple.fr)"}
    (donne,) = access.list_roles(plan.read())
    assert donne.attribution == Attribution(Habilitation.DEPOT, "essai", "UDAF")
    at = donner(at, "udaf@exemple.fr", Habilitation.DEPOT, responsable="UDAF")
    assert "a déjà ce rôle" in at.error[0].value
    at = cliquer(ouvrir("administration", plan="essai"), "retirer")
    assert "n’a plus ce rôle" in at.success[0].value and access.list_roles(plan.read()) == []


def test_nobody_shuts_their_own_door(plan: Store, signe: Callable[..., None]) -> None:
    plan.write(lambda cur: access.grant(cur, "lea@exemple.fr", ADMINISTRATION))
    signe()
    at = ouvrir("administration", plan="essai")
    assert titre(at).startswith("1\u00a0personne a un rôle") and not [b for b in at.button if b.key == "retirer"]


def test_the_base_is_verified_and_saved(plan: Store, signe: Callable[..., None]) -> None:
    signe(ADMINISTRATION)
    at = cliquer(choisir(ouvrir("administration", plan="essai"), "Base et sauvegardes"), "verifier")
    assert at.success[0].value.startswith("Rien à signaler")
    assert {x["Constat"] for x in tables(at)[0]} == {"Sain"}
    at = cliquer(at, "sauvegarder")
    assert "Elle a été rouverte et comparée" in at.success[0].value and "dernière sauvegarde le" in titre(at)
    ((_, faite),) = backups.list_backups(plan.settings.dossier_sauvegardes)
    assert tables(at)[-1][0]["Fichier"] == faite.name
    next(plan.settings.base.glob("recus/*")).write_bytes(b"autre chose")
    at = cliquer(at, "verifier")
    assert at.error[0].value.startswith("1\u00a0défaut trouvé")
    assert "a été modifié" in " ".join(x["Constat"] for x in tables(at)[0])


def test_the_access_journal_is_read_and_a_line_edited_is_said(plan: Store, signe: Callable[..., None]) -> None:
    signe(ADMINISTRATION)
    base = plan.settings.base
    audit.record(base, "zoe@exemple.fr", Trace.EXPORT, "essai, csv")
    at = choisir(ouvrir("administration", plan="essai"), "Journal des accès")
    assert [(x["Qui"], x["Geste"]) for x in tables(at)[0]] == [
        ("Léa Dupré (lea@exemple.fr)", "Connexion"), ("zoe@exemple.fr", "Chiffres non masqués emportés")]
    audit.get_path(base).write_text(audit.get_path(base).read_text("utf-8").replace("zoe@", "leo@"), "utf-8")
    assert "Le journal ne tient plus" in sain(at.run()).error[0].value


def test_the_way_in_is_shown_to_who_administers(plan: Store, signe: Callable[..., None]) -> None:
    for role, visible in ((ADMINISTRATION, True), (Attribution(Habilitation.PILOTAGE), False)):
        signe(role)
        at = ouvrir("synthese", plan="essai")
        pages = {p.title: p.visibility for p in at.session_state["_pages"].values()}
        assert (pages["Administration"] == "visible") is visible and pages["Plan"] == "visible"
