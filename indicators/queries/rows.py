"""What the queries give: frozen rows whose fields are the columns of the views, in their units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from indicators.model import (
    Bilan,
    Etat,
    EtatDepot,
    Meteo,
    Nature,
    Periodicite,
    Provenance,
    RoleCible,
    Sens,
    Statut,
    StatutAction,
    TypeCible,
    TypeDepot,
    TypeIndicateur,
    Verdict,
)


@dataclass(frozen=True)
class Ligne:
    """Progress of one indicator line at (observe_au, connu_au), as the view `progression` gives it.

    Values are in the indicator's unit; `avancement`, `part_attendue` and `rythme` are shares of the path (1 = target).
    `masque`: there is a value, hidden from this reader with all that it gave.
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
    seuil_bas: float | None
    seuil_haut: float | None
    tolerance: float | None
    seuil_dans_les_temps: float
    seuil_retard_leger: float
    etat_suivant: Etat | None
    source: str | None
    depot_id: int | None
    responsable: str | None
    masque: bool = False


@dataclass(frozen=True)
class Point:
    """One period of a line: its value (None when missing, or hidden: `masque`), its state, its own status on the trajectory.

    `avancement` is its share of the path (1 = target); None without one, and in what was frozen before it was kept.
    """

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
    avancement: float | None = None
    masque: bool = False


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


@dataclass(frozen=True)
class Valeur:
    """One stored value, with the value it gives (a rate recomputed from its terms) and where it comes from.

    Its origin is a dépôt, the name of a file of it and the line there; a sum of territories has no file.
    """

    territoire: str
    ventilation: str
    debut: date
    fin: date
    valeur: float | None
    numerateur: float | None
    denominateur: float | None
    etat: Etat
    provenance: Provenance
    source: str | None
    millesime: str | None
    perimetre: str | None
    commentaire: str | None
    conforme: bool
    depot_id: int
    connu_le: datetime
    auteur: str | None
    fichier: str | None
    ligne: int | None
    masque: bool = False


@dataclass(frozen=True)
class Detail:
    """One indicator at a view: its stored values by line then date, and by date the points of each (territoire, ventilation).

    The points are its judged series and the periods whose value is missing; those of a line without target have no status.
    """

    valeurs: tuple[Valeur, ...]
    points: Mapping[tuple[str, str], tuple[Point, ...]]


@dataclass(frozen=True)
class Mesure:
    """One value of an indicator as it is stored and known now: nothing is recomputed."""

    territoire: str
    ventilation: str
    debut: date
    fin: date
    valeur: float | None
    numerateur: float | None
    denominateur: float | None
    etat: Etat
    perimetre: str | None
    millesime: str | None
    commentaire: str | None
    provenance: Provenance
    source: str | None
    depot_id: int
    masque: bool = False


@dataclass(frozen=True)
class Plan:
    """One plan: `nom` is that of its département; its names for the levels and its thresholds are data."""

    plan: str
    nom: str
    departement: str
    intitule: str
    debut: date
    fin: date
    adopte_le: date | None
    fuseau: str
    niveau_1: str
    niveau_1_pluriel: str
    seuil_dans_les_temps: float
    seuil_retard_leger: float
    seuil_partiel: float
    source: str | None


@dataclass(frozen=True)
class Vue:
    """What is looked at: one plan, periods that end by `observe_au`, with what was known at `connu_au` (UTC).

    `stockee` says that the base holds this view ready, made when the last dépôt was written. Without `voit_tout`, every answer
    hides the small numbers that the statistical secret protects.
    """

    plan: str
    observe_au: date
    connu_au: datetime
    stockee: bool = False
    voit_tout: bool = True


@dataclass(frozen=True)
class Orientation:
    """First level of the plan, called as the plan calls it."""

    code: str
    intitule: str
    libelle_court: str | None
    provenance: Provenance
    source: str | None


@dataclass(frozen=True)
class Action:
    """One action at (observe_au, connu_au): the word of people, what the dates say, counts of its indicators."""

    action: str
    orientation: str
    intitule: str
    libelle_court: str
    description: str | None
    debut: date | None
    echeance_initiale: date | None
    echeance: date | None
    priorite: str | None
    publics: str | None
    provenance: Provenance
    source: str | None
    statut: StatutAction
    statut_le: date | None
    meteo: Meteo | None
    bilan: Bilan | None
    commentaire: str | None
    pilotes: str | None
    indicateurs: int
    evalues: int
    dans_le_rythme: int
    echeance_depassee: bool
    cellule: Statut | StatutAction
    cellule_raison: str
    alertes: tuple[str, ...]


@dataclass(frozen=True)
class EtatPlan:
    """The whole plan at (observe_au, connu_au): its lignes principales and its actions, sorted by code."""

    lignes: tuple[Ligne, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Fiche:
    """Definition card of an indicator."""

    indicateur: str
    intitule: str
    definition: str | None
    numerateur_texte: str | None
    denominateur_texte: str | None
    unite: str
    sens: Sens
    type_cible: TypeCible
    nature: Nature
    periodicite: Periodicite
    delai: int
    type: TypeIndicateur
    responsable: str | None
    limites: str | None
    provenance: Provenance
    source: str | None


@dataclass(frozen=True)
class Depot:
    """One line of the journal; times are UTC. A proposed dépôt that is accepted is known from that moment."""

    id: int
    type: TypeDepot
    porte_sur: int | None
    recu_le: datetime
    connu_le: datetime
    auteur: str | None
    motif: str | None
    vivant: bool
    fichiers: tuple[str, ...]
    lignes: int
    etat: EtatDepot


@dataclass(frozen=True)
class Fichier:
    """One received file of a dépôt; its bytes are kept under `sha256`, `table` is empty when it was not recognised.

    `correspondance` is how its columns were read, as JSON; None for the files of before.
    """

    ordre: int
    nom: str
    sha256: str
    table: str
    lignes: int
    correspondance: str | None
