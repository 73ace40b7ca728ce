"""Who takes part in what and what falls due: the rows of the pages Plan and Partenaires, and the choices made among them."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from indicators.model import Role, StatutAction
from indicators.queries import Action, Cursor, Vue, _champs, _dates, _rows
from indicators.queries.modeles import Attendue, Besoins

ACHEVEES = (StatutAction.REALISEE, StatutAction.ABANDONNEE)


@dataclass(frozen=True)
class Participation:
    """One part that a partner plays in one action; `nom` and `type` are the partner's."""

    action: str
    partenaire: str
    nom: str
    type: str | None
    role: Role
    convention: str | None


@dataclass(frozen=True)
class Etape:
    """One step of an action that is still to be done; `depassee` when its day went by before the plan's end."""

    action: str
    ordre: int
    intitule: str
    prevu_le: date
    depassee: bool


@dataclass(frozen=True)
class Echeance:
    """One day that falls due: an action's deadline, or one of its steps when `etape` names it."""

    date: date
    action: Action
    etape: str | None
    depassee: bool


@dataclass(frozen=True)
class Filtre:
    """What a person asked to see of the plan: codes, the slug of a status, words; None or empty asks for nothing."""

    orientation: str | None = None
    statut: str | None = None
    pilote: str | None = None
    partenaire: str | None = None
    texte: str = ""


@dataclass(frozen=True)
class Du:
    """What is still expected of one indicator: its periods, the day since which the oldest is due, what was only said missing."""

    indicateur: str
    intitule: str
    responsable: str | None
    periodes: tuple[tuple[date, date], ...]
    valeurs: int
    rendues: int
    depuis: date


def list_participations(cur: Cursor, vue: Vue) -> list[Participation]:
    """Every participation of the plan, by name of the partner, then by action, the pilots first."""
    return _rows(cur, Participation, f"""select {_champs(Participation)} from (
            select x.*, p.nom, p.type from participation_connu($connu::timestamp) x
            join partenaire_connu($connu::timestamp) p on p.plan = x.plan and p.code = x.partenaire where x.plan = $plan)
        order by nom, partenaire, action, list_position(['pilote', 'copilote', 'contributeur'], role)""",
        {"plan": vue.plan, "connu": vue.connu_au})


def list_etapes(cur: Cursor, vue: Vue) -> list[Etape]:
    """Steps with a day that are not done at the date looked at, by day; alerts stop at the plan's end."""
    return _rows(cur, Etape, """
        select e.action, e.ordre, e.intitule, e.prevu_le, e.prevu_le < least($observe::date, p.fin)
        from etape_connu($connu::timestamp) e join plan_connu($connu::timestamp) p on p.plan = e.plan
        where e.plan = $plan and e.prevu_le is not null and (e.fait_le is null or e.fait_le > $observe::date)
        order by e.prevu_le, e.action, e.ordre""", _dates(vue))


def list_echeances(actions: Sequence[Action], etapes: Sequence[Etape], vue: Vue) -> list[Echeance]:
    """What is overdue and what is to come for these actions, by day; nothing more is due of an action done or given up."""
    ouvertes = {a.action: a for a in actions if a.statut not in ACHEVEES}
    jours = [Echeance(a.echeance, a, None, a.echeance_depassee) for a in ouvertes.values() if a.echeance]
    jours += [Echeance(e.prevu_le, ouvertes[e.action], e.intitule, e.depassee) for e in etapes if e.action in ouvertes]
    dues = [e for e in jours if e.depassee or e.date >= vue.observe_au]
    return sorted(dues, key=lambda e: (e.date, e.action.action, e.etape or ""))


def keep_actions(actions: Sequence[Action], participations: Sequence[Participation], filtre: Filtre) -> list[Action]:
    """Actions that meet every demand; each word is looked for without accents nor case, in the action and its partners."""
    pilotees = {p.action for p in participations if p.partenaire == filtre.pilote and p.role is Role.PILOTE}
    touchees = {p.action for p in participations if p.partenaire == filtre.partenaire}
    noms: dict[str, str] = {}
    for p in participations:
        noms[p.action] = f"{noms.get(p.action, '')} {p.partenaire} {p.nom} {p.convention or ''}"
    mots = _fold(filtre.texte).split()
    gardees = []
    for a in actions:
        if filtre.orientation not in (None, a.orientation) or filtre.statut not in (None, a.cellule.value):
            continue
        if (filtre.pilote and a.action not in pilotees) or (filtre.partenaire and a.action not in touchees):
            continue
        textes = (a.action, a.intitule, a.libelle_court, a.description, a.publics, noms.get(a.action))
        lu = _fold(" ".join(filter(None, textes))) if mots else ""
        if all(mot in lu for mot in mots):
            gardees.append(a)
    return gardees


def keep_besoins(besoins: Besoins, pour: str, actions: Collection[str], indicateurs: Collection[str]) -> Besoins:
    """What a template asks, brought down to these actions and indicators; `pour` says for whom."""
    attendues = tuple(a for a in besoins.attendues if a.indicateur in indicateurs)
    return replace(
        besoins, pour=pour, attendues=attendues, ventilations=tuple(sorted({a.ventilation for a in attendues if a.ventilation})),
        definitions=tuple(d for d in besoins.definitions if d.indicateur in indicateurs),
        situations=tuple(s for s in besoins.situations if s.action in actions))


def list_dus(besoins: Besoins) -> list[Du]:
    """The values still expected, gathered by indicator, the longest awaited first."""
    par_indicateur: dict[str, list[Attendue]] = {}
    for a in besoins.attendues:
        par_indicateur.setdefault(a.indicateur, []).append(a)
    fiches = {d.indicateur: d for d in besoins.definitions}
    dus = [Du(code, fiches[code].intitule, fiches[code].responsable, tuple(sorted({(a.debut, a.fin) for a in attendues})),
              len(attendues), sum(a.reponse is not None for a in attendues), min(a.due_le for a in attendues))
           for code, attendues in par_indicateur.items()]
    return sorted(dus, key=lambda d: (d.depuis, d.indicateur))


def _fold(texte: str) -> str:
    """Without accents nor case, typographic apostrophes as typed ones."""
    nu = unicodedata.normalize("NFD", texte.replace("’", "'").casefold())
    return "".join(c for c in nu if not unicodedata.combining(c))
