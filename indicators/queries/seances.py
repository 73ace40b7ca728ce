"""Meetings, their agenda, their members and their decisions, typed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from indicators.errors import DemandeInvalide
from indicators.formats import format_date
from indicators.model import EtatDecision, EtatSeance, PresenceSeance, Sujet
from indicators.queries import INFINI, VISIBLE_DE_TOUS, Cursor, Plan, Vue, _champs, _rows, get_vue


@dataclass(frozen=True)
class Seance:
    """One meeting as it is known; `observe_au` and `connu_au` (UTC) are what it looks at, None until they are chosen."""

    code: str
    type: str
    date: date
    territoire: str | None = None
    presidence: str | None = None
    intitule: str | None = None
    observe_au: date | None = None
    connu_au: datetime | None = None
    figee_le: datetime | None = None
    empreinte: str | None = None
    close_le: datetime | None = None

    @property
    def nom(self) -> str:
        """« COPIL du 13/06/2024 »."""
        return f"{self.genre} du {format_date(self.date)}"

    @property
    def genre(self) -> str:
        """What kind of meeting it is, when nobody said so too."""
        return self.type or "Séance"

    @property
    def etat(self) -> EtatSeance:
        """Where it is in its life."""
        if self.close_le:
            return EtatSeance.CLOSE
        return EtatSeance.FIGEE if self.figee_le else EtatSeance.PREPAREE


@dataclass(frozen=True)
class PointOrdre:
    """One point of the agenda; `action` is the one to decide on, `intitule` replaces the usual title of its subject."""

    ordre: int
    sujet: Sujet
    intitule: str | None = None
    minutes: int | None = None
    action: str | None = None


@dataclass(frozen=True)
class Participant:
    """One member of the meeting and whether they were there."""

    nom: str
    fonction: str | None = None
    presence: PresenceSeance = PresenceSeance.PRESENT


@dataclass(frozen=True)
class Decision:
    """One decision; `en_retard`: its deadline is past at the date looked at and it is neither done nor given up.

    `responsable` is as it was written: a partner's code or any name; `qui` is that partner's name, or that name.
    """

    code: str
    seance: str
    action: str | None
    texte: str
    responsable: str | None
    echeance: date | None
    etat: EtatDecision
    motif: str | None
    en_retard: bool = False
    partenaire: str | None = None

    @property
    def qui(self) -> str:
        """Who does it, by name; empty when nobody is said to."""
        return self.partenaire or self.responsable or ""

    @property
    def avancement(self) -> str:
        """« À faire, en retard »: how far it has gone, in words."""
        return f"{self.etat.label}, en retard" if self.en_retard else self.etat.label

    @property
    def ouverte(self) -> bool:
        """Is something still to be done of it?"""
        return self.etat in (EtatDecision.A_FAIRE, EtatDecision.EN_COURS)


@dataclass(frozen=True)
class Suivi:
    """One state that a decision went through, since when (UTC) and by whom."""

    connu_le: datetime
    etat: EtatDecision
    echeance: date | None
    qui: str | None
    motif: str | None
    auteur: str | None
    depot: int


def list_seances(cur: Cursor, plan: str, connu_au: datetime = INFINI) -> list[Seance]:
    """Every meeting of the plan, the latest first."""
    return _rows(cur, Seance, f"select {_champs(Seance)} from seance_connu($connu::timestamp) where plan = $plan "
                              "order by date desc, code desc", {"plan": plan, "connu": connu_au})


def get_seance(cur: Cursor, plan: str, code: str) -> Seance:
    """The meeting of that code as known now; `DemandeInvalide` names those that exist."""
    seances = list_seances(cur, plan)
    for s in seances:
        if s.code == code:
            return s
    connues = ", ".join(s.code for s in seances) or "aucune"
    raise DemandeInvalide(f"La séance « {code} » n’existe pas dans le plan « {plan} ».", f"Séances connues : {connues}.")


def get_vue_seance(cur: Cursor, plan: Plan, seance: Seance, voit_tout: bool = True) -> Vue:
    """What a meeting looks at; until its dates are chosen: its day or the plan's end once past, with what is known now."""
    observe_au = seance.observe_au or min(plan.fin, seance.date)
    return replace(get_vue(cur, plan, observe_au, seance.connu_au), voit_tout=voit_tout)


