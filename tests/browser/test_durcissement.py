"""Texts of hostile data stay texts on every page of a real browser; a page that fails gives a reference, and no more."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from indicators.settings import RACINE, Settings
from indicators.store import Store
from tests.browser.conftest import run_server
from tests.browser.test_premier_lien import visit
from tests.conftest import deposer, plan_minimal

HOSTILE = ("<img src=x onerror=\"window.vu=1\"><script>window.vu=1</script> [l](javascript:window.vu=1) "
           "![i](http://evil.example/x.png) :material/home: :streamlit: :red[r] $x^2$ **g** a -> b &lt;b&gt; {{7*7}}")


@pytest.fixture(scope="module")
def serveur(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a plan whose every text is hostile."""
    dossier = tmp_path_factory.mktemp("hostile")
    store = Store(Settings(base=dossier / "base"))
    store.prepare()
    deposer(store, plan_minimal(
        plan_champs={"intitule": HOSTILE, "niveau_1": HOSTILE},
        orientation=[{"code": "O1", "intitule": HOSTILE}],
        action=[{"code": "A1", "orientation": "O1", "intitule": HOSTILE, "description": HOSTILE, "publics": HOSTILE}],
        suivi_action=[{"action": "A1", "date": "2021-12-31", "statut": "en_cours", "commentaire": HOSTILE}],
        lien=[{"action": "A1", "adresse": "javascript:window.vu=1", "intitule": HOSTILE}],
        repere=[{"code": "R1", "date": "2022-02-07", "intitule": HOSTILE, "texte": HOSTILE, "type": HOSTILE}],
        indicateur=[{"code": "I1", "intitule": HOSTILE, "unite": "<b>u</b>", "definition": HOSTILE, "responsable": HOSTILE}],
        action_indicateur=[{"action": "A1", "indicateur": "I1"}],
        rupture=[{"indicateur": "I1", "territoire": "38", "date": "2021-06-30", "texte": HOSTILE}],
        cible=[{"indicateur": "I1", "role": r, "date": d, "valeur": v}
               for r, d, v in (("reference", "2019-12-31", 10), ("finale", "2024-12-31", 60))],
        mesure=[{"indicateur": "I1", "periode": "2022", "valeur": 12, "source": HOSTILE, "commentaire": HOSTILE}]),
        auteur=HOSTILE, motif=HOSTILE)
    with run_server(dossier / "base", dossier / "sortie.txt") as hote:
        yield hote


@pytest.mark.navigateur
@pytest.mark.parametrize("adresse", ["/?plan=essai", "/action?code=A1", "/indicateur?code=I1", "/contexte", "/methode", "/depot",
                                     "/journal?depot=1", "/indicateur?code=<script>window.vu=1</script>"])
def test_hostile_texts_do_nothing(page, open_url, adresse: str) -> None:
    page.on("dialog", lambda d: pytest.fail(f"a dialog: {d.message}"))
    open_url(page, adresse)
    assert page.evaluate("window.vu") is None
    corps = page.locator("[data-testid=stApp]")
    vivants = "img[src*=evil], img[onerror], script, [aria-label='home icon'], [alt='Streamlit logo'], .katex"
    assert corps.locator(vivants).count() == 0
    assert corps.locator("a[href^='javascript'], a[href^='data']").count() == 0
    if "A1" in adresse or "code=I1" in adresse:
        assert page.get_by_role("heading", level=1).inner_text().replace("\u2060", "").strip() == HOSTILE


def test_a_failing_page_gives_a_reference_that_the_log_holds_without_its_data(base: Path, tmp_path: Path) -> None:
    projet = tmp_path / "projet"
    for nom in ("pages", "indicators", ".streamlit"):
        shutil.copytree(RACINE / nom, projet / nom, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(RACINE / "data" / "guide", projet / "data" / "guide")
    shutil.copy(RACINE / "app.py", projet)
    page = projet / "pages" / "contexte.py"
    page.write_text(page.read_text("utf-8") + "\nint(st.query_params['valeur'])\n", "utf-8")
    sortie = tmp_path / "sortie.txt"
    with run_server(base, sortie, racine=projet) as hote:
        _, texte = visit(hote, "contexte", "valeur=Camille-Durand-12-ans")
    dit = re.search(r"rence \*\*([0-9A-F]{6})\*\*", texte)
    assert dit, texte[-800:]
    journal = sortie.read_text("utf-8", errors="replace")
    assert f"incident {dit[1]}" in journal and "contexte.py" in journal and "ValueError" in journal
    assert "Camille" not in journal and "Camille" not in texte and "ValueError" not in texte
