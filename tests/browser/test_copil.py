"""A meeting held from the keyboard, whole: slides, decisions, a cut, its end, its file; by one machine or two, on any screen."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pptx import Presentation

from indicators.meetings import freezing
from indicators.queries.seances import get_seance
from indicators.settings import Settings
from indicators.store import Store
from tests.browser.conftest import PRET, free_port, start_server, stop_server
from tests.browser.test_pages import ANGLAIS, DEBORDE, TEXTES, TOLERES, describe
from tests.test_exports_copil import check_charts, list_tables, read_status

pytestmark = pytest.mark.navigateur

PLAN, SEANCE, AUTRE = "isere-2020-2024", "COPIL-2024-2", "COPIL-2024-1"
DIAPOS, ACTIONS = 12, range(6, 11)  # of the agenda that the shipped plan proposes, and where decisions are asked
FICHE = 7  # an action with its chart and its form, in both meetings


@dataclass
class Machine:
    """A server that a test may cut, on the base of these meetings."""

    base: Path
    port: int
    processus: subprocess.Popen

    def restart(self) -> None:
        """Gone at once, whatever it was doing; then started again at the same address."""
        self.processus.kill()
        self.processus.wait()
        self.processus = start_server(self.base, self.base.parent / "serveur.txt", self.port)


@pytest.fixture(scope="module")
def machine(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A base that these meetings may write to, both frozen, and its server."""
    store = Store(Settings(base=shutil.copytree(base, tmp_path_factory.mktemp("copil") / "base")))
    for seance in (SEANCE, AUTRE):
        store.write(lambda cur, seance=seance: freezing.freeze(cur, PLAN, seance, "Cheffe de projet", store.keep_file))
    dossier, port = store.settings.base, free_port()
    machine = Machine(dossier, port, start_server(dossier, dossier.parent / "serveur.txt", port))
    yield machine
    stop_server(machine.processus)


@pytest.fixture(scope="module")
def serveur(machine: Machine) -> str:
    """Its address."""
    return f"127.0.0.1:{machine.port}"


def link(seance: str, rang: int) -> str:
    return f"/copil?plan={PLAN}&seance={seance}&d={rang}"


def see(page: Page, rang: int) -> None:
    """Wait until that slide is the one in the address and on the screen."""
    expect(page).to_have_url(re.compile(rf"[?&]d={rang}(&|$)"))
    expect(page.locator(".st-key-position")).to_have_text(re.compile(rf"^{rang} / "))
    page.wait_for_selector(PRET)  # what is left of the slide before is gone


def press(page: Page, *touches: str) -> None:
    for touche in touches:
        page.keyboard.press(touche)


def jump(page: Page, rang: int) -> None:
    """Its number, then Enter."""
    press(page, *str(rang), "Enter")
    see(page, rang)


def choose(page: Page, role: str, nom: str) -> None:
    """A link or a button, then Enter."""
    page.get_by_role(role, name=nom).focus()
    press(page, "Enter")


def type_decision(page: Page, texte: str) -> None:
    """Type into the three fields in the order of the Tab key; the focus ends on the button."""
    page.get_by_label("Décision sur").focus()
    for mot in (texte, "DEF", "30/06/2025"):
        press(page, "End")
        page.keyboard.insert_text(mot)
        press(page, "Tab")


def read_code(page: Page) -> str:
    """The code of what was just written; its form is empty again, and the keys are those of the slides."""
    dit = page.get_by_text(re.compile(r"^Décision D-\d+-\d+ enregistrée\.$"))
    expect(dit).to_be_visible()
    page.wait_for_selector(PRET)
    code = dit.inner_text().split()[1]
    expect(page.get_by_label("Décision sur")).to_have_value("")
    page.evaluate("document.activeElement.blur()")
    return code


def test_a_meeting_from_its_list_to_its_file(page, open_url, machine, tmp_path):
    open_url(page, f"/copil?plan={PLAN}")
    choose(page, "link", "COPIL du 28/11/2024")
    choose(page, "link", "Présenter")
    titres, codes = [], []
    for rang in range(1, DIAPOS + 1):
        see(page, rang)
        assert page.locator("[data-testid=stException], [data-testid=stAlertContentError]").all_inner_texts() == []
        titres.append(page.get_by_role("heading", level=1).inner_text())
        if rang in ACTIONS:
            texte = f"Décision {rang} : prévoir 3 postes"
            if rang == ACTIONS[2]:  # half typed, left, reloaded: still there, and the keys were those of the text
                page.get_by_label("Décision sur").focus()
                page.keyboard.type(texte[:12])
                press(page, "PageDown", "Home", "End")
                see(page, rang)
                page.evaluate("document.activeElement.blur()")
                press(page, "PageUp")
                see(page, rang - 1)
                press(page, "PageDown")
                see(page, rang)
                page.reload()
                expect(page.get_by_label("Décision sur")).to_have_value(texte[:12])
            type_decision(page, texte[12:] if rang == ACTIONS[2] else texte)
            press(page, "Enter")
            codes.append(read_code(page))
        press(page, ("ArrowRight", "PageDown")[rang % 2])
    assert len(set(titres)) == DIAPOS and len(set(codes)) == len(ACTIONS)
    expect(page.get_by_role("heading", level=1)).to_have_text("6 décisions prises en séance")  # one came with the plan
    press(page, "Home", *["PageDown"] * 4)  # a remote pressed faster than the slides follow
    see(page, 5)
    press(page, "End", "ArrowLeft")
    see(page, DIAPOS - 1)
    choose(page, "link", "Quitter")
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    choose(page, "button", "Clore la séance")
    expect(page.get_by_text("Séance close.")).to_be_visible()
    page.wait_for_selector(PRET)
    with page.expect_download() as envoi:
        choose(page, "button", "Diaporama (PowerPoint)")
    assert envoi.value.suggested_filename == "isere_COPIL_2024-11-28.pptx"
    envoi.value.save_as(tmp_path / "copil.pptx")

    prs = Presentation(BytesIO((tmp_path / "copil.pptx").read_bytes()))
    seance = get_seance(Store(Settings(base=machine.base)).read(), PLAN, SEANCE)
    assert seance.close_le
    traces, _ = check_charts(prs, read_status(machine.base, PLAN, seance.observe_au, seance.connu_au))
    assert len(traces) >= 4
    cellules = [c for t in list_tables(prs) for ligne in t for c in ligne]
    assert [(k, c) for k, c in enumerate(codes) if c not in cellules] == []
    assert all(f"Décision {rang} : prévoir 3 postes" in cellules for rang in ACTIONS)


