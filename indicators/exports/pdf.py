"""The report of a séance as a tagged PDF (PDF/UA-1): slides, decisions, attendance, then every indicator with its arithmetic."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import typst

from indicators.charts.chemin import build_chemin
from indicators.charts.trajectoire import build_trajectoire
from indicators.exports.archive import date_export
from indicators.exports.contenu import (
    AUCUNE_DECISION,
    clean,
    list_chemins,
    list_comptes,
    list_decisions,
    list_lignes,
    list_montrees,
    list_presences,
    list_valeurs,
    name_document,
    split_groupes,
    write_rang,
    write_releve,
    write_source,
    write_statut,
)
from indicators.exports.svg import render_svg
from indicators.formats import FINE, format_date_longue, pluriel, titre
from indicators.meetings.deck import Deck, Diapo, Grille, LigneMontree
from indicators.model import Sujet
from indicators.sentences import describe_chemin
from indicators.settings import RACINE

POLICES = RACINE / "data" / "polices"
GABARIT = Path(__file__).with_name("rapport.typ")
CHEMINS_PAR_PAGE = 7
PETITES = 6  # small charts under the large one of an action; the others are in the annex
PARTS = {"N°": 1.1, "Décision": 4, "Action": 3, "Responsable": 1.5, "Échéance": 1.1, "État": 1.2, "Point": 8, "Minutes": 1,
         "Indicateur": 3.4, "Motif": 2.4, "Source": 3, "Statut": 1.5, "Réalisé": 1.6, "Nom": 4, "Présence": 1, "Nombre": 1,
         "Indicateurs": 6}
# What the fonts of the report can write: PDF/UA refuses a character without a glyph.
_AUTRES = re.compile("[^\n\u0020-\u007e\u00a0-\u017f\u0192\u0218-\u021b\u0300-\u0304\u0391-\u03a1\u03a3-\u03a9\u03b1-\u03c9"
                     "\u0400-\u045f\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u202f\u2030\u2032\u2033\u2039\u203a\u20ac\u2116\u2122"
                     "\u2190-\u2199\u2202\u2206\u2211\u2212\u221a\u221e\u2248\u2260\u2264\u2265"
                     "●○◉◆▲△■□•✓✕‖◀▶]")
_LONGS = re.compile(r"\S{25}(?=\S{15})")  # a word longer than its cell would run over the next one: it may be cut there


def build_pdf(deck: Deck) -> bytes:
    """The report of that deck; the same bytes for the same deck, on any machine: only our fonts are read."""
    quand = date_export(deck.entete)
    donnees = _write(_list_donnees(deck) | {"jour": [quand.year, quand.month, quand.day]})
    return typst.compile(GABARIT.read_bytes(), format="pdf", sys_inputs={"donnees": json.dumps(donnees)},
                         timestamp=quand.replace(tzinfo=UTC), font_paths=[POLICES], ignore_system_fonts=True,
                         pdf_standards=["ua-1"])


def _write(x: Any) -> Any:
    """The data with every text in characters that the fonts have; another one is named by its code, never dropped."""
    if isinstance(x, str):
        texte = unicodedata.normalize("NFC", clean(x)).replace("\t", " ").replace("\u200b", "").replace("\u2009", "\u202f")
        texte = _AUTRES.sub(lambda autre: f"[U+{ord(autre[0]):04X}]", texte)
        return texte if texte.startswith("<svg") else _LONGS.sub("\\g<0>\u200b", texte)
    if isinstance(x, Mapping):
        return {cle: _write(v) for cle, v in x.items()}
    return [_write(v) for v in x] if isinstance(x, list | tuple) else x


def _list_donnees(deck: Deck) -> dict[str, Any]:
    e = deck.entete
    seance = f"{e.seance.genre} du {format_date_longue(e.seance.date)}"
    sections = [s for diapo in deck.diapos if diapo.sujet is not Sujet.OUVERTURE for s in _list_sections(deck, diapo)]
    if not any(d.sujet is Sujet.RELEVE for d in deck.diapos):
        sections.append(_section_releve(deck, Diapo("releve", Sujet.RELEVE, "", Sujet.RELEVE.label)))
    return {
        "titre": name_document(e), "auteur": e.plan.nom, "plan": e.plan.intitule, "ouverture": seance,
        "couverture": list(filter(None, (e.seance.intitule, e.seance.presidence))),
        "bas": list(filter(None, (e.perimetre, e.avertissement, e.sources))),
        "pied": " ".join(filter(None, (f"{name_document(e)}.", e.perimetre, e.avertissement))),
        "sections": [*sections, _section_presences(deck)],
        "intro_annexe": f"{pluriel(len(deck.lignes), 'indicateur')}. {e.perimetre} {e.avertissement}",
        "liste": _grille(list_lignes(deck.lignes, "Tous les indicateurs")),
        "annexe": [_annexe(x) for x in deck.lignes],
    }


def _section(message: str, surtitre: str = "", **corps: Any) -> dict[str, Any]:
    vide: dict[str, Any] = {"phrases": [], "courbes": [], "petites": [], "grilles": [], "suite": False}
    return vide | {"titre": message, "surtitre": surtitre if surtitre != message else ""} | corps


def _list_sections(deck: Deck, diapo: Diapo) -> list[dict[str, Any]]:
    """One section for each slide; a long path goes on in others."""
    avertissement = deck.entete.avertissement
    phrases = [p for p in diapo.phrases if p != avertissement]  # said on every page
    grilles = [_grille(g) for g in diapo.grilles]
    if diapo.sujet is Sujet.RELEVE:
        return [_section_releve(deck, diapo)]
    if diapo.sujet is Sujet.SYNTHESE:
        nom, montres = list_chemins(deck, diapo)
        groupes = split_groupes([x.ligne for x in montres], CHEMINS_PAR_PAGE)
        chemins = [_section(write_rang(nom, k, len(groupes)), diapo.surtitre, courbes=[
            {"svg": render_svg(build_chemin(g, "light")), "alt": describe_chemin(g)}])
            for k, g in enumerate(groupes, 1)]
        comptes = [_grille(list_comptes(deck))] if deck.lignes else grilles
        return [_section(diapo.titre, diapo.surtitre, phrases=phrases, grilles=comptes), *chemins]
    if diapo.sujet is Sujet.ACTION:
        return [_section_action(deck, diapo, phrases, grilles)]
    return [_section(diapo.titre, diapo.surtitre, phrases=phrases, grilles=grilles)]


def _section_action(deck: Deck, diapo: Diapo, phrases: list[str], grilles: list[dict[str, Any]]) -> dict[str, Any]:
    lignes = list_montrees(deck, diapo)
    courbes, petites = [], []
    if lignes:
        x = lignes[0]
        phrases = [*(p for p in phrases if x.position not in p),  # said below with its shape
                   f"{x.ligne.indicateur} {x.ligne.intitule}{FINE}: {write_statut(x)}. {x.position}"]
        courbes = [_courbe(x)]
        grilles = [*grilles, _grille(list_valeurs(x))] if x.points else grilles
    petites = [_courbe(x, etroit=True) for x in lignes[1 : 1 + PETITES]]
    if prises := list_decisions(deck, diapo.action).lignes:
        grilles = [*grilles, _grille(list_decisions(deck, diapo.action))]
        phrases = [*phrases, f"{pluriel(len(prises), 'décision prise', 'décisions prises')} en séance."]
    return _section(diapo.titre, diapo.surtitre, phrases=phrases, courbes=courbes, petites=petites, grilles=grilles)


def _courbe(x: LigneMontree, etroit: bool = False) -> dict[str, Any]:
    figure = build_trajectoire(x.ligne, x.points, x.cibles, "light", etroit=etroit)
    return {"svg": render_svg(figure, 340 if etroit else 900), "alt": x.lecture, "position": f"{write_statut(x)}. {x.position}",
            "titre": f"{x.ligne.indicateur} {x.ligne.intitule}"}


def _section_releve(deck: Deck, diapo: Diapo) -> dict[str, Any]:
    prises = list_decisions(deck)
    if not prises.lignes:
        return _section(diapo.titre, diapo.surtitre, phrases=[*diapo.phrases, *write_releve(deck), AUCUNE_DECISION])
    return _section(diapo.titre, diapo.surtitre, phrases=[*diapo.phrases, *write_releve(deck)], grilles=[_grille(prises)])


def _section_presences(deck: Deck) -> dict[str, Any]:
    lignes = tuple((nom, groupe) for groupe, noms in list_presences(deck) for nom in noms)
    if not lignes:
        return _section("Présences", phrases=["Aucun membre n’est enregistré pour cette séance."], suite=True)
    comptes = ", ".join(f"{groupe.lower()}{FINE}: {len(noms)}" for groupe, noms in list_presences(deck))
    return _section("Présences", phrases=[f"{titre(comptes)}."], suite=True,
                    grilles=[_grille(Grille("", ("Nom", "Présence"), lignes))])


def _annexe(x: LigneMontree) -> dict[str, Any]:
    li = x.ligne
    statut = write_statut(x) + (f", verdict{FINE}: {li.verdict.label.lower()}" if li.verdict else "")
    return {"titre": f"{li.indicateur} {li.intitule}", "statut": statut, "position": x.position,
            "calcul": x.calcul,
            "source": f"Source{FINE}: {write_source(li.source, li.provenance) or 'non indiquée'}."}


def _grille(g: Grille) -> dict[str, Any]:
    return {"titre": g.titre, "colonnes": g.colonnes, "parts": [PARTS.get(c, 1.3) for c in g.colonnes], "lignes": g.lignes}
