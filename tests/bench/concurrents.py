"""What others make of the same file, each in a process of its own: `python tests/bench/concurrents.py NOM FICHIER PLAN`.

Prints one JSON document: `accusations`, a list of [line, column] ('' for the line as a whole), and `lecture`, the processor
time in seconds of the reading alone. Every one of them but `duckdb`, which only reads, looks for the same six kinds of errors
as `gros_fichier.py` plants. This file runs without the project's own packages.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

COLONNES = ["indicateur", "territoire", "ventilation", "periode", "valeur", "etat", "commentaire"]
CLE = COLONNES[:4]
EN_TROP = ["en_trop_1", "en_trop_2"]  # where the cells of too long a line go: without them a reader drops or refuses it
PERIODE = r"^(20\d\d|T[1-4] 20\d\d|20\d\d-(0[1-9]|1[0-2]))$"
NOMBRE = r"^([-+]?\d[\d\u00a0]*(,\d+)?)?$"

Accusations = list[tuple[int, str]]


def read_bornes(plan: Path) -> dict[str, tuple[float, float]]:
    """Bounds of each indicator."""
    with (plan / "indicateur.csv").open(encoding="utf-8", newline="") as f:
        return {x["code"]: (float(x["borne_min"]), float(x["borne_max"])) for x in csv.DictReader(f, delimiter=";")}


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
    import pandas as pd
    import pandera.pandas as pa

    debut = time.process_time()
    df = pd.read_csv(fichier, sep=";", encoding="cp1252", dtype=str, header=None, skiprows=1, names=COLONNES + EN_TROP,
                     index_col=False, keep_default_na=False)
    df["separateurs"] = [x.count(";") for x in fichier.read_bytes().decode("cp1252").split("\r\n")[1:-1]]
    lecture = time.process_time() - debut
    bornes = pd.DataFrame.from_dict(read_bornes(plan), orient="index", columns=["borne_min", "borne_max"])

    def within(lues: pd.DataFrame) -> pd.Series:
        ecrit = lues["valeur"].str.replace("\u00a0", "").str.replace(",", ".", regex=False)
        nombre = pd.to_numeric(ecrit, errors="coerce")
        minimum, maximum = (lues["indicateur"].map(bornes[c]) for c in bornes.columns)
        return ~((nombre < minimum) | (nombre > maximum))

    schema = pa.DataFrameSchema(
        {"indicateur": pa.Column(str, pa.Check.isin(bornes.index)),
         "periode": pa.Column(str, pa.Check.str_matches(PERIODE)),
         "valeur": pa.Column(str, pa.Check.str_matches(NOMBRE)),
         "separateurs": pa.Column(int, pa.Check.eq(len(COLONNES) - 1))},
        checks=[pa.Check(within, name="hors_bornes")],
        unique=CLE, report_duplicates="exclude_first")
    try:
        schema.validate(df, lazy=True)
    except pa.errors.SchemaErrors as erreurs:
        cas = erreurs.failure_cases
    else:
        return [], lecture
    colonnes = cas["column"].replace("separateurs", "").mask(cas["check"] == "hors_bornes", "valeur")
    colonnes = colonnes.mask(cas["check"] == "multiple_fields_uniqueness", "")
    return sorted({(int(rang) + 2, str(c)) for rang, c in zip(cas["index"], colonnes, strict=True)}), lecture


def run_pandas(fichier: Path, plan: Path) -> tuple[Accusations, float]:
    """The usual code: pandas converts what it can and skips what it cannot cut; the line is taken to be the index."""
    import pandas as pd

    debut = time.process_time()
    df = pd.read_csv(fichier, sep=";", encoding="cp1252", decimal=",", thousands="\u00a0", on_bad_lines="skip")
    lecture = time.process_time() - debut
    bornes = read_bornes(plan)
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
    """A frictionless resource with a schema, a primary key and a check of the bounds."""
    from frictionless import Check, Checklist, Dialect, Resource, Schema, errors, formats, system

    bornes = read_bornes(plan)

    class HorsBornes(Check):
        type = "hors-bornes"
        Errors = [errors.CellError]  # noqa: RUF012 (as frictionless asks for it)

        def validate_row(self, row: Any) -> Any:
            borne, valeur = bornes.get(row["indicateur"]), row["valeur"]
            if borne and valeur is not None and not borne[0] <= valeur <= borne[1]:
                yield errors.CellError.from_row(row, note="hors bornes", field_name="valeur")

    regles: dict[str, dict[str, Any]] = {
        "indicateur": {"type": "string", "constraints": {"enum": list(bornes)}},
        "periode": {"type": "string", "constraints": {"pattern": PERIODE}},
        "valeur": {"type": "number", "decimalChar": ",", "groupChar": "\u00a0"},
    }
    schema = Schema.from_descriptor({"fields": [{"name": c, **regles.get(c, {"type": "string"})} for c in COLONNES],
                                     "primaryKey": CLE})
    debut = time.process_time()
    resource = Resource(path=str(fichier), encoding="cp1252", schema=schema,
                        dialect=Dialect(controls=[formats.CsvControl(delimiter=";")]))
    with system.use_context(trusted=True):  # an absolute path is not read otherwise
        rapport = resource.validate(Checklist(checks=[HorsBornes()]), limit_errors=10_000_000)
    lus = rapport.flatten(["rowNumber", "fieldName", "type"])
    return sorted({(int(ligne), "" if type_ in ("extra-cell", "missing-cell", "primary-key") else colonne)
                   for ligne, colonne, type_ in lus}), time.process_time() - debut


CONCURRENTS = {"duckdb": run_duckdb, "pandera": run_pandera, "pandas": run_pandas, "frictionless": run_frictionless}


def main() -> None:
    """Run the one that is named."""
    accusations, lecture = CONCURRENTS[sys.argv[1]](Path(sys.argv[2]).resolve(), Path(sys.argv[3]))
    json.dump({"accusations": accusations, "lecture": lecture}, sys.stdout)


if __name__ == "__main__":
    main()
