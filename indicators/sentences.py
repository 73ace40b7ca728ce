"""French reading notes made from the rows that are on screen; each number goes through `formats`.

Nothing is said of what is missing: a sentence without its number is left out, never filled.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date

from indicators.formats import FINE, MASQUE, accord, format_date_longue, format_nombre, format_periode, pluriel
from indicators.model import INCERTAINS, Etat, Provenance, Role, Sens, Statut, StatutAction, TypeCible
from indicators.queries import Action, Ligne, Point
from indicators.queries.plan import Participation
from indicators.queries.territoires import Rang


def _fini(x: float | None) -> bool:
    return x is not None and math.isfinite(x)


def write_quand(d: date) -> str:
    """« en 2022 » for the end of a year, « au 30 juin 2022 » for another day."""
    return f"en {d.year}" if (d.month, d.day) == (12, 31) else f"au {format_date_longue(d)}"


def write_valeur(ligne: Ligne, v: float | None) -> str:
    """A value in the words of its line: a number and its unit, done or not for what is to be carried out, « s. » if hidden."""
    if v is None and ligne.masque:
        return MASQUE
    if ligne.type_cible is TypeCible.REALISER and v in (0, 1):
        return "réalisé" if v else "non réalisé"
    return format_nombre(v, ligne.decimales, ligne.unite)


def bind_periode(mot: str, periode: str) -> str:
    """A period after a word: « de 2020 », « du T1 2021 », « d’août 2022 », « à l’année scolaire 2022-2023 », « depuis le T2 »."""
    if periode.startswith("du "):
        return f"{mot} la période {periode}"
    if periode.startswith("année"):
        return f"{mot} l’{periode}"
    if periode[0] in "TS" or "/" in periode:
        return f"{dict(de='du', à='au').get(mot, f'{mot} le')} {periode}"
    return f"d’{periode}" if mot == "de" and periode[0] in "ao" else f"{mot} {periode}"


def _cible(ligne: Ligne) -> str:
    avant = f"cible {write_quand(ligne.date_cible)}" if ligne.date_cible else "cible"
    bas, haut = _fini(ligne.cible_min), _fini(ligne.cible_max)
    match ligne.type_cible:
        case TypeCible.RESTER_ENTRE if bas and haut:
            bornes = f"{format_nombre(ligne.cible_min, ligne.decimales)} et {write_valeur(ligne, ligne.cible_max)}"
            return f"{avant}{FINE}: entre {bornes}"
        case TypeCible.RESTER_AU_DESSUS if bas:
            return f"{avant}{FINE}: au moins {write_valeur(ligne, ligne.cible_min)}"
        case TypeCible.RESTER_EN_DESSOUS if haut:
            return f"{avant}{FINE}: au plus {write_valeur(ligne, ligne.cible_max)}"
        case TypeCible.ATTEINDRE | TypeCible.REALISER if _fini(ligne.cible):
            return f"{avant}{FINE}: {write_valeur(ligne, ligne.cible)}"
    return ""


def describe_trajectoire(ligne: Ligne, points: Sequence[Point]) -> str:
    """Reading note and alternative text of the trajectory of one line, plain text without markup."""
    faits = []
    if _fini(ligne.reference) and ligne.date_reference:
        faits.append(f"référence {write_quand(ligne.date_reference)}{FINE}: {write_valeur(ligne, ligne.reference)}")
    if _fini(ligne.realise) and ligne.date_realise:
        realise = f"réalisé {write_quand(ligne.date_realise)}{FINE}: {write_valeur(ligne, ligne.realise)}"
        if ligne.provisoire:
            realise += " (provisoire)"
        if _fini(ligne.attendu) and ligne.type_cible is TypeCible.ATTEINDRE:
            realise += f", pour {write_valeur(ligne, ligne.attendu)} à cette date"
        faits.append(realise)
    if cible := _cible(ligne):
        faits.append(cible)
    phrases = [f"{ligne.intitule}{FINE}: " + f"{FINE}; ".join(faits) if faits else ligne.intitule]
    phrases.append(f"Statut{FINE}: {ligne.statut.label}")
    if _fini(ligne.tendance):
        tendance = f"Tendance à l’échéance{FINE}: {write_valeur(ligne, ligne.tendance)}"
        if _fini(ligne.tendance_bas) and _fini(ligne.tendance_haut):
            bas = format_nombre(ligne.tendance_bas, ligne.decimales)
            tendance += f", entre {bas} et {write_valeur(ligne, ligne.tendance_haut)} (intervalle à 80{FINE}%)"
        phrases.append(tendance)
    presents = sorted((p for p in points if _fini(p.valeur)), key=lambda p: p.fin)
    if presents:
        premier, dernier = (format_periode(p.debut, p.fin) for p in (presents[0], presents[-1]))
        etendue = f", {bind_periode('de', premier)} {bind_periode('à', dernier)}" if len(presents) > 1 else f", {premier}"
        phrases.append(f"{pluriel(len(presents), 'valeur').capitalize()}{etendue}")
    if masques := [p for p in points if p.masque]:
        phrases.append(f"{pluriel(len(masques), 'valeur masquée', 'valeurs masquées')} ({MASQUE}, secret statistique)")
    if incertains := [p for p in points if _fini(p.valeur) and p.etat in INCERTAINS]:
        phrases.append(f"{pluriel(len(incertains), 'valeur provisoire ou estimée', 'valeurs provisoires ou estimées')}, "
                       f"en marque creuse")
    manquants = [p for p in points if not _fini(p.valeur) and not p.masque and p.etat is not Etat.SANS_OBJET]
    if manquants:
        phrases.append(f"{pluriel(len(manquants), 'période')} sans valeur")
    if ligne.provenance is Provenance.ILLUSTRATIF:
        phrases.append(ligne.provenance.label)
    return ". ".join(phrases) + "."


def describe_chemin(lignes: Sequence[Ligne]) -> str:
    """Reading note of the normalised bullets: how many lines, by status, and the two ends of the path."""
    mesurees = [li for li in lignes if _fini(li.avancement)]
    if not mesurees:
        return "Aucun indicateur n’a de chemin mesurable entre une référence et une cible."
    comptes = Counter(li.statut for li in mesurees)
    phrases = [f"Chemin parcouru de la référence à la cible, {pluriel(len(mesurees), 'indicateur')}"]
    phrases[0] += f"{FINE}: " + ", ".join(f"{s.label.lower()} {comptes[s]}" for s in Statut if comptes[s])
    if len(mesurees) > 1:
        for mot, li in (("avancé", max(mesurees, key=_avance)), ("en retrait", min(mesurees, key=_avance))):
            nom = f"{li.libelle_court or li.intitule} ({li.indicateur})"
            phrases.append(f"Le plus {mot}{FINE}: {nom}, {_part(li.avancement)} du chemin")
    else:
        phrases.append(f"{mesurees[0].libelle_court or mesurees[0].intitule}{FINE}: {_part(mesurees[0].avancement)} du chemin")
    if ecartees := len(lignes) - len(mesurees):
        phrases.append(f"{pluriel(ecartees, 'indicateur')} sans chemin mesurable")
    return ". ".join(phrases) + "."


def describe_frise(actions: Sequence[Action], total: int, observe_au: date) -> str:
    """Reading note of the frise: how many actions, by status, then what their dates say; `total` is the whole plan's count."""
    if not actions:
        return "Aucune action à montrer."
    comptes = Counter(a.cellule for a in actions)
    sur = f" sur {total}" if len(actions) < total else ""
    mots = [s for enum in (Statut, StatutAction) for s in enum if comptes[s]]
    phrases = [f"{pluriel(len(actions), 'action')}{sur} au {format_date_longue(observe_au)}{FINE}: "
               + ", ".join(f"{s.label.lower()} {comptes[s]}" for s in mots)]
    revues = [a for a in actions if a.echeance and a.echeance_initiale]
    faits = (
        (sum(a.echeance > a.echeance_initiale for a in revues), "échéance repoussée", "échéances repoussées"),
        (sum(a.echeance < a.echeance_initiale for a in revues), "échéance avancée", "échéances avancées"),
        (sum(a.echeance is None for a in actions), "action sans échéance", "actions sans échéance"),
        (sum(a.debut is None for a in actions), "action sans date de début", "actions sans date de début"),
    )
    phrases += [pluriel(n, un, plusieurs) for n, un, plusieurs in faits if n]
    if inventees := sum(a.provenance is Provenance.ILLUSTRATIF for a in actions):
        phrases.append(f"{pluriel(inventees, 'action illustrative', 'actions illustratives')}")
    return ". ".join(phrases) + "."


