"""The minutes of a séance as a Word file, for the secretary to finish: attendance, agenda, what was shown and decided."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.oxml.shared import OxmlElement
from docx.shared import Cm, Pt, RGBColor

from indicators.exports.archive import date_export, seal_archive
from indicators.exports.contenu import (
    AUCUNE_DECISION,
    clean,
    list_decisions,
    list_lignes,
    list_montrees,
    list_presences,
    name_document,
    write_releve,
)
from indicators.formats import FINE, format_date_longue
from indicators.meetings.deck import Deck, Diapo, Grille
from indicators.model import Sujet
from indicators.theme import TONS

TON = TONS["light"]
SANS_POINT = (Sujet.OUVERTURE, Sujet.ORDRE_DU_JOUR, Sujet.RELEVE)  # said elsewhere in the minutes
LARGEUR = 17.0  # cm inside the margins
PARTS = {"N°": 1.7, "Décision": 4, "Action": 2.6, "Responsable": 2, "Échéance": 1.8, "État": 1.3, "Point": 8, "Minutes": 1.3,
         "Indicateur": 3.4, "Motif": 2.4, "Statut": 1.7, "Réalisé": 1.8, "Attendu": 1.4, "Cible": 1.4}


def build_compte_rendu(deck: Deck) -> bytes:
    """The minutes of that deck; the same bytes for the same deck."""
    document = Document()
    quand = date_export(deck.entete)
    _set_document(document, deck, quand)
    e = deck.entete
    document.add_heading(clean(f"Compte rendu\u202f: {e.seance.type or 'séance'} du {format_date_longue(e.seance.date)}"), 0)
    _add(document, e.plan.intitule)
    for nom, dit in (("Objet", e.seance.intitule), ("Présidence", e.seance.presidence), ("Séance précédente", e.precedente)):
        if dit:
            _add(document, dit, nom)
    for dit in filter(None, (e.perimetre, e.avertissement)):
        _add(document, dit)
    _add_presences(document, deck)
    for diapo in deck.diapos:
        if diapo.sujet is Sujet.ORDRE_DU_JOUR:
            document.add_heading("Ordre du jour", 1)
            _add_grilles(document, diapo.grilles, titres=False)
    points = [d for d in deck.diapos if d.sujet not in SANS_POINT]
    if points:
        document.add_heading("Points examinés", 1)
    for k, diapo in enumerate(points, 1):
        _add_point(document, deck, diapo, k)
    document.add_heading("Relevé de décisions", 1)
    for dit in write_releve(deck):
        _add(document, dit)
    prises = list_decisions(deck)
    if prises.lignes:
        _add_grilles(document, [prises], titres=False)
    else:
        _add(document, AUCUNE_DECISION)
    if e.sources:
        document.add_heading("Sources", 1)
        _add(document, e.sources.removeprefix(f"Sources{FINE}: "))
    tampon = io.BytesIO()
    document.save(tampon)
    return seal_archive(tampon.getvalue(), quand)


def _set_document(document: Any, deck: Deck, quand: Any) -> None:
    """Properties, French everywhere, A4, a footer with the page."""
    p = document.core_properties
    p.title = p.subject = name_document(deck.entete)
    p.author = p.last_modified_by = clean(deck.entete.plan.nom)
    p.language, p.keywords, p.comments, p.category = "fr-FR", clean(deck.entete.plan.intitule), "", "Compte rendu"
    p.created = p.modified = quand
    p.revision = 1
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2)
    page.top_margin = page.bottom_margin = Cm(2)
    defauts = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    langue = defauts.find(qn("w:lang"))
    langue.set(qn("w:val"), "fr-FR")
    for nom in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = document.styles[nom]
        style.font.name = "Calibri"
        for police in style.element.rPr.findall(qn("w:rFonts")):
            for attribut in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                police.attrib.pop(qn(f"w:{attribut}"), None)
            police.set(qn("w:hAnsi"), "Calibri")
        style.font.color.rgb = RGBColor.from_string((TON.encre if nom == "Normal" else TON.reel)[1:])
    document.styles["Normal"].font.size = Pt(11)
    document.styles["Title"].font.size = Pt(22)
    pied = page.footer.paragraphs[0]
    pied.add_run(name_document(deck.entete) + ", page ").font.size = Pt(9)
    _add_champ(pied, "PAGE")


def _add_champ(paragraphe: Any, code: str) -> None:
    champ = OxmlElement("w:fldSimple")
    champ.set(qn("w:instr"), code)
    paragraphe._p.append(champ)


def _add(document: Any, texte: str, nom: str = "") -> None:
    p = document.add_paragraph()
    p.paragraph_format.space_after = Pt(4)
    if nom:
        p.add_run(f"{nom}{FINE}: ").bold = True
    p.add_run(clean(texte))


def _add_presences(document: Any, deck: Deck) -> None:
    document.add_heading("Présences", 1)
    groupes = list_presences(deck)
    if not groupes:
        _add(document, "Aucun membre n’est enregistré pour cette séance.")
    for groupe, noms in groupes:
        _add(document, f"{FINE}; ".join(noms), groupe)


def _add_point(document: Any, deck: Deck, diapo: Diapo, rang: int) -> None:
    """What was shown of one point, then what was decided on it."""
    document.add_heading(clean(f"{rang}. {diapo.titre}"), 2)
    if diapo.surtitre and diapo.surtitre != diapo.titre:
        _add(document, diapo.surtitre)
    for phrase in diapo.phrases:
        if phrase != deck.entete.avertissement:
            _add(document, phrase)
    grilles = list(diapo.grilles)
    if diapo.sujet is Sujet.ACTION and (lignes := list_montrees(deck, diapo)):
        grilles.append(list_lignes(lignes, "Indicateurs de l’action"))
    _add_grilles(document, grilles)
    if diapo.action:
        for d in list_decisions(deck, diapo.action).lignes:
            _add(document, "".join((d[1], *(f", {dit}" for dit in (d[3], f"avant le {d[4]}" if d[4] else "") if dit))), d[0])


def _add_grilles(document: Any, grilles: Sequence[Grille], titres: bool = True) -> None:
    for g in grilles:
        if not g.lignes:
            continue
        if titres:
            document.add_paragraph().add_run(clean(g.titre)).bold = True
        parts = [PARTS.get(c, 1.5) for c in g.colonnes]
        tableau = document.add_table(rows=1, cols=len(g.colonnes))
        tableau.style = "Table Grid"
        tableau.autofit = False
        _write_ligne(tableau.rows[0], g.colonnes, parts, gras=True)
        entete = OxmlElement("w:tblHeader")  # repeated on each page, read as headers
        tableau.rows[0]._tr.get_or_add_trPr().append(entete)
        for ligne in g.lignes:
            _write_ligne(tableau.add_row(), ligne, parts)
        document.add_paragraph().paragraph_format.space_after = Pt(2)


def _write_ligne(rangee: Any, textes: Sequence[str], parts: Sequence[float], gras: bool = False) -> None:
    insecable = OxmlElement("w:cantSplit")
    rangee._tr.get_or_add_trPr().append(insecable)
    for cellule, texte, part in zip(rangee.cells, textes, parts, strict=True):
        cellule.width = Cm(LARGEUR * part / sum(parts))
        r = cellule.paragraphs[0].add_run(clean(texte))
        r.font.size, r.bold = Pt(10), gras
