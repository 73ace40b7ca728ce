"""Workbooks to fill and send back: the values that are missing, where the actions stand, a new plan from nothing.

Built from data alone. Whatever comes from the base is written as text that no spreadsheet runs; what comes back is read by
`reading.template`, which shares the names of the sheets and of the columns of help.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from indicators.formats import ABSENT, FINE, INSECABLE, format_date, format_nombre, format_periode, pluriel
from indicators.model import Bilan, Etat, Meteo, Nature, Periodicite, Provenance, StatutAction
from indicators.queries.modeles import TOUT, Attendue, Besoins, Definition
from indicators.reading import normalize
from indicators.reading.template import COLONNES_AIDE, DEFINITIONS, LISEZ_MOI, LISTES, MARQUE
from indicators.tables import DATE, ENTIER, NOMBRE, RACCOURCIS, TABLES, TRACE, Colonne, Table

INTITULE, UNITE, REPONSE, SITUATION = COLONNES_AIDE
ACCENTS = {
    "periode": "période", "numerateur": "numérateur", "denominateur": "dénominateur", "etat": "état", "perimetre": "périmètre",
    "intitule": "intitulé", "unite": "unité", "definition": "définition", "periodicite": "périodicité", "decimales": "décimales",
    "echeance": "échéance", "echeance_initiale": "échéance_initiale", "libelle_court": "libellé_court", "debut": "début",
    "departement": "département", "adopte_le": "adopté_le", "delai_publication_mois": "délai_publication_mois", "role": "rôle",
    "agregation": "agrégation", "priorite": "priorité", "meteo": "météo", "prevu_le": "prévu_le",
}  # fmt: skip
RENVOI = ("Renvoyez ce classeur à la personne qui vous l’a transmis ; elle le déposera tel quel. Ne changez ni le nom des "
          "feuilles ni les en-têtes.")
MOTS = (
    ("n.d.", "non disponible : la donnée existe peut-être, vous ne l’avez pas"),
    ("s.o.", "sans objet : la question ne se pose pas pour cette période"),
    ("s.", "secret statistique : l’effectif est trop petit pour être communiqué"),
    ("NR", "non répondu : le service interrogé n’a pas répondu"),
)
# a character that no XML holds would make the workbook unreadable
INTERDITS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], "\ufffd")
FORMULE = ("=", "+", "-", "@", "\t", "\r")

FOND_ENTETE, FOND_FIXE, FOND_SAISIE = (PatternFill("solid", fgColor=c) for c in ("1F3A5F", "E7E9ED", "FFF6CC"))
CADRE = Border(*[Side("thin", color="C5CAD3")] * 4)
RESERVE = 200  # rows below the last one where the lists still open, for what people add


def name_file(plan: str, qui: str, jour: date) -> str:
    """Name under which a template is saved: « modele_isere-2020-2024_caf_2026-03-01.xlsx »."""
    return f"modele_{normalize(plan).replace('_', '-')}_{normalize(qui).replace('_', '-')[:60]}_{jour.isoformat()}.xlsx"


def build_valeurs(besoins: Besoins) -> bytes:
    """The workbook of the missing values: one row per period expected, its key given, its figures to fill."""
    attendues, fiches = besoins.attendues, {d.indicateur: d for d in besoins.definitions}
    taux = any(d.nature is Nature.TAUX for d in besoins.definitions)
    rendues = any(a.reponse for a in attendues)
    colonnes = ["indicateur", INTITULE, "territoire", *["ventilation"] * bool(besoins.ventilations), "periode", UNITE,
                *[REPONSE] * rendues, "valeur", *["numerateur", "denominateur"] * taux,
                "etat", "perimetre", "commentaire", "source", "provenance", "plan"]
    classeur, notice = _open(besoins, "valeurs des indicateurs", (
        f"{_count_attendues(attendues)}.",
        "Feuille « mesure » : une ligne par période attendue. Remplissez les cellules jaunes des lignes que vous connaissez ; "
        "les cellules grises identifient la ligne, ne les changez pas. Une ligne laissée vide ne change rien.",
        "Une période déjà déclarée non disponible ou non répondue est demandée de nouveau ; sans rien de neuf, laissez-la vide.",
        "Pour un taux, donnez de préférence le numérateur et le dénominateur : le taux est calculé. Une valeur hors des bornes "
        "de l’indicateur est signalée, vous pouvez la garder.",
        "État vide : définitif. Provenance vide : saisi. Territoire vide : le département. Vous pouvez ajouter des lignes.",
        "Aucun nom, aucune date de naissance, aucun numéro de dossier : seulement des nombres d’ensemble.",
    ), MOTS)
    page = classeur.create_sheet("mesure")
    _write_header(page, colonnes, TABLES["mesure"])
    for rang, a in enumerate(attendues, 2):
        fiche = fiches[a.indicateur]
        fixes = {"indicateur": a.indicateur, INTITULE: fiche.intitule, "territoire": a.territoire, "ventilation": a.ventilation,
                 "periode": _write_periode(a), UNITE: fiche.unite, "plan": besoins.plan.plan,
                 REPONSE: a.reponse.label if a.reponse else ""}
        saisies = {"valeur"} | ({"numerateur", "denominateur"} if fiche.nature is Nature.TAUX else set())
        for i, c in enumerate(colonnes, 1):
            _dress(page.cell(rang, i), fixes.get(c), FOND_FIXE if c in fixes else FOND_SAISIE if c in saisies else None)
    listes = {"indicateur": [d.indicateur for d in besoins.definitions], "territoire": list(besoins.territoires),
              "ventilation": list(besoins.ventilations), "etat": list(Etat), "provenance": list(Provenance)}
    _close(classeur, page, colonnes, len(attendues), listes, notice, besoins.plan.plan)
    _bound_values(page, get_column_letter(colonnes.index("valeur") + 1), attendues, fiches)
    _write_definitions(classeur.create_sheet(DEFINITIONS), besoins.definitions)
    return _save(classeur)


def build_suivi(besoins: Besoins) -> bytes:
    """The workbook of the follow-up of actions: one row per action, its last known status beside the cells to fill."""
    colonnes = ["action", INTITULE, SITUATION, "date", "statut", "meteo", "bilan", "commentaire", "auteur", "plan"]
    classeur, notice = _open(besoins, "suivi des actions", (
        f"{pluriel(len(besoins.situations), 'action')}.",
        "Feuille « suivi_action » : une ligne par action. Dans les cellules jaunes, donnez le jour où la situation est constatée "
        "et le statut ; météo, bilan et commentaire sont facultatifs. Une ligne laissée vide ne change rien.",
        "La situation connue est la dernière qui ait été déposée : elle n’est là que pour être lue.",
        "Aucun nom d’enfant ou de famille, aucun numéro de dossier.",
    ), [(m.value, m.label) for choix in (StatutAction, Meteo, Bilan) for m in choix if m not in DERIVES])
    page = classeur.create_sheet("suivi_action")
    _write_header(page, colonnes, TABLES["suivi_action"])
    for rang, s in enumerate(besoins.situations, 2):
        connue = f"{s.statut.label} ({format_date(s.statut_le)})" if s.statut else ABSENT
        fixes = {"action": s.action, INTITULE: s.intitule, SITUATION: connue, "plan": besoins.plan.plan}
        for i, c in enumerate(colonnes, 1):
            cellule = page.cell(rang, i)
            _dress(cellule, fixes.get(c), FOND_FIXE if c in fixes else FOND_SAISIE if c in ("date", "statut") else None)
            if c == "date":
                cellule.number_format = "dd/mm/yyyy"
    _close(classeur, page, colonnes, len(besoins.situations), {
        "action": [s.action for s in besoins.situations], "statut": [m for m in StatutAction if m not in DERIVES],
        "meteo": list(Meteo), "bilan": list(Bilan)}, notice, besoins.plan.plan)
    return _save(classeur)


def build_plan(jour: date) -> bytes:
    """The workbook of a plan that does not exist yet: every sheet of its structure, empty, with its help and its lists."""
    tables = [t for t in TABLES.values() if t.structure]
    colonnes = {t.nom: [c for c in (*t.colonnes, *RACCOURCIS.get(t.nom, ()), *TRACE)
                        if c.nom != "supprimer" and (c.nom != "plan" or t.nom == "plan")] for t in tables}
    classeur, notice = _open(None, "nouveau plan", (
        f"Créé le {format_date(jour)}.",
        "Une feuille par table du plan. Commencez par « plan » (une seule ligne), puis « territoire », « orientation », "
        "« action », « partenaire » et « indicateur » ; les autres feuilles les relient.",
        "Les en-têtes marqués * sont obligatoires. Le survol d’un en-tête dit ce qu’il attend ; les listes proposent les codes "
        "que vous avez déjà écrits dans les autres feuilles.",
        "Choisissez des codes courts et stables (O1, A1.1, IND-01) : ils relient les feuilles et les envois suivants.",
        "Une feuille dont vous n’avez pas besoin reste vide. Les dates s’écrivent JJ/MM/AAAA.",
    ), ())
    choix = {c.choix.__name__: list(c.choix) for cs in colonnes.values() for c in cs if c.choix}
    plages = _write_listes(classeur, choix, "")
    for table in tables:
        page = classeur.create_sheet(table.nom)
        noms = [c.nom for c in colonnes[table.nom]]
        _write_header(page, noms, table, etoile=True)
        for i, c in enumerate(colonnes[table.nom], 1):
            lettre = get_column_letter(i)
            page.column_dimensions[lettre].number_format = (
                "dd/mm/yyyy" if c.type == DATE else "General" if c.type in (NOMBRE, ENTIER) else "@")
            if c.choix:
                _offer(page, lettre, RESERVE, plages[c.choix.__name__])
            elif c.vers and c.vers in colonnes and c.vers != "plan":
                code = get_column_letter([x.nom for x in colonnes[c.vers]].index("code") + 1)
                _offer(page, lettre, RESERVE, f"{c.vers}!${code}$2:${code}${RESERVE}", stop=False)
        _lay_out(page, noms, 0)
    _finish_notice(notice)
    return _save(classeur)


DERIVES = {StatutAction.ECHEANCE_DEPASSEE, StatutAction.NON_RENSEIGNEE}  # said by the tool, never stored


def _count_attendues(attendues: Sequence[Attendue]) -> str:
    if not attendues:
        return "Aucune période attendue ne manque à ce jour"
    return (f"{pluriel(len(attendues), 'période attendue', 'périodes attendues')} pour "
            f"{pluriel(len({a.indicateur for a in attendues}), 'indicateur')}")


def _write_periode(a: Attendue) -> int | str:
    """The period as `reading` understands it: 2021, « T1 2021 », « S1 2021 », « 2021-03 », « 2021/2022 »."""
    match a.periodicite:
        case Periodicite.MENSUELLE:
            return f"{a.fin:%Y-%m}"
        case Periodicite.TRIMESTRIELLE:
            return f"T{a.fin.month // 3} {a.fin.year}"
        case Periodicite.SEMESTRIELLE:
            return f"S{a.fin.month // 6} {a.fin.year}"
        case Periodicite.ANNUELLE:
            return a.fin.year
        case _:
            return f"{a.debut.year}/{a.fin.year}"


def _write(cellule: Cell, valeur: Any) -> None:
    """Put a value in a cell; a text stays a text, even one that a spreadsheet would take for a formula."""
    if isinstance(valeur, str):
        valeur = valeur.translate(INTERDITS)
        cellule.value = valeur or None
        if valeur.startswith(FORMULE):
            cellule.data_type = "s"
            cellule.quotePrefix = True
    else:
        cellule.value = valeur


def _dress(cellule: Cell, valeur: Any, fond: PatternFill | None) -> None:
    _write(cellule, valeur)
    cellule.border = CADRE
    cellule.alignment = Alignment(vertical="top", wrap_text=isinstance(valeur, str))
    if fond:
        cellule.fill = fond
    if isinstance(valeur, str):
        cellule.number_format = "@"  # « 2021-03 » and « 01 » stay what they are


def _open(besoins: Besoins | None, objet: str, consignes: Sequence[str],
          mots: Sequence[tuple[str, str]]) -> tuple[Workbook, Worksheet]:
    """A workbook that says it is a template, with its first sheet: what, for whom, how."""
    classeur = Workbook()
    classeur.properties.creator = "Schéma enfance-famille"
    classeur.properties.title = f"Modèle à remplir : {objet}"
    notice = classeur.active
    notice.title = LISEZ_MOI
    lignes: list[tuple[str, str]] = [(f"Modèle à remplir{FINE}: {objet}", "")]
    if besoins:
        lignes += [("Plan", f"{besoins.plan.nom} — {besoins.plan.intitule}"),
                   ("Pour", besoins.pour if besoins.pour != TOUT else TOUT.capitalize()),
                   ("Créé le", format_date(besoins.jour))]
        if any(d.provenance is Provenance.ILLUSTRATIF for d in besoins.definitions):
            lignes.append(("Attention", "Des valeurs connues de ce plan sont illustratives : la feuille des définitions le dit."))
    lignes += [("Comment faire" if i == 0 else "", texte) for i, texte in enumerate(consignes)]
    lignes += [(mot, sens) for mot, sens in mots]
    lignes.append(("Renvoi", RENVOI))
    for rang, (gauche, droite) in enumerate(lignes, 1):
        _write(notice.cell(rang, 1), gauche.replace(" :", f"{FINE}:"))
        _write(notice.cell(rang, 2), _space(droite))
        notice.cell(rang, 1).font = Font(bold=True, size=14 if rang == 1 else 11)
        for i in (1, 2):
            notice.cell(rang, i).alignment = Alignment(vertical="top", wrap_text=rang > 1)
    return classeur, notice


def _space(texte: str) -> str:
    """French spaces that do not break, before the marks and inside the quotation marks."""
    for mot in ";:!?":
        texte = texte.replace(f" {mot}", f"{FINE}{mot}")
    return texte.replace("« ", f"«{INSECABLE}").replace(" »", f"{INSECABLE}»")


def _finish_notice(notice: Worksheet) -> None:
    notice.column_dimensions["A"].width = 24
    notice.column_dimensions["B"].width = 100
    notice.sheet_view.showGridLines = False
    _print_setup(notice, None)


def _write_header(page: Worksheet, colonnes: Sequence[str], table: Table, etoile: bool = False) -> None:
    connues = {c.nom: c for c in (*table.colonnes, *RACCOURCIS.get(table.nom, ()), *TRACE)}
    for i, nom in enumerate(colonnes, 1):
        c = connues.get(nom)
        cellule = page.cell(1, i, ACCENTS.get(nom, nom) + (" *" if etoile and c and c.requise else ""))
        cellule.font = Font(bold=True, color="FFFFFF")
        cellule.fill = FOND_ENTETE
        cellule.border = CADRE
        cellule.alignment = Alignment(vertical="center", wrap_text=True)
        if aide := _help(c, table):
            cellule.comment = Comment(aide, "Schéma enfance-famille", height=90, width=300)


def _help(c: Colonne | None, table: Table) -> str:
    """What a column waits for; a column of help is only there to be read."""
    if c is None:
        return "Pour lecture : cette colonne n’est pas reprise."
    faits = ["Obligatoire." if c.requise else "", f"{c.aide}." if c.aide else ""]
    if c.choix:
        faits.append("Au choix : " + ", ".join(f"{m.value} ({m.label})" for m in c.choix if m not in DERIVES) + ".")
    if c.vers and c.vers != table.nom:
        faits.append(f"Code de la table {c.vers}.")
    faits.append({DATE: "Date JJ/MM/AAAA.", NOMBRE: "Nombre.", ENTIER: "Nombre entier."}.get(c.type, ""))
    if c.longueur:
        faits.append(f"{c.longueur} caractères au plus.")
    if c.defaut:
        faits.append(f"Vide : {c.defaut}.")
    return _space(" ".join(f for f in faits if f))


def _close(classeur: Workbook, page: Worksheet, colonnes: Sequence[str], lignes: int, listes: dict[str, Sequence[str]],
           notice: Worksheet, plan: str) -> None:
    """Lists, layout and print of a sheet to fill."""
    plages = _write_listes(classeur, listes, plan)
    for nom, plage in plages.items():
        if nom in colonnes:
            _offer(page, get_column_letter(colonnes.index(nom) + 1), lignes + RESERVE, plage, stop=nom != "ventilation")
    _lay_out(page, colonnes, lignes)
    _finish_notice(notice)


def _write_listes(classeur: Workbook, listes: dict[str, Sequence[str]], plan: str) -> dict[str, str]:
    """The hidden sheet of what the lists offer, and the mark of a template of that plan; gives the range of each list."""
    page = classeur.create_sheet(LISTES)
    page.sheet_state = "hidden"
    classeur.defined_names[MARQUE] = DefinedName(MARQUE, attr_text='"{}"'.format(plan.translate(INTERDITS).replace('"', '""')))
    plages = {}
    for i, (nom, valeurs) in enumerate(listes.items(), 1):
        _write(page.cell(1, i), nom)
        for rang, v in enumerate(valeurs, 2):
            _write(page.cell(rang, i), str(v))
        if valeurs:
            plages[nom] = f"{LISTES}!${get_column_letter(i)}$2:${get_column_letter(i)}${len(valeurs) + 1}"
    return plages


def _offer(page: Worksheet, lettre: str, derniere: int, plage: str, stop: bool = True) -> None:
    """A drop-down list on a column; what is not in it is refused, or only told."""
    page.add_data_validation(DataValidation(
        type="list", formula1=plage, allow_blank=True, showErrorMessage=True, errorStyle="stop" if stop else "warning",
        errorTitle="Hors de la liste", error="Choisissez dans la liste, ou laissez vide.",
        sqref=f"{lettre}2:{lettre}{derniere + 1}"))


def _bound_values(page: Worksheet, lettre: str, attendues: Sequence[Attendue], fiches: dict[str, Definition]) -> None:
    """A warning, never a refusal, for a number outside the bounds of its indicator; a word such as « n.d. » goes through."""
    rangs: dict[str, list[int]] = {}
    for rang, a in enumerate(attendues, 2):
        rangs.setdefault(a.indicateur, []).append(rang)
    for code, (premier, *suite) in rangs.items():
        f, cellule = fiches[code], f"{lettre}{premier}"
        bornes = [(f"{cellule}{signe}{borne:.15g}", f"{mot} {format_nombre(borne, 0 if borne == int(borne) else 2)}")
                  for signe, mot, borne in ((">=", "minimum", f.borne_min), ("<=", "maximum", f.borne_max)) if borne is not None]
        if bornes:
            conditions = ",".join(c for c, _ in bornes)
            page.add_data_validation(DataValidation(
                type="custom", formula1=f"OR(ISTEXT({cellule}),AND({conditions}))", allow_blank=True, showErrorMessage=True,
                errorStyle="warning", errorTitle="Valeur hors des bornes",
                error=_space(f"Bornes de cet indicateur : {', '.join(b for _, b in bornes)}. Vérifiez l’unité et la valeur."),
                sqref=f"{cellule}:{lettre}{[premier, *suite][-1]}"))


def _write_definitions(page: Worksheet, definitions: Iterable[Definition]) -> None:
    """What each indicator counts, and its last known value on the département."""
    titres = ("code", "intitulé", "définition", "numérateur", "dénominateur", "unité", "périodicité", "seuil_secret",
              "responsable", "limites", "dernière valeur connue", "période", "provenance de cette valeur")
    for i, titre in enumerate(titres, 1):
        cellule = page.cell(1, i, titre)
        cellule.font, cellule.fill, cellule.border = Font(bold=True, color="FFFFFF"), FOND_ENTETE, CADRE
        cellule.alignment = Alignment(vertical="center", wrap_text=True)
    rang = 1
    for rang, d in enumerate(definitions, 2):
        connue = d.debut is not None and d.fin is not None
        for i, v in enumerate((
                d.indicateur, d.intitule, d.definition, d.numerateur_texte, d.denominateur_texte, d.unite, d.periodicite.label,
                d.seuil_secret, d.responsable, d.limites, format_nombre(d.valeur, d.decimales),
                format_periode(d.debut, d.fin) if connue else ABSENT, d.provenance.label if d.provenance else ""), 1):
            _dress(page.cell(rang, i), v, None)
    _lay_out(page, titres, rang - 1)


LARGEURS = {INTITULE: 46, "definition": 60, "définition": 60, "limites": 40, "commentaire": 34, "source": 28, "numérateur": 30,
            "dénominateur": 30, "description": 50, SITUATION: 30, "responsable": 28, "plan": 18, "adresse": 50, "nom": 34}


def _lay_out(page: Worksheet, colonnes: Sequence[str], lignes: int) -> None:
    """Widths, frozen header, filter, print: the same for every sheet of rows."""
    for i, nom in enumerate(colonnes, 1):
        titre = ACCENTS.get(nom, nom)
        nombre = page.title != DEFINITIONS and nom in ("numerateur", "denominateur")
        page.column_dimensions[get_column_letter(i)].width = 15 if nombre else LARGEURS.get(titre, max(13, len(titre) + 4))
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(colonnes))}{max(lignes + 1, 2)}"
    page.row_dimensions[1].height = 32
    _print_setup(page, "1:1")


def _print_setup(page: Worksheet, entete: str | None) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = entete
    page.oddFooter.left.text, page.oddFooter.right.text = "&A", "Page &P sur &N"


def _save(classeur: Workbook) -> bytes:
    """Bytes of the workbook, the sheet of the lists last."""
    listes = classeur[LISTES]
    classeur.move_sheet(listes, len(classeur.sheetnames))
    tampon = io.BytesIO()
    classeur.save(tampon)
    return tampon.getvalue()
