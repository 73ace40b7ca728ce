"""Status styles: readable in both modes, told apart without colour, never an arrow."""

from __future__ import annotations

import re

import plotly.graph_objects as go
import pytest

from indicators import theme
from indicators.model import Statut, StatutAction, Verdict
from indicators.theme import CSS_TUILES, TONS, badge, config_plotly, contraste, modele, style

MODES = ("light", "dark")
MOTS = [*Statut, *StatutAction, *Verdict]
FAMILLES = (Statut, StatutAction, Verdict)


def nom(mot):
    return f"{type(mot).__name__}.{mot.name}"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("mot", MOTS, ids=nom)
def test_readable(mot, mode):
    t, papier = style(mot).teinte(mode), TONS[mode].fond
    assert contraste(t.fond, t.texte) >= 4.5  # WCAG 1.4.3
    assert max(contraste(t.fond, papier), contraste(t.bord, papier)) >= 3  # WCAG 1.4.11: the shape stands out
    assert contraste(t.bord, papier) >= 3  # provisional points are drawn with their border alone


@pytest.mark.parametrize("mode", MODES)
def test_tokens_readable(mode):
    t = TONS[mode]
    for texte in (t.encre, t.gris, t.reel):
        assert contraste(texte, t.fond) >= 4.5
        assert contraste(texte, t.fond2) >= 4.5
    assert contraste(t.bord, t.fond) >= 3
    assert contraste(t.cible, t.fond) >= 3


@pytest.mark.parametrize("famille", FAMILLES)
def test_one_glyph_one_word_one_shape(famille):
    styles = [style(mot) for mot in famille]
    assert len({s.glyphe for s in styles}) == len(styles)
    assert len({mot.label for mot in famille}) == len(styles)
    assert len({s.icone for s in styles}) == len(styles)
    assert len({(s.symbole, s.incruste, s.taille) for s in styles}) == len(styles)


def test_same_glyph_only_for_the_same_meaning():
    par_glyphe: dict[str, set] = {}
    for mot in MOTS:
        par_glyphe.setdefault(style(mot).glyphe, set()).add(nom(mot))
    partages = [sorted(noms) for noms in par_glyphe.values() if len(noms) > 1]
    assert sorted(partages) == [
        ["Statut.ATTEINT", "StatutAction.REALISEE", "Verdict.ATTEINT"],
        ["Statut.NON_EVALUABLE", "Verdict.NON_EVALUABLE"],
        ["Statut.NON_RENSEIGNE", "StatutAction.NON_RENSEIGNEE"],
    ]


def test_late_backward_and_crossed_are_told_apart():
    trois = [style(m) for m in (Statut.RETARD_FORT, Statut.RECUL, Statut.SEUIL_FRANCHI)]
    assert len({s.glyphe for s in trois}) == len({s.symbole for s in trois}) == 3


@pytest.mark.parametrize("mot", MOTS, ids=nom)
def test_never_an_arrow(mot):
    s = style(mot)
    assert not re.search("[←-⇿⬀-⯑➔-➾▶▷◀◁▼▽►◄↗↘]", s.glyphe)
    assert not re.search("arrow|trending|triangle-(left|right|down)", s.symbole + s.icone)


@pytest.mark.parametrize("mot", MOTS, ids=nom)
def test_plotly_and_material_know_the_names(mot):
    s = style(mot)
    go.scatter.Marker(symbol=s.symbole)
    icones = pytest.importorskip("streamlit.material_icon_names")
    assert s.icone in icones.ALL_MATERIAL_ICONS


def test_members_that_compare_equal_keep_their_own_style():
    assert Statut.NON_EVALUABLE == Verdict.NON_EVALUABLE
    assert style(Statut.NON_EVALUABLE) is theme.STYLES_STATUT[Statut.NON_EVALUABLE]
    with pytest.raises(TypeError):
        style("atteint")


def test_badge():
    assert badge(Statut.RECUL) == ":red-badge[:material/indeterminate_check_box: En recul]"
    assert badge(Statut.ATTEINT, "4 atteints") == ":green-badge[:material/check_circle: 4 atteints]"


@pytest.mark.parametrize("mode", MODES)
def test_tiles_wear_the_colours_of_the_charts(mode):
    css = CSS_TUILES(mode)
    for mot in (*Statut, *StatutAction):
        t = style(mot).teinte(mode)
        assert f'[class*="st-key-tu_{mot.value}_"],.tu.tu_{mot.value}{{--fond:{t.fond};--texte:{t.texte};--bord:{t.bord}}}' in css
    assert "<" not in css
    # a selector never catches the tile of another word
    selecteurs = re.findall(r'"st-key-(tu_[a-z_]+_)"', css)
    cles = [f"tu_{mot.value}_11" for mot in (*Statut, *StatutAction)]
    assert all(sum(s in cle for s in selecteurs) == 1 for cle in cles)


def test_template_and_config():
    gabarit = modele("light").layout
    assert gabarit.separators == ",\u202f" and gabarit.xaxis.separatethousands and gabarit.xaxis.exponentformat == "none"
    assert modele("dark").layout.paper_bgcolor == TONS["dark"].fond
    assert modele("light", 1.4).layout.font.size == 20
    c = config_plotly("trajectoire")
    assert c["locale"] == "fr" and "showSendToCloud" not in c and c["displaylogo"] is False
    assert config_plotly("x", tactile=True)["displayModeBar"] is False
    assert len(c["locales"]["fr"]["format"]["months"]) == 12
