"""Every page on a large plan: whole, light, and silent about what nobody opened."""

from __future__ import annotations

import re

import pytest

from indicators.settings import Settings
from indicators.store import Store
from indicators.ui.server import PAGES
from tests.conftest import copier_base, deposer
from tests.grand_plan import ACTIONS, INDICATEURS, PARTENAIRES, build_grand_plan
from tests.test_pages import dits, ouvrir, sain, tables, titre
from tests.test_pages_plan import N, html, lignes_de

OCTETS = 400_000  # of a page, all its elements together: what a phone waits for


@pytest.fixture(scope="module")
def grande(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The base of the large plan, only read here."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("grande") / "base")
    deposer(store, build_grand_plan())
    return store


@pytest.fixture(autouse=True)
def ouverte(grande: Store, cadre: None, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("INDICATORS_BASE", str(grande.settings.base))
    return grande.settings


@pytest.mark.parametrize("page", PAGES)
def test_every_page_stays_light_and_draws_nothing_that_is_closed(page):
    at = ouvrir(page)
    assert titre(at)
    fermes = [volet for volet in at.expander if volet.proto.id and not volet.proto.expanded]
    assert not [volet.label for volet in fermes if len(volet.children)]
    assert sum(len(onglet.children) > 0 for onglet in at.tabs) <= 1
    poids = sum(e.proto.ByteSize() for e in at.main if getattr(e, "proto", None) is not None)
    assert poids < OCTETS, poids


def test_a_large_plan_is_whole_on_each_page():
    at = ouvrir("plan")
    assert len(lignes_de(at)) == ACTIONS and len(html(at)) < 150_000
    at.selectbox(key="partenaire").set_value("P07")
    assert 0 < len(lignes_de(sain(at.run()))) < ACTIONS
    at = ouvrir("partenaires", code="P07")
    suivis = set(re.findall("code=(I[0-9]+)", html(at)))
    assert html(at).count('<tr><th scope="row">') == ACTIONS and f"{len(suivis)}{N}indicateurs rattachés" in dits(at)
    assert len(ouvrir("partenaires").selectbox(key="code").options) == PARTENAIRES
    assert len(ouvrir("indicateur").selectbox(key="code").options) == INDICATEURS
    assert "Le graphique montre les 40 moins avancés, le tableau les dit tous." in dits(ouvrir("synthese"))
    assert html(ouvrir("qualite")).count('<tr><th scope="row">') == INDICATEURS
    assert len(tables(ouvrir("territoires"))[0]) == 6
