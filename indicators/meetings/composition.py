"""From the views to a `Deck`: what is known now and at the last meeting, the agenda proposed, then its slides (`diapos.py`)."""

from __future__ import annotations

from collections.abc import Sequence

from indicators import explanations, queries
from indicators.meetings.deck import ActionMontree, Deck, LigneMontree
from indicators.meetings.diapos import Revision, Situation, build_diapos, write_entete
from indicators.meetings.pages import read_frozen
from indicators.model import Mouvement, Role, StatutAction, Sujet
from indicators.queries import Action, Cursor, EtatPlan, Ligne, Mesure, Plan, Vue
from indicators.queries.comparaison import list_passages
from indicators.queries.plan import Participation, list_participations
from indicators.queries.seances import (
    Decision,
    PointOrdre,
    Seance,
    get_vue_seance,
    list_decisions,
    list_ordre_du_jour,
    list_participants,
    list_seances,
)
from indicators.queries.series import Serie, get_etat_et_series, list_valeurs_principales
from indicators.sentences import describe_trajectoire

MINUTES = {Sujet.SYNTHESE: 10, Sujet.EVOLUTION: 10, Sujet.DECISIONS: 10, Sujet.ACTION: 10, Sujet.LIBRE: 10, Sujet.RELEVE: 5}
ACTIONS_PROPOSEES = 6  # an hour of meeting, ten minutes each
ACTIONS_DU_BILAN = 4  # a final meeting also has the whole plan to judge, and what comes after it
SUITES = "Enseignements pour le schéma suivant"


def build_deck(cur: Cursor, plan: Plan, seance: Seance, voit_tout: bool = True,
               points: Sequence[PointOrdre] | None = None) -> Deck:
    """The whole meeting from the views, at its dates; `points` is its agenda, else the one prepared, else the one proposed."""
    s = read_situation(cur, plan, seance, voit_tout)
    points = points or list_ordre_du_jour(cur, plan.plan, seance.code) or propose_ordre_du_jour(s)
    decisions = tuple(list_decisions(cur, plan.plan, seance.date, seance=seance.code))
    participants = tuple(list_participants(cur, plan.plan, seance.code))
    return Deck(write_entete(s), s.montrees, s.actions, tuple(build_diapos(s, points)), participants, decisions)


def read_situation(cur: Cursor, plan: Plan, seance: Seance, voit_tout: bool = True) -> Situation:
    """What is known at the dates of this meeting, and what the one before showed: its pages when it was frozen."""
    vue = get_vue_seance(cur, plan, seance, voit_tout)
    etat, montrees, actions = show_plan(cur, vue)
    seances = list_seances(cur, plan.plan)
    passees = [x for x in seances if x.date < seance.date and x.connu_au and x.connu_au <= vue.connu_au
               and x.observe_au and x.observe_au <= vue.observe_au and not x.territoire]
    precedente = passees[0] if passees else None
    autre = get_vue_seance(cur, plan, precedente, voit_tout) if precedente else None
    return Situation(
        plan, seance, vue, etat, montrees, actions, precedente,
        _read_avant(cur, precedente, autre) if precedente and autre else None,
        _list_revisions(cur, autre, vue, etat.lignes) if autre else (), _list_ouvertes(cur, plan, seance, seances))


def show_plan(cur: Cursor, vue: Vue) -> tuple[EtatPlan, tuple[LigneMontree, ...], tuple[ActionMontree, ...]]:
    """The plan at that view, and each of its lines and actions with the words said of it."""
    etat, series = get_etat_et_series(cur, vue)
    mesures = queries.list_mesures_vues(cur, vue)
    lignes = tuple(_show_ligne(x, series[x.indicateur], mesures.get(x.indicateur, ())) for x in etat.lignes)
    return etat, lignes, _show_actions(cur, vue, etat.actions)


def _read_avant(cur: Cursor, precedente: Seance, vue: Vue) -> EtatPlan:
    if not precedente.figee_le:
        return queries.get_etat_plan(cur, vue)
    montre = read_frozen(cur, vue.plan, precedente, vue.voit_tout)
    return EtatPlan(tuple(x.ligne for x in montre.lignes), tuple(a.action for a in montre.actions))


def _list_ouvertes(cur: Cursor, plan: Plan, seance: Seance, seances: Sequence[Seance]) -> tuple[Decision, ...]:
    """What earlier meetings decided and is still to be done now: even of a meeting whose figures are older."""
    rangs = {x.code: (x.date, x.code) for x in seances}
    return tuple(d for d in list_decisions(cur, plan.plan, seance.date)
                 if d.ouverte and rangs[d.seance] < (seance.date, seance.code))


