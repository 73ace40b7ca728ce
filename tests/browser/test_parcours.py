"""What a person does from page to page: the plan and the dates follow, and a link copied elsewhere opens the same view."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.navigateur


def test_plan_and_dates_follow_from_page_to_page(page, open_url) -> None:
    open_url(page, "/?plan=la-reunion-2020-2024&observe_au=2022-12-31")
    for titre, adresse in (("Action", "action"), ("Indicateur", "indicateur"), ("Contexte", "contexte"), ("Synthèse", "")):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=titre).click()
        expect(page.get_by_text("situation au 31/12/2022")).to_be_visible()
        expect(page).to_have_url(re.compile(rf"/{adresse}\?(?=.*plan=la-reunion-2020-2024)(?=.*observe_au=2022-12-31)"))


def test_a_tile_leads_to_its_action_at_the_same_dates(page, open_url) -> None:
    open_url(page, "/?plan=isere-2020-2024&observe_au=2022-12-31&connu_au=2023-06-30")
    page.get_by_role("link", name="I3.1").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("accueil familial")
    expect(page.get_by_text("situation au 31/12/2022")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/action\?(?=.*code=I3\.1)(?=.*connu_au=2023-06-30)"))


def test_a_copied_link_opens_the_same_view_in_another_browser(page, ouvre_page, open_url) -> None:
    open_url(page, "/indicateur?plan=isere-2020-2024&observe_au=2022-12-31&code=OFF-01")
    lien = page.url.split("/", 3)[3]
    vu = page.get_by_role("figure").first.get_attribute("aria-label")
    autre = ouvre_page()
    open_url(autre, f"/{lien}")
    expect(autre.get_by_role("heading", level=1)).to_have_text("Part des confiés accueillis par un assistant familial")
    expect(autre.get_by_role("figure").first).to_have_attribute("aria-label", vu)
