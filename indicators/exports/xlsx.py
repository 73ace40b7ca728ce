"""The follow-up table as a workbook: baseline, targets, what each year reached, formulas that live, the values to send back.

The sheet « mesure » holds the values as the base stores them, so that the workbook deposited again unchanged changes nothing; the
other sheets are help, and are not read. No text of the base can run: strings are written as strings.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from indicators.formats import FINE, format_date, titre
from indicators.meetings.deck import Deck, LigneMontree
from indicators.model import Statut
from indicators.queries import Mesure, Point
from indicators.reading.template import COLONNES_AIDE, DECISIONS, GRAPHIQUE, LISEZ_MOI, MARQUE, REVISIONS, TABLEAU
from indicators.theme import style

INTITULE, UNITE = COLONNES_AIDE[:2]
COLONNES = ("indicateur", INTITULE, "territoire", "ventilation", "debut", "fin", UNITE, "valeur", "numerateur", "denominateur",
            "etat", "perimetre", "millesime", "commentaire", "provenance", "source", "plan")
FIXES = ("Code", "Indicateur", "Unité", "Responsable", "Statut", "Référence", "Date de la référence", "Cible", "Date de la cible",
         "Dernière valeur", "Date de la valeur", "Chemin parcouru")
CODE, NOM, REFERENCE, CIBLE, REALISE, AVANCEMENT = (FIXES.index(c) for c in (
    "Code", "Indicateur", "Référence", "Cible", "Dernière valeur", "Chemin parcouru"))
ENTETE = 3  # first row of the table, under the title and the dates


def build_xlsx(deck: Deck) -> bytes:
    """The workbook of this deck; the same deck gives the same bytes."""
    tampon = io.BytesIO()
    classeur = xlsxwriter.Workbook(tampon, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                            "strings_to_numbers": False, "nan_inf_to_errors": False})
    e, formes = deck.entete, _Formes(classeur)
    fige = e.seance.close_le or e.seance.figee_le or e.connu_au
    classeur.set_properties({"title": f"Suivi des indicateurs, {e.plan.intitule}", "author": e.plan.nom,
                             "created": fige.replace(microsecond=0), "comments": e.perimetre})
    tableau, graphique, lisez_moi = (classeur.add_worksheet(n) for n in (TABLEAU, GRAPHIQUE, LISEZ_MOI))
    revisions, decisions, mesure = (classeur.add_worksheet(n) for n in (REVISIONS, DECISIONS, "mesure"))
    places = _write_mesures(mesure, deck, formes)
    _write_tableau(tableau, deck, formes, places)
    _draw(classeur, graphique, deck)
    _write_notice(lisez_moi, deck, formes)
    _write_grilles(revisions, deck, formes)
    _write_decisions(decisions, deck, formes)
    plan = e.plan.plan.replace('"', '""')
    classeur.define_name(MARQUE, f'="{plan}"')
    classeur.close()
    return tampon.getvalue()


class _Exact(float):
    """A number written with all its digits: the library keeps sixteen, and some need seventeen to come back the same."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


class _Formes:
    """The formats of the cells, each made once."""

    def __init__(self, classeur: Any) -> None:
        self._classeur, self._faites = classeur, {}
        self.entete = self.get(bold=True, font_color="#FFFFFF", bg_color="#1F3A5F", text_wrap=True, valign="vcenter", border=1,
                               border_color="#C5CAD3")
        self.titre = self.get(bold=True, font_size=16)
        self.texte = self.get(text_wrap=True, valign="top")
        self.gris = self.get(font_color="#4A5568")
        self.date = self.get(num_format="dd/mm/yyyy", valign="top", align="left")
        self.part = self.get(num_format="0 %", valign="top")

    def get(self, **reglages: Any) -> Any:
        """The format of these settings."""
        cle = tuple(sorted(reglages.items()))
        if cle not in self._faites:
            self._faites[cle] = self._classeur.add_format(reglages)
        return self._faites[cle]

    def nombre(self, decimales: int) -> Any:
        """A number shown with as many decimals as its indicator has; the cell holds it whole."""
        return self.get(num_format="# ##0" + ("." + "0" * decimales if decimales else ""), valign="top")

    def statut(self, statut: Statut) -> Any:
        """The colours of a status; its word is in the cell."""
        teinte = style(statut).light
        return self.get(bg_color=teinte.fond, font_color=teinte.texte, bold=True, valign="top")