def test_a_cut_server_comes_back_with_the_meeting_and_what_was_being_typed(page, open_url, machine):
    open_url(page, link(AUTRE, FICHE))
    champ = page.get_by_label("Décision sur")
    champ.focus()
    page.keyboard.type("Avant la coupure")
    machine.restart()
    expect(page.get_by_test_id("stConnectionStatus")).to_have_count(0)
    see(page, FICHE)
    expect(champ).to_be_enabled()
    expect(champ).to_have_value("Avant la coupure")
    champ.focus()
    press(page, "End")
    page.keyboard.type(", et après")
    press(page, "Control+Enter")
    assert read_code(page)


def test_decisions_of_two_machines_are_both_kept(ouvre_page, open_url):
    pages = [ouvre_page(), ouvre_page()]
    for qui, page in zip("AB", pages, strict=True):
        open_url(page, link(AUTRE, FICHE))
        type_decision(page, f"Décision de {qui}")
    for page in pages:
        press(page, "Enter")
    assert len({read_code(page) for page in pages}) == 2
    press(pages[0], "End")
    for qui in "AB":
        expect(pages[0].get_by_role("cell", name=f"Décision de {qui}")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_slides_are_french_accessible_and_above_the_bar(ouvre_page, open_url, theme):
    page = ouvre_page(color_scheme=theme)
    open_url(page, f"{link(AUTRE, FICHE)}&debut=09:00")
    for touche in ("", "End", "Home"):
        if touche:
            press(page, touche)
            expect(page.locator(".st-key-grand")).to_have_count(0)
            page.wait_for_selector(PRET)
        assert sorted({t for t in page.evaluate(TEXTES) if ANGLAIS.search(t)}) == []
        assert [describe(v) for v in Axe().run(page).response["violations"] if v["id"] not in TOLERES] == []
        assert measure_excess(page) <= 1, f"la diapositive après « {touche} » dépasse à 1366 x 768"


def measure_excess(page) -> int:
    """Pixels that a slide has under its bar."""
    return page.evaluate("(m => m.scrollHeight - m.clientHeight)(document.querySelector('[data-testid=stMain]'))")


def test_a_slide_of_four_tables_stays_above_the_bar(ouvre_page, open_url):
    page = ouvre_page()
    open_url(page, f"/copil?plan=la-reunion-2020-2024&seance={SEANCE}&d=4")
    expect(page.get_by_role("heading", name="Nouvellement en retard")).to_be_visible()
    assert page.locator(".st-key-diapo table").count() == 4 and measure_excess(page) <= 1


HEURTS = """() => {
    const lus = [...document.querySelectorAll('.st-key-grand text')].map((e) => [e.textContent, e.getBoundingClientRect()]);
    return lus.flatMap(([a, x], k) => lus.slice(k + 1).filter(([b, y]) => a && b && a !== b
        && Math.min(x.right, y.right) - Math.max(x.left, y.left) > 2
        && Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top) > 3).map(([b]) => `${a} / ${b}`)); }"""


def test_a_narrow_window_keeps_the_labels_apart_and_the_bar_on_one_line(ouvre_page, open_url):
    page = ouvre_page(viewport={"width": 960, "height": 700})
    open_url(page, f"{link(AUTRE, FICHE)}&debut=09:00")
    page.wait_for_selector(".st-key-grand text")
    for largeur in (960, 683, 500, 390):
        page.set_viewport_size({"width": largeur, "height": 700})
        page.wait_for_timeout(500)
        assert page.evaluate(HEURTS) == [] and page.evaluate(DEBORDE) <= 1
        assert page.locator(".st-key-barre").bounding_box()["height"] < 50


def test_a_phone_can_follow(ouvre_page, open_url):
    page = ouvre_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_url(page, f"{link(AUTRE, FICHE)}&debut=09:00&embed=true")
    assert page.evaluate(DEBORDE) <= 1
    jump(page, 3)
    assert page.evaluate(DEBORDE) <= 1
