"""The only reader for pages, slides and exports: typed functions over the views, no formula."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indicators.model import Etat, Nature, Periodicite, Provenance, RoleCible, Sens, Statut, TypeCible, TypeIndicateur, Verdict


@dataclass(frozen=True)
class Ligne:
    """Progress of one indicator line at (observe_au, connu_au), as the view `progression` gives it.

    Values are in the indicator's unit; `avancement`, `part_attendue` and `rythme` are shares of the path (1 = target).
    """

    plan: str
    indicateur: str
    intitule: str
    libelle_court: str
    unite: str
    decimales: int
    sens: Sens
    type_cible: TypeCible
    nature: Nature
    periodicite: Periodicite
    type: TypeIndicateur
    territoire: str
    ventilation: str
    statut: Statut
    verdict: Verdict | None
    motif: str | None
    reference: float | None
    date_reference: date | None
    cible: float | None
    cible_min: float | None
    cible_max: float | None
    date_cible: date | None
    attendu: float | None
    realise: float | None
    date_realise: date | None
    avancement: float | None
    part_attendue: float | None
    rythme: float | None
    ecart: float | None
    a_actualiser: bool
    prochaine_fin: date | None
    provisoire: bool
    provenance: Provenance | None
    tendance: float | None
    tendance_bas: float | None
    tendance_haut: float | None
    tendance_motif: str | None
    pas_annuel: float | None
    gravite: int


@dataclass(frozen=True)
class Point:
    """One period of a line: its value (None when missing), its state, and its own status on the trajectory."""

    debut: date
    fin: date
    valeur: float | None
    numerateur: float | None
    denominateur: float | None
    etat: Etat
    statut: Statut | None
    attendu: float | None
    provenance: Provenance
    source: str | None
    depot: int


@dataclass(frozen=True)
class Cible:
    """One point of the target trajectory."""

    role: RoleCible
    date: date
    valeur: float | None
    valeur_min: float | None
    valeur_max: float | None
    provenance: Provenance
    source: str | None
