"""Settings read once from the environment and checked at start."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from indicators.errors import ReglageInvalide
from indicators.model import Attribution, Habilitation

RACINE = Path(__file__).resolve().parents[1]
CELLULE_MAX = 131_072  # what the csv reader takes in one cell


@dataclass(frozen=True)
class Limites:
    """How big a received file may be: megabytes INDICATORS_FICHIER_MO, rows INDICATORS_LIGNES, columns INDICATORS_COLONNES,
    characters of a cell INDICATORS_CELLULE."""

    fichier_mo: int = 100
    lignes: int = 1_000_000
    colonnes: int = 256
    cellule: int = 10_000

    @property
    def decompresse(self) -> int:
        """Bytes that an archive may hold once open: four times what a file may weigh."""
        return 4 * self.fichier_mo * 1_000_000


@dataclass(frozen=True)
class Connexion:
    """Who comes in. `personne` INDICATORS_PERSONNE, claim that names the person in the table of roles; `claim`
    INDICATORS_ROLES_CLAIM and `roles` INDICATORS_ROLES, claim that holds groups and what each gives; `heures`
    INDICATORS_SESSION_HEURES, age of a session; `contact` INDICATORS_CONTACT, whom to ask; `ouvert` INDICATORS_SANS_CONNEXION,
    answer other machines though nobody signs in."""

    personne: str = "email"
    claim: str = ""
    roles: tuple[tuple[str, Attribution], ...] = ()
    heures: int = 8
    contact: str = "la personne qui administre l’outil"
    ouvert: bool = False


@dataclass(frozen=True)
class Sauvegardes:
    """Backups made by the tool: `dossier` INDICATORS_SAUVEGARDES (None: `sauvegardes` in the base), one every `depots` dépôts
    INDICATORS_SAUVEGARDE_DEPOTS (0: none), the last `gardees` of them kept INDICATORS_SAUVEGARDES_GARDEES."""

    dossier: Path | None = None
    depots: int = 20
    gardees: int = 10


@dataclass(frozen=True)
class Settings:
    """Where the base lives and how much of the machine it may use.

    `base` INDICATORS_BASE, folder of the versions; `versions_gardees` INDICATORS_VERSIONS, at least 2; `memoire`
    INDICATORS_MEMOIRE, DuckDB size such as "512MB"; `fils` INDICATORS_FILS, threads; `attente_verrou` INDICATORS_ATTENTE,
    seconds a write waits for another one; `integration` INDICATORS_INTEGRATION, other sites that may show the pages in a frame;
    `limites` of the files received; `connexion` of the people who come; `recus_jours` INDICATORS_RECUS_JOURS, days that received
    files are kept (0: for ever); `sauvegardes`.
    """

    base: Path
    versions_gardees: int = 5
    memoire: str = "512MB"
    fils: int = 2
    attente_verrou: float = 30.0
    integration: tuple[str, ...] = ()
    limites: Limites = field(default_factory=Limites)
    connexion: Connexion = field(default_factory=Connexion)
    recus_jours: int = 0
    sauvegardes: Sauvegardes = field(default_factory=Sauvegardes)

    @property
    def dossier_sauvegardes(self) -> Path:
        """Where the tool puts its backups."""
        return self.sauvegardes.dossier or self.base / "sauvegardes"

    @property
    def contours(self) -> Path:
        """Where the outlines of the territories are, when there are any: beside the base, `data/territoires.geojson`."""
        return self.base.parent / "territoires.geojson"


def read_settings(environnement: dict[str, str] | None = None) -> Settings:
    """The settings of this process; `ReglageInvalide` names the variable that cannot be used."""
    env = os.environ if environnement is None else environnement
    base = env.get("INDICATORS_BASE") or str(RACINE / "data" / "base")
    if "://" in base or base.startswith("ducklake:"):
        raise ReglageInvalide("INDICATORS_BASE", base, "un dossier de cette machine, par exemple data/base")
    memoire = env.get("INDICATORS_MEMOIRE") or "512MB"
    if not re.fullmatch(r"[1-9]\d*\s?[KMGT]i?B", memoire):
        raise ReglageInvalide("INDICATORS_MEMOIRE", memoire, "une taille, par exemple 512MB ou 2GB")
    sauvegardes = env.get("INDICATORS_SAUVEGARDES", "").strip()
    integration = tuple(env.get("INDICATORS_INTEGRATION", "").split())
    for site in integration:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?", site, re.ASCII):
            raise ReglageInvalide("INDICATORS_INTEGRATION", site, "des sites, par exemple https://intranet.exemple.fr")
    return Settings(
        base=Path(base).expanduser().resolve(),
        versions_gardees=_entier(env, "INDICATORS_VERSIONS", 5, minimum=2),
        memoire=memoire,
        fils=_entier(env, "INDICATORS_FILS", 2, minimum=1),
        attente_verrou=float(_entier(env, "INDICATORS_ATTENTE", 30, minimum=0)),
        integration=integration,
        limites=Limites(
            fichier_mo=_entier(env, "INDICATORS_FICHIER_MO", Limites.fichier_mo, minimum=1),
            lignes=_entier(env, "INDICATORS_LIGNES", Limites.lignes, minimum=1),
            colonnes=_entier(env, "INDICATORS_COLONNES", Limites.colonnes, minimum=1),
            cellule=_entier(env, "INDICATORS_CELLULE", Limites.cellule, minimum=1, maximum=CELLULE_MAX),
        ),
        connexion=_connexion(env),
        recus_jours=_entier(env, "INDICATORS_RECUS_JOURS", 0, minimum=0),
        sauvegardes=Sauvegardes(
            dossier=Path(sauvegardes).expanduser().resolve() if sauvegardes else None,
            depots=_entier(env, "INDICATORS_SAUVEGARDE_DEPOTS", Sauvegardes.depots, minimum=0),
            gardees=_entier(env, "INDICATORS_SAUVEGARDES_GARDEES", Sauvegardes.gardees, minimum=1),
        ),
    )


def read_attribution(texte: str) -> Attribution | None:
    """`lecture`, `pilotage`, `administration`, `depot:PLAN` or `depot:PLAN:RESPONSABLE`; None for anything else."""
    role, *suite = (mot.strip() for mot in texte.split(":", 2))
    if role not in list(Habilitation) or not all(suite) or (role == Habilitation.DEPOT) != bool(suite):
        return None
    return Attribution(Habilitation(role), *suite)


def _connexion(env: dict[str, str]) -> Connexion:
    roles = []
    for partie in filter(str.strip, env.get("INDICATORS_ROLES", "").split(";")):
        groupe, _, texte = partie.rpartition("=")  # the name of a group may hold "=" (a directory)
        attribution = read_attribution(texte)
        if not groupe.strip() or attribution is None:
            raise ReglageInvalide("INDICATORS_ROLES", partie.strip(), "groupe=lecture, groupe=pilotage, groupe=administration, "
                                  "groupe=depot:PLAN ou groupe=depot:PLAN:RESPONSABLE, séparés par des points-virgules")
        roles.append((groupe.strip(), attribution))
    ouvert = env.get("INDICATORS_SANS_CONNEXION", "").strip() or "non"
    if ouvert not in ("oui", "non"):
        raise ReglageInvalide("INDICATORS_SANS_CONNEXION", ouvert, "oui ou non")
    return Connexion(
        personne=env.get("INDICATORS_PERSONNE", "").strip() or Connexion.personne,
        claim=env.get("INDICATORS_ROLES_CLAIM", "").strip(),
        roles=tuple(roles),
        heures=_entier(env, "INDICATORS_SESSION_HEURES", Connexion.heures, minimum=1),
        contact=env.get("INDICATORS_CONTACT", "").strip() or Connexion.contact,
        ouvert=ouvert == "oui",
    )


def _entier(env: dict[str, str], nom: str, defaut: int, minimum: int, maximum: int | None = None) -> int:
    texte = env.get(nom, "").strip() or str(defaut)
    if not texte.isdecimal() or int(texte) < minimum:
        raise ReglageInvalide(nom, texte, f"un nombre entier d’au moins {minimum}")
    if maximum is not None and int(texte) > maximum:
        raise ReglageInvalide(nom, texte, f"un nombre entier d’au plus {maximum}")
    return int(texte)
