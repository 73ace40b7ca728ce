"""A sheet that holds an action plan, one action a line, read as rows of several tables that each name their line.

Orientations come from the axis, actions from the title, partners from who carries or helps, follow-up only where a date says
when a status was true. Sub-actions are steps of their action: the plan keeps its own number of actions. The model has one level
of orientations, so a sub-axis begins the description of the action.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from indicators.errors import build_anomalie
from indicators.model import Anomalie
from indicators.reading.body import TOTAL, find_fault, first_text, read_serial
from indicators.reading.headers import normalize
from indicators.reading.plan_columns import EntetePlan, find_header, tell_header
from indicators.reading.plan_words import EUROS, SIGLE, fold_title, read_statut, split_names, split_number
from indicators.reading.received import ECRIT, NUMERO, RANG, Code, Enregistrement, Feuille, Tableau
from indicators.settings import Limites
from indicators.tables import TABLES

ANNEE = re.compile(r"(?:19|20)\d\d")
DATES = ("debut", "echeance", "echeance_initiale", "date")
ACTION = ("debut", "echeance_initiale", "echeance", "priorite", "publics")
ROLES = ("pilote", "copilote", "contributeur")
NON_REPRISES = {
    "personne": "les noms de personnes ne sont pas repris, seulement les services et les organismes.",
    "indicateur": "les indicateurs se déposent dans leurs tables (indicateur, action_indicateur).",
    "sans_annee": "un budget se dépose par année (titrez la colonne « Budget 2021 »).",
    "financeur": "un financeur accompagne un budget par année (colonne « Budget 2021 »).",
    "statut": "un statut vaut à une date (ajoutez une colonne « Date du suivi »).",
    "meteo": "une météo vaut à une date (ajoutez une colonne « Date du suivi »).",
    "commentaire": "un commentaire vaut à une date (ajoutez une colonne « Date du suivi »).",
}


@dataclass
class _Lot:
    """Rows of one table, each with its line and the titles of the cells that it comes from."""

    colonnes: tuple[str, ...]
    rangs: list[tuple[int, dict[str, str], dict[str, str]]] = field(default_factory=list)


@dataclass
class _Action:
    """What the lines of one action have said so far; `lignes_propres` counts those that were not of a sub-action."""

    code: str
    orientation: str
    champs: dict[str, str]
    participations: set[tuple[str, str]] = field(default_factory=set)
    etapes: int = 0
    lignes_propres: int = 0


@dataclass
class _Lecture:
    """The state of a reading: what is filled down, which codes are taken, the rows so far."""

    nom: str
    entete: EntetePlan
    lots: dict[str, _Lot]
    anomalies: list[Anomalie]
    codes: dict[tuple[str, str], Code] = field(default_factory=dict)
    orientations: dict[str, str] = field(default_factory=dict)
    partenaires: dict[str, str] = field(default_factory=dict)
    actions: dict[tuple[str, str], _Action] = field(default_factory=dict)
    niveaux: list[str] = field(default_factory=list)
    derniere: _Action | None = None
    recopies: dict[int, int] = field(default_factory=dict)
    muettes: dict[int, str] = field(default_factory=dict)
    remplies: set[int] = field(default_factory=set)
    ecartees: int = 0

    def add(self, table: str, ligne: int, cellules: dict[str, str], titres: dict[str, str]) -> None:
        self.lots[table].rangs.append((ligne, cellules, titres))


def read_plan(feuille: Feuille, annoncee: bool, limites: Limites) -> list[Tableau]:
    """The tables of the action plan that this sheet holds, those with rows; none when it is no action plan.

    `annoncee`: a name says that the sheet is one of our tables. The anomalies of the sheet are those of the first table.
    """
    entete = find_header(feuille.lignes, annoncee)
    corps = feuille.lignes[entete.fin:] if entete else []
    if entete is None or not corps or len(corps) > limites.lignes:
        return []
    anomalies = [*feuille.anomalies]
    if "orientation" not in entete.champs:
        anomalies.append(build_anomalie("colonne_manquante", feuille.nom, entete.ligne, "orientation (ou axe)"))
        return [Tableau(feuille.nom, TABLES["action"], ("",) * len(entete.titres), corps, len(corps), anomalies,
                        titres=entete.titres, entete=entete.ligne)]
    lecture = _Lecture(feuille.nom, entete, _lots(entete), anomalies)
    for ligne, cellules in corps:
        if defaut := _set_aside(feuille, entete, ligne, cellules, limites):
            anomalies.append(defaut)
            lecture.ecartees += 1
        else:
            _read_line(lecture, ligne, _trim(lecture, feuille.epoque, ligne, cellules))
    anomalies += tell_header(feuille.nom, entete, feuille.lignes[0][0], lecture.remplies)
    _tell(lecture)
    return _build(lecture, corps[-1][0])


def _lots(entete: EntetePlan) -> dict[str, _Lot]:
    """The tables that the columns can fill, in the order of `TABLES`: a column that the file has not is not emptied."""
    champs = entete.champs
    decrite = ("description",) if {"description", "sous_niveau"} & champs.keys() else ()
    colonnes = {
        "orientation": ("code", "intitule", "ordre"),
        "action": ("code", "orientation", "intitule", *decrite, *(c for c in ACTION if c in champs)),
        "partenaire": ("code", "nom"), "participation": ("action", "partenaire", "role"),
        "suivi_action": ("action", "date", *(c for c in ("statut", "meteo", "commentaire") if c in champs)),
        "etape": ("action", "ordre", "intitule", *(("prevu_le",) if "echeance" in champs else ())),
        "budget": ("action", "annee", "nature", *sorted({b.champ for b in entete.budgets.values()}),
                   *(("financeur",) if "financeur" in champs else ())),
    }
    if "commentaire" not in colonnes["suivi_action"] and "statut" in champs:
        colonnes["suivi_action"] = (*colonnes["suivi_action"], "commentaire")
    return {t: _Lot(c) for t, c in colonnes.items()}


def _set_aside(feuille: Feuille, entete: EntetePlan, ligne: int, cellules: Sequence[str], limites: Limites) -> Anomalie | None:
    """A line that is no line of the plan (total, help below the header, repeated header), or that cannot be read."""
    if defaut := find_fault(feuille, entete.titres, ligne, cellules, limites):
        return defaut
    remplies = [c.strip() for c in cellules if c.strip()]
    if TOTAL.fullmatch(normalize(first_text(cellules))):
        return build_anomalie("ligne_total", feuille.nom, ligne, valeur=first_text(cellules))
    if len(remplies) > 2 and all(normalize(c).startswith("champ_") for c in remplies):
        return build_anomalie("ligne_aide", feuille.nom, ligne, valeur=remplies[0][:80])
    if [" ".join(c.split()) for c in cellules] == list(entete.titres):
        return build_anomalie("entete_repetee", feuille.nom, ligne)
    return None


def _trim(lecture: _Lecture, epoque: date, ligne: int, cellules: Sequence[str]) -> list[str]:
    """The cells without blanks around, days and years of a column of dates written as dates, each told."""
    propres = [c.strip() for c in cellules]
    for champ in DATES:
        i = lecture.entete.place(champ)
        if i is None:
            continue
        jour = read_serial(propres[i], epoque)
        if jour is None and champ != "date" and ANNEE.fullmatch(propres[i]):
            jour = date(int(propres[i]), 1, 1) if champ == "debut" else date(int(propres[i]), 12, 31)
        if jour:
            lecture.anomalies.append(build_anomalie("date_en_nombre", lecture.nom, ligne, lecture.entete.titres[i], propres[i],
                                                    f"{jour:%d/%m/%Y}"))
            propres[i] = jour.isoformat()
    return propres


def _read_line(lecture: _Lecture, ligne: int, cellules: list[str]) -> None:
    entete = lecture.entete
    lecture.remplies |= {i for i, c in enumerate(cellules) if c}
    niveaux = [entete.champs["orientation"][0], *entete.champs.get("sous_niveau", ())]
    if not any(c for i, c in enumerate(cellules) if i not in niveaux):
        _fill_levels(lecture, [cellules[i] for i in niveaux], [])
        lecture.anomalies.append(build_anomalie("ligne_sans_action", lecture.nom, ligne, valeur=first_text(cellules)[:80]))
        lecture.ecartees += 1
        return
    donnees = [cellules[i] for i in niveaux]
    textes = _fill_levels(lecture, donnees, niveaux)
    action = _find_action(lecture, ligne, cellules, textes, continue_=not any(donnees))
    if action is None:
        return
    sous_action = _cell(entete, cellules, "sous_action")
    if sous_action:
        _add_etape(lecture, ligne, cellules, action, sous_action)
    _add_participations(lecture, ligne, cellules, action, bool(sous_action))
    if not sous_action:
        _add_suivi(lecture, ligne, cellules, action)
    _add_budgets(lecture, ligne, cellules, action)


def _fill_levels(lecture: _Lecture, donnees: list[str], colonnes: list[int]) -> list[str]:
    """Axis and sub-axes of a line; a cell left empty under a merged one takes the text above it, counted by column."""
    avant = lecture.niveaux or [""] * len(donnees)
    premier = next((i for i, t in enumerate(donnees) if t), len(donnees))
    textes = [*avant[:premier], *donnees[premier:]]
    for i in range(premier):
        if textes[i] and colonnes:
            lecture.recopies[colonnes[i]] = lecture.recopies.get(colonnes[i], 0) + 1
    lecture.niveaux = textes
    return textes


def _find_action(lecture: _Lecture, ligne: int, cellules: list[str], niveaux: list[str], continue_: bool) -> _Action | None:
    """The action of this line, new or already met; None when the line cannot say it, which the check then tells."""
    entete = lecture.entete
    titre = _cell(entete, cellules, "action")
    if not titre and continue_ and lecture.derniere:
        place = entete.champs["action"][0]
        lecture.recopies[place] = lecture.recopies.get(place, 0) + 1
        _complete(lecture, ligne, cellules, lecture.derniere, [], continue_=True)
        return lecture.derniere
    titres = {"intitule": entete.titre("action"), "orientation": entete.titre("orientation"), "code": entete.titre("code")}
    if not titre or not niveaux[0]:
        orientation = _orientation(lecture, ligne, cellules, niveaux[0]) if niveaux[0] else ""
        lecture.add("action", ligne, {"code": f"?{ligne}", "orientation": orientation, "intitule": titre}, titres)
        lecture.derniere = None
        return None
    orientation = _orientation(lecture, ligne, cellules, niveaux[0])
    cle = (orientation, fold_title(titre))
    action = lecture.actions.get(cle)
    if action is None:
        code, intitule = _code_action(lecture, cellules, orientation, titre)
        action = _Action(code, orientation, {"code": code, "orientation": orientation, "intitule": intitule})
        lecture.actions[cle] = action
        lecture.add("action", ligne, action.champs, titres | {c: entete.titre(c) for c in ("description", *ACTION)})
    lecture.derniere = action
    _complete(lecture, ligne, cellules, action, niveaux[1:], continue_=False)
    return action


def _complete(lecture: _Lecture, ligne: int, cellules: list[str], action: _Action, sous_niveaux: list[str],
              continue_: bool) -> None:
    """What this line says of the action itself. A second line that says otherwise is a second row: the check tells the double."""
    entete = lecture.entete
    chemin = " › ".join(t for t in sous_niveaux if t)
    if chemin and not action.champs.get("description"):
        action.champs["description"] = chemin
    if _cell(entete, cellules, "sous_action"):
        for champ in ("description", *ACTION, "statut", "meteo", "commentaire"):
            if champ != "echeance" and _cell(entete, cellules, champ):
                lecture.muettes[entete.champs[champ][0]] = "pour une sous-action, seuls son titre et sa date de fin sont repris."
        return
    action.lignes_propres += 0 if continue_ else 1
    lus = {c: _cell(entete, cellules, c) for c in ACTION}
    if action.lignes_propres > 1 or any(v and action.champs.get(c, v) != v for c, v in lus.items()):
        lecture.add("action", ligne, {c: action.champs[c] for c in ("code", "orientation", "intitule")} | lus,
                    {"intitule": entete.titre("action")} | {c: entete.titre(c) for c in ACTION})
        return
    action.champs.update({c: v for c, v in lus.items() if v})
    texte = _cell(entete, cellules, "description")
    deja = action.champs.get("description", "")
    if texte and texte not in deja:
        action.champs["description"] = f"{deja}\n{texte}" if deja else texte


def _orientation(lecture: _Lecture, ligne: int, cellules: list[str], texte: str) -> str:
    """The code of this axis, and its row when it is met for the first time."""
    cle = fold_title(texte)
    if cle not in lecture.orientations:
        ecrit = _cell(lecture.entete, cellules, "code_orientation")
        numero, titre = (ecrit, texte) if ecrit else split_number(texte)
        pris = {c for t, c in lecture.codes if t == "orientation"}
        rang = len(lecture.orientations) + 1
        if numero and not numero[0].isdigit() and numero not in pris:
            code, origine = numero, ECRIT
        elif numero and f"O{numero}" not in pris:
            code, origine = f"O{numero}", NUMERO
        else:
            code, origine = next(c for c in (f"O{n}" for n in range(rang, rang + len(pris) + 1)) if c not in pris), RANG
        lecture.codes["orientation", code] = Code(titre, origine)
        lecture.orientations[cle] = code
        titre_colonne = lecture.entete.titre("orientation")
        lecture.add("orientation", ligne, {"code": code, "intitule": titre or texte, "ordre": str(rang)},
                    {"intitule": titre_colonne, "code": titre_colonne})
    return lecture.orientations[cle]


def _code_action(lecture: _Lecture, cellules: list[str], orientation: str, texte: str) -> tuple[str, str]:
    """(code, title): the code that the line writes, else the number of its title or its rank, after the code of its axis."""
    ecrit = _cell(lecture.entete, cellules, "code")
    numero, titre = (ecrit, texte) if ecrit else split_number(texte)
    pris = {c for t, c in lecture.codes if t == "action"}
    entier = numero.isdigit()
    if ecrit and not entier:
        code = Code(titre, ECRIT)
        lecture.codes["action", ecrit] = code
        return ecrit, titre or texte
    if numero and not entier:
        ecrit = numero if numero[0].isalpha() else f"A{numero}"
        if ecrit not in pris:
            lecture.codes["action", ecrit] = Code(titre, ECRIT if numero[0].isalpha() else NUMERO)
            return ecrit, titre or texte
    choisi, origine = f"{orientation}-A{numero}", NUMERO
    if not numero or (choisi in pris and not ecrit):
        rang = sum(a.orientation == orientation for a in lecture.actions.values()) + 1
        essais = (f"{orientation}-A{n}" for n in range(rang, rang + len(pris) + 1))
        choisi, origine = next(c for c in essais if c not in pris), RANG
    lecture.codes["action", choisi] = Code(titre, origine, orientation)
    return choisi, titre or texte


def _add_etape(lecture: _Lecture, ligne: int, cellules: list[str], action: _Action, intitule: str) -> None:
    action.etapes += 1
    lecture.add("etape", ligne, {"action": action.code, "ordre": str(action.etapes), "intitule": intitule,
                                 "prevu_le": _cell(lecture.entete, cellules, "echeance")},
                {"intitule": lecture.entete.titre("sous_action"), "prevu_le": lecture.entete.titre("echeance")})


def _add_participations(lecture: _Lecture, ligne: int, cellules: list[str], action: _Action, sous_action: bool) -> None:
    """Who carries a sub-action contributes to its action."""
    for champ in ROLES:
        role = "contributeur" if sous_action else champ
        for i in lecture.entete.champs.get(champ, ()):
            for nom in split_names(cellules[i]):
                code = _partenaire(lecture, ligne, nom, lecture.entete.titres[i])
                tenus = {r for p, r in action.participations if p == code}
                if role in tenus or (role == "contributeur" and tenus):
                    continue
                action.participations.add((code, role))
                lecture.add("participation", ligne, {"action": action.code, "partenaire": code, "role": role},
                            {"partenaire": lecture.entete.titres[i]})


def _partenaire(lecture: _Lecture, ligne: int, nom: str, titre: str) -> str:
    cle = fold_title(nom)
    if cle not in lecture.partenaires:
        sigle = SIGLE.search(nom)
        base = sigle[1] if sigle else normalize(nom).upper().replace("_", "-")[:24].strip("-")
        pris = {c for t, c in lecture.codes if t == "partenaire"}
        code = next(c for c in (base, *(f"{base}-{n}" for n in range(2, len(pris) + 3))) if c not in pris)
        lecture.codes["partenaire", code] = Code(nom, RANG)
        lecture.partenaires[cle] = code
        lecture.add("partenaire", ligne, {"code": code, "nom": nom}, {"nom": titre})
    return lecture.partenaires[cle]


def _add_suivi(lecture: _Lecture, ligne: int, cellules: list[str], action: _Action) -> None:
    entete = lecture.entete
    statut, meteo, commentaire = (_cell(entete, cellules, c) for c in ("statut", "meteo", "commentaire"))
    if not entete.dated or not (statut or meteo or commentaire):
        return
    mot, reste = read_statut(statut)
    lecture.add("suivi_action", ligne, {"action": action.code, "date": _cell(entete, cellules, "date") or entete.date,
                                        "statut": mot, "meteo": meteo,
                                        "commentaire": "\n".join(t for t in (reste, commentaire) if t)},
                {c: entete.titre(c) for c in ("statut", "date", "meteo", "commentaire")})


def _add_budgets(lecture: _Lecture, ligne: int, cellules: list[str], action: _Action) -> None:
    lus: dict[tuple[str, str], tuple[dict[str, str], dict[str, str]]] = {}
    for i, b in lecture.entete.budgets.items():
        if i not in lecture.entete.redondantes and cellules[i]:
            champs, titres = lus.setdefault((b.annee, b.nature), ({"action": action.code, "annee": b.annee,
                                                                   "nature": b.nature}, {}))
            champs[b.champ] = EUROS.sub("", cellules[i])
            titres[b.champ] = lecture.entete.titres[i]
    financeurs = ", ".join(n for i in lecture.entete.champs.get("financeur", ()) for n in split_names(cellules[i]))
    for champs, titres in lus.values():
        lecture.add("budget", ligne, champs | {"financeur": financeurs}, titres)


def _tell(lecture: _Lecture) -> None:
    """Once per column: what was filled down, what the plan cannot take."""
    entete = lecture.entete
    for i, n in sorted(lecture.recopies.items()):
        lecture.anomalies.append(build_anomalie("cellules_recopiees", lecture.nom, entete.ligne, entete.titres[i], detail=str(n)))
    for champ, raison in NON_REPRISES.items():
        if (champ in ("statut", "meteo", "commentaire") and entete.dated) or (champ == "financeur" and entete.budgets):
            continue
        lecture.muettes |= dict.fromkeys(lecture.remplies.intersection(entete.champs.get(champ, ())), raison)
    dites = {(entete.titres[i], raison) for i, raison in lecture.muettes.items()}  # « Montant » is there once per funder
    lecture.anomalies += [build_anomalie("colonne_non_reprise", lecture.nom, entete.ligne, titre, detail=raison)
                          for titre, raison in sorted(dites)]


def _build(lecture: _Lecture, derniere: int) -> list[Tableau]:
    """One table of text per table that has rows, its rows numbered after the last line of the sheet."""
    comptes = ", ".join(f"{table} {len(lot.rangs)}" for table, lot in lecture.lots.items() if lot.rangs)
    lecture.anomalies.insert(0, build_anomalie("plan_reconnu", lecture.nom, lecture.entete.ligne,
                                               detail=comptes or "aucune ligne"))
    tableaux: list[Tableau] = []
    for nom, lot in lecture.lots.items():
        if not lot.rangs and nom != "action":
            continue
        numerotes = list(enumerate(lot.rangs, derniere + 1))
        lignes: list[Enregistrement] = [(n, [champs.get(c, "") for c in lot.colonnes]) for n, (_, champs, _) in numerotes]
        tableaux.append(Tableau(
            lecture.nom, TABLES[nom], lot.colonnes, lignes, len(lignes), origines={n: (x[0], x[2]) for n, x in numerotes},
            titres=lecture.entete.titres, entete=lecture.entete.ligne, codes=lecture.codes))
    premier = tableaux[0]
    return [replace(premier, anomalies=lecture.anomalies, lues=premier.lues + lecture.ecartees), *tableaux[1:]]


def _cell(entete: EntetePlan, cellules: Sequence[str], champ: str) -> str:
    i = entete.place(champ)
    return cellules[i] if i is not None else ""
