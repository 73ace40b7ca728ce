"""Every page in a real browser: French throughout, accessible in light and in dark, usable on a phone, nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from indicators.ui.server import PAGES

pytestmark = pytest.mark.navigateur

ADRESSES = ["/", *(f"/{p}" for p in PAGES)]

# Defects of Streamlit 1.67 that our pages cannot avoid: hidden layer of the sparklines of st.metric, role of st.file_uploader.
TOLERES = {"svg-img-alt", "presentation-role-conflict"}

ANGLAIS = re.compile(
    r"\b(add|browse|cancel|choose|clear|close|collapse|connecting|copy|delete|download|drag|dismiss|empty|enter|error|expand"
    r"|fullscreen|hide|link|loading|no results|open(?! data)|press|remove|rerun|running|search|select|selected|send|settings"
    r"|show|skip|submit|upload|view)s?\b",
    re.I,
)

# What people can read or hear that Streamlit wrote: the same frontier as OURS in indicators/ui/francais.js.
TEXTES = """() => {
  const ours = '[data-testid=stMarkdown],[data-testid=stText],[data-testid=stTable],[data-testid=stHtml],'
    + '[data-testid^=stIcon],[data-testid^=stExpanderIcon]';
  return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility()).flatMap(e => [
    ...['aria-label', 'title', 'placeholder', 'data-title', 'alt'].map(nom => e.getAttribute(nom)),
    ...(e.closest(ours) ? [] : [...e.childNodes].filter(n => n.nodeType === Node.TEXT_NODE).map(n => n.nodeValue)),
  ]).filter(Boolean).map(texte => texte.trim());
}"""

DEBORDE = """() => [document.documentElement, document.body, ...document.querySelectorAll('[data-testid=stMain]')]
  .map(e => e.scrollWidth - e.clientWidth).reduce((a, b) => Math.max(a, b), 0)"""


def describe(violation: dict) -> str:
    ou = "; ".join(noeud["html"][:160] for noeud in violation["nodes"][:4])
    return f"{violation['id']} ({violation['impact']}, {len(violation['nodes'])}) : {ou}"


def check_access(page) -> None:
    violations = Axe().run(page).response["violations"]
    assert [describe(v) for v in violations if v["id"] not in TOLERES] == []


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
@pytest.mark.parametrize("adresse", ADRESSES)
def test_french_and_accessible(ouvre_page, open_url, adresse, theme):
    page = ouvre_page(color_scheme=theme)
    open_url(page, adresse)
    assert page.locator("[data-testid=stException], [data-testid=stAlertContentError]").all_inner_texts() == []
    assert sorted({t for t in page.evaluate(TEXTES) if ANGLAIS.search(t)}) == []
    assert page.evaluate("document.documentElement.lang") == "fr"
    check_access(page)


@pytest.mark.parametrize("adresse", ADRESSES)
def test_phone_does_not_scroll_sideways_and_is_accessible_in_the_dark(ouvre_page, open_url, adresse):
    page = ouvre_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark")
    open_url(page, adresse)
    assert page.evaluate(DEBORDE) <= 1  # a rounding of the browser
    check_access(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_keyboard_focus_is_seen(ouvre_page, open_url, theme):
    page = ouvre_page(color_scheme=theme)
    open_url(page, "/decisions")
    vus = []
    for _ in range(30):
        page.keyboard.press("Tab")
        vus.append(page.evaluate("""() => {
          const e = document.activeElement, cadre = e.closest('[data-testid=stSelectbox]') || e;
          return [e.tagName, e.getAttribute('aria-label') || e.innerText, getComputedStyle(cadre).outlineStyle]
        }"""))
    a_voir = [v for v in vus if v[0] in ("A", "BUTTON")]
    assert len(a_voir) > 15 and [v for v in a_voir if v[2] != "solid"] == []


def test_unknown_address_is_answered_in_french(page):
    page.goto("/adresse-inconnue")
    page.get_by_text("Page introuvable").wait_for()
    assert not [t for t in page.evaluate(TEXTES) if ANGLAIS.search(t)]