def describe_roles(participations: Sequence[Participation]) -> str:
    """What these participations amount to, action by action: « pilote de 3 actions, contributeur à 1 action »."""
    faits = []
    for role, mot in ((Role.PILOTE, "pilote de"), (Role.COPILOTE, "copilote de"), (Role.CONTRIBUTEUR, "contributeur de")):
        if n := len({p.action for p in participations if p.role is role}):
            faits.append(f"{mot} {pluriel(n, 'action')}")
    return ", ".join(faits) if faits else "aucune participation"


def describe_matrice(actions: Sequence[Action], participations: Sequence[Participation]) -> str:
    """Reading note of the matrix: its two sides, what each action lacks."""
    partenaires = len({p.partenaire for p in participations})
    pilotees = {p.action for p in participations if p.role is Role.PILOTE}
    phrase = f"{pluriel(len(actions), 'action')} et {pluriel(partenaires, 'partenaire')}"
    sans = sum(a.action not in pilotees for a in actions)
    return f"{phrase}{FINE}; {pluriel(sans, 'action')} {accord(sans, 'est', 'sont')} sans pilote." if sans else f"{phrase}."


CLASSES = {1: ("Une seule valeur",), 2: ("Faible", "Élevée"), 3: ("Faible", "Moyenne", "Élevée"),
           4: ("Faible", "Plutôt faible", "Plutôt élevée", "Élevée")}