def _write_mesures(page: Any, deck: Deck, formes: _Formes) -> dict[tuple[str, Mesure], str]:
    """Every stored value that is not hidden; gives the cell of each."""
    page.write_row(0, 0, COLONNES, formes.entete)
    page.freeze_panes(1, 2)
    page.set_column(0, 0, 12)
    page.set_column(1, 1, 44)
    page.set_column(2, len(COLONNES) - 1, 14)
    places, rang = {}, 0
    for x in deck.lignes:
        for m in (m for m in x.mesures if not m.masque):
            rang += 1
            fixes = {"indicateur": x.ligne.indicateur, INTITULE: x.ligne.intitule, UNITE: x.ligne.unite, "plan": x.ligne.plan}
            for colonne, nom in enumerate(COLONNES):
                valeur = fixes[nom] if nom in fixes else getattr(m, nom)
                if nom in ("debut", "fin"):
                    page.write_datetime(rang, colonne, datetime.combine(valeur, datetime.min.time()), formes.date)
                elif isinstance(valeur, float):
                    page.write_number(rang, colonne, _Exact(valeur))
                elif valeur not in (None, ""):
                    page.write_string(rang, colonne, str(valeur))
            places[x.ligne.indicateur, m] = f"mesure!{xl_rowcol_to_cell(rang, COLONNES.index('valeur'), True, True)}"
    page.autofilter(0, 0, max(rang, 1), len(COLONNES) - 1)
    return places


def _write_tableau(page: Any, deck: Deck, formes: _Formes, places: dict[tuple[str, Mesure], str]) -> None:
    e = deck.entete
    annees = range(e.plan.debut.year, e.plan.fin.year + 1)
    page.write_string(0, 0, f"Suivi des indicateurs, {e.plan.nom}", formes.titre)
    dit = (f"{titre(e.seance.nom)}.", e.perimetre, e.avertissement)
    page.write_string(1, 0, " ".join(filter(None, dit)), formes.gris)
    entetes = [*FIXES, *(f"{quoi} {a}" for a in annees for quoi in ("Attendu", "Réalisé", "Chemin"))]
    page.set_row(ENTETE, 32)
    page.freeze_panes(ENTETE + 1, 2)
    for colonne, largeur in ((0, 10), (1, 44), (2, 16), (3, 26), (4, 16)):
        page.set_column(colonne, colonne, largeur)
    page.set_column(5, len(entetes) - 1, 11)
    for rang, x in enumerate(deck.lignes, ENTETE + 1):
        _write_ligne(page, rang, x, list(annees), formes, places)
    fin = ENTETE + max(len(deck.lignes), 1)
    page.add_table(ENTETE, 0, fin, len(entetes) - 1, {
        "name": "T_suivi", "style": "Table Style Light 1",
        "columns": [{"header": h, "header_format": formes.entete} for h in entetes]})
    page.conditional_format(ENTETE + 1, AVANCEMENT, fin, AVANCEMENT, {
        "type": "data_bar", "bar_color": "#2B76C6", "min_type": "num", "min_value": 0, "max_type": "num",
        "max_value": 1})
    page.set_landscape()
    page.set_paper(8)
    page.fit_to_pages(1, 0)
    page.repeat_rows(ENTETE)


def _write_ligne(page: Any, rang: int, x: LigneMontree, annees: Sequence[int], formes: _Formes,
                 places: dict[tuple[str, Mesure], str]) -> None:
    li, nombre = x.ligne, formes.nombre(x.ligne.decimales)
    for colonne, texte in ((CODE, li.indicateur), (NOM, li.intitule), (2, li.unite), (3, li.responsable or "")):
        page.write_string(rang, colonne, texte, formes.texte)
    page.write_string(rang, 4, x.mot, formes.statut(li.statut))
    for colonne, valeur, jour in ((REFERENCE, li.reference, li.date_reference), (CIBLE, li.cible, li.date_cible),
                                  (REALISE, li.realise, li.date_realise)):
        _write_number(page, rang, colonne, valeur, nombre, "s." if colonne == REALISE and li.masque else "")
        if jour and valeur is not None:
            page.write_datetime(rang, colonne + 1, datetime.combine(jour, datetime.min.time()), formes.date)
    if li.avancement is not None:
        _write_share(page, rang, AVANCEMENT, REALISE, li.avancement, formes)
    derniers = {p.fin.year: p for p in x.points}  # sorted by date: the last one of each year
    for n, annee in enumerate(annees):
        colonne, p = len(FIXES) + 3 * n, derniers.get(annee)
        if p is None:
            continue
        _write_number(page, rang, colonne, p.attendu, nombre)
        _write_point(page, rang, colonne + 1, x, p, nombre, places)
        if p.avancement is not None:
            _write_share(page, rang, colonne + 2, colonne + 1, p.avancement, formes)


def _write_point(page: Any, rang: int, colonne: int, x: LigneMontree, p: Point, nombre: Any,
                 places: dict[tuple[str, Mesure], str]) -> None:
    """What was reached: the cell of the sheet « mesure » that says it where one does, else the figure of the deck."""
    source = next((m for m in x.mesures if (m.territoire, m.ventilation, m.debut, m.fin, m.valeur) == (
        x.ligne.territoire, x.ligne.ventilation, p.debut, p.fin, p.valeur) and m.numerateur is None), None)
    if source is not None and p.valeur is not None and (x.ligne.indicateur, source) in places:
        page.write_formula(rang, colonne, f"={places[x.ligne.indicateur, source]}", nombre, p.valeur)
    else:
        _write_number(page, rang, colonne, p.valeur, nombre, "s." if p.masque else p.etat.label if p.valeur is None else "")


