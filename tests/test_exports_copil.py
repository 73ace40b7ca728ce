"""Slides, report and minutes: what they say is what the deck says, to the last digit and to the last byte."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation

from indicators import explanations, queries
from indicators.exports import build_export, build_name
from indicators.exports.contenu import list_chemins, list_valeurs, write_releve
from indicators.exports.mesure import count_lignes, cut_texte
from indicators.exports.natifs import list_series
from indicators.formats import format_nombre
from indicators.meetings.codec import write_part
from indicators.meetings.composition import build_deck
from indicators.meetings.deck import Deck, Grille
from indicators.model import EtatDecision, PresenceSeance, Sujet
from indicators.queries.masques import hide_cible, hide_ligne, hide_points
from indicators.queries.seances import Decision, Participant, get_seance
from indicators.sentences import describe_trajectoire
from indicators.settings import RACINE
from indicators.store import Store

PLAN, SEANCE, FORMATS = "isere-2020-2024", "COPIL-2024-2", ("pptx", "pdf", "docx")
HOSTILE = '#set page(fill: red) $x^2$ *gras* @ref <b>a</b> & =1+1 [lien] `code` \\ "fin"'


@pytest.fixture(scope="module")
def deck(modele_livre: Store) -> Deck:
    """A COPIL of the Isère with five decisions and three members."""
    cur = modele_livre.read()
    vu = build_deck(cur, queries.get_plan(cur, PLAN), get_seance(cur, PLAN, SEANCE))
    action = next(d.action for d in vu.diapos if d.action)
    decisions = tuple(Decision(f"D-2024-{k:02}", SEANCE, action if k % 2 else None, f"Décision numéro {k}", f"Service {k}",
                               date(2025, k, 1), EtatDecision.A_FAIRE, None) for k in range(1, 6))
    membres = (Participant("Mme Payet", "ARS"), Participant("M. Hoarau", None, PresenceSeance.REPRESENTE),
               Participant("Mme Grondin", "CAF", PresenceSeance.EXCUSE))
    return replace(vu, decisions=decisions, participants=membres)


@pytest.fixture(scope="module")
def fichiers(deck: Deck) -> dict[str, bytes]:
    """Its three files."""
    return {f: build_export(deck, f) for f in FORMATS}


def lire(contenu: bytes, extension: str) -> str:
    """All the text that a file holds: slides, notes, chart data, alternative texts, pages, paragraphs, cells."""
    if extension == "pdf":
        lu = pypdf.PdfReader(io.BytesIO(contenu))
        return "\n".join([*(p.extract_text() for p in lu.pages), *(alt for _, alt in list_figures(lu))])
    with zipfile.ZipFile(io.BytesIO(contenu)) as z:
        parties = [z.read(n) for n in z.namelist() if n.endswith(".xml") and "theme" not in n]
        for n in z.namelist():
            if n.endswith(".xlsx"):
                with zipfile.ZipFile(io.BytesIO(z.read(n))) as x:
                    parties += [x.read(p) for p in x.namelist() if p.startswith("xl/worksheets") or "sharedStrings" in p]
    return "\n".join(p.decode() for p in parties)


def list_figures(lu: pypdf.PdfReader) -> Iterator[tuple[str, str]]:
    """(kind, alternative text) of the tagged elements that have one."""
    pile: list[Any] = [lu.trailer["/Root"]["/StructTreeRoot"]]
    while pile:
        noeud = pile.pop().get_object()
        if isinstance(noeud, list):
            pile += noeud
        elif isinstance(noeud, dict):
            if "/Alt" in noeud:
                yield noeud["/S"], str(noeud["/Alt"])
            pile += [noeud["/K"]] if "/K" in noeud else []


def aplati(texte: str) -> str:
    """Without the line breaks and spaces of a page."""
    return re.sub(r"\s+", "", texte.replace("\u200b", ""))


# -- the figures -----------------------------------------------------------------------------------------------------------


def read_status(base: Path, plan: str, observe_au: date, connu_au: datetime) -> dict[str, dict[str, Any]]:
    """What another process says of each indicator at these dates."""
    dit = subprocess.run([sys.executable, "-m", "indicators", "status", "--json", "--plan", plan, "--observe-au",
                          observe_au.isoformat(), "--connu-au", connu_au.isoformat()], cwd=RACINE, capture_output=True, text=True,
                         check=True, env=os.environ | {"INDICATORS_BASE": str(base)}).stdout
    return {x["indicateur"]: x for x in json.loads(dit)}


def check_charts(prs: Any, etats: dict[str, dict[str, Any]]) -> tuple[set[str], dict[str, float]]:
    """Every native chart holds these figures, in its drawing and in its sheet; (trajectories seen, paths seen)."""
    vus, parcourus = set(), {}
    for diapo in prs.slides:
        for forme in (f for f in diapo.shapes if f.has_chart):
            series = {s.name: [v for v in s.values if v is not None] for s in forme.chart.plots[0].series}
            feuille = load_workbook(io.BytesIO(forme.chart.part.chart_workbook.xlsx_part.blob)).active
            colonnes = {c[0].value: [x.value for x in c[1:] if x.value is not None] for c in feuille.iter_cols(min_col=2)}
            assert colonnes.keys() == series.keys()
            assert all(colonnes[nom] == pytest.approx(series[nom], rel=1e-15) for nom in series)  # Excel keeps 16 digits
            if forme.name.startswith("Trajectoire de "):
                attendu = etats[forme.name.removeprefix("Trajectoire de ")]
                vus.add(attendu["indicateur"])
                assert series["Réalisé"][-1] == attendu["realise"]
                assert series["Référence"] == [attendu["reference"]]
                assert series["Cible 2024"] == [attendu["cible"]]
            elif "Chemin parcouru" in series:
                codes = [c.split(" · ")[1].split(" ")[0] for c in forme.chart.plots[0].categories]
                parcourus |= dict(zip(codes, series["Chemin parcouru"], strict=True))
    assert parcourus == {c: etats[c]["avancement"] for c in parcourus}
    return vus, parcourus


def list_tables(prs: Any) -> list[list[list[str]]]:
    """The cells of every table, slide after slide."""
    return [[[c.text for c in r.cells] for r in f.table.rows] for d in prs.slides for f in d.shapes if f.has_table]


def test_the_numbers_of_native_charts_are_those_that_another_process_computes(modele_livre: Store, deck: Deck,
                                                                            fichiers: dict[str, bytes]) -> None:
    etats = read_status(modele_livre.settings.base, PLAN, deck.entete.observe_au, deck.entete.connu_au)
    vus, parcourus = check_charts(Presentation(io.BytesIO(fichiers["pptx"])), etats)
    assert len(vus) == 5
    assert parcourus.keys() == set(next(d for d in deck.diapos if d.sujet is Sujet.SYNTHESE).indicateurs)


def test_status_counts_are_those_of_the_lines(deck: Deck, fichiers: dict[str, bytes]) -> None:
    comptes = next(f.chart.plots[0] for d in Presentation(io.BytesIO(fichiers["pptx"])).slides for f in d.shapes
                   if f.has_chart and f.name == "Indicateurs par statut")
    lus = {c.split(" ", 1)[1]: n for c, n in zip(comptes.categories, comptes.series[0].values, strict=True)}
    assert lus == {mot: sum(x.mot == mot for x in deck.lignes) for mot in {x.mot for x in deck.lignes}}


def test_a_threshold_is_drawn_as_a_bound(deck: Deck) -> None:
    bornes = {nom for x in deck.lignes for nom in list_series(x)[1]} - {"Réalisé", "Référence", "Trajectoire attendue"}
    assert {"Au moins", "Au plus"} & bornes


# -- slides ----------------------------------------------------------------------------------------------------------------


def check_slides(contenu: bytes) -> list[Any]:
    """Every slide has its title, notes and footer; nothing leaves it; charts and tables are described."""
    prs = Presentation(io.BytesIO(contenu))
    for diapo in prs.slides:
        assert diapo.shapes.title.text.strip()
        assert "connues au" in diapo.notes_slide.notes_text_frame.text
        pieds = [f for f in diapo.placeholders if f.name == "Pied de page"]
        assert pieds and "Démonstration" in pieds[0].text_frame.text
        assert [f.name for f in diapo.shapes][-2:] == ["Pied de page", "Numéro"]  # read last
        for f in diapo.shapes:
            assert f.left >= 0 and f.top >= 0, f.name
            assert f.left + f.width <= prs.slide_width and f.top + f.height <= prs.slide_height, f.name
            if f.has_chart or f.has_table:
                assert all(f.top >= t.top + t.height or f.left >= t.left + t.width or t.top >= f.top + f.height
                           or t.left >= f.left + f.width for t in diapo.shapes if t.has_text_frame), f.name
                assert f._element.nvGraphicFramePr.cNvPr.get("descr")
            if f.has_table:
                assert f.table.first_row
                assert f.top + sum(r.height for r in f.table.rows) < pieds[0].top
    return list(prs.slides)


def test_every_slide_reads_alone_and_the_decisions_are_there(deck: Deck, fichiers: dict[str, bytes]) -> None:
    diapos = check_slides(fichiers["pptx"])
    assert {d.titre for d in deck.diapos} <= {d.shapes.title.text for d in diapos}
    releve = next(t for t in list_tables(Presentation(io.BytesIO(fichiers["pptx"]))) if t[0][0] == "N°" and "Décision" in t[0])
    assert [r[:2] + r[3:5] for r in releve[1:]] == [
        [f"D-2024-{k:02}", f"Décision numéro {k}", f"Service {k}", f"01/{k:02}/2025"] for k in range(1, 6)]
    notes = "\n".join(d.notes_slide.notes_text_frame.text for d in diapos)
    action = next(d for d in deck.diapos if d.indicateurs and d.sujet is Sujet.ACTION)
    assert all(dit in notes for _, dit in deck.ligne(action.indicateurs[0]).calcul)


def swell(deck: Deck) -> Deck:
    """The same meeting with more and longer of everything: 300 lines, 40 points, hostile titles, endless decisions."""
    lignes = tuple(
        replace(x, ligne=replace(x.ligne, indicateur=f"{x.ligne.indicateur}-{k}", intitule=x.ligne.intitule * (1 + k % 5)))
        for k in range(12) for x in deck.lignes)[:300]
    diapos = []
    for d in deck.diapos:
        noms = tuple(f"{i}-{k}" for k in range(6) for i in d.indicateurs)
        if d.sujet is Sujet.ACTION:
            d = replace(d, titre=HOSTILE * 8, phrases=(*d.phrases, HOSTILE * 20, "Sanscoupure" * 40))
        if d.sujet is Sujet.ORDRE_DU_JOUR:
            d = replace(d, grilles=(Grille("Ordre du jour", ("N°", "Point", "Minutes"),
                                           tuple((str(k), "Un point " * (k + 1), "10") for k in range(40))),))
        diapos.append(replace(d, indicateurs=noms))
    decisions = tuple(replace(deck.decisions[k % 5], code=f"D-2024-{k:02}", texte="mot " * 50 * (1 + k % 8)) for k in range(20))
    return replace(deck, lignes=lignes, diapos=tuple(diapos), decisions=decisions)


def test_too_much_text_shrinks_splits_or_goes_to_the_notes_and_never_overflows(deck: Deck) -> None:
    gros = swell(deck)
    diapos = check_slides(build_export(gros, "pptx"))
    ecrites = {c.text for d in diapos for f in d.shapes if f.has_table for r in f.table.rows for c in r.cells}
    assert {d.code for d in gros.decisions} <= ecrites
    for d in diapos:
        for f in (f for f in d.shapes if f.has_text_frame and f.text_frame.text):
            lignes = sum(count_lignes(p.text, f.width.pt, p.runs[0].font.size.pt) * p.runs[0].font.size.pt * 1.2
                         for p in f.text_frame.paragraphs if p.runs)
            assert lignes <= f.height.pt + 1, f.text_frame.text[:80]
    coupes = [d for d in diapos if d.shapes.title.text.endswith("…")]
    assert coupes and all(HOSTILE * 8 in d.notes_slide.notes_text_frame.text for d in coupes)


def test_a_large_plan_draws_the_paths_that_are_furthest_behind(deck: Deck) -> None:
    synthese = next(d for d in deck.diapos if d.sujet is Sujet.SYNTHESE)
    nom, tous = list_chemins(deck, synthese)
    assert nom == "Chemin parcouru de la référence à la cible" and {x.ligne.indicateur for x in tous} == set(synthese.indicateurs)
    gros = swell(deck)
    nom, pires = list_chemins(gros, next(d for d in gros.diapos if d.sujet is Sujet.SYNTHESE))
    assert nom.endswith(f"les 40 indicateurs les plus en retard sur {6 * len(tous)}") and len(pires) == 40
    assert min(x.ligne.gravite for x in pires) >= sorted(x.ligne.gravite for x in tous)[-8]


@pytest.mark.parametrize("extension", FORMATS)
def test_what_may_still_change_is_said_until_it_cannot(deck: Deck, fichiers: dict[str, bytes], extension: str) -> None:
    dit = aplati(lire(fichiers[extension], extension))
    assert all(aplati(x) in dit for x in ("Séance non figée", "Relevé provisoire"))
    close = replace(deck, entete=replace(deck.entete, seance=replace(deck.entete.seance, close_le=datetime(2024, 12, 1))))
    assert write_releve(deck) and write_releve(close) == []


def test_a_cut_text_says_so_and_keeps_its_beginning() -> None:
    assert cut_texte("un deux trois", 1000, 1, 12) == "un deux trois"
    coupe = cut_texte("mot " * 100, 100, 2, 12)
    assert coupe.endswith("…") and count_lignes(coupe, 100, 12) == 2


# -- the report and the minutes --------------------------------------------------------------------------------------------


def test_the_report_is_tagged_in_french_and_describes_its_charts(deck: Deck, fichiers: dict[str, bytes]) -> None:
    lu = pypdf.PdfReader(io.BytesIO(fichiers["pdf"]))
    racine = lu.trailer["/Root"]
    assert racine["/MarkInfo"]["/Marked"] and racine["/Lang"].lower().startswith("fr")
    assert "COPIL du 28/11/2024, Isère" in lu.metadata.title
    assert b"pdfuaid:part" in racine["/Metadata"].get_data()
    polices = {str(f.get_object()["/BaseFont"]) for p in lu.pages for f in p["/Resources"].get("/Font", {}).values()}
    assert polices and all("SchemaSans" in p for p in polices)
    alts = {alt for genre, alt in list_figures(lu) if genre == "/Figure"}
    actions = [d for d in deck.diapos if d.sujet is Sujet.ACTION and d.indicateurs]
    assert {deck.ligne(d.indicateurs[0]).lecture for d in actions} <= alts
    texte = aplati(lire(fichiers["pdf"], "pdf"))
    for x in deck.lignes:
        assert aplati(f"{x.ligne.indicateur} {x.ligne.intitule}") in texte and aplati(x.position) in texte
    assert all(aplati(d.texte) in texte for d in deck.decisions) and "MmePayet(ARS)" in texte


def test_the_minutes_have_headings_members_and_what_was_decided_under_each_point(deck: Deck, fichiers: dict[str, bytes]) -> None:
    lu = Document(io.BytesIO(fichiers["docx"]))
    titres = [p.text for p in lu.paragraphs if p.style.name == "Heading 1"]
    assert titres[:2] == ["Présences", "Ordre du jour"] and "Relevé de décisions" in titres
    textes = [p.text for p in lu.paragraphs]
    assert "Présent\u202f: Mme Payet (ARS)" in textes and "Excusé\u202f: Mme Grondin (CAF)" in textes
    point = next(k for k, t in enumerate(textes) if t.endswith(next(d.titre for d in deck.diapos if d.action)))
    assert any("Décision numéro 1" in t for t in textes[point : point + 12])
    assert all(t.rows[0]._tr.xpath(".//w:tblHeader") for t in lu.tables)
    assert lu.core_properties.language == "fr-FR"


# -- what holds for the three ----------------------------------------------------------------------------------------------


def test_another_process_makes_the_same_bytes_and_no_clock_is_in_them(deck: Deck, fichiers: dict[str, bytes]) -> None:
    script = ("import hashlib, sys, indicators.exports as e; assert not {'pptx', 'docx', 'typst'} & set(sys.modules)\n"
              "import json; from indicators.meetings.codec import read_donnees; from indicators.meetings.deck import Deck\n"
              "d = read_donnees(json.load(sys.stdin), Deck); [print(hashlib.sha256(e.build_export(d, f)).hexdigest()) "
              "for f in ('pptx', 'pdf', 'docx')]")
    autre = subprocess.run([sys.executable, "-c", script], cwd=RACINE, input=write_part(deck), capture_output=True, text=True,
                           check=True, env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONUTF8": "1"})
    assert autre.stdout.split() == [hashlib.sha256(fichiers[f]).hexdigest() for f in FORMATS]
    for extension in ("pptx", "docx"):
        with zipfile.ZipFile(io.BytesIO(fichiers[extension])) as z:
            assert {i.date_time[:3] for i in z.infolist()} == {(2024, 11, 28)}
            for n in (n for n in z.namelist() if n.endswith(".xlsx")):
                with zipfile.ZipFile(io.BytesIO(z.read(n))) as x:
                    assert set(re.findall(rb">(\d{4}-\d\d-\d\d)T", x.read("docProps/core.xml"))) == {b"2024-11-28"}


def mask(deck: Deck, indicateur: str) -> Deck:
    """The deck as someone who may not see them gets it, with every period of that line since 2021 hidden."""
    avant = deck.ligne(indicateur)
    periodes = [(p.debut, p.fin) for p in avant.points if p.fin.year > 2020]
    x = hide_ligne(avant.ligne, periodes)
    points = tuple(hide_points(avant.points, x, (), periodes))
    cachee = replace(avant, ligne=x, mot=x.statut.label, position=explanations.write_statut(x), points=points,
                     calcul=tuple(explanations.explain_statut(x)), lecture=describe_trajectoire(x, points), mesures=(),
                     cibles=tuple(hide_cible(c, x.nature, periodes) for c in avant.cibles))
    diapos = tuple(replace(d, titre="Valeur masquée", phrases=(), grilles=(), notes="") if indicateur in d.indicateurs
                   or d.sujet in (Sujet.EVOLUTION, Sujet.SYNTHESE) else d for d in deck.diapos)  # words made of it
    return replace(deck, entete=replace(deck.entete, voit_tout=False), diapos=diapos,
                   lignes=tuple(cachee if y is avant else y for y in deck.lignes))


def test_hidden_figures_are_nowhere_in_the_bytes_and_read_as_s(deck: Deck, fichiers: dict[str, bytes]) -> None:
    x = deck.ligne("PARC-12")
    caches = [p.valeur for p in x.points if p.fin.year > 2020 and p.valeur is not None]
    assert caches
    masque = mask(deck, "PARC-12")
    assert [v[1] for v in list_valeurs(masque.ligne("PARC-12")).lignes].count("s.") == len(caches)
    for extension in FORMATS:
        texte, ouvert = (lire(c, extension) for c in (build_export(masque, extension), fichiers[extension]))
        for v in caches:
            assert repr(v) not in texte, extension
        dernier = format_nombre(caches[-1], x.ligne.decimales, x.ligne.unite)
        assert dernier in ouvert, extension
        assert dernier not in texte, extension
    notes = lire(build_export(masque, "docx"), "docx")
    assert re.search(r">s\.</w:t>", notes)


def test_hostile_text_stays_text(deck: Deck) -> None:
    e = deck.entete
    hostile = replace(
        deck, entete=replace(e, plan=replace(e.plan, intitule=HOSTILE + " 😀漢"), seance=replace(e.seance, intitule=HOSTILE)),
        decisions=(replace(deck.decisions[0], texte=HOSTILE + "\x0b\x1b", responsable="=cmd|' /C calc'!A0"),))
    pdf = lire(build_export(hostile, "pdf"), "pdf")
    assert aplati(HOSTILE) in aplati(pdf) and "[U+1F600]" in pdf
    lu = Document(io.BytesIO(build_export(hostile, "docx")))
    assert any(HOSTILE in p.text for p in lu.paragraphs)
    assert not lu.element.xpath("//w:fldSimple")
    assert "=cmd|' /C calc'!A0" in [c.text for t in lu.tables for r in t.rows for c in r.cells]
    diapos = Presentation(io.BytesIO(build_export(hostile, "pptx"))).slides
    assert any(HOSTILE in c.text for d in diapos for f in d.shapes if f.has_table for r in f.table.rows for c in r.cells)


@pytest.mark.parametrize("extension", FORMATS)
def test_an_empty_meeting_still_says_what_it_lacks(deck: Deck, extension: str) -> None:
    vide = replace(deck, lignes=(), actions=(), participants=(), decisions=(), diapos=tuple(
        replace(d, indicateurs=(), grilles=(), phrases=()) for d in deck.diapos if d.sujet is not Sujet.ACTION))
    texte = lire(build_export(vide, extension), extension)
    assert aplati("Aucune décision n’est enregistrée") in aplati(texte)
    if extension != "pptx":
        assert aplati("Aucun membre n’est enregistré") in aplati(texte)


@pytest.mark.parametrize(("change", "nom"), [
    (lambda s: s, "isere_COPIL_2024-11-28.pdf"),
    (lambda s: replace(s, type="plénière ODPE"), "isere_pleniere-ODPE_2024-11-28.pdf"),
    (lambda s: replace(s, type="", territoire="SUD"), "isere_seance_SUD_2024-11-28.pdf"),
    (lambda s: replace(s, type="../é\\?"), "isere_e_2024-11-28.pdf"),
])
def test_a_file_is_named_by_plan_kind_and_day(deck: Deck, change: Callable[[Any], Any], nom: str) -> None:
    assert build_name(replace(deck, entete=replace(deck.entete, seance=change(deck.entete.seance))), "pdf") == nom
