"""A large French file of values, bad lines included, and the truth about them: `python tests/bench/gros_fichier.py DOSSIER`.

Writes into the folder `plan/` (the small plan that the values belong to), `mesure.csv` as a French office exports it (`;`,
decimal comma, U+00A0 between thousands, cp1252, CRLF) and `verite.csv`: line, column and code of every planted error. One
line in a hundred is bad, in six kinds; every other line is right and its key unique, but for the lines that a bad one
contradicts: they are in the truth as well. Lines are those of the file as an editor counts them: with
`--guillemets`, some comments are quoted and hold line breaks, separators and doubled quotes. The same seed and options give the
same bytes.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

PLAN = "banc"
COLONNES = ("indicateur", "territoire", "ventilation", "periode", "valeur", "etat", "commentaire")
CODES = ("code_inconnu", "periode_impossible", "nombre_illisible", "hors_bornes", "cle_en_double", "ligne_irreguliere")
COLONNE_FAUTIVE = {"code_inconnu": "indicateur", "periode_impossible": "periode", "nombre_illisible": "valeur",
                   "hors_bornes": "valeur", "cle_en_double": "", "ligne_irreguliere": ""}  # '': the line as a whole
CONTREDITE = "valeurs_contradictoires"  # what a doubled key is when its two values differ; both lines say it
PART_FAUSSE = 100  # one line in so many
PAR_BLOC = 20_000  # lines written at once

Faute = tuple[int, str, str]  # line, column, code

ANNEES = range(2020, 2025)
PERIODES = {
    "annuelle": [f"{a}" for a in ANNEES],
    "trimestrielle": [f"T{t} {a}" for a in ANNEES for t in range(1, 5)],
    "mensuelle": [f"{a}-{m:02}" for a in ANNEES for m in range(1, 13)],
}
VENTILATIONS = ("", "filles", "garçons", "0-2 ans", "3-5 ans", "6-10 ans", "11-15 ans", "16-17 ans")
COMMUNES = ("Saint-Égrève", "Échirolles", "Bourgoin-Jallieu", "L’Isle-d’Abeau", "La Tour-du-Pin", "Crémieu", "Vizille", "Mens")
COMMENTAIRES = (
    "enquête auprès des établissements", "corrigé après relance du service", "périmètre : enfants confiés à l’ASE",
    "données de l’observatoire départemental de la protection de l’enfance", "dont accueil familial : « à préciser »",
    "coût en k€ (1 € = 1,00)", "œuvre privée, territoire de l’Oisans", "à confirmer", "extraction du 31/01", "sans les MNA",
    "révision de la série, voir la note méthodologique jointe à l’envoi du troisième trimestre",
)  # fmt: skip
EN_GUILLEMETS = (
    '"à confirmer ;\nvoir le courriel du 12/03"', '"dit « provisoire » ; puis ""définitif"""',
    '"première ligne\r\ndeuxième ligne ; 12,5\r\n\r\nquatrième ligne"', '"pilote : ""service ; enfance"""',
)  # fmt: skip
IMPOSSIBLES = {
    "annuelle": ("2O21", "31/02/2022", "année passée"),
    "trimestrielle": ("T5 2021", "2022-T0", "31/06/2022"),
    "mensuelle": ("2021-13", "30/02/2023", "mars ?"),
}
PAS_DES_NOMBRES = ("environ 120", "1O4,2", "12,4,1", "cent vingt", "12 enfants sur 30", "1.234,5,6", "voir note")


@dataclass(frozen=True)
class Indicateur:
    """What the generator knows of an indicator: how it is written and between which bounds its values stay."""

    code: str
    unite: str
    nature: str
    decimales: int
    borne_max: int
    periodicite: str


