"""What leads a page and what opens under a status: the headline, the priorities with their reason, the arithmetic in French.

Every number comes from the rows given; nothing is computed here but counts of rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from indicators.deposits import BilanDepot, Changement, Effet
from indicators.formats import (
    FINE,
    INSECABLE,
    MASQUE,
    accord,
    format_date,
    format_ecart,
    format_exact,
    format_nombre,
    format_periode,
    pluriel,
    titre,
)
from indicators.model import Anomalie, Gravite, Provenance, Statut, StatutAction, TypeCible, TypeDepot, Verdict
from indicators.queries import Action, Depot, Ligne, Mesure, Plan, Valeur, Vue
from indicators.sentences import write_quand, write_valeur
from indicators.tables import DATE, NOMBRE, OUI_NON, TABLES, TRACE

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
    return " ; ".join(phrases).replace(" ;", f"{FINE};") + "." if phrases else ""


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
    choisies += [(a, f"{titre(a.cellule_raison)}, action {a.statut.label.lower()}.") for a in retardees[:maximum - len(choisies)]]
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
        faits.append(("Conclusion", "Cet indicateur est suivi sans cible : aucun jugement n’est porté."))
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
        faits.append(("Valeur déposée par", f"dépôt n° {x.depot_id}"))
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


# -- dépôts --------------------------------------------------------------------------------------------------------------

NOMS_TABLES = {
    "plan": ("plan", "plans"), "territoire": ("territoire", "territoires"), "orientation": ("orientation", "orientations"),
    "action": ("action", "actions"), "partenaire": ("partenaire", "partenaires"),
    "participation": ("participation", "participations"), "indicateur": ("indicateur", "indicateurs"),
    "action_indicateur": ("rattachement", "rattachements"), "cible": ("cible", "cibles"), "mesure": ("valeur", "valeurs"),
    "suivi_action": ("suivi d’action", "suivis d’action"), "etape": ("étape", "étapes"),
    "budget": ("ligne de budget", "lignes de budget"), "lien": ("lien", "liens"), "seance": ("séance", "séances"),
    "seance_etat": ("page de séance", "pages de séance"), "ordre_du_jour": ("point d’ordre du jour", "points d’ordre du jour"),
    "participant": ("participant", "participants"), "decision": ("décision", "décisions"),
    "repere": ("repère", "repères"), "rupture": ("rupture de série", "ruptures de série"),
    "alias": ("ancien code", "anciens codes"),
}


def write_bilan(b: BilanDepot) -> str:
    """« 12 lignes lues : 3 nouvelles, 2 modifiées, 7 inchangées. »; what is not there is left out.

    Each pilot that an action file names makes a row of its own, counted with the others.
    """
    comptes = ((b.nouvelles, "nouvelle", "nouvelles"), (b.modifiees, "modifiée", "modifiées"),
               (b.inchangees, "inchangée", "inchangées"), (b.retirees, "retirée", "retirées"),
               (b.rejetees, "écartée", "écartées"))
    details = ", ".join(pluriel(n, *mots) for n, *mots in comptes if n)
    lues = pluriel(b.lues, "ligne lue", "lignes lues")
    if b.pilotes:
        lues += f" et {pluriel(b.pilotes, 'pilote nommé', 'pilotes nommés')}"
    if b.masquees:
        details += f", dont {b.masquees} sous secret statistique"
    return f"{lues}{FINE}: {details}." if details else f"{lues}."


SECRET_TU = (f"D’une valeur sous secret statistique, rien n’est dit{FINE}: ni si elle change, ni si le statut de son indicateur "
             "change avec elle.")
SERA_PROPOSE = f"Votre dépôt sera proposé{FINE}: une deuxième personne doit l’accepter."


def write_ecrit(b: BilanDepot) -> str:
    """« Dépôt n° 12 enregistré. », or that it waits for a second person."""
    numero = f"Dépôt n°{INSECABLE}{b.depot}"
    return f"{numero} proposé{FINE}: une deuxième personne doit l’accepter." if b.propose else f"{numero} enregistré."


def name_cause(b: BilanDepot, quoi: str) -> str:
    """What makes statuses change, for `write_effets`: nothing does before a proposed dépôt is accepted."""
    return f"après acceptation, {quoi}" if b.propose else quoi


def write_attente(n: int) -> str:
    """« 2 dépôts attendent d’être acceptés »."""
    return f"{pluriel(n, 'dépôt')} {accord(n, 'attend d’être accepté', 'attendent d’être acceptés')}"


def write_anomalies(anomalies: Sequence[Anomalie]) -> str:
    """How many anomalies, and how many keep a row or a file out."""
    bloquantes = sum(a.gravite is Gravite.BLOQUANTE for a in anomalies)
    autres = len(anomalies) - bloquantes
    faits = [pluriel(n, *mots) for n, *mots in ((bloquantes, "anomalie bloquante", "anomalies bloquantes"),
                                               (autres, "avertissement", "avertissements")) if n]
    return " et ".join(faits)


def list_anomalies(anomalies: Sequence[Anomalie]) -> list[dict[str, object]]:
    """Anomalies as rows with French headings, the blocking ones first."""
    rangees = sorted(anomalies, key=lambda a: a.gravite is not Gravite.BLOQUANTE)
    return [{"Fichier": a.fichier, "Ligne": a.ligne, "Colonne": a.colonne, "Valeur": a.valeur, "Gravité": a.gravite.label,
             "Message": a.message, "Conseil": a.conseil} for a in rangees]


def shorten_anomalies(anomalies: Sequence[dict[str, object]], plusieurs: bool, etroit: bool) -> list[dict[str, object]]:
    """The same rows for the screen: no file name when one file was sent, and two columns on a phone."""
    if etroit:
        return [{"Où": " · ".join(str(m) for m in (a["Fichier"] if plusieurs else None, a["Ligne"] and f"ligne {a['Ligne']}",
                                                  a["Colonne"]) if m),
                 "Anomalie": f"{a['Gravité']}{FINE}: {a['Message']} {a['Conseil']}"} for a in anomalies]
    return [{c: v for c, v in a.items() if plusieurs or c != "Fichier"} for a in anomalies]


def write_effets(effets: Sequence[Effet], sujet: str = "cet envoi", masquees: int = 0) -> list[str]:
    """« Cet envoi fait passer 2 indicateurs de « En retard » à « En bonne voie ». », one sentence per kind of change, and one
    when nothing is told of the `masquees` values hidden from this person.
    """
    phrases = []
    for (avant, apres), n in Counter((e.avant, e.apres) for e in effets).most_common():
        combien = pluriel(n, "indicateur")
        de, vers = (f"«{INSECABLE}{Statut(s).label}{INSECABLE}»" if s else "" for s in (avant, apres))
        if avant is None:
            phrases.append(f"{titre(sujet)} fait apparaître {combien}, au statut {vers}.")
        elif apres is None:
            phrases.append(f"{titre(sujet)} fait disparaître {combien}, au statut {de}.")
        else:
            phrases.append(f"{titre(sujet)} fait passer {combien} de {de} à {vers}.")
    if masquees:
        phrases.append(SECRET_TU)
    return phrases


def list_effets(effets: Sequence[Effet], lignes: Sequence[Ligne]) -> list[dict[str, str]]:
    """Statuses that change, as rows with French headings; the plan is said when there are several, the name when it is known."""
    noms = {(x.plan, x.indicateur): x.intitule for x in lignes}
    plusieurs = len({e.plan for e in effets}) > 1
    return [{"Indicateur": f"{e.indicateur} {noms.get((e.plan, e.indicateur), '')}".strip()}
            | ({"Plan": e.plan} if plusieurs else {})
            | {nom: Statut(s).label if s else "" for nom, s in (("Statut en place", e.avant), ("Statut après", e.apres))}
            for e in effets]


def list_changements(changements: Sequence[Changement], etroit: bool = False) -> list[dict[str, str]]:
    """Old and new value side by side, as a reader writes them; a phone has no room for a column of column names."""
    lignes = []
    for x in changements:
        objet = f"{titre(NOMS_TABLES[x.table][0])} {_write_cle(x)}"
        ou = {"Objet": f"{objet}{FINE}: {x.colonne}"} if etroit else {"Objet": objet, "Colonne": x.colonne}
        lignes.append({**ou, "En place": _write_cellule(x, x.avant), "Après": _write_cellule(x, x.apres)})
    return lignes


def _write_cle(x: Changement) -> str:
    cles = dict(zip(TABLES[x.table].cle, x.cle, strict=True))
    mots = [m for c, m in cles.items() if m and c not in ("plan", "debut", "fin", "date", "date_jalon")]
    mots += [format_date(date.fromisoformat(cles[c])) for c in ("date", "date_jalon") if cles.get(c)]
    if cles.get("debut") and cles.get("fin"):
        mots.append(format_periode(date.fromisoformat(cles["debut"]), date.fromisoformat(cles["fin"])))
    return " · ".join(mots) or str(cles.get("plan") or "")


def _write_cellule(x: Changement, texte: str | None) -> str:
    if texte is None:
        return "(vide)"
    if texte == MASQUE:
        return MASQUE
    colonne = next(c for c in (*TABLES[x.table].colonnes, *TRACE) if c.nom == x.colonne)
    if colonne.choix is not None:
        return colonne.choix(texte).label
    if colonne.type == OUI_NON:
        return "oui" if texte == "true" else "non"
    if colonne.type == DATE:
        return format_date(date.fromisoformat(texte))
    if colonne.type == NOMBRE and (exact := Decimal(texte)).is_finite():
        return format_exact(exact)
    return texte


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


def write_nature(d: Depot) -> str:
    """« Dépôt », « Annulation du dépôt n° 3 »."""
    return f"{d.type.label} du dépôt n°{INSECABLE}{d.porte_sur}" if d.porte_sur else d.type.label


def write_apports(apports: Sequence[tuple[int, str, int, int]], depot: int) -> str:
    """« 12 valeurs, 3 cibles (dont 1 retirée) »: what one dépôt wrote, table by table."""
    faits = []
    for numero, table, apportees, retirees in apports:
        if numero == depot:
            retrait = f" (dont {pluriel(retirees, 'retrait')})" if retirees else ""
            faits.append(pluriel(apportees + retirees, *NOMS_TABLES[table]) + retrait)
    return ", ".join(faits)


def write_etat(d: Depot, depots: Sequence[Depot]) -> str:
    """Does what it wrote still count? A cancellation that was taken back does not; `depots` is the journal."""
    if d.porte_sur is None:
        derniere = next((x for x in depots if x.porte_sur == d.id), None)
        return d.etat.label.lower() + (f" par le n°{INSECABLE}{derniere.id}" if derniere and not d.vivant else "")
    if d.type is TypeDepot.ANNULATION and not can_undo(d, depots):
        return "reprise"
    return "en vigueur"


def can_undo(d: Depot, depots: Sequence[Depot]) -> bool:
    """May this dépôt be cancelled, or this cancellation taken back, now? `depots` is the journal, the latest first."""
    if d.porte_sur is None:
        return d.vivant
    derniere = next((x for x in depots if x.porte_sur == d.porte_sur), d)
    return d.type is TypeDepot.ANNULATION and derniere.id == d.id