def list_ordre_du_jour(cur: Cursor, plan: str, seance: str) -> list[PointOrdre]:
    """The agenda in its order, as known now; empty until someone prepares it."""
    return _rows(cur, PointOrdre, f"select {_champs(PointOrdre)} from ordre_du_jour_connu($connu::timestamp) "
                 "where plan = $plan and seance = $seance order by ordre", {"plan": plan, "seance": seance, "connu": INFINI})


def list_participants(cur: Cursor, plan: str, seance: str) -> list[Participant]:
    """Who was there or should have been, by name."""
    return _rows(cur, Participant, f"select {_champs(Participant)} from participant_connu($connu::timestamp) "
                 "where plan = $plan and seance = $seance order by nom", {"plan": plan, "seance": seance, "connu": INFINI})


def list_decisions(cur: Cursor, plan: str, jour: date, connu_au: datetime = INFINI, seance: str | None = None) -> list[Decision]:
    """Decisions of the plan, or of one meeting, in the order of their codes; overdue at `jour`.

    A state written in words (« à faire », in the files of before) is read as its slug.
    """
    return _rows(cur, Decision, """with lue as (
            select *, coalesce(mot_de_liste(etat), 'a_faire') as etat_lu
            from decision_connu($connu::timestamp) where plan = $plan and coalesce(seance = $seance, true))
        select l.code, seance, action, texte, responsable, echeance, etat_lu, motif,
            coalesce(echeance < $jour and etat_lu in ('a_faire', 'en_cours'), false), p.nom
        from lue l left join partenaire_connu($connu::timestamp) p on p.plan = l.plan and p.code = l.responsable
        order by l.code""", {"plan": plan, "connu": connu_au, "seance": seance, "jour": jour})


def list_histoire(cur: Cursor, plan: str, code: str) -> list[Suivi]:
    """Every state that a decision went through, the latest first; what a cancelled dépôt said of it is left out."""
    return _rows(cur, Suivi, """select v.connu_le, coalesce(mot_de_liste(d.etat), 'a_faire'), d.echeance,
            coalesce(q.nom, d.responsable), d.motif, p.auteur, d.depot_id from decision d join depot p on p.id = d.depot_id
        join depot_vie v on v.depot = d.depot_id and v.vivant_au = timestamp 'infinity'
        left join partenaire_connu(timestamp '9999-12-31') q on q.plan = d.plan and q.code = d.responsable
        where d.plan = $plan and d.code = $code and not d.retire order by v.connu_le desc, d.depot_id desc""",
        {"plan": plan, "code": code})


def list_etat(cur: Cursor, plan: str, seance: str, voit_tout: bool = True) -> list[tuple[int, str]]:
    """(ordre, contenu) of the rows of a frozen meeting, in their order; without `voit_tout`, never those of full sight."""
    return cur.execute(f"""select ordre, contenu from seance_etat_connu($connu::timestamp)
        where plan = $plan and seance = $seance and ($voit_tout or {VISIBLE_DE_TOUS}) order by ordre""",
        {"plan": plan, "seance": seance, "voit_tout": voit_tout, "connu": INFINI}).fetchall()


def is_intact(cur: Cursor, plan: str, seance: str) -> bool:
    """Are the rows of that frozen meeting those that were frozen?"""
    return cur.execute("select empreinte = calculee from seance_figee($connu::timestamp) where plan = $plan and code = $seance",
                       {"plan": plan, "seance": seance, "connu": INFINI}).fetchone() == (True,)
