"""Blank slides to write on: a 16:9 master of our own, real titles and footers, text that never leaves its box."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.shapes import MSO_SHAPE, PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Pt

from indicators.exports.contenu import clean
from indicators.exports.mesure import INTERLIGNE, count_lignes, cut_texte, fit_taille
from indicators.meetings.deck import Grille
from indicators.theme import TONS, Style

TON = TONS["light"]
LARGEUR, HAUTEUR, MARGE = 960.0, 540.0, 42.0
UTILE = LARGEUR - 2 * MARGE
PADDING_X, PADDING_Y = 6.0, 4.0
TITRE_BAS = 128.0
CORPS = 136.0  # top of what is under the title
PIED = 492.0
TAILLES = (20, 18, 16, 14, 13, 12)
TAILLES_TITRE = (28, 26, 24, 22, 20, 18)


class Boite(NamedTuple):
    """A place on the slide, in points."""

    x: float
    y: float
    l: float  # noqa: E741 (width, beside x, y and h)
    h: float


@dataclass(frozen=True)
class Morceau:
    """A piece of a paragraph."""

    texte: str
    gras: bool = False
    couleur: str = TON.encre


Paragraphe = Sequence[Morceau]


def place(forme: Any, b: Boite) -> None:
    """Put a shape at that place."""
    forme.left, forme.top, forme.width, forme.height = (Pt(round(n, 2)) for n in b)


def rgb(couleur: str) -> RGBColor:
    """#RRGGBB."""
    return RGBColor.from_string(couleur[1:])


def create_presentation() -> Any:
    """An empty 16:9 presentation: two layouts, titles on the left, our colours in its theme."""
    prs = Presentation()
    prs.slide_width, prs.slide_height = Pt(LARGEUR), Pt(HAUTEUR)
    for k, mise_en_page in enumerate(list(prs.slide_layouts)):
        if k not in (0, 5):
            prs.slide_layouts.remove(mise_en_page)
    maitre = prs.slide_master
    for support in (maitre, *prs.slide_layouts):
        _set_placeholders(support, support is prs.slide_layouts[0])
    for style in maitre._element.find(qn("p:txStyles")).iter(qn("a:lvl1pPr")):
        if style.getparent().tag == qn("p:titleStyle"):
            style.set("algn", "l")
            style.find(qn("a:defRPr")).set("sz", "2800")
            style.find(qn("a:defRPr")).set("b", "1")
    _set_theme(maitre)
    _add_bandeau(maitre)
    return prs


