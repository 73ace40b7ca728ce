"""What leads a page and what opens under a status: the headline, the priorities with their reason, the arithmetic in French.

Every number comes from the rows given; nothing is computed here but counts of rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from indicators.formats import (
    FINE,
    INSECABLE,
    MASQUE,
    accord,
    format_date,
    format_ecart,
    format_exact,
    format_nombre,
    pluriel,
    titre,
)
from indicators.model import Provenance, Statut, StatutAction, TypeCible, Verdict
from indicators.queries import Action, Ligne, Mesure, Plan, Valeur, Vue
from indicators.sentences import write_quand, write_valeur

DANS_LE_RYTHME = (Statut.ATTEINT, Statut.DANS_LES_TEMPS, Statut.SEUIL_RESPECTE)
EN_RETARD = (Statut.RETARD_FORT, Statut.RECUL, Statut.SEUIL_FRANCHI)
NON_EVALUES = (Statut.NON_EVALUABLE, Statut.NON_RENSEIGNE)


def is_final(plan: Plan, vue: Vue) -> bool:
    """Is the plan over at the date looked at?"""
    return vue.observe_au >= plan.fin


def write_headline(plan: Plan, vue: Vue, lignes: Sequence[Ligne]) -> str:
    """The sentence that a manager reads first: what can be judged, and what it says."""
    suivies = [x for x in lignes if x.statut is not Statut.SUIVI]
    if is_final(plan, vue):
        juges = [x for x in suivies if x.verdict not in (None, Verdict.NON_EVALUABLE)]
        atteints = sum(x.verdict is Verdict.ATTEINT for x in juges)
        if not juges:
            return "Aucune cible ne peut être jugée sur la dernière période du plan"
        if not atteints:
            if len(juges) == 1:
                return "La seule cible jugée à la fin du plan n’est pas atteinte"
            return f"Aucune des {len(juges)} cibles jugées à la fin du plan n’est atteinte"
        jugees = accord(len(juges), "jugée", "jugées")
        return f"{pluriel(atteints, 'cible atteinte', 'cibles atteintes')} sur {len(juges)} {jugees} à la fin du plan"
    evalues = [x for x in suivies if x.gravite > 0]
    bons = sum(x.statut in DANS_LE_RYTHME for x in evalues)
    if not evalues:
        return "Aucun indicateur ne peut encore être évalué"
    if not bons:
        return (f"Aucun des {len(evalues)} indicateurs évalués n’est dans le rythme attendu" if len(evalues) > 1
                else "Le seul indicateur évalué n’est pas dans le rythme attendu")
    return f"{pluriel(bons, 'indicateur')} sur {len(evalues)} {accord(bons, 'est', 'sont')} dans le rythme attendu"


def write_coverage(plan: Plan, vue: Vue, lignes: Sequence[Ligne]) -> str:
    """The second sentence: how much of the plan the headline speaks of, and what is missing."""
    suivies = [x for x in lignes if x.statut is not Statut.SUIVI]
    phrases = []
    if is_final(plan, vue):
        sans_verdict = [x for x in suivies if x.verdict is Verdict.NON_EVALUABLE]
        anciens = [x for x in sans_verdict if x.date_realise is not None]
        if anciens:
            n = len(anciens)
            ont, leur = accord(n, "a", "ont"), accord(n, "son", "leur")
            phrases.append(f"{pluriel(n, 'indicateur')} {ont} pour dernier point connu une année antérieure{FINE}: "
                           f"{leur} statut est montré, sans verdict")
        if reste := len(sans_verdict) - len(anciens):
            phrases.append(f"{pluriel(reste, 'indicateur')} sans valeur exploitable")
    elif suivies:
        evalues = sum(x.gravite > 0 for x in suivies)
        portent = accord(len(suivies), "qui porte", "qui portent")
        phrases.append(f"{pluriel(evalues, 'indicateur évalué', 'indicateurs évalués')} sur {len(suivies)} {portent} une cible")
    neutres = len(lignes) - len(suivies)
    if neutres:
        nom = ("autre", "autres") if phrases else ("indicateur", "indicateurs")
        phrases.append(f"{pluriel(neutres, *nom)} {accord(neutres, 'est suivi', 'sont suivis')} sans cible")
    return f"{FINE}; ".join(phrases) + "." if phrases else ""


def write_illustrative(lignes: Sequence[Ligne], actions: Sequence[Action]) -> str:
    """What must be said while invented rows are on screen; empty when there is none."""
    cibles = sum(x.provenance is Provenance.ILLUSTRATIF and x.statut is not Statut.SUIVI for x in lignes)
    inventees = sum(a.provenance is Provenance.ILLUSTRATIF for a in actions)
    faits = []
    if inventees:
        faits.append(f"{pluriel(inventees, 'action illustrative', 'actions illustratives')} sur {len(actions)}")
    if cibles:
        faits.append(f"{pluriel(cibles, 'statut calculé', 'statuts calculés')} sur une cible ou une valeur illustrative")
    publie = " Les séries publiées sont réelles." if any(x.provenance is Provenance.PUBLIE for x in lignes) else ""
    return f"Démonstration{FINE}: {', et '.join(faits)}.{publie}" if faits else ""


def list_priorites(lignes: Sequence[Ligne], actions: Sequence[Action], maximum: int = 4) -> list[tuple[Ligne | Action, str]]:
    """What needs attention first, with the reason: lines by gravity then pace, then actions past their deadline."""
    pires = sorted((x for x in lignes if x.gravite >= 3), key=lambda x: (-x.gravite, x.rythme if x.rythme is not None else 0))
    retardees = [a for a in actions if a.cellule is StatutAction.ECHEANCE_DEPASSEE]
    places = maximum - min(len(retardees), 1)
    choisies: list[tuple[Ligne | Action, str]] = [(x, write_position(x)) for x in pires[:places]]
    for a in retardees[:maximum - len(choisies)]:
        ou = "sans statut" if a.statut is StatutAction.NON_RENSEIGNEE else a.statut.label.lower()
        choisies.append((a, f"{titre(a.cellule_raison)}, action {ou}."))
    return choisies


def write_position(x: Ligne) -> str:
    """« 41,2 % pour 70,0 % attendus fin 2024 ; cible 80,0 % »."""
    realise = write_valeur(x, x.realise)
    quand = f" {write_quand(x.date_realise)}" if x.date_realise else ""
    if x.type_cible in (TypeCible.RESTER_AU_DESSUS, TypeCible.RESTER_EN_DESSOUS, TypeCible.RESTER_ENTRE):
        return f"{realise}{quand}" + (f", {bornes}." if (bornes := _write_bounds(x)) else ".")
    texte = f"{realise}{quand}"
    if x.type_cible is TypeCible.REALISER:
        return texte + (f"{FINE}; à réaliser pour le {format_date(x.date_cible)}." if x.date_cible else ".")
    if x.attendu is not None and x.attendu != x.cible:
        texte += f" pour {format_nombre(x.attendu, x.decimales, x.unite)} à cette date"
    if x.cible is not None:
        texte += f"{FINE}; cible {format_nombre(x.cible, x.decimales, x.unite)}"
    return texte + "."


def _write_bounds(x: Ligne) -> str:
    bas, haut = (format_nombre(v, x.decimales, x.unite) for v in (x.seuil_bas, x.seuil_haut))
    if x.seuil_bas is not None and x.seuil_haut is not None:
        return f"à tenir entre {bas} et {haut}"
    if x.seuil_bas is not None:
        return f"à tenir au-dessus de {bas}"
    return f"à tenir en dessous de {haut}" if x.seuil_haut is not None else ""


def explain_statut(x: Ligne) -> list[tuple[str, str]]:
    """« Pourquoi ce statut ? »: label and figure, in the order of the reasoning; what is missing is left out."""

    def nombre(v: float) -> str:
        return write_valeur(x, v)

    def part(v: float) -> str:
        return format_nombre(v * 100, 1, "%")

    manque = x.motif if x.statut in NON_EVALUES or x.realise is None else None
    faits = [("Règle", x.type_cible.label), ("Ce qui manque", manque or "")]
    if x.reference is not None:
        faits.append((f"Référence au {format_date(x.date_reference)}", nombre(x.reference)))
    if x.realise is not None:
        provisoire = " (provisoire)" if x.provisoire else ""
        faits.append((f"Réalisé au {format_date(x.date_realise)}", nombre(x.realise) + provisoire))
    elif x.masque:
        faits.append((f"Réalisé au {format_date(x.date_realise)}", f"{MASQUE} (secret statistique)"))
    if x.statut is Statut.SUIVI:
        faits.append(("Conclusion", "Cet indicateur est suivi sans cible\u202f: aucun jugement n’est porté."))
        return [f for f in faits if f[1]]
    if x.cible is not None:
        faits.append((f"Cible au {format_date(x.date_cible)}", nombre(x.cible)))
    if x.seuil_bas is not None or x.seuil_haut is not None:
        faits.append(("Seuil en vigueur", _write_bounds(x)))
    if x.attendu is not None and x.seuil_bas is None and x.seuil_haut is None:
        faits.append(("Attendu à cette date", nombre(x.attendu)))
        if x.ecart is not None and x.type_cible is not TypeCible.REALISER:
            faits.append(("Écart à l’attendu", format_ecart(x.ecart, x.decimales, x.unite)))
    if x.avancement is not None:
        realise, reference, cible = (format_nombre(v, x.decimales) for v in (x.realise, x.reference, x.cible))
        faits.append(("Chemin parcouru", f"{part(x.avancement)} = ({realise} − {reference}) ÷ ({cible} − {reference})"))
    if x.part_attendue is not None:
        faits.append(("Chemin attendu", part(x.part_attendue)))
    if x.rythme is not None:
        faits.append(("Rythme", f"{part(x.rythme)} = {part(x.avancement)} ÷ {part(x.part_attendue)}"))
        seuils = f"en bonne voie dès {part(x.seuil_dans_les_temps)}, à surveiller dès {part(x.seuil_retard_leger)}"
        faits.append(("Seuils du plan", seuils))
    faits.append(("Conclusion", x.statut.label))
    if x.depot_id:
        faits.append(("Valeur déposée par", f"dépôt n°{INSECABLE}{x.depot_id}"))
    if x.provenance:
        faits.append(("Solidité", f"{x.provenance.label} (la plus faible de celles qui entrent dans le calcul)"))
    return [f for f in faits if f[1]]


def write_statut(x: Ligne) -> str:
    """One sentence beside the status badge of a line."""
    if x.statut in NON_EVALUES or x.realise is None:
        return f"{titre(x.motif)}." if x.motif else ""
    if x.statut is Statut.SUIVI or x.type_cible is TypeCible.REALISER:
        return f"{titre(write_valeur(x, x.realise))} au {format_date(x.date_realise)}."
    if x.attendu is None or x.ecart is None or x.seuil_bas is not None or x.seuil_haut is not None:
        return write_position(x)
    quand = f"Au {format_date(x.date_realise)}"
    ecart = format_ecart(x.ecart, x.decimales, x.unite)
    return (f"{quand}{FINE}: {format_nombre(x.realise, x.decimales, x.unite)}, soit {ecart} par rapport au niveau attendu "
            f"({format_nombre(x.attendu, x.decimales, x.unite)}).")


def write_origine(v: Valeur) -> str:
    """« dépôt n° 12 · mesures.csv, ligne 8 »: where a value is read; a sum of territories is the work of several lines."""
    if v.fichier is None:
        return f"somme des territoires, jusqu’au dépôt n°{INSECABLE}{v.depot_id}"
    ou = f", ligne{INSECABLE}{v.ligne}" if v.ligne else ""
    return f"dépôt n°{INSECABLE}{v.depot_id} · {v.fichier}{ou}"


def write_secret(masquees: bool) -> str:
    """What « s. » means, where there is one; empty elsewhere."""
    if not masquees:
        return ""
    return (f"{MASQUE}{INSECABLE}: secret statistique. Un effectif trop petit, ou qui en trahirait un autre, n’est montré qu’aux "
            "personnes qui en ont le droit.")


def write_exposees(n: int) -> str:
    """What an administration must know: hidden values that everyone can work out; empty when there is none."""
    if not n:
        return ""
    return (f"{pluriel(n, 'valeur masquée', 'valeurs masquées')} par le secret statistique {accord(n, 'reste', 'restent')} "
            f"{accord(n, 'déductible', 'déductibles')} de ce qui est publié ou déjà montré.")


def list_mesure(m: Mesure, unite: str) -> list[tuple[str, str]]:
    """A stored value as labels and texts, empty where it says nothing."""
    return [
        ("Valeur", MASQUE if m.masque else format_exact(m.valeur, unite)), ("Numérateur", format_exact(m.numerateur)),
        ("Dénominateur", format_exact(m.denominateur)), ("État", m.etat.label), ("Périmètre", m.perimetre or ""),
        ("Édition", m.millesime or ""), ("Commentaire", m.commentaire or ""), ("Provenance", m.provenance.label),
        ("Source", m.source or ""),
    ]
