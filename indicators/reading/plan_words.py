"""How people write in an action plan: numbers before titles, lists of names, words for a status."""

from __future__ import annotations

import re
from collections.abc import Iterator

from indicators.model import StatutAction
from indicators.reading.headers import normalize

NUMERO_ECRIT = re.compile(
    r"(?P<mot>axe|orientation|objectif|(?:fiche[ -])?action)?(?: strat[ée]gique| g[ée]n[ée]rale?)?\s*(?:n\s*[°º]\s*)?"
    r"(?P<n>[A-Za-z]{0,3}\d{1,2}(?:\.\d{1,2})*)(?:(?P<signe>\s*[.):–—-]+\s+|\s*:\s*)|(?P<blanc>\s+)|\.?$)(?P<reste>.*)",
    re.IGNORECASE | re.DOTALL)
SEPARE = re.compile(r"[\n;,/+](?![^()]{0,500}\))")  # not within brackets; a bound, since every sign looks that far
SIGLE = re.compile(r"\(([A-Z][A-Z0-9]{1,11})\)$")
EUROS = re.compile(r"(?<!\s)\s*(?:€|euros?)(?:\s*(?:HT|TTC))?$", re.IGNORECASE)
CHIFFRES = re.compile(r"[\d\s.,]+%?")
# without the marks of feminine and plural; those of NUANCES say more than ours does
STATUTS = {mot: statut for statut, mots in {
    StatutAction.NON_DEMARREE: "non_demarre non_commence non_engage non_lance a_venir a_lancer a_engager a_demarrer prevu "
                               "programme planifie pas_commence pas_demarre",
    StatutAction.EN_COURS: "en_cour en_cours_de_realisation engage demarre lance commence",
    StatutAction.REALISEE: "realise termine acheve fait faite finalise clo close cloture",
    StatutAction.REPORTEE: "reporte decale differe",
    StatutAction.SUSPENDUE: "suspendu suspendue en_pause en_attente en_suspen",
    StatutAction.ABANDONNEE: "abandonne annule supprime",
}.items() for mot in mots.split()}
NUANCES = {"en_retard": StatutAction.EN_COURS, "bloque": StatutAction.SUSPENDUE, "a_discuter": StatutAction.NON_DEMARREE,
           "partiellement_realise": StatutAction.EN_COURS}


def fold_title(texte: str) -> str:
    """The form in which two titles are the same one."""
    return normalize(texte.replace("’", "'")) or texte


def split_number(texte: str) -> tuple[str, str]:
    """« Axe 2 : Santé » -> (2, Santé); « I4.1 - Loger » -> (I4.1, Loger); « R1 » -> (R1, ''); no number: ('', the text)."""
    lu = NUMERO_ECRIT.fullmatch(texte)
    if lu is None or (not lu["mot"] and (lu["blanc"] or lu["reste"][:1].isdigit())):
        return "", texte  # « 4 diagnostics », « 0 - 3 ans »
    return lu["n"].upper(), lu["reste"].strip()


def split_names(texte: str) -> Iterator[str]:
    """The names that a cell lists, one a line or separated by ; , / +, without the marks of a list."""
    for morceau in SEPARE.split(texte):
        if nom := morceau.strip(" \t\r-•–*➔."):
            yield nom


def read_statut(texte: str) -> tuple[str, str]:
    """(our word, what it does not say): « En retard » is under way, and the file's own word is kept beside it.

    A word that nobody knows is given back as it is, for the check to tell; a share is no status.
    """
    forme = re.sub(r"ee$", "e", normalize(texte).rstrip("s"))
    if forme in STATUTS:
        return STATUTS[forme].value, ""
    if forme in NUANCES:
        return NUANCES[forme].value, f"Statut du fichier : « {texte} »"
    if texte and CHIFFRES.fullmatch(texte):
        return "", f"Avancement du fichier : {texte}"
    return texte, ""
