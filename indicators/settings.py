"""Settings read once from the environment and checked at start."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from indicators.errors import ReglageInvalide

RACINE = Path(__file__).resolve().parents[1]
CELLULE_MAX = 131_072  # what the csv reader takes in one cell


@dataclass(frozen=True)
class Limites:
    """How big a received file may be: megabytes INDICATORS_FICHIER_MO, rows INDICATORS_LIGNES, columns INDICATORS_COLONNES,
    characters of a cell INDICATORS_CELLULE."""

    fichier_mo: int = 50
    lignes: int = 1_000_000
    colonnes: int = 256
    cellule: int = 10_000


@dataclass(frozen=True)
class Settings:
    """Where the base lives and how much of the machine it may use.

    `base` INDICATORS_BASE, folder of the versions; `versions_gardees` INDICATORS_VERSIONS, at least 2; `memoire`
    INDICATORS_MEMOIRE, DuckDB size such as "512MB"; `fils` INDICATORS_FILS, threads; `attente_verrou` INDICATORS_ATTENTE,
    seconds a write waits for another one; `integration` INDICATORS_INTEGRATION, other sites that may show the pages in a frame;
    `limites` of the files received.
    """

    base: Path
    versions_gardees: int = 5
    memoire: str = "512MB"
    fils: int = 2
    attente_verrou: float = 30.0
    integration: tuple[str, ...] = ()
    limites: Limites = field(default_factory=Limites)


def read_settings(environnement: dict[str, str] | None = None) -> Settings:
    """The settings of this process; `ReglageInvalide` names the variable that cannot be used."""
    env = os.environ if environnement is None else environnement
    base = env.get("INDICATORS_BASE") or str(RACINE / "data" / "base")
    if "://" in base or base.startswith("ducklake:"):
        raise ReglageInvalide("INDICATORS_BASE", base, "un dossier de cette machine, par exemple data/base")
    memoire = env.get("INDICATORS_MEMOIRE") or "512MB"
    if not re.fullmatch(r"[1-9]\d*\s?[KMGT]i?B", memoire):
        raise ReglageInvalide("INDICATORS_MEMOIRE", memoire, "une taille, par exemple 512MB ou 2GB")
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
    )


def _entier(env: dict[str, str], nom: str, defaut: int, minimum: int, maximum: int | None = None) -> int:
    texte = env.get(nom, "").strip() or str(defaut)
    if not texte.isdecimal() or int(texte) < minimum:
        raise ReglageInvalide(nom, texte, f"un nombre entier d’au moins {minimum}")
    if maximum is not None and int(texte) > maximum:
        raise ReglageInvalide(nom, texte, f"un nombre entier d’au plus {maximum}")
    return int(texte)