def _list_revisions(cur: Cursor, avant: Vue, apres: Vue, lignes: Sequence[Ligne]) -> tuple[Revision, ...]:
    principales = {x.indicateur: x for x in lignes}
    passages = [p for p in list_passages(cur, avant, apres) if p.mouvement is Mouvement.REVISEE and p.indicateur in principales
                and (p.territoire, p.ventilation) == (principales[p.indicateur].territoire, "")]
    if not passages:
        return ()
    motifs = {d.id: d.motif for d in queries.list_depots(cur)}
    anciennes, nouvelles = (list_valeurs_principales(cur, vue) for vue in (avant, apres))
    paires = ((p.indicateur, anciennes[p.indicateur][p.debut, p.fin], nouvelles[p.indicateur][p.debut, p.fin]) for p in passages)
    return tuple(Revision(principales[code], a, b, motifs.get(b.depot_id)) for code, a, b in paires)


def _show_ligne(x: Ligne, serie: Serie, mesures: Sequence[Mesure]) -> LigneMontree:
    return LigneMontree(x, x.statut.label, explanations.write_statut(x), describe_trajectoire(x, serie.points),
                        tuple(explanations.explain_statut(x)), serie.points, serie.cibles, tuple(mesures))


def _show_actions(cur: Cursor, vue: Vue, actions: Sequence[Action]) -> tuple[ActionMontree, ...]:
    orientations = {o.code: f"{o.code} {o.intitule}" for o in queries.list_orientations(cur, vue)}
    liens = queries.list_rattachements(cur, vue)
    participations = list_participations(cur, vue)

    def names(action: str, pilotes: bool) -> str:
        return ", ".join(_name(p) for p in participations if p.action == action and (p.role is Role.PILOTE) == pilotes)

    return tuple(ActionMontree(a, a.cellule.label, orientations.get(a.orientation, a.orientation), names(a.action, True),
                               names(a.action, False), tuple(i for action, i in liens if action == a.action)) for a in actions)


def _name(p: Participation) -> str:
    return f"{p.nom} ({p.convention})" if p.convention else p.nom


# -- the agenda ----------------------------------------------------------------------------------------------------------


def propose_ordre_du_jour(s: Situation) -> list[PointOrdre]:
    """What changed and what needs a decision, in order; a person then moves, removes and adds.

    Once the plan is over: its verdict, the worst of what was not done, and what the next plan should learn. The order depends on
    nothing that the statistical secret hides: a meeting has one agenda, whoever reads it.
    """
    final = explanations.is_final(s.plan, s.vue)
    sujets: list[tuple[Sujet, str | None]] = [(Sujet.SYNTHESE, None)]
    if s.precedente:
        sujets.append((Sujet.EVOLUTION, None))
    if s.ouvertes:
        sujets.append((Sujet.DECISIONS, None))
    sujets += [(Sujet.ACTION, a.action.action) for a in list_a_decider(s)[:ACTIONS_DU_BILAN if final else ACTIONS_PROPOSEES]]
    sujets += [(Sujet.LIBRE, None)] * final + [(Sujet.RELEVE, None)]
    return [PointOrdre(rang, sujet, SUITES if sujet is Sujet.LIBRE else None, MINUTES[sujet], action)
            for rang, (sujet, action) in enumerate(sujets, 1)]


def propose_pour_tous(cur: Cursor, plan: Plan, seance: Seance) -> list[PointOrdre]:
    """The same agenda, from what everyone may see."""
    return propose_ordre_du_jour(read_situation(cur, plan, seance, voit_tout=False))


def list_a_decider(s: Situation) -> list[ActionMontree]:
    """Actions that ask for a decision, the most pressing first: past their deadline, late indicators, late decisions, alerts."""
    en_retard = {d.action for d in s.ouvertes if d.en_retard}

    def weigh(a: ActionMontree) -> tuple[int, ...]:
        cellule = a.action.cellule
        return (a.action.echeance_depassee, cellule in explanations.EN_RETARD, a.action.action in en_retard,
                cellule is StatutAction.SUSPENDUE, len(a.action.alertes))

    return sorted((a for a in s.actions if any(weigh(a))), key=lambda a: tuple(-n for n in weigh(a)))
