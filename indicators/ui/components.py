"""Pieces that pages are made of; each draws one thing and knows no figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

import plotly.graph_objects as go
import streamlit as st

from indicators.charts import CSS_CHRONOLOGIE, CSS_FRISE, CSS_MATRICE
from indicators.formats import MASQUE, bind_punctuation, format_nombre
from indicators.theme import badge, config_plotly, style
from indicators.ui.server import RETOURNEURS
from indicators.ui.server import escape_markdown as sur
from indicators.ui.state import get_contexte

__all__ = ["CSS", "build_link", "build_link_depot", "link_action", "link_depot", "link_indicateur", "link_objet",
           "link_page", "link_seance", "show_badges", "show_chart", "show_facts", "show_gauge", "show_part", "show_rows",
           "show_table", "show_tile", "sur", "write_address"]

AIDE_SECRET = "Secret statistique\u202f: petit effectif, ou qui en trahirait un autre"
IMAGES = {n: 0x2400 + n for n in range(32) if n not in (9, 10, 13)} | {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD} | RETOURNEURS

# On paper: what is read, without what is clicked. A closed expander is left out with its title.
CSS_IMPRESSION = """
@media print{
  @page{size:A4;margin:14mm}
  :is([data-testid=stSidebar],[data-testid=stHeader],[data-testid=stExpandSidebarButton],[data-testid=stSelectbox],[data-testid=stButton],
    [data-testid=stTextInput],[data-testid=stDateInput],[data-testid=stForm],[data-testid=stDownloadButton],.modebar,
    [data-testid=stExpander]:not(:has(details[open])),[class*="st-key-saisie"],[class*="st-key-trouves_"]){display:none!important}
  :is(html,body,#root,[data-testid=stApp],[data-testid=stAppViewContainer],[data-testid=stMain],[data-testid=stMainBlockContainer]){
    position:static!important;display:block!important;height:auto!important;overflow:visible!important;
    padding:0!important;max-width:none!important;background:#FFFFFF!important;color-scheme:light}
  [data-testid=stMarkdownContainer] :is(p,li){font-size:10pt}
  [data-testid=stHeading] h1{font-size:17pt}
  :is(.lignes,.faits){font-size:9.5pt}
  .lignes tr,.faits tr,[data-testid=stPlotlyChart],[class*="st-key-indicateur_"]{break-inside:avoid}
  [data-testid=stHeading]{break-after:avoid}
  [data-testid=stMarkdownContainer]:not([class*="st-key-tu_"] *) :is(p,li,span,strong,em,a,h1,h2),.lignes *,.faits *{
    color:#161D2B!important}
  [data-testid=stCaptionContainer],[data-testid=stCaptionContainer] *{color:#4A5568!important;opacity:1!important}
  .stMarkdownBadge{background:none!important;border:1px solid #6B7686}
  [data-testid=stGridCell]:has([class*="st-key-indicateur_"]){grid-column:1/-1!important}
  [class*="st-key-indicateur_"]{display:grid!important;grid-template-columns:minmax(0,1fr) 28rem;gap:.15rem 1rem!important}
  [class*="st-key-indicateur_"] > :not(:has([data-testid=stPlotlyChart])){grid-column:1}
  [class*="st-key-indicateur_"] > :has([data-testid=stPlotlyChart]){grid-column:2;grid-row:1/span 4}
}
"""

CSS = """
[data-testid=stMainBlockContainer]{max-width:88rem}
/* Streamlit fills a focused link with a tint that nobody sees */
:is(a,button,summary,[role=tab],[role=region],[role=button],[data-testid=stMain]):focus-visible,
[data-testid=stSelectbox]:has(input:focus-visible){outline:2px solid var(--reel)!important;outline-offset:1px}
[data-testid=stMain]:focus-visible{outline-offset:-2px}
/* a tighter menu: the choice of the plan stays in view under it */
@media (min-width:641px){[data-testid=stSidebarNavLink]{margin:0}[data-testid=stSidebarHeader]{margin-bottom:0}}
[data-testid=stHeading] h1{padding:.1rem 0 .5rem}
.st-key-avis_illustratif [data-testid=stAlertContainer]{padding:.45rem .75rem}
.st-key-titre_page{gap:.35rem}
.st-key-presenter a{border:1px solid var(--reel);padding:.35rem .9rem!important;width:max-content}
.st-key-presenter a *{color:var(--reel)!important;font-weight:600}
:is(a,summary,.defile):focus-visible{outline:2px solid var(--reel);outline-offset:1px}
.faits{border-collapse:collapse;width:100%;font-size:1rem}
.faits th,.faits td{padding:.4rem .75rem .4rem 0;text-align:left;vertical-align:top;border-bottom:1px solid rgba(128,140,160,.25)}
.faits th{font-weight:600;width:34%}
.faits td{overflow-wrap:anywhere}
.faits tr:last-child :is(th,td){border-bottom:0}
.defile{overflow-x:auto}
.lignes{border-collapse:collapse;width:100%;font-size:.9375rem}
.lignes :is(th,td){padding:.4rem .75rem .4rem 0;text-align:left;vertical-align:top;border-bottom:1px solid rgba(128,140,160,.25)}
.lignes th{font-weight:600}
.lignes a{color:inherit;text-underline-offset:.15em}
[class*="st-key-avant_apres"] .lignes td{overflow-wrap:anywhere;min-width:4.5rem}
[class*="st-key-avant_apres"] .lignes td:first-child{overflow-wrap:normal}
@media (min-width:640px){[class*="st-key-avant_apres"] .lignes :is(td:first-child,td:nth-child(2)){white-space:nowrap}}
@media (min-width:640px){[class*="st-key-avant_apres"] .lignes td:last-child{min-width:9rem}}
.defile{position:relative}
[class*="st-key-statuts_"] .lignes td:not(:first-child){min-width:6.75rem}
[class*="st-key-cibles_"] .lignes td:nth-child(3){min-width:14rem}
[class*="st-key-rangs_"] .lignes td:last-child{white-space:nowrap}
.st-key-toutes_actions .lignes :is(td:nth-child(4),td:nth-child(6)){min-width:11rem}
@media (min-width:641px){.st-key-toutes_actions .lignes :is(th,td):first-child{position:sticky;left:0;min-width:16rem;
  background:var(--papier)}}
.st-key-chiffres [data-testid=stMetric] > div{height:100%;display:flex;flex-direction:column;justify-content:space-between}
.st-key-histoire .lignes td:nth-child(2){white-space:nowrap}
.st-key-histoire .lignes td:nth-child(3){min-width:11rem}
.st-key-budget .lignes :is(th,td):is(:nth-child(3),:nth-child(4)){
  text-align:right;font-variant-numeric:tabular-nums;padding-right:1.5rem}
.st-key-budget .lignes tbody tr:last-child:not(:first-child) td{font-weight:600}
@media(max-width:640px){.lignes{font-size:.875rem}.lignes :is(th,td){padding-right:.5rem}}
.completude td{white-space:nowrap}
.completude th[scope=row]{font-weight:400;min-width:8rem}
@media(max-width:640px){.lignes:not(.completude) td:first-child:has(> a){min-width:9rem}}
.st-key-decisions .lignes td:nth-last-child(3){min-width:6rem}
@media (min-width:641px){.st-key-decisions .lignes td:nth-child(2){min-width:13rem}}
.st-key-chapitre [role=tablist]{flex-wrap:wrap;row-gap:0}
.marque+.marque{margin-left:.15em}
.marque{display:inline-block;min-width:1.35em;text-align:center;padding:0 .15em;border-radius:4px;font-size:1.0625rem}
:is(.faits caption,.cache){position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[data-testid=stPageLink] a{padding-left:0}
[data-testid=stPageLink] a p{white-space:normal;overflow:visible;text-decoration:underline;text-underline-offset:.15em;
  line-height:1.4}
[class*="st-key-tu_"] [data-testid=stPageLink] a p{text-decoration:none;line-height:1.3}
[data-testid=stPageLink] a > span:has(> [data-testid=stIconMaterial]){display:none}
[data-testid=stMetricLabel] :is(p,div){white-space:normal;overflow:visible}
.st-key-compteurs [data-testid=stMetricLabel]{min-height:2.7em;align-items:flex-start}
[data-testid=stMetricValue] :is(div,p){white-space:normal;overflow:visible;line-height:1.15}
[data-testid=stMetricDelta] :is(p,div){white-space:normal;overflow:visible}
[role=tab]:is([aria-selected=true],:hover) :is(p,span){color:var(--reel)!important}
[data-testid=stPageLink] a:not(:hover){background:transparent}
[class*="st-key-trouves_"] [data-testid=stPageLink] a{background:transparent}
[class*="st-key-trouves_"] [data-testid=stPageLink] a :is(p,span){font-weight:400;line-height:1.35}
.jauge{display:flex;align-items:center;gap:.75rem;font-size:1rem}
.jauge .rail{flex:none;width:8rem;height:.6rem;border:1px solid currentColor;border-radius:4px;overflow:hidden}
.jauge .rail i{display:block;height:100%;background:var(--reel);print-color-adjust:exact;-webkit-print-color-adjust:exact}
""" + CSS_FRISE + CSS_MATRICE + CSS_CHRONOLOGIE + CSS_IMPRESSION


@dataclass(frozen=True)
class Lien:
    """A cell of a table that leads somewhere in the application, or out of it: what is read, and the address."""

    texte: str
    adresse: str
    dehors: bool = False


def show_chart(figure: go.Figure, nom: str, description: str, fixe: bool = False) -> None:
    """One chart with its alternative text; `nom` names the image that a person may save; `fixe`: only looked at, sooner drawn."""
    config = {"staticPlot": True} if fixe else config_plotly(nom, get_contexte().etroit)
    st.plotly_chart(figure, theme=None, key=f"graphique_{nom}", alt=description, config=config)


def show_table(lignes: Sequence[Mapping[str, Any]], titre: str, cle: str) -> None:
    """The twin of a chart: the same figures as a real table, drawn only once it is opened."""
    with st.expander(titre, icon=":material/table:", key=f"tableau_{cle}", on_change="rerun") as volet:
        if volet.open:
            show_rows(lignes, titre)


def show_rows(lignes: Sequence[Mapping[str, Any]], titre: str) -> None:
    """Rows as an HTML table that wraps, prints and is read aloud; it scrolls on its own where the screen is too narrow."""
    if not lignes:
        st.markdown("Aucune ligne à cette date.")
        return
    entetes = "".join(f'<th scope="col">{_text(k)}</th>' for k in lignes[0])
    cellules = ("".join(f"<td>{_cell(v)}</td>" for v in x.values()) for x in lignes)
    corps = "".join(f"<tr>{c}</tr>" for c in cellules)
    st.html(f'<div class="defile" tabindex="0" role="region" aria-label="{escape(titre)}"><table class="lignes">'
            f"<thead><tr>{entetes}</tr></thead><tbody>{corps}</tbody></table></div>")


def show_facts(faits: Sequence[tuple[str, str]], nom: str) -> None:
    """Label and value, line by line, as a table that a screen reader walks; empty values are left out."""
    lignes = "".join(f'<tr><th scope="row">{_text(k)}</th><td>{_cell(v)}</td></tr>' for k, v in faits if v)
    if lignes:
        st.html(f'<table class="faits"><caption>{escape(nom)}</caption>{lignes}</table>')


def show_gauge(phrase: str, part: float) -> None:
    """A sentence that holds its figures, after a small bar that draws the share (0 to 1) that they say."""
    st.html(f'<div class="jauge"><span class="rail" aria-hidden="true"><i style="width:{100 * part:.1f}%"></i></span>'
            f"<span>{_text(phrase)}</span></div>")


def show_tile(cle: str, mot: Any, page: str, code: str, libelle: str, aide: str) -> None:
    """A coloured tile that is a link: the status in words and shape, its reason in the tooltip."""
    with st.container(key=f"tu_{mot.value}_{cle}", height="stretch"):
        st.page_link(_page(page), label=f"**{sur(code)}** {sur(libelle)}", query_params=get_contexte().address(code=code),
                     help=sur(aide), width="stretch")
        st.markdown(f":material/{style(mot).icone}: **{mot.label}**")


def show_badges(*mots: Any) -> str:
    """Badges of status words, side by side, as Markdown."""
    return " ".join(badge(m) for m in mots if m is not None)


def link_indicateur(code: str, libelle: str) -> None:
    """A link to an indicator that keeps the plan and the dates."""
    link_objet("indicateur", code, libelle)


def link_action(code: str, libelle: str) -> None:
    """A link to an action that keeps the plan and the dates."""
    link_objet("action", code, libelle)


def link_objet(page: str, code: str, libelle: str) -> None:
    """A link to what has that code on that page; it keeps the plan and the dates."""
    st.page_link(_page(page), label=f"{sur(code)} {sur(libelle)}", query_params=get_contexte().address(code=code))


def link_depot(numero: int, libelle: str = "Voir le dépôt n°\u00a0{} dans le journal") -> None:
    """A link to one dépôt in the journal that keeps the plan and the dates."""
    st.page_link(_page("journal"), label=libelle.format(numero), query_params=get_contexte().address(depot=str(numero)))


def link_seance(seance: str, libelle: str, icone: str | None = None, **diapo: str) -> None:
    """A link to the page of a meeting, or to one of its slides (`d`), that keeps the plan and the dates."""
    st.page_link(_page("copil"), label=sur(libelle), icon=icone, query_params=get_contexte().address(seance=seance, **diapo))


def link_page(nom: str, libelle: str) -> None:
    """A link to another page that keeps the plan and the dates."""
    st.page_link(_page(nom), label=sur(libelle), query_params=get_contexte().address())


def show_part(lignes: Sequence[Mapping[str, Any]], titre: str, total: int, maximum: int = 200) -> None:
    """The first rows of a long list, their long cells cut, and how many rows there are."""
    montrees = [{k: f"{v[:300]}…" if isinstance(v, str) and len(v) > 301 else v for k, v in x.items()} for x in lignes[:maximum]]
    show_rows(montrees, titre)
    if total > min(len(lignes), maximum):
        st.caption(f"Les {min(len(lignes), maximum)} premières sur {format_nombre(total)}.")


def build_link_depot(numero: int, texte: str) -> Lien:
    """A cell that leads to one dépôt in the journal and keeps the plan and the dates."""
    return Lien(texte, write_address("journal", depot=str(numero)))


def build_link(page: str, code: str, texte: str) -> Lien:
    """A cell that leads to what has that code on that page and keeps the plan and the dates."""
    return Lien(texte, write_address(page, code=code))


def write_address(page: str, **codes: str) -> str:
    """Address of a page, relative to any other, that keeps the plan and the dates."""
    return f"{page}?{urlencode(get_contexte().address(**codes))}"


def _cell(v: Any) -> str:
    if isinstance(v, Lien):
        cible = 'target="_blank" rel="noopener noreferrer"' if v.dehors else 'target="_self"'
        return f'<a href="{escape(v.adresse)}" {cible}>{_text(v.texte)}</a>'
    if v == MASQUE:
        return f'<abbr title="{AIDE_SECRET}">{MASQUE}</abbr>'
    return "" if v is None else _text(v)


def _text(v: Any) -> str:
    """HTML of a text; a control character becomes its picture, or a mark, so that what a file hides is seen."""
    return escape(bind_punctuation(str(v))).translate(IMAGES)


def _page(nom: str) -> Any:
    return st.session_state["_pages"][nom]