def list_indicateurs() -> list[Indicateur]:
    """Sixty indicators: four units, three periodicities."""
    formes = (("PARC", "enfants", "stock", 0, 100_000), ("OFF", "%", "stock", 1, 100),
              ("BUD", "k€", "flux", 2, 900_000), ("ACT", "jours", "stock", 1, 4_000))
    rythmes = tuple(PERIODES)
    return [Indicateur(f"{famille}-{n:02}", unite, nature, decimales, borne, rythmes[n % len(rythmes)])
            for n in range(1, 16) for famille, unite, nature, decimales, borne in formes]


def list_territoires(lignes: int) -> list[str]:
    """As many territories as it takes for every line to have a key of its own."""
    par_territoire = len(VENTILATIONS) * sum(len(PERIODES[i.periodicite]) for i in list_indicateurs())
    return [f"38{n:03}" for n in range(1, 2 + lignes // par_territoire)]


def write_plan(dossier: Path, territoires: list[str]) -> None:
    """The plan as the folder of CSV files that `python -m indicators import` takes whole."""
    dossier.mkdir(parents=True, exist_ok=True)
    tables = {
        "plan": [("plan", "departement", "intitule", "debut", "fin"),
                 (PLAN, "38", "Plan du banc d’essai", "2020-01-01", "2024-12-31")],
        "orientation": [("code", "intitule"), ("O1", "Prévenir et accompagner")],
        "action": [("code", "orientation", "intitule"), ("A1", "O1", "Suivre l’activité")],
        "territoire": [("code", "nom", "type", "parent"),
                       *((t, f"{COMMUNES[n % len(COMMUNES)]} {n}", "commune", "38") for n, t in enumerate(territoires, 1))],
        "indicateur": [("code", "intitule", "unite", "nature", "type_cible", "periodicite", "decimales", "borne_min",
                        "borne_max"),
                       *((i.code, f"Indicateur {i.code}", i.unite, i.nature, "suivre", i.periodicite, i.decimales, 0, i.borne_max)
                         for i in list_indicateurs())],
    }
    for nom, lignes in tables.items():
        with (dossier / f"{nom}.csv").open("w", encoding="utf-8", newline="") as f:
            csv.writer(f, delimiter=";").writerows(lignes)


def format_valeur(x: float, decimales: int) -> str:
    """1 234,5 with U+00A0 between thousands."""
    return f"{x:,.{decimales}f}".replace(",", "\u00a0").replace(".", ",")


def list_justes(hasard: random.Random, territoires: list[str], guillemets: bool) -> Iterator[tuple[Indicateur, list[str]]]:
    """Right rows for ever new keys: a series moves by a few per cent around its own level."""
    commentaires = ("",) * 12 + COMMENTAIRES + (EN_GUILLEMETS if guillemets else ())
    for territoire, indicateur, ventilation in product(territoires, list_indicateurs(), VENTILATIONS):
        niveau = indicateur.borne_max * (0.05 + 0.8 * hasard.random() ** 3)
        for periode in PERIODES[indicateur.periodicite]:
            tirage = hasard.random()
            etat = "definitif" if tirage < 0.9 else "provisoire" if tirage < 0.97 else "non_disponible"
            valeur = "" if tirage >= 0.97 else format_valeur(niveau * (0.97 + 0.06 * hasard.random()), indicateur.decimales)
            yield indicateur, [indicateur.code, territoire, ventilation, periode, valeur, etat,
                               commentaires[int(hasard.random() * len(commentaires))]]


def spoil(hasard: random.Random, code: str, indicateur: Indicateur, cellules: list[str], passee: list[str]) -> list[str]:
    """The same row with one error of this kind, and no other; the key of `passee` is doubled with its value or another one."""
    moitie = format_valeur(indicateur.borne_max / 2, indicateur.decimales)
    fausses = [*cellules[:4], cellules[4] or moitie, "definitif", cellules[6]]
    match code:
        case "code_inconnu":
            fausses[0] += hasard.choice("BXZ")
        case "periode_impossible":
            fausses[3] = hasard.choice(IMPOSSIBLES[indicateur.periodicite])
        case "nombre_illisible":
            fausses[4] = hasard.choice(PAS_DES_NOMBRES)
        case "hors_bornes":
            dehors = indicateur.borne_max * (1.1 + 8 * hasard.random())
            fausses[4] = format_valeur(hasard.choice((dehors, -dehors / 10)), indicateur.decimales)
        case "cle_en_double":
            fausses[:6] = passee[:6]
            if fausses[4] and hasard.random() < 0.5:
                fausses[4] = fausses[4][:-1] + ("1" if fausses[4][-1] == "0" else "0")
        case "ligne_irreguliere" if hasard.random() < 0.5:
            del fausses[hasard.choice((3, 5, 6)):]
        case "ligne_irreguliere":
            fausses += hasard.choice((["suite"], ["", "12,5"]))
    return fausses


def list_lignes(lignes: int, graine: int, territoires: list[str], guillemets: bool) -> Iterator[tuple[str, list[Faute]]]:
    """Every record as text, with the errors that it makes; the first hundred are right, to be repeated by others, once each."""
    hasard = random.Random(graine)
    fautes = hasard.sample(range(100, lignes), lignes // PART_FAUSSE)
    codes = {place: CODES[n % len(CODES)] for n, place in enumerate(fautes)}
    passees: deque[tuple[int, list[str]]] = deque(maxlen=5_000)
    numero = 2
    for place, (indicateur, cellules) in enumerate(islice(list_justes(hasard, territoires, guillemets), lignes)):
        code = codes.get(place)
        fautes: list[Faute] = []
        if code is None:
            passees.append((numero, cellules))
        else:
            choisie = hasard.randrange(len(passees))
            premiere, passee = passees[choisie]
            cellules = spoil(hasard, code, indicateur, cellules, passee)
            fautes = [(numero, COLONNE_FAUTIVE[code], code)]
            if code == "cle_en_double":
                del passees[choisie]
                if cellules[4] != passee[4]:
                    fautes = [(n, "valeur", CONTREDITE) for n in (premiere, numero)]
        texte = ";".join(cellules)
        yield texte, fautes
        numero += 1 + texte.count("\n")


def write_gros_fichier(dossier: Path, lignes: int = 1_000_000, graine: int = 1, guillemets: bool = False) -> Path:
    """Write plan, file and truth into the folder; returns the file of values. ValueError under 200 lines."""
    if lignes < 200:
        raise ValueError(f"{lignes} lines are too few to plant errors in")
    territoires = list_territoires(lignes)
    write_plan(dossier / "plan", territoires)
    fichier = dossier / "mesure.csv"
    with fichier.open("w", encoding="cp1252", newline="") as sortie, \
            (dossier / "verite.csv").open("w", encoding="utf-8", newline="") as vrai:
        verite = csv.writer(vrai, delimiter=";")
        verite.writerow(("ligne", "colonne", "code"))
        sortie.write(";".join(COLONNES) + "\r\n")
        bloc: list[str] = []
        for texte, fautes in list_lignes(lignes, graine, territoires, guillemets):
            bloc.append(texte)
            verite.writerows(fautes)
            if len(bloc) == PAR_BLOC:
                sortie.write("\r\n".join(bloc) + "\r\n")
                bloc.clear()
        sortie.writelines(f"{texte}\r\n" for texte in bloc)
    return fichier


def main() -> None:
    """Read the options and write the folder."""
    options = argparse.ArgumentParser(description="Écrit un gros fichier de valeurs, la liste de ses erreurs et son plan.")
    options.add_argument("dossier", type=Path)
    options.add_argument("--lignes", type=int, default=1_000_000)
    options.add_argument("--graine", type=int, default=1)
    options.add_argument("--guillemets", action="store_true", help="commentaires entre guillemets, sur plusieurs lignes")
    demande = options.parse_args()
    fichier = write_gros_fichier(demande.dossier, demande.lignes, demande.graine, demande.guillemets)
    print(f"{fichier} : {fichier.stat().st_size / 1e6:.1f} Mo")


if __name__ == "__main__":
    main()
