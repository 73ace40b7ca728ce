"""The slides of a meeting: what is known now and before, as messages, sentences and small tables already written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indicators import evolution, explanations
from indicators.evolution import Deplacement
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
    participe,
    pluriel,
    titre,
)
from indicators.meetings.deck import ActionMontree, Diapo, Entete, Grille, LigneMontree
from indicators.model import Statut, StatutAction, Sujet, TypeCible, Verdict
from indicators.queries import Action, EtatPlan, Ligne, Plan, Valeur, Vue
from indicators.queries.seances import Decision, PointOrdre, Seance
from indicators.sentences import describe_chemin, write_valeur
from indicators.synthese import write_depuis

CIBLES_MONTREES = 6  # what a room reads on one slide
MOTS_ACTION = {
    StatutAction.NON_DEMARREE: ("non démarrée", "non démarrées"), StatutAction.EN_COURS: ("en cours", "en cours"),
    StatutAction.REALISEE: ("réalisée", "réalisées"), StatutAction.REPORTEE: ("reportée", "reportées"),
    StatutAction.SUSPENDUE: ("suspendue", "suspendues"), StatutAction.ABANDONNEE: ("abandonnée", "abandonnées"),
    StatutAction.NON_RENSEIGNEE: ("sans statut", "sans statut"),
}


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


def write_entete(s: Situation) -> Entete:
    """Dates, perimeter and sources that every slide and export repeats."""
    sources = sorted({x.ligne.source for x in s.montrees if x.ligne.source})
    vivante = s.seance.code and not s.seance.figee_le
    return Entete(
        s.plan, s.seance, s.vue.observe_au, s.vue.connu_au, s.vue.voit_tout, s.precedente.nom if s.precedente else None,
        f"Territoire{FINE}: {s.plan.nom}. Périodes terminées au {format_date(s.vue.observe_au)}, données connues au "
        f"{format_horodatage(s.vue.connu_au, s.plan.fuseau)}."
        + (f" Séance non figée{FINE}: ces chiffres suivent encore les dépôts." if vivante else ""),
        f"Sources{FINE}: {f'{FINE}; '.join(sources)}." if sources else "",
        explanations.write_illustrative(s.etat.lignes, s.etat.actions))


def write_retard(ouvertes: Sequence[Decision]) -> str:
    """« , dont 2 en retard » or « , toutes en retard », after the number of these open decisions; empty when none is."""
    retard = sum(d.en_retard for d in ouvertes)
    toutes = accord(retard, "en retard", "toutes en retard")
    return f", {toutes}" if retard and retard == len(ouvertes) else f", dont {retard}{INSECABLE}en retard" if retard else ""


def build_diapos(s: Situation, points: Sequence[PointOrdre]) -> list[Diapo]:
    """The opening, the agenda, then a slide for each of its points."""
    ouverture = Diapo(
        "ouverture", Sujet.OUVERTURE, f"{s.seance.genre} du {format_date_longue(s.seance.date)}", s.plan.intitule,
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
    final = explanations.is_final(s.plan, s.vue)
    comptes = Counter(x.verdict for x in s.etat.lignes) if final else Counter(x.statut for x in s.etat.lignes)
    nom, mots = ("Verdict", tuple(Verdict)) if final else ("Statut", tuple(Statut))
    grilles = [Grille(f"Indicateurs par {nom.lower()}", (nom, "Nombre"),
                      tuple((x.label, str(comptes[x])) for x in mots if comptes[x]))]
    if final and (manquees := _list_manquees(s.etat.lignes)):
        grilles.append(Grille("Les cibles les plus éloignées", ("Indicateur", "Réalisé", "Cible", "Chemin parcouru"), tuple(
            (f"{x.indicateur} {x.intitule}", f"{write_valeur(x, x.realise)} ({format_date(x.date_realise)})",
             write_valeur(x, x.cible), evolution.write_part(x)) for x in manquees)))
    mesurees = [x for x in s.etat.lignes if x.avancement is not None and x.gravite > 0]
    return {"titre": explanations.write_headline(s.plan, s.vue, s.etat.lignes),
            "phrases": tuple(filter(None, (
                explanations.write_coverage(s.plan, s.vue, s.etat.lignes), _write_actions(s.etat.actions),
                explanations.write_illustrative(s.etat.lignes, s.etat.actions)))),
            "grilles": tuple(g for g in grilles if g.lignes), "indicateurs": tuple(x.indicateur for x in mesurees),
            "notes": describe_chemin(mesurees)}


def _list_manquees(lignes: Sequence[Ligne]) -> list[Ligne]:
    """Targets that the plan missed, the shortest way first; only those whose path can be measured."""
    manquees = [x for x in lignes if x.verdict in (Verdict.NON_ATTEINT, Verdict.PARTIELLEMENT_ATTEINT)
                and x.avancement is not None and x.cible is not None]
    return sorted(manquees, key=lambda x: (x.avancement, x.indicateur))[:CIBLES_MONTREES]


def _write_actions(actions: Sequence[Action]) -> str:
    """« 16 actions : 9 en cours, 4 réalisées, 3 suspendues ; 2 échéances dépassées. », by the word of people."""
    if not actions:
        return ""
    comptes = Counter(a.statut for a in actions)
    mots = ", ".join(f"{comptes[x]}{INSECABLE}{accord(comptes[x], *MOTS_ACTION[x])}" for x in StatutAction if comptes[x])
    depassees = sum(a.echeance_depassee for a in actions)
    suite = f"{FINE}; {pluriel(depassees, 'échéance dépassée', 'échéances dépassées')}" if depassees else ""
    return f"{pluriel(len(actions), 'action')}{FINE}: {mots}{suite}."


def _show_evolution(s: Situation) -> dict[str, object]:
    if s.avant is None or s.precedente is None:
        return {"titre": "Aucune séance antérieure n’est enregistrée"}
    deplacements = evolution.pair_lignes(s.avant, s.etat)
    en_retard = [d for d in deplacements if d.change_statut and d.statuts[1] in explanations.EN_RETARD
                 and d.statuts[0] not in explanations.EN_RETARD]
    de_retour = [d for d in deplacements if d.avant and d.avant.gravite > 0 and d.statuts[1] in explanations.DANS_LE_RYTHME
                 and d.statuts[0] not in explanations.DANS_LE_RYTHME]
    autres = [d for d in deplacements if d.change_statut and d not in en_retard and d not in de_retour]
    revues = [d for d in deplacements if d.cible_revue]
    actions, statuts = evolution.list_actions(s.avant, s.etat), evolution.write_statuts(deplacements)
    grilles = [
        *(Grille(nom, ("Indicateur", "Avant", "Maintenant"), tuple(_write_statuts(d) for d in lesquels))
          for nom, lesquels in (("Nouvellement en retard", en_retard), ("De retour dans le rythme", de_retour),
                                ("Autres statuts changés", autres))),
        Grille("Références ou cibles modifiées", ("Indicateur", "Avant", "Maintenant"), tuple(
            (_name_ligne(d.ligne), _write_chemin(d.avant), _write_chemin(d.apres)) for d in revues)),
        Grille("Valeurs révisées", ("Indicateur", "Période", "Avant", "Maintenant", "Motif"),
               tuple(_write_revision(r) for r in s.revisions)),
        Grille("Actions", ("Action", "Avant", "Maintenant"), tuple(tuple(x.values()) for x in actions))]
    faits = [f"{len(lesquels)}{INSECABLE}{nom}" if lesquels else f"aucun {nom}" for nom, lesquels in (
        ("nouvellement en retard", en_retard), ("de retour dans le rythme", de_retour))]
    return {"titre": evolution.write_titre(deplacements),
            "phrases": (f"{titre(write_depuis(s.precedente.nom))}, {statuts[:1].lower()}{statuts[1:]}",
                        f"Indicateurs{FINE}: {', '.join(faits)}.", _write_reste(s)),
            "grilles": tuple(g for g in grilles if g.lignes), "notes": evolution.describe_haltere(deplacements)}


def _write_reste(s: Situation) -> str:
    """What else changed, as counts: values of before, open decisions."""
    revisees = pluriel(len(s.revisions), "valeur révisée", "valeurs révisées") if s.revisions else "aucune valeur révisée"
    ouvertes = (pluriel(len(s.ouvertes), "décision encore ouverte", "décisions encore ouvertes") if s.ouvertes
                else "aucune décision encore ouverte")
    return f"{titre(revisees)}{FINE}; {ouvertes}."


def _name_ligne(x: Ligne) -> str:
    return f"{x.indicateur} {x.intitule}"


def _write_statuts(d: Deplacement) -> tuple[str, str, str]:
    """Its status at both dates, each with its value."""
    def write(x: Ligne | None) -> str:
        return f"{x.statut.label}, {evolution.write_realise(x)}" if x else "absent du plan"

    return _name_ligne(d.ligne), write(d.avant), write(d.apres)


def _write_chemin(x: Ligne | None) -> str:
    """« référence 12 %, cible 40 % »; for what is kept between bounds, « cible entre 10 % et 20 % »."""
    if x is None:
        return ""
    bornes = [f"{mot} {write_valeur(x, v)}" for mot, v in (("référence", x.reference), ("cible", x.cible),
                                                           ("au moins", x.cible_min), ("au plus", x.cible_max)) if v is not None]
    return ", ".join(bornes) or "sans cible"


def _write_revision(r: Revision) -> tuple[str, ...]:
    x = r.ligne

    def write(v: Valeur) -> str:
        if v.valeur is None:
            return MASQUE if v.masque else v.etat.label
        return format_nombre(v.valeur, x.decimales, x.unite)

    avant, apres = write(r.avant), write(r.apres)
    return f"{x.indicateur} {x.intitule}", format_periode(r.apres.debut, r.apres.fin), avant, apres, r.motif or ""


def _show_decisions(s: Situation) -> dict[str, object]:
    dont = write_retard(s.ouvertes)
    ouvertes = pluriel(len(s.ouvertes), "décision encore ouverte", "décisions encore ouvertes")
    return {"titre": f"{ouvertes}{dont}" if s.ouvertes else "Aucune décision n’est encore ouverte",
            "grilles": (Grille("Décisions ouvertes", ("Décision", "Responsable", "Échéance", "État"), tuple(
                (f"{d.code}{FINE}: {d.texte}", d.qui, format_date(d.echeance) if d.echeance else "",
                 d.avancement) for d in s.ouvertes)),) if s.ouvertes else ()}


def _show_action(s: Situation, code: str | None) -> dict[str, object]:
    a = next((x for x in s.actions if x.action.action == code), None)
    if a is None:
        return {"titre": f"L’action {code} n’est plus au plan à cette date"}
    lignes = sorted((x for x in s.montrees if x.ligne.indicateur in a.indicateurs), key=lambda x: -x.ligne.gravite)
    echeance = f"échéance au {format_date(a.action.echeance)}" if a.action.echeance else "sans échéance"
    pilotes = f"Pilote{FINE}: {a.pilotes}" if a.pilotes else "Aucun pilote"
    mot = a.mot if a.action.echeance_depassee else f"{a.mot}{FINE}: {a.action.cellule_raison}"
    phrases = [f"{a.action.action} {a.action.intitule}", f"{mot}.", f"{pilotes}{FINE}; {echeance}.",
               *(f"{x.ligne.intitule}{FINE}: {x.mot.lower()}. {x.position}" for x in lignes[:1]),
               *filter(None, (a.action.commentaire,)),
               *(f"Décision ouverte {d.code}{FINE}: {d.texte}" for d in s.ouvertes if d.action == code)]
    return {"titre": _write_message(a.action, lignes), "action": code, "indicateurs": tuple(x.ligne.indicateur for x in lignes),
            "phrases": tuple(phrases),
            "notes": "\n".join(f"{nom}{FINE}: {dit}" for x in lignes[:1] for nom, dit in x.calcul)}


def _write_message(a: Action, lignes: Sequence[LigneMontree]) -> str:
    """The message of an action: its worst indicator with what is reached and what was awaited, else what its dates say."""
    x = lignes[0].ligne if lignes else None
    if x is None or x.realise is None:
        return f"{a.intitule}{FINE}: {a.cellule_raison}"
    if x.seuil_bas is not None or x.seuil_haut is not None:
        return f"{x.intitule}{FINE}: {explanations.write_position(x).removesuffix('.')}"
    if x.attendu is None or x.type_cible is not TypeCible.ATTEINDRE:
        return f"{a.intitule}{FINE}: {a.cellule_raison}"
    attendu = participe(x.attendu, "attendu", x.unite, x.decimales)
    return f"{x.intitule}{FINE}: {write_valeur(x, x.realise)} pour {write_valeur(x, x.attendu)} {attendu}"