def name_classes(ligne: Ligne, rangs: Sequence[Rang]) -> list[tuple[str, str]]:
    """Each shade of these territories, the lowest first: its word, and the values that it holds, « 12,0 % à 18,5 % »."""
    classes: dict[int, list[float]] = {}
    for r in rangs:
        if r.classe is not None:
            classes.setdefault(r.classe, []).append(r.point.valeur)
    bornes = [list(dict.fromkeys(write_valeur(ligne, v) for v in (min(classes[k]), max(classes[k])))) for k in sorted(classes)]
    return [(mot, " à ".join(bouts)) for mot, bouts in zip(CLASSES.get(len(classes), ()), bornes, strict=True)]


def write_territoires(ligne: Ligne, rangs: Sequence[Rang]) -> str:
    """The title of the page: how far apart the territories are, among the values that are shown."""
    montres = sorted((r for r in rangs if r.classe is not None), key=lambda r: r.point.valeur)
    if not montres:
        return f"{ligne.intitule}{FINE}: aucune valeur à montrer pour cette période"
    bas, haut = montres[0], montres[-1]
    if len({r.classe for r in montres}) == 1:
        return f"{ligne.intitule}{FINE}: {write_valeur(ligne, bas.point.valeur)} ({', '.join(r.territoire.nom for r in montres)})"
    return (f"{ligne.intitule}{FINE}: de {write_valeur(ligne, bas.point.valeur)} ({bas.territoire.nom}) à "
            f"{write_valeur(ligne, haut.point.valeur)} ({haut.territoire.nom})")


def describe_territoires(ligne: Ligne, rangs: Sequence[Rang], departement: Point | None, nom: str) -> str:
    """Reading note of the map and of the ranked table: what is known, hidden or missing, the département, the classes."""
    if not rangs:
        return "Aucun territoire à montrer."
    connus = [r for r in rangs if r.classe is not None]
    caches = sum(r.cache for r in rangs)
    phrases = [f"{pluriel(len(rangs), 'territoire')}{FINE}: {pluriel(len(connus), 'valeur connue', 'valeurs connues')}"]
    if caches:
        phrases[0] += f", {pluriel(caches, 'valeur cachée', 'valeurs cachées')} ({MASQUE})"
    if absents := len(rangs) - len(connus) - caches:
        phrases[0] += f", {pluriel(absents, 'territoire')} sans valeur"
    if departement is not None and _fini(departement.valeur):
        phrases.append(f"{nom}{FINE}: {write_valeur(ligne, departement.valeur)}")
    if caches:
        phrases.append("Aucun rang n’est donné, car une valeur cachée pourrait s’y placer")
    elif connus:
        ordre = {Sens.HAUSSE: "de la plus forte valeur, la plus favorable, à la plus faible",
                 Sens.BAISSE: "de la plus faible valeur, la plus favorable, à la plus forte",
                 Sens.NEUTRE: "de la plus forte valeur à la plus faible"}[ligne.sens]
        phrases.append(f"Rangs {ordre}")
    if len(classes := name_classes(ligne, rangs)) > 1:
        phrases.append(f"Classes{FINE}: " + f"{FINE}; ".join(f"{mot.lower()}, {bornes}" for mot, bornes in classes))
    return ". ".join(phrases) + "."


def _avance(ligne: Ligne) -> float:
    return ligne.avancement


def _part(part: float) -> str:
    return format_nombre(part * 100, 0, "%")
