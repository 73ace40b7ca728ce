"""What the data lacks, in words: the coverage, the answer of each period, who owes what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from indicators.errors import CATALOGUE, build_anomalie
from indicators.formats import FINE, INSECABLE, accord, format_date, format_periode, pluriel, titre
from indicators.model import Presence, Statut
from indicators.queries import Action, Ligne
from indicators.queries.qualite import AnomalieOuverte, CibleDouteuse, Periode
from indicators.sentences import write_valeur

# One mark per answer, told apart without colour; the words of offices where they have one.
MARQUES: dict[Presence, str] = {
    Presence.VALEUR: "●", Presence.PROVISOIRE: "○", Presence.NON_DISPONIBLE: "n.d.", Presence.NON_REPONDU: "NR",
    Presence.SECRET: "s.", Presence.SANS_OBJET: "s.o.", Presence.INEXPLOITABLE: "!", Presence.MANQUANTE: "✕",
    Presence.PAS_ATTENDUE: "…",
}
PERSONNE = "responsable à désigner"


def count_couverture(lignes: Sequence[Ligne]) -> tuple[int, int]:
    """(judged on a value that is not stale, all those that have a target)."""
    suivies = [x for x in lignes if x.statut is not Statut.SUIVI]
    return sum(x.gravite > 0 and not x.a_actualiser for x in suivies), len(suivies)


def write_couverture(lignes: Sequence[Ligne]) -> str:
    """« 18 indicateurs sur 30 évalués sur une donnée à jour »: those that have a target, judged on a value that is not stale."""
    a_jour, suivies = count_couverture(lignes)
    if not suivies:
        return "Aucun indicateur n’a encore de cible à évaluer"
    mot = accord(a_jour, "évalué", "évalués")
    debut = pluriel(a_jour, "indicateur") if a_jour else "Aucun indicateur"
    return f"{debut} sur {suivies} {mot} sur une donnée à jour"


def write_couverture_detail(lignes: Sequence[Ligne]) -> str:
    """What the others lack: a more recent value, or what it takes to be judged."""
    suivies = [x for x in lignes if x.statut is not Statut.SUIVI]
    anciens = sum(x.gravite > 0 and x.a_actualiser for x in suivies)
    sans = sum(x.gravite == 0 for x in suivies)
    neutres = len(lignes) - len(suivies)
    faits = []
    if anciens:
        faits.append(f"{pluriel(anciens, 'indicateur évalué', 'indicateurs évalués')} sur une donnée à actualiser")
    if sans:
        faits.append(f"{pluriel(sans, 'indicateur')} sans évaluation")
    if neutres:
        faits.append(f"{pluriel(neutres, 'indicateur suivi', 'indicateurs suivis')} sans cible")
    return f"{FINE}; ".join(faits) + "." if faits else ""


def write_calendrier(periodes: Sequence[Periode]) -> str:
    """Reading note of the matrix: how many periods, and what answers them."""
    if not periodes:
        return "Aucune période n’est attendue."
    comptes = Counter(p.presence for p in periodes)
    faits = ", ".join(f"{x.label.lower()} {comptes[x]}" for x in Presence if comptes[x])
    return f"{pluriel(len(periodes), 'période')} du plan{FINE}: {faits}."


def write_legende() -> str:
    """What each mark of the matrix means."""
    return " · ".join(f"{marque}{INSECABLE}{presence.label.lower()}" for presence, marque in MARQUES.items())


def write_cellule(periodes: Sequence[Periode]) -> str:
    """« T1 2021 : valeur ; T2 2021 : manquante »: a cell of the matrix, for a reader who does not see the marks."""
    return f"{FINE}; ".join(f"{format_periode(p.debut, p.fin)}{FINE}: {p.presence.label.lower()}" for p in periodes)


def list_attentes(periodes: Sequence[Periode], lignes: Mapping[str, Ligne]) -> list[dict[str, str]]:
    """What is late to arrive, as rows with French headings: the longest waited for first; an indicator is its code."""
    attendues = [(code, list(g)) for code, g in groupby((p for p in periodes if p.en_attente), key=lambda p: p.indicateur)]
    rangees = sorted(attendues, key=lambda x: (x[1][0].attendue_le, x[0]))
    return [{
        "Indicateur": code, "Attendue de": lignes[code].responsable or PERSONNE,
        "Périodes": ", ".join(_write_periode(p) for p in groupe), "Depuis le": format_date(groupe[0].attendue_le),
        "Périodicité": lignes[code].periodicite.label, "Dernière valeur": _write_derniere(lignes[code]),
    } for code, groupe in rangees]


def _write_periode(p: Periode) -> str:
    reponse = "" if p.presence is Presence.MANQUANTE else f" ({p.presence.label.lower()})"
    return format_periode(p.debut, p.fin) + reponse


def _write_derniere(x: Ligne) -> str:
    return f"{write_valeur(x, x.realise)} ({format_date(x.date_realise)})" if x.realise is not None else "aucune"


def count_attentes(periodes: Sequence[Periode], lignes: Mapping[str, Ligne]) -> list[dict[str, object]]:
    """How many periods each responsable owes, as rows with French headings, the most first."""
    dues = [(lignes[p.indicateur].responsable or PERSONNE, p.indicateur) for p in periodes if p.en_attente]
    return [{"Attendu de": titre(nom), "Périodes": n, "Indicateurs": len({code for qui, code in dues if qui == nom})}
            for nom, n in sorted(Counter(nom for nom, _ in dues).items(), key=lambda x: (-x[1], x[0]))]


def list_orphelins(lignes: Sequence[Ligne], actions: Sequence[Action],
                   rattachements: Sequence[tuple[str, str]]) -> tuple[list[Ligne], list[Action]]:
    """Indicators that no action leads to, and actions that nothing measures."""
    rattaches = {indicateur for _, indicateur in rattachements}
    return [x for x in lignes if x.indicateur not in rattaches], [a for a in actions if not a.indicateurs]


def list_douteuses(douteuses: Sequence[CibleDouteuse], lignes: Mapping[str, Ligne]) -> list[dict[str, object]]:
    """Targets to check, as rows with French headings; the figures are those of the ligne principale."""
    resultat = []
    for d in douteuses:
        x = lignes[d.indicateur]
        principale = (d.territoire, d.ventilation) == (x.territoire, x.ventilation)
        resultat.append({
            "Indicateur": f"{d.indicateur} {x.intitule}",
            "Ligne": _name_ligne(d, x),
            "À vérifier": d.defaut.label,
            "Référence": write_valeur(x, x.reference) if principale and x.reference is not None else "",
            "Cible": write_valeur(x, x.cible) if principale and x.cible is not None else "",
        })
    return resultat


def list_anomalies(ouvertes: Sequence[AnomalieOuverte], lignes: Mapping[str, Ligne],
                   etroit: bool = False) -> list[dict[str, object]]:
    """Warnings that still hold, as rows with French headings, in the words of the import; an indicator is its code.

    A phone has room for two columns.
    """
    rangees = []
    for a in ouvertes:
        dite, ou = build_anomalie(a.code, "", valeur=a.valeur, detail=a.detail or ""), _name_ligne(a, lignes[a.indicateur])
        quand = format_periode(a.debut, a.fin)
        if etroit:
            rangees.append({"Indicateur": a.indicateur, "Anomalie": f"{ou}, {quand}{FINE}: {dite.message} {dite.conseil}"})
        else:
            rangees.append({"Indicateur": a.indicateur, "Ligne": ou, "Période": quand, "Anomalie": CATALOGUE[a.code].titre,
                            "Constat": dite.message, "Que faire": dite.conseil, "Dépôt": a.depot_id})
    return rangees


def count_anomalies(ouvertes: Sequence[AnomalieOuverte]) -> str:
    """« Saut par rapport au passé 2, petit effectif en clair 1 »."""
    comptes = Counter(a.code for a in ouvertes)
    ranges = sorted(comptes.items(), key=lambda x: (-x[1], x[0]))
    return titre(", ".join(f"{CATALOGUE[code].titre.lower()} {n}" for code, n in ranges))


def _name_ligne(x: AnomalieOuverte | CibleDouteuse, ligne: Ligne) -> str:
    if (x.territoire, x.ventilation) == (ligne.territoire, ligne.ventilation):
        return "Département"
    return " · ".join(t for t in (x.territoire, x.ventilation) if t)
