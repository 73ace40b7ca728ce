"""What is said of a dépôt: its rows counted, its anomalies, the statuses and values that it changes, whether it still counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from indicators.deposits import BilanDepot, Changement, Effet
from indicators.formats import FINE, INSECABLE, MASQUE, accord, format_date, format_exact, format_periode, pluriel, titre
from indicators.model import Anomalie, Gravite, Statut, TypeDepot
from indicators.queries import Depot, Ligne
from indicators.tables import DATE, NOMBRE, OUI_NON, TABLES, TRACE

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
