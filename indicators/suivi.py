"""What people say of one action, and the links that they give it: each a small real file, which takes the road of every dépôt."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from indicators import saisie
from indicators.correction import SOURCE
from indicators.deposits import BilanDepot, Demande, import_files
from indicators.errors import DemandeInvalide
from indicators.formats import format_date
from indicators.model import Bilan, Meteo, Provenance, StatutAction
from indicators.reading import FichierRecu

SAISISSABLES = tuple(s for s in StatutAction if s not in (StatutAction.ECHEANCE_DEPASSEE, StatutAction.NON_RENSEIGNEE))
WEB = re.compile(r"https?://[^\s/.]+(\.[^\s/.]+)+(/\S*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Suivi:
    """A dated word on one action; what is None or empty says nothing, and leaves what was said before."""

    plan: str
    action: str
    date: date
    statut: StatutAction | None = None
    meteo: Meteo | None = None
    bilan: Bilan | None = None
    commentaire: str = ""


@dataclass(frozen=True)
class LienAction:
    """A document of one action on the web, or, when `adresse` is the code of a national `repere`, what the action answers."""

    plan: str
    action: str
    adresse: str
    intitule: str = ""


def is_web(adresse: str) -> bool:
    """Is this an address that a browser opens on the web, and nothing else?"""
    return WEB.fullmatch(adresse) is not None


def apply_suivi(cur: duckdb.DuckDBPyConnection, suivi: Suivi, auteur: str | None,
                keep_file: Callable[[bytes], str]) -> BilanDepot:
    """Deposit this word, in the place of the one of the same day; `DemandeInvalide` when it says nothing."""
    x, commentaire = suivi, suivi.commentaire.strip()
    if not (x.statut or x.meteo or x.bilan or commentaire):
        raise DemandeInvalide("Ce point de suivi ne dit rien.", "Donnez un statut, une météo, un bilan ou un commentaire.")
    recu = _build_file(f"suivi_{x.action}_{x.date}", {
        "action": x.action, "date": x.date.isoformat(), "statut": x.statut or "", "meteo": x.meteo or "", "bilan": x.bilan or "",
        "commentaire": commentaire, "auteur": auteur or ""})
    motif = f"Point de suivi de l’action {x.action} au {format_date(x.date)}"
    return import_files(cur, [recu], Demande(plan=x.plan, table="suivi_action", auteur=auteur, motif=motif), keep_file)


def apply_lien(cur: duckdb.DuckDBPyConnection, lien: LienAction, auteur: str | None,
               keep_file: Callable[[bytes], str]) -> BilanDepot:
    """Deposit this link; `DemandeInvalide` when it leads neither to the web nor to a national repère."""
    adresse = lien.adresse.strip()
    reperes = cur.execute("from repere_connu(timestamp '9999-12-31') where code = ?", [adresse]).fetchall()
    if not reperes and not is_web(adresse):
        raise DemandeInvalide("Cette adresse n’ouvre rien.", "Une adresse commence par https:// et n’a pas d’espace.")
    recu = _build_file(f"lien_{lien.action}", {"action": lien.action, "adresse": adresse, "intitule": lien.intitule.strip()})
    demande = Demande(plan=lien.plan, table="lien", auteur=auteur, motif=f"Lien ajouté à l’action {lien.action}")
    return import_files(cur, [recu], demande, keep_file)


def _build_file(nom: str, cellules: Mapping[str, str]) -> FichierRecu:
    """One line under its header; French spreadsheets open it."""
    toutes = {**cellules, "provenance": Provenance.SAISI.value, "source": SOURCE}
    return saisie.build_file(re.sub(r"[^\w.-]+", "-", nom) + ".csv", [toutes])
