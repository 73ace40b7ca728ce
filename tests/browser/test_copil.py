"""A meeting held from the keyboard: every slide, decisions typed, cut short and found again, from one machine or two."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PRET, run_server
from tests.browser.test_pages import ANGLAIS, DEBORDE, TEXTES, TOLERES, describe

pytestmark = pytest.mark.navigateur

PLAN, SEANCE = "isere-2020-2024", "COPIL-2024-2"
DIAPOS, ACTIONS = 12, range(6, 11)  # of the agenda that the shipped plan proposes
LIEN = f"/copil?plan={PLAN}&seance={SEANCE}&d="


@pytest.fixture(scope="module")
def dossier(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base that this meeting may write to."""
    return shutil.copytree(base, tmp_path_factory.mktemp("copil") / "base")


@pytest.fixture(scope="module")
def serveur(dossier: Path) -> Iterator[str]:
    """A server on it."""
    with run_server(dossier, dossier.parent / "serveur.txt") as hote:
        yield hote


def see(page: Page, rang: int) -> None:
    """Wait until that slide is the one in the address and on the screen."""
    expect(page).to_have_url(re.compile(rf"[?&]d={rang}(&|$)"))
    expect(page.get_by_text(f"{rang} / {DIAPOS}", exact=True)).to_be_visible()
    page.wait_for_selector(PRET)  # what is left of the slide before is gone


def press(page: Page, *touches: str) -> None:
    for touche in touches:
        page.keyboard.press(touche)


def jump(page: Page, rang: int) -> None:
    """Its number, then Enter."""
    press(page, *str(rang), "Enter")
    see(page, rang)


def type_decision(page: Page, texte: str, responsable: str = "DEF", echeance: str = "30/06/2025") -> None:
    """Type into the three fields in the order of the Tab key, and stay in the last one."""
    page.get_by_label("Décision sur").focus()
    for mot in (texte, responsable, echeance):
        page.keyboard.type(mot)
        press(page, "Tab")


def record(page: Page, texte: str) -> str:
    """Type one decision and send it; its code."""
    type_decision(page, texte)
    press(page, "Enter")  # the focus is on the button
    return read_code(page, texte)


def read_code(page: Page, texte: str) -> str:
    """The code under which this text is now listed; its form is empty again."""
    expect(page.get_by_text("enregistrée.")).to_be_visible()
    page.wait_for_selector(PRET)
    expect(page.get_by_label("Décision sur")).to_have_value("")
    return page.get_by_text(re.compile(rf"^D-\d+-\d+ {re.escape(texte)}")).inner_text().split()[0]


def leave(page: Page) -> None:
    """Give the keys back to the slides."""
    page.evaluate("document.activeElement.blur()")


def test_every_slide_by_keyboard(page, open_url):
    open_url(page, f"/copil?plan={PLAN}")
    page.get_by_role("link", name="COPIL du 28/11/2024").focus()
    press(page, "Enter")
    page.get_by_role("link", name="Présenter").focus()
    press(page, "Enter")
    see(page, 1)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()

    titres = []
    for rang in range(1, DIAPOS + 1):
        see(page, rang)
        assert page.locator("[data-testid=stException], [data-testid=stAlertContentError]").all_inner_texts() == []
        titres.append(page.get_by_role("heading", level=1).inner_text())
        press(page, ("ArrowRight", "PageDown")[rang % 2])
    assert len(set(titres)) == DIAPOS
    for touche, rang in (("Home", 1), ("End", DIAPOS), ("PageUp", DIAPOS - 1), ("ArrowLeft", DIAPOS - 2)):
        press(page, touche)
        see(page, rang)
    press(page, "Home", *["PageDown"] * 4)  # a remote pressed faster than the slides follow
    see(page, 5)
    page.get_by_role("link", name="Quitter").focus()
    press(page, "Enter")
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    expect(page).not_to_have_url(re.compile("[?&]d="))


def test_five_decisions_by_keyboard_and_a_cut(page, open_url):
    open_url(page, f"{LIEN}2")
    codes = []
    for n, rang in enumerate(ACTIONS):
        jump(page, rang)
        texte = f"Décision {n} : prévoir 3 postes dès que possible"
        if n != 2:
            codes.append(record(page, texte))
            leave(page)
            continue
        page.get_by_label("Décision sur").focus()
        page.keyboard.type(texte[:20])
        press(page, "PageDown", "Home", "End")  # of the text, not of the slides
        see(page, rang)
        page.reload()
        expect(page.get_by_label("Décision sur")).to_have_value(texte[:20])
        jump(page, rang + 1)
        jump(page, rang)  # and the draft is there after a detour too
        champ = page.get_by_label("Décision sur")
        expect(champ).to_have_value(texte[:20])
        champ.focus()
        press(page, "End")
        page.keyboard.type(texte[20:])
        press(page, "Control+Enter")
        codes.append(read_code(page, texte))
        leave(page)
    assert codes == [f"D-2024-{n:02d}" for n in range(4, 9)]
    jump(page, DIAPOS)
    expect(page.get_by_role("heading", level=1)).to_have_text("6 décisions prises en séance")
    assert [c for c in codes if c.replace("-", "\u2011") not in page.get_by_role("region").inner_text()] == []
    page.reload()
    expect(page.get_by_label("Décision sur")).to_have_value("")


def test_decisions_of_two_machines_are_both_kept(ouvre_page, open_url):
    pages = [ouvre_page(), ouvre_page()]
    for qui, page in zip("AB", pages, strict=True):
        open_url(page, f"{LIEN}10")
        type_decision(page, f"Décision de {qui}")
    for page in pages:
        press(page, "Enter")
    codes = {read_code(page, f"Décision de {qui}") for qui, page in zip("AB", pages, strict=True)}
    assert len(codes) == 2
    open_url(pages[0], f"{LIEN}{DIAPOS}&embed=true")
    for qui in "AB":
        expect(pages[0].get_by_text(f"Décision de {qui}")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_slides_are_french_accessible_and_above_the_bar(ouvre_page, open_url, theme):
    page = ouvre_page(color_scheme=theme)
    for rang in (1, 3, 4, 7, DIAPOS):
        open_url(page, f"{LIEN}{rang}&debut=09:00")
        assert sorted({t for t in page.evaluate(TEXTES) if ANGLAIS.search(t)}) == []
        assert [describe(v) for v in Axe().run(page).response["violations"] if v["id"] not in TOLERES] == []
        hauteur = page.evaluate("(m => m.scrollHeight - m.clientHeight)(document.querySelector('[data-testid=stMain]'))")
        assert hauteur <= 1, f"la diapositive {rang} dépasse de {hauteur} px à 1366 x 768"


def test_a_phone_can_follow(ouvre_page, open_url):
    page = ouvre_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for rang in (3, 7):
        open_url(page, f"{LIEN}{rang}&debut=09:00")
        assert page.evaluate(DEBORDE) <= 1
