"""What others make of the same file, each in a process of its own: `python tests/bench/concurrents.py NOM FICHIER PLAN`.

Prints one JSON document: `accusations`, a list of [line, column] ('' for the line as a whole), and `lecture`, the processor
time in seconds of the reading alone. This file runs without the project's own packages.

`duckdb` only reads. `pandas` is the usual code: the six kinds of errors that `gros_fichier.py` plants, without the lines that
contradict each other. `pandera` and `frictionless` look for what our import looks for in such a file, written as their users
would: cp1252, decimal comma and U+00A0 between thousands, lines too long or too short, unknown indicators, territories and
states, impossible and unfinished periods, numbers, bounds, a state that wants a value, formulas and control characters, small
counts, keys that are repeated or contradict each other, jumps inside a series.

What they still do without, on these lines: other ways to write a period or a number, words in place of a number, totals,
notes and repeated headers, columns recognised by their titles, personal data, the nearest code, a point far from the mean of
its series, and all that takes a base: what it holds already (here no value), what changes in it, the effect on statuses.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

COLONNES = ["indicateur", "territoire", "ventilation", "periode", "valeur", "etat", "commentaire"]
CLE = COLONNES[:4]
EN_TROP = ["en_trop_1", "en_trop_2"]  # where the cells of too long a line go: without them a reader drops or refuses it
ETATS = ["definitif", "provisoire", "estime", "non_disponible", "sans_objet", "secret", "non_repondu"]
CHIFFRES = ETATS[:3]  # those of a value that is there
PERIODE = r"^(20\d\d|T[1-4] 20\d\d|20\d\d-(0[1-9]|1[0-2]))$"
NOMBRE = r"^([-+]?\d[\d\u00a0]*(,\d+)?)?$"
TEXTE = r"^(?![=+@-])[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$"
SAUT, SEUIL = 5, 5  # times more or less than the value before; persons under which a count is secret

Accusations = list[tuple[int, str]]


@dataclass(frozen=True)
class Indicateur:
    """What is held of an indicator; what is smaller than `plancher` does not jump."""

    minimum: float
    maximum: float
    plancher: float
    seuil: float


def read_indicateurs(plan: Path) -> dict[str, Indicateur]:
    """The indicators of the plan, by code."""
    with (plan / "indicateur.csv").open(encoding="utf-8", newline="") as f:
        return {x["code"]: Indicateur(float(x["borne_min"]), float(x["borne_max"]), 2 if x["unite"] == "%" else 20,
                                      SEUIL if x["unite"] == "enfants" else 0) for x in csv.DictReader(f, delimiter=";")}


def read_territoires(plan: Path) -> list[str]:
    """The territories of the plan and its département."""
    with (plan / "territoire.csv").open(encoding="utf-8", newline="") as f:
        return [x["code"] for x in csv.DictReader(f, delimiter=";")] + ["38"]


def read_fin(periode: str) -> date | None:
    """The last day of a period; None when it is none."""
    if not re.fullmatch(PERIODE, periode):
        return None
    annee = int(periode[3:] if periode[0] == "T" else periode[:4])
    mois = 3 * int(periode[1]) if periode[0] == "T" else int(periode[5:] or 12)
    return date(annee, mois, monthrange(annee, mois)[1])


def run_duckdb(fichier: Path, _plan: Path) -> tuple[Accusations, float]:
    """The floor: every cell as text in a table in memory, nothing checked (the file is in UTF-8: DuckDB knows no cp1252).

    In parallel it refuses lines too short beside quoted line breaks; alone it takes no more processor time.
    """
    import duckdb

    debut = time.process_time()
    con = duckdb.connect(":memory:", config={"threads": 2})
    con.execute("""create table brut as from read_csv($f, auto_detect = false, header = true, delim = ';', quote = '"',
        escape = '"', new_line = '\\r\\n', null_padding = true, parallel = false, columns = $c)""",
        {"f": str(fichier), "c": dict.fromkeys(COLONNES + EN_TROP, "VARCHAR")})
    return [], time.process_time() - debut


def run_pandera(fichier: Path, plan: Path) -> tuple[Accusations, float]:
    """Pandas for the text, then a lazy pandera schema. Pandas pads short lines and says nothing: separators are counted apart."""
    import numpy as np
    import pandas as pd
    import pandera.pandas as pa

    debut = time.process_time()
    df = pd.read_csv(fichier, sep=";", encoding="cp1252", dtype=str, header=None, skiprows=1, names=COLONNES + EN_TROP,
                     index_col=False, keep_default_na=False)
    df = df.astype({c: "category" for c in COLONNES if c != "valeur"})  # few different texts: each is looked at once
    df["separateurs"] = [x.count(";") for x in fichier.read_bytes().decode("cp1252").split("\r\n")[1:-1]]
    lecture = time.process_time() - debut
    indicateurs = pd.DataFrame.from_dict({k: vars(v) for k, v in read_indicateurs(plan).items()}, orient="index")
    ecrit = df["valeur"].str.replace("\u00a0", "").str.replace(",", ".", regex=False)
    df["nombre"] = pd.to_numeric(ecrit, errors="coerce")
    for c in indicateurs.columns:
        df[c] = df["indicateur"].map(indicateurs[c]).astype(float)
    df["fin"] = df["periode"].map({p: read_fin(p) for p in df["periode"].cat.categories}).astype("datetime64[s]")

    def in_bounds(lues: pd.DataFrame) -> pd.Series:
        return ~((lues["nombre"] < lues["minimum"]) | (lues["nombre"] > lues["maximum"]))

    def filled(lues: pd.DataFrame) -> pd.Series:
        return (lues["valeur"] != "") | ~lues["etat"].isin(CHIFFRES)

    def not_small(lues: pd.DataFrame) -> pd.Series:
        return ~((lues["nombre"] > 0) & (lues["nombre"] < lues["seuil"]) & (lues["ventilation"] != ""))

    def agree(lues: pd.DataFrame) -> pd.Series:
        doubles = lues.loc[lues.duplicated(CLE, keep=False) & (lues["separateurs"] == len(COLONNES) - 1)]
        textes = doubles[[*CLE, "valeur", "etat"]].astype(str)
        contredites = textes.groupby(CLE)[["valeur", "etat"]].transform("nunique").max(axis=1) > 1
        return pd.Series(~lues.index.isin(doubles.index[contredites]), lues.index)

    def steady(lues: pd.DataFrame) -> pd.Series:
        tenues = lues.loc[lues["etat"].isin(CHIFFRES) & lues["fin"].notna() & lues["nombre"].between(
            lues["minimum"].clip(lower=0), lues["maximum"])]
        series = tenues.groupby(CLE[:3], sort=False, observed=True).ngroup().to_numpy()
        ordre = np.lexsort((tenues["fin"].to_numpy(), series))
        rangees = tenues.iloc[ordre]
        serie = series[ordre]
        avant = rangees["nombre"].shift().where(serie == np.roll(serie, 1))
        plus_tot = rangees["nombre"].shift(2).where(serie == np.roll(serie, 2))

        def far(a: pd.Series, b: pd.Series) -> pd.Series:
            haut, bas = np.fmax(a, b), np.fmin(a, b)
            return a.notna() & b.notna() & (haut.clip(rangees["plancher"]) >= SAUT * bas.clip(rangees["plancher"]))

        lue = rangees["nombre"]
        sauts = (avant > 0) & far(lue, avant) & (~far(avant, plus_tot) | far(lue, plus_tot))
        return pd.Series(~lues.index.isin(rangees.index[sauts]), lues.index)

    colonne_dite = {"in_bounds": "valeur", "filled": "valeur", "not_small": "valeur", "agree": "valeur", "steady": "valeur"}
    schema = pa.DataFrameSchema(
        {"indicateur": pa.Column("category", pa.Check.isin(indicateurs.index)),
         "territoire": pa.Column("category", pa.Check.isin([*read_territoires(plan), ""])),
         "ventilation": pa.Column("category", pa.Check.str_matches(TEXTE)),
         "periode": pa.Column("category", pa.Check.str_matches(PERIODE)),
         "valeur": pa.Column(str, pa.Check.str_matches(NOMBRE)),
         "etat": pa.Column("category", pa.Check.isin([*ETATS, ""])),
         "commentaire": pa.Column("category", pa.Check.str_matches(TEXTE)),
         "separateurs": pa.Column(int, pa.Check.eq(len(COLONNES) - 1)),
         "fin": pa.Column("datetime64[s]", pa.Check.le(pd.Timestamp.today()), nullable=True)},
        checks=[pa.Check(f, name=f.__name__) for f in (in_bounds, filled, not_small, agree, steady)],
        unique=CLE, report_duplicates="exclude_first")
    try:
        schema.validate(df, lazy=True)
    except pa.errors.SchemaErrors as erreurs:
        cas = erreurs.failure_cases
    else:
        return [], lecture
    colonnes = cas["check"].map(colonne_dite).fillna(cas["column"]).replace({"separateurs": "", "fin": "periode"})
    colonnes = colonnes.mask(cas["check"] == "multiple_fields_uniqueness", "")
    return sorted({(int(rang) + 2, str(c)) for rang, c in zip(cas["index"], colonnes, strict=True)}), lecture


def run_pandas(fichier: Path, plan: Path) -> tuple[Accusations, float]:
    """The usual code: pandas converts what it can and skips what it cannot cut; the line is taken to be the index."""
    import pandas as pd

    debut = time.process_time()
    df = pd.read_csv(fichier, sep=";", encoding="cp1252", decimal=",", thousands="\u00a0", on_bad_lines="skip")
    lecture = time.process_time() - debut
    bornes = {k: (i.minimum, i.maximum) for k, i in read_indicateurs(plan).items()}
    nombre = pd.to_numeric(df["valeur"].astype(str).str.replace("\u00a0", "").str.replace(",", ".", regex=False), errors="coerce")
    minimum, maximum = (df["indicateur"].map({k: v[i] for k, v in bornes.items()}) for i in (0, 1))
    trouves = {
        "indicateur": ~df["indicateur"].isin(bornes),
        "periode": ~df["periode"].astype(str).str.fullmatch(PERIODE),
        "valeur": (df["valeur"].notna() & nombre.isna()) | (nombre < minimum) | (nombre > maximum),
        "": df.duplicated(CLE),
    }
    return [(int(rang) + 2, colonne) for colonne, faux in trouves.items() for rang in df.index[faux]], lecture


def run_frictionless(fichier: Path, plan: Path) -> tuple[Accusations, float]:
    """A frictionless resource with a schema, a primary key, and a check of what a row says as a whole or beside others."""
    from frictionless import Check, Checklist, Dialect, Resource, Schema, errors, formats, system

    indicateurs, aujourdhui = read_indicateurs(plan), date.today()
    fins: dict[str, date | None] = {}

    class Ligne(Check):
        type = "ligne"
        Errors = [errors.CellError]  # noqa: RUF012 (as frictionless asks for it)

        def __attrs_post_init__(self) -> None:
            self.vues: dict[tuple[Any, ...], tuple[int, list[Any], Any]] = {}
            self.series: dict[tuple[Any, ...], list[tuple[date, float, int, list[Any]]]] = {}

        def accuse(self, ligne: int, cellules: list[Any], colonne: str, note: str) -> Any:
            place = COLONNES.index(colonne)
            return errors.CellError(note=note, cells=[str(c) for c in cellules], row_number=ligne, cell=str(cellules[place]),
                                    field_name=colonne, field_number=place + 1)

        def validate_row(self, row: Any) -> Any:
            code, periode, valeur, etat = row["indicateur"], row["periode"], row["valeur"], row["etat"] or "definitif"
            if any(e.type != "primary-key" for e in row.errors):
                return
            i, cellules, ligne = indicateurs.get(code), row.cells, row.row_number
            if periode not in fins:
                fins[periode] = read_fin(periode or "")
            fin = fins[periode]
            if fin and fin > aujourdhui:
                yield self.accuse(ligne, cellules, "periode", "période non finie")
            if valeur is None and etat in CHIFFRES:
                yield self.accuse(ligne, cellules, "valeur", "valeur manquante")
            if i and valeur is not None and not i.minimum <= valeur <= i.maximum:
                yield self.accuse(ligne, cellules, "valeur", "hors bornes")
            elif i and valeur is not None and fin and etat in CHIFFRES:
                if 0 < valeur < i.seuil and row["ventilation"]:
                    yield self.accuse(ligne, cellules, "valeur", "petit effectif")
                serie = code, row["territoire"], row["ventilation"]
                self.series.setdefault(serie, []).append((fin, float(valeur), ligne, cellules))
            cle = code, row["territoire"], row["ventilation"], periode
            premiere, autres, dite = self.vues.setdefault(cle, (ligne, cellules, (valeur, etat)))
            if premiere != ligne and dite != (valeur, etat):
                yield self.accuse(premiere, autres, "valeur", "contredite plus loin")
                yield self.accuse(ligne, cellules, "valeur", "contredit une autre ligne")

        def validate_end(self) -> Any:
            for (code, *_), points in self.series.items():
                plancher = indicateurs[code].plancher
                points.sort(key=lambda p: p[0])
                for k in range(1, len(points)):
                    lue, avant = points[k][1], points[k - 1][1]
                    plus_tot = points[k - 2][1] if k > 1 else None
                    if avant > 0 and is_far(lue, avant, plancher) and (
                            plus_tot is None or not is_far(avant, plus_tot, plancher) or is_far(lue, plus_tot, plancher)):
                        yield self.accuse(*points[k][2:], "valeur", "saut")

    regles: dict[str, dict[str, Any]] = {
        "indicateur": {"type": "string", "constraints": {"enum": list(indicateurs)}},
        "territoire": {"type": "string", "constraints": {"enum": read_territoires(plan)}},
        "ventilation": {"type": "string", "constraints": {"pattern": TEXTE}},
        "periode": {"type": "string", "constraints": {"pattern": PERIODE}},
        "valeur": {"type": "number", "decimalChar": ",", "groupChar": "\u00a0"},
        "etat": {"type": "string", "constraints": {"enum": ETATS}},
        "commentaire": {"type": "string", "constraints": {"pattern": TEXTE}},
    }
    schema = Schema.from_descriptor({"fields": [{"name": c, **regles[c]} for c in COLONNES], "primaryKey": CLE})
    debut = time.process_time()
    resource = Resource(path=str(fichier), encoding="cp1252", schema=schema,
                        dialect=Dialect(controls=[formats.CsvControl(delimiter=";")]))
    with system.use_context(trusted=True):  # an absolute path is not read otherwise
        rapport = resource.validate(Checklist(checks=[Ligne()]), limit_errors=10_000_000)
    lus = rapport.flatten(["rowNumber", "fieldName", "type"])
    return sorted({(int(ligne), "" if type_ in ("extra-cell", "missing-cell", "primary-key") else colonne)
                   for ligne, colonne, type_ in lus}), time.process_time() - debut


def is_far(a: float, b: float, plancher: float) -> bool:
    """Is one of these many times the other?"""
    return max(a, b, plancher) >= SAUT * max(min(a, b), plancher)


CONCURRENTS = {"duckdb": run_duckdb, "pandera": run_pandera, "pandas": run_pandas, "frictionless": run_frictionless}


def main() -> None:
    """Run the one that is named."""
    accusations, lecture = CONCURRENTS[sys.argv[1]](Path(sys.argv[2]).resolve(), Path(sys.argv[3]))
    json.dump({"accusations": accusations, "lecture": lecture}, sys.stdout)


if __name__ == "__main__":
    main()
