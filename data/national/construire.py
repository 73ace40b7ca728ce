"""Build the national measure files from the published values, through the one committed mapping.

    python data/national/construire.py data/national/valeurs_publiees.csv

Reads `correspondance.csv` (serie, code, colonne, edition, remarque) beside this script and writes, beside it too,
`mesures.csv` (revised series, edition 2024, and undated sources) and `mesures_edition_2021.csv` (DREES edition of
December 2021). Same input, same bytes. Several series mapped to one cell (code, colonne, edition) are added up, and every
one of them must be there. A series that the mapping does not know, or a mapped one that the values lack, stops everything.

What stays out, always printed: reliability C (oral or inconsistent), partial years, territories that no shipped plan
compares with, years that only the 2025 edition holds (it is later than the last national deposit).
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path

ICI = Path(__file__).resolve().parent
TERRITOIRES = ("38", "974", "FR")
FICHIERS = {"2024-07": "mesures.csv", "": "mesures.csv", "2021-12": "mesures_edition_2021.csv"}
COLONNES = ("indicateur", "territoire", "ventilation", "periode", "valeur", "numerateur", "denominateur", "etat",
            "perimetre", "millesime", "provenance", "source", "commentaire")
CONTROLES = {  # code -> (wording in taux_calcules.csv, factor)
    "OFF-01": ("Part des confiés en famille d’accueil", 100),
    "OFF-02": ("Part des confiés en établissement", 100),
    "PARC-05": ("Part des mesures administratives parmi les confiés", 100),
    "PARC-07": ("Actions éducatives pour 100 accueils", 100),
}
REPERES = {("OFF-01", "38", "2019"): "32.5", ("OFF-01", "38", "2022"): "32.0"}


class Refus(Exception):
    """Something in the inputs that must be settled by a person."""


def load(path: Path) -> list[dict[str, str]]:
    """Rows of a `;` separated UTF-8 file, as text."""
    with path.open(encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f, delimiter=";"))


def decimal(texte: str) -> str:
    """A published number with a decimal comma and no useless zero: "134100.0" -> "134100"."""
    nombre = texte.strip()
    if "." in nombre:
        nombre = nombre.rstrip("0").rstrip(".")
    return nombre.replace(".", ",")


def add(textes: list[str]) -> str:
    """Sum of published counts; a single value is kept as it was printed, none at all stays empty."""
    if not textes:
        return ""
    if len(textes) == 1:
        return decimal(textes[0])
    return str(sum(int(t) for t in textes))


def citation(ligne: dict[str, str]) -> str:
    """The source as it would be cited, with the reliability label where it is not official."""
    source = re.sub(r"(?<=\w)'(?=\w)", "’", ligne["source"])
    source = re.sub(r"'([^']+)'", "«\u202f\\1\u202f»", source)
    if ligne["fiabilite"] == "B":
        source += " (fiabilité B\u202f: presse ou élus citant une source officielle)"
    return source


def reason(ligne: dict[str, str]) -> str | None:
    """Why a row of a mapped series stays out, None when it may enter."""
    if ligne["fiabilite"] == "C":
        return "fiabilité C"
    if ligne["remarque"].startswith("année partielle"):
        return "année partielle"
    if ligne["code_departement"] not in TERRITOIRES:
        return "territoire hors comparaison"
    if "édition 2025" in ligne["source"]:
        return "édition 2025, postérieure au dernier dépôt national"
    return None


def read_mapping(path: Path, connues: set[str]) -> list[dict[str, str]]:
    """The mapping, checked against the series of the published values; Refus when one side lacks the other."""
    regles = load(path)
    inconnues = sorted(connues - {r["serie"] for r in regles})
    if inconnues:
        raise Refus("Séries publiées absentes de correspondance.csv\u202f: " + " | ".join(inconnues))
    manquantes = sorted({r["serie"] for r in regles} - connues)
    if manquantes:
        raise Refus("Séries attendues absentes des valeurs publiées\u202f: " + " | ".join(manquantes))
    for r in regles:
        if bool(r["code"]) != bool(r["colonne"]) or r["colonne"] not in ("", "numerateur", "denominateur", "valeur"):
            raise Refus(f"correspondance.csv\u202f: code et colonne incohérents pour «\u202f{r['serie']}\u202f»")
        if r["edition"] not in FICHIERS:
            raise Refus(f"correspondance.csv\u202f: édition inconnue «\u202f{r['edition']}\u202f»")
    return regles


def build(valeurs: list[dict[str, str]], regles: list[dict[str, str]]) -> tuple[dict[str, list[dict[str, str]]], Counter[str]]:
    """Rows of each file, sorted by key, and the count of what was left out by reason."""
    ecartees: Counter[str] = Counter()
    par_serie: dict[str, list[dict[str, str]]] = {}
    for ligne in valeurs:
        par_serie.setdefault(ligne["indicateur"], []).append(ligne)
    cellules: dict[tuple[str, str, str, str], dict[str, list[dict[str, str]]]] = {}
    attendues: Counter[tuple[str, str, str]] = Counter()
    for r in regles:
        if not r["code"]:
            ecartees["série sans indicateur (voir remarque)"] += len(par_serie[r["serie"]])
            continue
        attendues[r["code"], r["edition"], r["colonne"]] += 1
        for ligne in par_serie[r["serie"]]:
            motif = reason(ligne)
            if motif:
                ecartees[motif] += 1
                continue
            cle = (r["code"], r["edition"], ligne["code_departement"], ligne["annee"])
            cellules.setdefault(cle, {}).setdefault(r["colonne"], []).append(ligne)
    fichiers: dict[str, list[dict[str, str]]] = {nom: [] for nom in dict.fromkeys(FICHIERS.values())}
    for (code, edition, territoire, annee), colonnes in sorted(cellules.items()):
        if ("numerateur" in colonnes) != ("denominateur" in colonnes):
            raise Refus(f"{code} {territoire} {annee}\u202f: numérateur sans dénominateur, ou l’inverse")
        lignes = [x for c in sorted(colonnes) for x in colonnes[c]]
        for colonne, liste in colonnes.items():
            if len(liste) != attendues[code, edition, colonne]:
                raise Refus(f"{code} {territoire} {annee} {colonne}\u202f: {len(liste)} valeurs pour "
                            f"{attendues[code, edition, colonne]} attendues")
        remarques = dict.fromkeys(re.sub(r" (?=[%»:;])|(?<=«) ", "\u202f", x["remarque"]) for x in lignes if x["remarque"])
        fichiers[FICHIERS[edition]].append({
            "indicateur": code, "territoire": territoire, "ventilation": "", "periode": annee,
            **{c: add([x["valeur"] for x in colonnes.get(c, ())]) for c in ("valeur", "numerateur", "denominateur")},
            "etat": "definitif", "perimetre": next((x["perimetre"] for x in lignes if x["perimetre"]), ""),
            "millesime": edition, "provenance": "publie",
            "source": " ; ".join(dict.fromkeys(map(citation, lignes))).replace(" ;", "\u202f;"),
            "commentaire": "\u202f; ".join(remarques),
        })
    return fichiers, ecartees


def write(path: Path, lignes: list[dict[str, str]]) -> None:
    """UTF-8 without BOM, `;`, LF."""
    with path.open("w", encoding="utf-8", newline="") as f:
        sortie = csv.DictWriter(f, COLONNES, delimiter=";", lineterminator="\n")
        sortie.writeheader()
        sortie.writerows(lignes)


def compare(lignes: list[dict[str, str]], controle: Path) -> int:
    """Print each ratio beside the one computed elsewhere; number of differences."""
    connus = load(controle) if controle.exists() else []
    attendus = {(x["code_departement"], x["annee"], x["indicateur"]): x["valeur"] for x in connus}
    ecarts = comparees = 0
    for x in lignes:
        if x["indicateur"] not in CONTROLES:
            continue
        libelle, facteur = CONTROLES[x["indicateur"]]
        calcule = f"{facteur * int(x['numerateur']) / int(x['denominateur']):.1f}"
        cle = (x["indicateur"], x["territoire"], x["periode"])
        attendu = attendus.get((x["territoire"], x["periode"], libelle)) or REPERES.get(cle)
        if attendu is None:
            continue
        comparees += 1
        ecarts += calcule != attendu
        verdict = "=" if calcule == attendu else "ÉCART"
        print(f"  {' '.join(cle):<20} calculé {calcule:>6}   attendu {attendu:>6}   {verdict}")
    portee = "" if attendus else " (taux_calcules.csv absent\u202f: deux repères seulement)"
    print(f"{comparees} taux comparés, {ecarts} écart(s){portee}")
    return ecarts


def main(arguments: list[str]) -> int:
    """Exit code 0 when written and all ratios agree, 1 otherwise."""
    if len(arguments) not in (1, 2):
        print("usage\u202f: construire.py valeurs_publiees.csv [taux_calcules.csv]", file=sys.stderr)
        return 1
    source = Path(arguments[0])
    controle = Path(arguments[1]) if len(arguments) == 2 else source.with_name("taux_calcules.csv")
    valeurs = load(source)
    try:
        regles = read_mapping(ICI / "correspondance.csv", {x["indicateur"] for x in valeurs})
        fichiers, ecartees = build(valeurs, regles)
    except Refus as refus:
        print(f"Refusé\u202f: {refus}", file=sys.stderr)
        return 1
    for nom, lignes in fichiers.items():
        write(ICI / nom, lignes)
        codes = Counter(x["indicateur"] for x in lignes)
        detail = ", ".join(f"{c} {n}" for c, n in sorted(codes.items()))
        print(f"{nom}\u202f: {len(lignes)} lignes, {len(codes)} indicateurs ({detail})")
    detail = ", ".join(f"{m} {n}" for m, n in sorted(ecartees.items()))
    print(f"{len(valeurs)} valeurs lues\u202f; usages écartés\u202f: {detail}")
    return 1 if compare(fichiers["mesures.csv"], controle) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
