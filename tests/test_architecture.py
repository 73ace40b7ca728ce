"""The house rules, read in the syntax trees: imports go down only, SQL and Streamlit stay where they belong."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from indicators.settings import RACINE

# From the ground up; modules of one floor may import each other only when listed in order. A package is one module.
ETAGES = (
    "model", "errors", "tables", "settings", "formats", "contours", "migrations",
    "secrecy", "derived", "chaine", "bordereaux", "audit", "store",
    "reading", "rules", "quick_look", "staging", "checking", "codes", "aide",
    "effects", "deposits", "propositions", "saisie", "correction", "suivi", "shipped",
    "queries", "paquets", "annotated", "templates",
    "sentences", "explanations", "bilans", "evolution", "completude", "lecture", "fiche", "synthese", "theme", "charts",
    "meetings", "exports", "verification", "backups", "access", "cli", "__main__", "ui",
)
DUCKDB = {  # who may hold a cursor
    "migrations", "secrecy", "derived", "store", "quick_look", "staging", "checking", "codes", "aide", "effects", "chaine",
    "deposits", "propositions", "saisie", "correction", "suivi", "shipped", "bordereaux", "backups", "verification", "queries",
    "paquets", "meetings", "access",
}
# raw HTML, a second way to draw, an option that Streamlit drops, class names that change with each of its releases
INTERDITS = ("unsafe_allow_html", "plotly.express", "use_container_width", "st-emotion-")
SQL = re.compile(
    r"\b(select\s.+\sfrom\s|insert\s+into\s|delete\s+from\s|update\s+\w+\s+set\s|create\s+(or\s+replace\s+)?(temp\s+)?"
    r"(table|view|macro))",
    re.IGNORECASE | re.DOTALL,
)

PAQUET = sorted((RACINE / "indicators").rglob("*.py"))
PAGES = sorted((RACINE / "pages").glob("*.py"))
PRODUIT = [RACINE / "app.py", *PAQUET, *PAGES]
TOUT = [*PRODUIT, *sorted((RACINE / "tests").rglob("*.py")), *sorted((RACINE / "data").rglob("*.py"))]


def name(fichier: Path) -> str:
    """Where it is, for messages."""
    return fichier.relative_to(RACINE).as_posix()


def tree(fichier: Path) -> ast.Module:
    """Its syntax tree."""
    return ast.parse(fichier.read_text("utf-8"), name(fichier))


def imports(fichier: Path) -> Iterator[str]:
    """Every module that it imports, at any depth; `from indicators import x` gives `indicators.x`."""
    for noeud in ast.walk(tree(fichier)):
        if isinstance(noeud, ast.Import):
            yield from (a.name for a in noeud.names)
        elif isinstance(noeud, ast.ImportFrom):
            assert noeud.level == 0, f"{name(fichier)}: relative import"
            module = noeud.module or ""
            yield from ([f"{module}.{a.name}" for a in noeud.names] if module in ("indicators", "indicators.ui") else [module])


def floor(module: str) -> str:
    """`indicators.charts.temps` -> charts."""
    return module.split(".")[1]


@pytest.mark.parametrize("fichier", PAQUET, ids=name)
def test_imports_go_down_only(fichier: Path) -> None:
    ici = fichier.relative_to(RACINE / "indicators").parts[0].removesuffix(".py")
    if ici == "__init__":
        assert list(imports(fichier)) == ["os"], "nothing of ours, nothing heavy"
        return
    assert ici in ETAGES, f"{ici} has no floor: add it to ETAGES, where it belongs"
    for module in imports(fichier):
        if module == "pages" or module.startswith(("pages.", "tests", "app")):
            pytest.fail(f"{name(fichier)} imports {module}")
        if module.startswith("indicators."):
            vers = floor(module)
            assert vers in ETAGES, f"{name(fichier)} imports {module}, which has no floor"
            assert vers == ici or ETAGES.index(vers) < ETAGES.index(ici), f"{name(fichier)} imports {module}, above it"


@pytest.mark.parametrize("fichier", PRODUIT, ids=name)
def test_streamlit_stays_on_the_screen(fichier: Path) -> None:
    ecran = fichier.name == "app.py" or fichier in PAGES or "ui" in fichier.relative_to(RACINE).parts
    for module in imports(fichier):
        if module.split(".")[0] in ("streamlit", "starlette"):
            assert ecran, f"{name(fichier)} imports {module}"
        if module.split(".")[0] == "duckdb":
            assert {fichier.stem, fichier.parent.name} & DUCKDB, f"{name(fichier)} imports duckdb"


@pytest.mark.parametrize("fichier", [f for f in PRODUIT if {"pages", "ui"} & {*f.parts} or f.name == "app.py"], ids=name)
def test_no_sql_on_the_screen(fichier: Path) -> None:
    for noeud in ast.walk(tree(fichier)):
        if isinstance(noeud, ast.Constant) and isinstance(noeud.value, str):
            assert not SQL.search(noeud.value), f"{name(fichier)}:{noeud.lineno} holds SQL"
        if isinstance(noeud, ast.Attribute):
            assert noeud.attr not in ("execute", "fetchall", "fetchone", "fetchdf"), f"{name(fichier)}:{noeud.lineno}"


@pytest.mark.parametrize("fichier", PRODUIT, ids=name)
def test_modules_stay_short(fichier: Path) -> None:
    lignes = len(fichier.read_text("utf-8").splitlines())
    limite = 140 if fichier in PAGES else 400
    assert lignes <= limite, f"{name(fichier)}: {lignes} lines, {limite} at most"


@pytest.mark.parametrize("fichier", PRODUIT, ids=name)
def test_no_forbidden_word(fichier: Path) -> None:
    texte = fichier.read_text("utf-8")
    assert [mot for mot in INTERDITS if mot in texte] == []


@pytest.mark.parametrize("fichier", TOUT, ids=name)
def test_names_are_ascii_and_errors_are_named(fichier: Path) -> None:
    for jeton in tokenize.generate_tokens(io.StringIO(fichier.read_text("utf-8")).readline):
        if jeton.type == tokenize.NAME:
            assert jeton.string.isascii(), f"{name(fichier)}:{jeton.start[0]} {jeton.string}"
    for noeud in ast.walk(tree(fichier)):
        if isinstance(noeud, ast.ExceptHandler):
            types = noeud.type.elts if isinstance(noeud.type, ast.Tuple) else [noeud.type]
            relance = any(isinstance(n, ast.Raise) and n.exc is None for n in noeud.body)
            for attrape in types:
                large = attrape is None or ast.unparse(attrape) in ("Exception", "BaseException")
                assert not large or (relance and ast.unparse(attrape) == "BaseException"), f"{name(fichier)}:{noeud.lineno}"


@pytest.mark.parametrize("fichier", PAQUET, ids=name)
def test_what_is_public_is_explained(fichier: Path) -> None:
    module = tree(fichier)
    assert fichier.stat().st_size == 0 or ast.get_docstring(module), f"{name(fichier)} does not say what it is"
    for noeud in module.body:
        if isinstance(noeud, ast.FunctionDef | ast.ClassDef) and not noeud.name.startswith("_"):
            assert ast.get_docstring(noeud), f"{name(fichier)}:{noeud.lineno} {noeud.name} has no docstring"


def test_the_top_of_the_house_is_fixed() -> None:
    dossiers = {d.name for d in RACINE.iterdir() if d.is_dir() and not d.name.startswith((".", "_"))}
    assert dossiers <= {"pages", "data", "indicators", "tests"}
    assert not (RACINE / "indicators" / "ui" / "pages").exists(), "a folder pages/ beside the script wakes the legacy mode up"
    assert {f.name for f in RACINE.glob("*.py")} == {"app.py"}


def test_sql_files_are_read_whole_and_in_order() -> None:
    for dossier in ("migrations", "views"):
        for f in (RACINE / "indicators" / "sql" / dossier).iterdir():
            assert re.fullmatch(r"\d{3}_[a-z_]+\.sql", f.name), f.name
            assert all(len(x) <= 140 for x in f.read_text("utf-8").splitlines()), f.name


# -- the test tested: each rule must be able to fail ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "cur.execute('select a from b')",
        "sql = 'INSERT INTO mesure VALUES (1)'",
        "s = 'delete from depot'",
        "s = 'select *\\nfrom mesure'",
        "s = 'create or replace table t'",
        "s = 'update mesure set valeur = 1'",
    ],
)
def test_the_sql_rule_sees_sql(code: str) -> None:
    assert any(SQL.search(n.value) for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Constant))


@pytest.mark.parametrize("texte", ["Sélection de l’indicateur", "Choisir une action", "update", "select", "de la table"])
def test_the_sql_rule_lets_french_pass(texte: str) -> None:
    assert not SQL.search(texte)


# -- French shown on a screen --------------------------------------------------------------------------------------------

DISENT = {
    "sentences", "explanations", "bilans", "evolution", "completude", "lecture", "fiche", "synthese", "charts", "exports", "ui",
}
PARLENT = [*PAGES, *(f for f in PAQUET if f.relative_to(RACINE / "indicators").parts[0].removesuffix(".py") in DISENT)]
SECABLE = re.compile(r"« | »| [;!?](?![=\w])| :(?=[\s*<]|$)")


def list_secables(code: str) -> list[str]:
    """Texts of this code where a line may end before a double punctuation mark or inside quotation marks.

    What is raised is left out: a page binds it when it shows it.
    """
    arbre = ast.parse(code)
    muets = {id(x) for noeud in ast.walk(arbre)
             if isinstance(noeud, ast.Raise) or (isinstance(noeud, ast.Expr) and isinstance(noeud.value, ast.Constant))
             for x in ast.walk(noeud)}
    return [x.value for x in ast.walk(arbre) if isinstance(x, ast.Constant) and isinstance(x.value, str) and id(x) not in muets
            and "!important" not in x.value and SECABLE.search(x.value)]


@pytest.mark.parametrize("fichier", PARLENT, ids=name)
def test_what_is_shown_keeps_its_punctuation(fichier: Path) -> None:
    assert not list_secables(fichier.read_text("utf-8"))


@pytest.mark.parametrize("texte", ["Rien ne change : rien", "lu ; dit", "« {nom} »", "Que faire ?", "**Note** :"])
def test_the_punctuation_rule_sees_a_space_that_breaks(texte: str) -> None:
    assert list_secables(f'st.markdown("{texte}")') and list_secables(f'st.markdown(f"{texte}")')


def test_the_punctuation_rule_lets_the_rest_pass() -> None:
    assert not list_secables('"""Doc : doc"""\nraise DemandeInvalide("Vide : non.", "Quoi ?")\nst.text("à 8:30, a\\u202f: b")')
