"""From the views to a `Deck`: the agenda proposed, then one slide a message, each with its words already written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indicators import evolution, explanations, queries
from indicators.formats import (
    FINE,
    INSECABLE,
    MASQUE,
    accord,
    format_date,
    format_date_longue,
    format_horodatage,
    format_nombre,
    format_periode,
    pluriel,
)
from indicators.meetings.deck import ActionMontree, Deck, Diapo, Entete, Grille, LigneMontree
from indicators.model import Mouvement, Role, Statut, StatutAction, Sujet, TypeCible
from indicators.queries import Action, Cursor, EtatPlan, Ligne, Plan, Valeur, Vue
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
from indicators.sentences import describe_chemin, describe_trajectoire, write_valeur

MINUTES = {Sujet.SYNTHESE: 10, Sujet.EVOLUTION: 10, Sujet.DECISIONS: 10, Sujet.ACTION: 10, Sujet.LIBRE: 10, Sujet.RELEVE: 5}
ACTIONS_PROPOSEES = 6  # an hour of meeting, ten minutes each


@dataclass(frozen=True)
class Revision:
    """One value of a ligne principale that was known at the last meeting and is another one now, and why the dépôt says so."""

    ligne: Ligne
    avant: Valeur
    apres: Valeur
    motif: str | None


@dataclass(frozen=True)
class Situation:
    """All that the slides are written from: now, and the last meeting before when there was one."""

    plan: Plan
    seance: Seance
    vue: Vue
    etat: EtatPlan
    montrees: tuple[LigneMontree, ...]
    actions: tuple[ActionMontree, ...]
    precedente: Seance | None
    avant: EtatPlan | None
    revisions: tuple[Revision, ...]
    ouvertes: tuple[Decision, ...]


def build_deck(cur: Cursor, plan: Plan, seance: Seance, voit_tout: bool = True) -> Deck:
    """The whole meeting from the views, at its dates: what freezing it now would keep for that right to see."""
    s = read_situation(cur, plan, seance, voit_tout)
    points = list_ordre_du_jour(cur, plan.plan, seance.code) or propose_ordre_du_jour(s)
    decisions = tuple(list_decisions(cur, plan.plan, seance.date, seance=seance.code))
    participants = tuple(list_participants(cur, plan.plan, seance.code))
    return Deck(write_entete(s), s.montrees, s.actions, tuple(build_diapos(s, points)), participants, decisions)


def read_situation(cur: Cursor, plan: Plan, seance: Seance, voit_tout: bool = True) -> Situation:
    """What is known at the dates of this meeting, and what was at the one before."""
    vue = get_vue_seance(cur, plan, seance, voit_tout)
    etat = queries.get_etat_plan(cur, vue)
    passees = [x for x in list_seances(cur, plan.plan) if x.date < seance.date and x.connu_au and x.connu_au <= vue.connu_au
               and x.observe_au and x.observe_au <= vue.observe_au and not x.territoire]
    precedente = passees[0] if passees else None
    autre = get_vue_seance(cur, plan, precedente, voit_tout) if precedente else None
    return Situation(
        plan, seance, vue, etat, _show_lignes(cur, vue, etat.lignes), _show_actions(cur, vue, etat.actions),
        precedente, queries.get_etat_plan(cur, autre) if autre else None,
        _list_revisions(cur, autre, vue, etat.lignes) if autre else (),
        tuple(d for d in list_decisions(cur, plan.plan, seance.date, vue.connu_au) if d.etat in ("a_faire", "en_cours")))


def _list_revisions(cur: Cursor, avant: Vue, apres: Vue, lignes: Sequence[Ligne]) -> tuple[Revision, ...]:
    principales = {x.indicateur: x for x in lignes}
    motifs = {d.id: d.motif for d in queries.list_depots(cur)}
    revisions = []
    for p in list_passages(cur, avant, apres):
        x = principales.get(p.indicateur)
        if x is None or p.mouvement is not Mouvement.REVISEE or (p.territoire, p.ventilation) != (x.territoire, x.ventilation):
            continue
        cle = (p.territoire, p.ventilation, p.debut, p.fin)
        ancienne, nouvelle = (next(v for v in queries.list_valeurs(cur, vue, p.indicateur)
                                   if (v.territoire, v.ventilation, v.debut, v.fin) == cle) for vue in (avant, apres))
        revisions.append(Revision(x, ancienne, nouvelle, motifs.get(nouvelle.depot_id)))
    return tuple(revisions)


def _show_lignes(cur: Cursor, vue: Vue, lignes: Sequence[Ligne]) -> tuple[LigneMontree, ...]:
    mesures = queries.list_mesures_vues(cur, vue)
    montrees = []
    for x in lignes:
        points = tuple(queries.list_points(cur, vue, x.indicateur, x.territoire))
        cibles = tuple(queries.list_cibles(cur, vue, x.indicateur, x.territoire))
        calcul = tuple(explanations.explain_statut(x))
        montrees.append(LigneMontree(x, x.statut.label, explanations.write_statut(x), describe_trajectoire(x, points), calcul,
                                     points, cibles, tuple(mesures.get(x.indicateur, ()))))
    return tuple(montrees)


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
    """What changed and what needs a decision, in order; a person then moves, removes and adds."""
    sujets: list[tuple[Sujet, str | None]] = [(Sujet.SYNTHESE, None)]
    if s.precedente:
        sujets.append((Sujet.EVOLUTION, None))
    if s.ouvertes:
        sujets.append((Sujet.DECISIONS, None))
    sujets += [(Sujet.ACTION, a.action.action) for a in list_a_decider(s)[:ACTIONS_PROPOSEES]]
    sujets.append((Sujet.RELEVE, None))
    return [PointOrdre(rang, sujet, None, MINUTES[sujet], action) for rang, (sujet, action) in enumerate(sujets, 1)]


def list_a_decider(s: Situation) -> list[ActionMontree]:
    """Actions that ask for a decision, the most pressing first: past their deadline, late indicators, late decisions, alerts."""
    en_retard = {d.action for d in s.ouvertes if d.en_retard}
    lignes = {x.indicateur: x for x in s.etat.lignes}

    def weigh(a: ActionMontree) -> tuple[int, ...]:
        gravites = sorted((lignes[i].gravite for i in a.indicateurs if i in lignes), reverse=True)
        return (int(a.action.echeance_depassee), int(a.action.cellule in explanations.EN_RETARD),
                int(a.action.action in en_retard), int(a.action.cellule is StatutAction.SUSPENDUE), len(a.action.alertes),
                *gravites[:1])

    demandees = [a for a in s.actions if any(weigh(a)[:5])]
    return sorted(demandees, key=lambda a: tuple(-n for n in weigh(a)))


# -- the slides ----------------------------------------------------------------------------------------------------------


def write_entete(s: Situation) -> Entete:
    """Dates, perimeter and sources that every slide and export repeats."""
    sources = sorted({x.ligne.source for x in s.montrees if x.ligne.source})
    return Entete(
        s.plan, s.seance, s.vue.observe_au, s.vue.connu_au, s.vue.voit_tout, name_seance(s.precedente) if s.precedente else None,
        f"Territoire{FINE}: {s.plan.nom}. Périodes terminées au {format_date(s.vue.observe_au)}, données connues au "
        f"{format_horodatage(s.vue.connu_au, s.plan.fuseau)}.",
        f"Sources{FINE}: {f'{FINE}; '.join(sources)}." if sources else "",
        explanations.write_illustrative(s.etat.lignes, s.etat.actions))


def name_seance(x: Seance) -> str:
    """« COPIL du 13/06/2024 »."""
    return f"{x.type or 'Séance'} du {format_date(x.date)}"


def build_diapos(s: Situation, points: Sequence[PointOrdre]) -> list[Diapo]:
    """The opening, the agenda, then a slide for each of its points."""
    ouverture = Diapo(
        "ouverture", Sujet.OUVERTURE, f"{s.seance.type or 'Séance'} du {format_date_longue(s.seance.date)}", s.plan.intitule,
        tuple(filter(None, (s.seance.intitule, s.seance.presidence,
                            explanations.write_illustrative(s.etat.lignes, s.etat.actions)))))
    duree = sum(p.minutes or 0 for p in points)
    grille = Grille("Ordre du jour", ("N°", "Point", "Minutes"),
                    tuple((str(rang), _name_point(s, p), str(p.minutes or "")) for rang, p in enumerate(points, 1)))
    ordre = Diapo("ordre_du_jour", Sujet.ORDRE_DU_JOUR, Sujet.ORDRE_DU_JOUR.label,
                  f"{pluriel(len(points), 'point')} en {pluriel(duree, 'minute')}", grilles=(grille,))
    return [ouverture, ordre, *(_build_diapo(s, p) for p in points)]


def _name_point(s: Situation, p: PointOrdre) -> str:
    if p.intitule or p.sujet is not Sujet.ACTION:
        return p.intitule or p.sujet.label
    action = next((a.action for a in s.actions if a.action.action == p.action), None)
    return f"{p.action} {action.intitule if action else ''}".strip()


def _build_diapo(s: Situation, p: PointOrdre) -> Diapo:
    match p.sujet:
        case Sujet.SYNTHESE:
            corps = _show_synthese(s)
        case Sujet.EVOLUTION:
            corps = _show_evolution(s)
        case Sujet.DECISIONS:
            corps = _show_decisions(s)
        case Sujet.ACTION:
            corps = _show_action(s, p.action)
        case _:
            corps = {"titre": p.intitule or p.sujet.label}
    cle = f"action_{p.action}" if p.sujet is Sujet.ACTION else f"{p.sujet.value}_{p.ordre}"
    return Diapo(cle, p.sujet, p.intitule or p.sujet.label, minutes=p.minutes, **corps)


def _show_synthese(s: Situation) -> dict[str, object]:
    comptes = Counter(x.statut for x in s.etat.lignes)
    grille = Grille("Indicateurs par statut", ("Statut", "Nombre"),
                    tuple((x.label, str(comptes[x])) for x in Statut if comptes[x]))
    mesurees = [x for x in s.etat.lignes if x.avancement is not None and x.gravite > 0]
    return {"titre": explanations.write_headline(s.plan, s.vue, s.etat.lignes),
            "phrases": tuple(filter(None, (explanations.write_coverage(s.plan, s.vue, s.etat.lignes),
                                           explanations.write_illustrative(s.etat.lignes, s.etat.actions)))),
            "grilles": (grille,), "indicateurs": tuple(x.indicateur for x in mesurees),
            "notes": describe_chemin(mesurees)}


def _show_evolution(s: Situation) -> dict[str, object]:
    if s.avant is None or s.precedente is None:
        return {"titre": "Aucune séance antérieure n’est enregistrée"}
    deplacements = evolution.pair_lignes(s.avant, s.etat)
    changes = [d for d in deplacements if d.change_statut]
    grilles = [Grille("Statuts changés", ("Indicateur", "Avant", "Maintenant"), tuple(
        (f"{d.ligne.indicateur} {d.ligne.intitule}", *(x.label if x else "absent du plan" for x in d.statuts)) for d in changes))]
    if s.revisions:
        grilles.append(Grille("Valeurs révisées", ("Indicateur", "Période", "Avant", "Maintenant", "Motif"),
                              tuple(_write_revision(r) for r in s.revisions)))
    return {"titre": evolution.write_titre(deplacements),
            "phrases": (f"Depuis le {name_seance(s.precedente)}{FINE}: {evolution.write_statuts(deplacements)}",),
            "grilles": tuple(g for g in grilles if g.lignes), "notes": evolution.describe_haltere(deplacements)}


def _write_revision(r: Revision) -> tuple[str, ...]:
    x = r.ligne

    def write(v: Valeur) -> str:
        if v.valeur is None:
            return MASQUE if v.masque else v.etat.label
        return format_nombre(v.valeur, x.decimales, x.unite)

    avant, apres = write(r.avant), write(r.apres)
    return f"{x.indicateur} {x.intitule}", format_periode(r.apres.debut, r.apres.fin), avant, apres, r.motif or ""


def _show_decisions(s: Situation) -> dict[str, object]:
    retard = sum(d.en_retard for d in s.ouvertes)
    dont = f", dont {retard}{INSECABLE}en retard" if retard else ""
    ouvertes = pluriel(len(s.ouvertes), "décision encore ouverte", "décisions encore ouvertes")
    return {"titre": f"{ouvertes}{dont}" if s.ouvertes else "Aucune décision n’est encore ouverte",
            "grilles": (Grille("Décisions ouvertes", ("Décision", "Responsable", "Échéance", "État"), tuple(
                (d.texte, d.responsable or "", format_date(d.echeance) if d.echeance else "",
                 f"{d.etat.label}, en retard" if d.en_retard else d.etat.label) for d in s.ouvertes)),) if s.ouvertes else ()}


def _show_action(s: Situation, code: str | None) -> dict[str, object]:
    a = next((x for x in s.actions if x.action.action == code), None)
    if a is None:
        return {"titre": f"L’action {code} n’est plus au plan à cette date"}
    lignes = sorted((x for x in s.montrees if x.ligne.indicateur in a.indicateurs), key=lambda x: -x.ligne.gravite)
    echeance = f"échéance au {format_date(a.action.echeance)}" if a.action.echeance else "sans échéance"
    pilotes = f"Pilote{FINE}: {a.pilotes}" if a.pilotes else "Aucun pilote"
    return {"titre": _write_message(a.action, lignes), "action": code, "indicateurs": tuple(x.ligne.indicateur for x in lignes),
            "phrases": (f"{a.action.action} {a.action.intitule}", f"{a.mot}{FINE}: {a.action.cellule_raison}.",
                        f"{pilotes}{FINE}; {echeance}.", *((a.action.commentaire,) if a.action.commentaire else ())),
            "notes": "\n".join(f"{nom}{FINE}: {dit}" for x in lignes[:1] for nom, dit in x.calcul)}


def _write_message(a: Action, lignes: Sequence[LigneMontree]) -> str:
    """The message of an action: its worst indicator with what is reached and what was awaited, else what its dates say."""
    x = lignes[0].ligne if lignes else None
    if x is None or x.realise is None or x.attendu is None or x.type_cible is not TypeCible.ATTEINDRE:
        return f"{a.intitule}{FINE}: {a.cellule_raison}"
    attendus = accord(x.attendu, "attendu", "attendus") if x.unite not in ("%", "‰") else "attendus"
    return f"{x.intitule}{FINE}: {write_valeur(x, x.realise)} pour {write_valeur(x, x.attendu)} {attendus}"