def _write_number(page: Any, rang: int, colonne: int, valeur: float | None, forme: Any, sinon: str = "") -> None:
    if valeur is not None:
        page.write_number(rang, colonne, _Exact(valeur), forme)
    elif sinon:
        page.write_string(rang, colonne, sinon, forme)


def _write_share(page: Any, rang: int, colonne: int, realise: int, valeur: float, formes: _Formes) -> None:
    """(realised - reference) / (target - reference), as a formula that follows its cells."""
    r, ref, c = (xl_rowcol_to_cell(rang, k, False, True) for k in (realise, REFERENCE, CIBLE))
    page.write_formula(rang, colonne, f"=({r}-{ref})/({c}-{ref})", formes.part, valeur)


def _draw(classeur: Any, page: Any, deck: Deck) -> None:
    """The path of each indicator that has one, as a native chart on the cells of the table."""
    rangs = [rang for rang, x in enumerate(deck.lignes, ENTETE + 1) if x.ligne.avancement is not None]
    if not rangs:
        page.write_string(0, 0, "Aucun indicateur n’a encore de chemin mesurable entre une référence et une cible.")
        return

    def cells(colonne: int) -> str:
        noms = [f"'{TABLEAU}'!{xl_rowcol_to_cell(r, colonne, True, True)}" for r in rangs]
        return f"=({','.join(noms)})"

    graphique = classeur.add_chart({"type": "bar"})
    graphique.add_series({"name": "Chemin parcouru", "categories": cells(CODE), "values": cells(AVANCEMENT),
                          "fill": {"color": "#2B76C6"}, "data_labels": {"value": True, "num_format": "0 %"}})
    graphique.set_title({"name": f"Chemin parcouru de la référence à la cible, au {format_date(deck.entete.observe_au)}",
                         "name_font": {"size": 14}})
    graphique.set_legend({"none": True})
    graphique.set_y_axis({"reverse": True})
    graphique.set_x_axis({"num_format": "0 %", "major_gridlines": {"visible": True, "line": {"color": "#E3E7ED"}}})
    graphique.set_size({"width": 960, "height": 120 + 30 * len(rangs)})
    page.insert_chart(0, 0, graphique, {"description": f"Chemin parcouru par {len(rangs)} indicateurs, un par barre"})
    page.set_landscape()
    page.fit_to_pages(1, 1)


def _write_notice(page: Any, deck: Deck, formes: _Formes) -> None:
    e = deck.entete
    page.set_column(0, 0, 110)
    lignes = (
        e.plan.intitule, f"{titre(e.seance.nom)}.", e.perimetre, e.sources, e.avertissement,
        f"Feuille «\u00a0{TABLEAU}\u00a0»{FINE}: une ligne par indicateur. «\u00a0Attendu\u00a0» est le niveau de la "
        "trajectoire à la date de la valeur\u202f; «\u00a0Chemin\u00a0» est la part parcourue de la référence à la cible, "
        "une formule qui suit ses cellules.",
        f"Feuille «\u00a0mesure\u00a0»{FINE}: les valeurs telles que la base les connaît. Corrigez-en une ou ajoutez une ligne, "
        "puis déposez ce classeur\u202f: seule la différence compte. Sans changement, il ne change rien.",
        "«\u00a0s.\u00a0» tient lieu d’un petit effectif que le secret statistique protège.",
    )
    for rang, texte in enumerate(filter(None, lignes)):
        page.write_string(rang, 0, texte, formes.titre if rang == 0 else formes.texte)


def _write_grilles(page: Any, deck: Deck, formes: _Formes) -> None:
    """What changed since the last meeting, as its slides said it."""
    page.set_column(0, 6, 30)
    rang = 0
    for diapo in (d for d in deck.diapos if d.sujet == "evolution"):
        page.write_string(rang, 0, diapo.titre, formes.titre)
        for phrase in diapo.phrases:
            rang += 1
            page.write_string(rang, 0, phrase)
        for grille in diapo.grilles:
            rang += 2
            page.write_string(rang, 0, grille.titre, formes.get(bold=True))
            rang = _write_rows(page, rang + 1, grille.colonnes, grille.lignes, formes)
    if not rang:
        page.write_string(0, 0, "Aucune séance antérieure à laquelle comparer.")


def _write_decisions(page: Any, deck: Deck, formes: _Formes) -> None:
    page.set_column(0, 0, 12)
    page.set_column(1, 1, 70)
    page.set_column(2, 5, 20)
    _write_rows(page, 0, ("N°", "Décision", "Action", "Responsable", "Échéance", "État"), [
        (d.code, d.texte, d.action or "", d.qui, format_date(d.echeance) if d.echeance else "", d.etat.label)
        for d in deck.decisions], formes)


def _write_rows(page: Any, rang: int, colonnes: Sequence[str], lignes: Sequence[Sequence[str]], formes: _Formes) -> int:
    page.write_row(rang, 0, colonnes, formes.entete)
    for cellules in lignes:
        rang += 1
        for k, texte in enumerate(cellules):
            page.write_string(rang, k, texte, formes.texte)
    return rang


