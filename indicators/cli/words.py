"""What the command line prints, and the dates that it reads."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

from indicators import deposits, queries
from indicators.errors import DemandeInvalide
from indicators.formats import MASQUE, format_date, format_nombre, pluriel
from indicators.queries.rows import Ligne
from indicators.store import Store
from indicators.tables import TABLES


def build_document(bilan: deposits.BilanDepot) -> dict[str, Any]:
    """What `--json` gives of a dépôt."""
    lu = asdict(replace(bilan, anomalies=[], lectures=[])) | {"anomalies": [vars(a) for a in bilan.anomalies]}
    return {k: v for k, v in lu.items() if k not in ("bloque", "lectures")}


def tell_rows(bilan: deposits.BilanDepot) -> str:
    """Every anomaly on a line, then the count of the rows."""
    lignes = [f"{a.fichier}, ligne {a.ligne or '-'}, colonne {a.colonne or '-'} : {a.message} {a.conseil}"
              for a in bilan.anomalies]
    pilotes = f" et {pluriel(bilan.pilotes, 'pilote nommé', 'pilotes nommés')}" if bilan.pilotes else ""
    return "\n".join([
        *lignes, f"{bilan.lues} lignes lues{pilotes} : {bilan.nouvelles} nouvelles, {bilan.modifiees} modifiées, "
        f"{bilan.inchangees} inchangées, {bilan.retirees} retirées, {bilan.rejetees} rejetées."])


def tell(bilan: deposits.BilanDepot, essai: bool) -> str:
    """The same, and what became of the dépôt."""
    compte = tell_rows(bilan)
    if bilan.absentes:
        compte += f" {bilan.absentes} lignes du plan ne sont plus dans cet envoi (--remplace les retire)."
    if bilan.bloque:
        fin = "Rien n’a été déposé : corrigez ces lignes, ou demandez --lignes-valides."
    elif essai:
        fin = "Essai : rien n’a été écrit." + (" Ce dépôt serait proposé à une deuxième personne." if bilan.propose else "")
    elif bilan.depot is None:
        fin = f"Rien de nouveau : le dépôt {bilan.porteur} contient déjà ces lignes." if bilan.porteur else "Rien de nouveau."
    elif bilan.propose:
        fin = f"Dépôt {bilan.depot} proposé : il comptera quand une deuxième personne l’aura accepté (accept {bilan.depot})."
    else:
        fin = f"Dépôt {bilan.depot} enregistré."
    return f"{compte}\n{fin}"


def tell_line(x: Ligne, territoires: bool) -> str:
    """Where an indicator stands, on a line; `territoires`: its territory and breakdown too."""
    ou = f"{' '.join(filter(None, (x.territoire, x.ventilation))):24} " if territoires else ""
    dit = MASQUE if x.masque else format_nombre(x.realise, x.decimales, x.unite)
    if x.date_realise:
        dit += f" au {format_date(x.date_realise)}"
    if x.attendu is not None:
        dit += f", attendu {format_nombre(x.attendu, x.decimales, x.unite)}"
    return f"{x.plan:24} {x.indicateur:10} {ou}{x.statut.label:18} {dit}" + (f" · {x.motif}" if x.motif else "")


def print_json(document: object) -> None:
    """One JSON document on the standard output; dates are ISO."""
    print(json.dumps(document, ensure_ascii=False, default=lambda v: v.isoformat() if isinstance(v, date | datetime) else str(v)))


def known_since(store: Store, options: argparse.Namespace) -> datetime | None:
    """`--connu-le`: a moment, or the end of a day in the plan's time zone (the default one while the plan is not known)."""
    lu = read_moment_or_day(options.connu_le)
    if lu is None or isinstance(lu, datetime):
        return lu
    fuseaux = {p.plan: p.fuseau for p in queries.list_plans(store.read())} if store.list_versions() else {}
    fin = queries.end_of_day(lu, fuseaux.get(options.plan) or TABLES["plan"].colonne("fuseau").defaut or "UTC")
    return min(fin, datetime.now(UTC).replace(tzinfo=None))  # today is not over yet


def read_day(texte: str | None) -> date | None:
    """A day given as YYYY-MM-DD; `DemandeInvalide` for anything else."""
    if texte is None:
        return None
    try:
        return date.fromisoformat(texte)
    except ValueError:
        raise DemandeInvalide(f"« {texte} » n’est pas une date.", "Écrivez AAAA-MM-JJ, par exemple 2022-12-31.") from None


def read_moment_or_day(texte: str | None) -> datetime | date | None:
    """A day, or a moment (UTC unless it says its offset)."""
    return read_day(texte) if texte is None or len(texte) == 10 else _read_moment(texte)


def _read_moment(texte: str | None) -> datetime | None:
    if texte is None:
        return None
    try:
        lu = datetime.fromisoformat(texte)
    except ValueError:
        raise DemandeInvalide(f"« {texte} » n’est pas un moment.", "Écrivez AAAA-MM-JJTHH:MM:SS (temps universel).") from None
    return lu.astimezone(UTC).replace(tzinfo=None) if lu.tzinfo else lu
