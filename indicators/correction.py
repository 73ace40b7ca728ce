"""One value or one remark written or withdrawn by hand: a small real file, which takes the road of every dépôt."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from indicators import saisie
from indicators.deposits import BilanDepot, Demande, import_files, preview_files
from indicators.errors import DemandeInvalide
from indicators.formats import format_date, format_periode
from indicators.model import Etat, Provenance
from indicators.reading import FichierRecu

SOURCE = "Saisie à la main"
COLONNES = ("indicateur", "territoire", "ventilation", "periode", "debut", "fin", "valeur", "numerateur", "denominateur", "etat",
            "perimetre", "millesime", "commentaire", "provenance", "source", "supprimer")


@dataclass(frozen=True)
class Correction:
    """What a person says of one value of one indicator of one plan; numbers stay as they were typed.

    `periode` is (début, fin) when it is known, else the text typed. `perimetre`, `millesime` and `commentaire` are those of the
    value in place: a correction changes what is typed, nothing else. With `retire` only the key counts.
    """

    plan: str
    indicateur: str
    territoire: str
    ventilation: str
    periode: tuple[date, date] | str
    valeur: str = ""
    numerateur: str = ""
    denominateur: str = ""
    etat: Etat = Etat.DEFINITIF
    perimetre: str | None = None
    millesime: str | None = None
    commentaire: str | None = None
    provenance: Provenance = Provenance.SAISI
    source: str = ""
    retire: bool = False


def build_file(correction: Correction) -> FichierRecu:
    """The file that this correction is, one line under its header; French spreadsheets open it."""
    x = correction
    if isinstance(x.periode, str):
        quand, nom = {"periode": x.periode}, x.periode
    else:
        debut, fin = x.periode
        quand, nom = {"debut": debut.isoformat(), "fin": fin.isoformat()}, format_periode(debut, fin)
    cellules = {"indicateur": x.indicateur, "territoire": x.territoire, "ventilation": x.ventilation} | quand
    if x.retire:
        cellules |= {"valeur": "", "supprimer": "oui"}  # without provenance: checking gives it that of the row withdrawn
    else:
        cellules |= {c: getattr(x, c) for c in ("valeur", "numerateur", "denominateur", "etat", "perimetre", "millesime",
                                                "commentaire", "provenance")}
        cellules["source"] = x.source.strip() or SOURCE
    return _write_file(f"correction_{x.indicateur}_{nom}", {c: cellules[c] for c in COLONNES if c in cellules})


def _write_file(nom: str, cellules: Mapping[str, str | None]) -> FichierRecu:
    return saisie.build_file(re.sub(r"[^\w.-]+", "-", nom) + ".csv", [cellules])


def rehearse_correction(cur: duckdb.DuckDBPyConnection, correction: Correction) -> BilanDepot:
    """What this correction would change; call inside `rehearse`."""
    return preview_files(cur, [build_file(correction)], Demande(plan=correction.plan, table="mesure"))


def apply_correction(cur: duckdb.DuckDBPyConnection, correction: Correction, auteur: str | None, motif: str,
                     keep_file: Callable[[bytes], str]) -> BilanDepot:
    """Deposit this correction; `DemandeInvalide` when nobody says why, whatever it changes."""
    if not motif.strip():
        raise DemandeInvalide("Une correction demande un motif.", "Dites pourquoi en une phrase : elle restera dans le journal.")
    demande = Demande(plan=correction.plan, table="mesure", auteur=auteur, motif=motif.strip(), motif_exige=True)
    return import_files(cur, [build_file(correction)], demande, keep_file)


def apply_remarque(cur: duckdb.DuckDBPyConnection, plan: str, indicateur: str, jour: date, texte: str, retire: bool,
                   auteur: str | None, keep_file: Callable[[bytes], str]) -> BilanDepot:
    """Deposit a remark on the ligne principale at that day, in place of the one that is there, or withdraw it with `retire`.

    The journal says which by itself: nobody is asked why.
    """
    cellules = {"indicateur": indicateur, "territoire": "", "date": jour.isoformat(), "texte": texte.strip()}
    cellules |= {"supprimer": "oui"} if retire else {"provenance": Provenance.SAISI, "source": SOURCE}
    geste = "retirée" if retire else "écrite"
    motif = f"Remarque {geste} sur {indicateur}, au {format_date(jour)}"
    demande = Demande(plan=plan, table="rupture", auteur=auteur, motif=motif, motif_exige=True)
    return import_files(cur, [_write_file(f"remarque_{indicateur}_{jour.isoformat()}", cellules)], demande, keep_file)