def _add_bandeau(maitre: Any) -> None:
    """A band of the plan's colour on top of every slide, drawn by the master: no slide holds it, no voice reads it."""
    arbre = maitre.shapes._spTree
    bandeau = arbre.makeelement(qn("p:sp"), {})
    bandeau.append(etree.fromstring(
        f'<p:nvSpPr xmlns:p="{arbre.nsmap["p"]}"><p:cNvPr id="99" name="Bandeau"/><p:cNvSpPr/><p:nvPr userDrawn="1"/>'
        "</p:nvSpPr>"))
    bandeau.append(etree.fromstring(
        f'<p:spPr xmlns:p="{arbre.nsmap["p"]}" xmlns:a="{arbre.nsmap["a"]}"><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="{Pt(LARGEUR)}" cy="{Pt(8)}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        '<a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>'))
    arbre.insert(2, bandeau)


def _set_placeholders(support: Any, ouverture: bool) -> None:
    places = {
        PP_PLACEHOLDER.TITLE: Boite(MARGE, 44, UTILE, TITRE_BAS - 44),
        PP_PLACEHOLDER.CENTER_TITLE: Boite(MARGE, 120, UTILE, 90),
        PP_PLACEHOLDER.SUBTITLE: Boite(MARGE, 226, UTILE, 240),
        PP_PLACEHOLDER.BODY: Boite(MARGE, CORPS, UTILE, PIED - CORPS - 8),
        PP_PLACEHOLDER.FOOTER: Boite(MARGE, PIED, UTILE - 70, 34),
        PP_PLACEHOLDER.SLIDE_NUMBER: Boite(LARGEUR - MARGE - 60, PIED, 60, 34),
    }
    for forme in list(support.placeholders):
        genre = forme.placeholder_format.type
        if genre is PP_PLACEHOLDER.DATE:  # the dates are in the footer, written
            forme._element.getparent().remove(forme._element)
            continue
        place(forme, places[genre])
        corps = forme.text_frame
        corps.margin_left = corps.margin_right = corps.margin_top = corps.margin_bottom = 0
        bas = genre in (PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
        corps.vertical_anchor = MSO_ANCHOR.BOTTOM if bas else MSO_ANCHOR.TOP
        if genre in (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.SUBTITLE):
            for niveau in forme._element.iter(qn("a:lvl1pPr")):
                niveau.set("algn", "l")


def _set_theme(maitre: Any) -> None:
    """Colours of the theme, so that what a person adds in PowerPoint looks like the rest."""
    partie = next(r.target_part for r in maitre.part.rels.values() if r.reltype.endswith("/theme"))
    racine = etree.fromstring(partie.blob)
    couleurs = {"dk1": TON.encre, "dk2": TON.gris, "lt2": TON.fond2, "accent1": TON.reel, "accent2": "#2B76C6",
                "accent3": "#F2B134", "accent4": "#B5341B", "accent5": "#0B3A82", "accent6": "#6B7686"}
    for nom, couleur in couleurs.items():
        noeud = racine.find(f".//{qn('a:' + nom)}")
        noeud.clear()
        etree.SubElement(noeud, qn("a:srgbClr")).set("val", couleur[1:])
    partie._blob = etree.tostring(racine, xml_declaration=True, encoding="UTF-8", standalone=True)


def add_diapo(prs: Any, titre: str, surtitre: str, pied: str, notes: str, ouverture: bool = False) -> Slide:
    """A slide with its title, its place in the meeting above, its footer and number, its speaker notes."""
    diapo = prs.slides.add_slide(prs.slide_layouts[0 if ouverture else 1])
    b = Boite(MARGE, 120, UTILE, 90) if ouverture else Boite(MARGE, 44, UTILE, TITRE_BAS - 44)
    taille = fit_taille([titre], b.l, b.h, (40, 34, *TAILLES_TITRE) if ouverture else TAILLES_TITRE, gras=True)
    ecrit = clean(titre) if taille else cut_texte(clean(titre), b.l, int(b.h / (INTERLIGNE * 18)), 18, gras=True)
    write_texte(diapo.shapes.title.text_frame, [[Morceau(ecrit, gras=True)]], taille or 18)
    if surtitre:
        coupe = cut_texte(clean(surtitre), UTILE, 1, 14)
        add_texte(diapo, Boite(MARGE, 20, UTILE, 24), [[Morceau(coupe, couleur=TON.gris)]], (14,))
    _add_pied(diapo, pied)
    dites = f"{titre}\n\n{notes}" if ecrit != titre else notes
    diapo.notes_slide.notes_text_frame.text = clean(dites)
    for ligne in diapo.notes_slide.notes_text_frame.paragraphs:
        for morceau in ligne.runs:
            morceau.font.language_id = MSO_LANGUAGE_ID.FRENCH
    return diapo


def _add_pied(diapo: Slide, pied: str) -> None:
    for modele in diapo.slide_layout.placeholders:
        if modele.placeholder_format.type not in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
            continue
        diapo.shapes._spTree.append(deepcopy(modele._element))
        forme = diapo.shapes[-1]
        forme._element.nvSpPr.cNvPr.set("id", str(max(s.shape_id for s in diapo.shapes) + 1))
        if modele.placeholder_format.type is PP_PLACEHOLDER.FOOTER:
            forme.name = "Pied de page"
            b = Boite(MARGE, PIED, UTILE - 70, 34)
            taille = fit_taille([pied], b.l, b.h, (11, 10, 9, 8))
            ecrit = clean(pied) if taille else cut_texte(clean(pied), b.l, 3, 8)
            write_texte(forme.text_frame, [[Morceau(ecrit, couleur=TON.gris)]], taille or 8)
        else:
            forme.name = "Numéro"


def close_diapos(prs: Any) -> None:
    """Footers last, as a screen reader meets the shapes in their order; nothing left in the English of the template."""
    for diapo in prs.slides:
        for forme in list(diapo.placeholders):
            if forme.placeholder_format.type in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
                diapo.shapes._spTree.append(forme._element)
        for dit in diapo.shapes._spTree.iter(qn("a:rPr"), qn("a:endParaRPr")):
            dit.set("lang", "fr-FR")


def add_texte(diapo: Slide, b: Boite, paragraphes: Sequence[Paragraphe], tailles: Sequence[float] = TAILLES) -> float:
    """Paragraphs at that place in the largest size that fits, the last one cut when none does; the size, in points."""
    textes = ["".join(m.texte for m in p) for p in paragraphes]
    gras = any(m.gras for p in paragraphes for m in p)
    taille = fit_taille(textes, b.l, b.h, tailles, gras)
    if taille is None:
        taille = tailles[-1]
        paragraphes = _cut(paragraphes, b, taille)
    forme = diapo.shapes.add_textbox(Pt(b.x), Pt(b.y), Pt(b.l), Pt(b.h))
    corps = forme.text_frame
    corps.margin_left = corps.margin_right = corps.margin_top = corps.margin_bottom = 0
    write_texte(corps, paragraphes, taille)
    return taille


def _cut(paragraphes: Sequence[Paragraphe], b: Boite, taille: float) -> list[Paragraphe]:
    gardes: list[Paragraphe] = []
    reste = b.h / taille
    for p in paragraphes:
        texte = "".join(m.texte for m in p)
        lignes = count_lignes(texte, b.l, taille, True)
        if lignes * INTERLIGNE > reste:
            possibles = int(reste / INTERLIGNE)
            if possibles:
                gardes.append([Morceau(cut_texte(texte, b.l, possibles, taille, True), p[0].gras, p[0].couleur)])
            break
        gardes.append(p)
        reste -= lignes * INTERLIGNE + 0.4
    return gardes


def write_texte(corps: Any, paragraphes: Sequence[Paragraphe], taille: float, centre: bool = False) -> None:
    """Write paragraphs in a text frame: in French for spelling and speech, wrapped, never resized by the reader's software."""
    corps.word_wrap = True
    corps.auto_size = MSO_AUTO_SIZE.NONE
    for k, paragraphe in enumerate(paragraphes):
        p = corps.paragraphs[0] if k == 0 else corps.add_paragraph()
        p.space_after = Pt(0.4 * taille) if k + 1 < len(paragraphes) else Pt(0)
        p.space_before = Pt(0)
        p.alignment = PP_ALIGN.CENTER if centre else PP_ALIGN.LEFT
        for m in paragraphe:
            r = p.add_run()
            r.text = clean(m.texte)
            r.font.size, r.font.bold, r.font.language_id = Pt(taille), m.gras, MSO_LANGUAGE_ID.FRENCH
            r.font.color.rgb = rgb(m.couleur)


def add_etiquette(diapo: Slide, b: Boite, apparence: Style, mot: str) -> None:
    """A status: its shape and its word on its colour."""
    forme = diapo.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, Pt(b.x), Pt(b.y), Pt(b.l), Pt(b.h))
    forme.name = "Statut"
    forme.shadow.inherit = False
    forme.fill.solid()
    forme.fill.fore_color.rgb = rgb(apparence.light.fond)
    forme.line.color.rgb = rgb(apparence.light.bord)
    forme.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    forme.text_frame.margin_top = forme.text_frame.margin_bottom = 0
    dit = f"{apparence.glyphe} {mot}"
    taille = fit_taille([dit], b.l - 16, b.h, (18, 16, 14, 12), gras=True) or 12
    write_texte(forme.text_frame, [[Morceau(dit, True, apparence.light.texte)]], taille, centre=True)


# -- tables ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """What one slide holds of a table: its rows, ready to be written, and their heights in points."""

    lignes: tuple[tuple[str, ...], ...]
    hauteurs: tuple[float, ...]


def split_grille(grille: Grille, parts: Sequence[float], largeur: float, hauteur: float, taille: float) -> list[Page]:
    """Rows slide by slide so that none overflows; a cell taller than a slide is cut (its whole text goes to the notes)."""
    larges = _share(parts, largeur)
    entete = _measure_ligne(grille.colonnes, larges, taille)
    libre = hauteur - entete
    maximum = int((libre - 2 * PADDING_Y) / (INTERLIGNE * taille))
    pages: list[Page] = []
    lignes: list[tuple[str, ...]] = []
    hauteurs = [entete]
    for ligne in grille.lignes:
        cellules = tuple(cut_texte(clean(c), w - 2 * PADDING_X, maximum, taille) for c, w in zip(ligne, larges, strict=True))
        h = _measure_ligne(cellules, larges, taille)
        if lignes and sum(hauteurs) + h > hauteur:
            pages.append(Page(tuple(lignes), tuple(hauteurs)))
            lignes, hauteurs = [], [entete]
        lignes.append(cellules)
        hauteurs.append(h)
    return [*pages, Page(tuple(lignes), tuple(hauteurs))] if lignes else pages


def _share(parts: Sequence[float], largeur: float) -> list[float]:
    return [largeur * p / sum(parts) for p in parts]


def _measure_ligne(cellules: Sequence[str], larges: Sequence[float], taille: float) -> float:
    lignes = max(count_lignes(c, w - 2 * PADDING_X, taille, True) for c, w in zip(cellules, larges, strict=True))
    return lignes * INTERLIGNE * taille + 2 * PADDING_Y


def add_tableau(diapo: Slide, grille: Grille, page: Page, parts: Sequence[float], b: Boite, taille: float) -> None:
    """One page of a table as a native one: header row marked, alternative text."""
    larges = _share(parts, b.l)
    cadre = diapo.shapes.add_table(len(page.lignes) + 1, len(grille.colonnes), Pt(b.x), Pt(b.y), Pt(b.l), Pt(sum(page.hauteurs)))
    cadre.name = clean(grille.titre)
    describe(cadre, f"Tableau. {grille.titre}, {len(page.lignes)} lignes. Colonnes\u202f: {', '.join(grille.colonnes)}.")
    tableau = cadre.table
    for k, w in enumerate(larges):
        tableau.columns[k].width = Pt(w)
    for i, (ligne, h) in enumerate(zip((grille.colonnes, *page.lignes), page.hauteurs, strict=True)):
        tableau.rows[i].height = Pt(h)
        for j, texte in enumerate(ligne):
            cellule = tableau.cell(i, j)
            cellule.margin_left = cellule.margin_right = Pt(PADDING_X)
            cellule.margin_top = cellule.margin_bottom = Pt(PADDING_Y)
            cellule.vertical_anchor = MSO_ANCHOR.TOP
            write_texte(cellule.text_frame, [[Morceau(texte, i == 0, "#FFFFFF" if i == 0 else TON.encre)]], taille)


def describe(cadre: Any, texte: str) -> None:
    """Alternative text of a chart or a table."""
    cadre._element.nvGraphicFramePr.cNvPr.set("descr", clean(texte))
