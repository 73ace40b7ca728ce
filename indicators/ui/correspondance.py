"""The mapping of each table received on the page Déposer: what every column is read as, why, and the choice of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from indicators.formats import FINE, INSECABLE, pluriel, titre
from indicators.reading import Choix, Correspondance, list_targets
from indicators.reading.mapping import ColonneLue, Origine, Raison
from indicators.tables import TABLES
from indicators.ui.server import escape_markdown as sur

CLE = "_correspondances"  # what this visitor chose, by identifier of the file sent and name of the table in it
MONTREES = 60  # columns shown of one table
TITRE = 60  # characters of a title

Choisies = dict[tuple[str, str], Choix]


def list_choices(envoyes: Sequence[Any]) -> Mapping[tuple[int, str], Choix]:
    """What the visitor chose for the files sent now, as `Demande.correspondances`; choices of files taken away are let go."""
    rangs = {f.file_id: rang for rang, f in enumerate(envoyes)}
    gardees: Choisies = {cle: c for cle, c in st.session_state.get(CLE, {}).items() if cle[0] in rangs}
    st.session_state[CLE] = gardees
    return {(rangs[fichier], nom): choix for (fichier, nom), choix in gardees.items()}


def show_correspondances(correspondances: Sequence[Correspondance], envoyes: Sequence[Any]) -> None:
    """One panel per table, open by itself when something in it deserves a look; a choice shows its effect at once."""
    for c in correspondances:
        cle = (envoyes[c.recu].file_id, c.fichier)
        ancre = "_".join(map(str, cle))
        ouvert = st.session_state.setdefault(f"_a_revoir_{ancre}", c.a_revoir or c.origine is not Origine.AUTOMATIQUE)
        with st.expander(f"Correspondance des colonnes · {sur(c.fichier)}", icon=":material/rule:", expanded=ouvert,
                         key=f"correspondance_{ancre}", on_change="rerun") as volet:
            if volet.open:
                _show(c, cle, ancre)


def write_resume(c: Correspondance) -> str:
    """One sentence: how many columns are read, and who decided it."""
    if not c.table:
        return f"La table n’est pas reconnue{FINE}: choisissez-la pour que ses colonnes soient lues."
    remplies = [x for x in c.colonnes if x.raison is not Raison.VIDE]
    phrase = f"{pluriel(sum(bool(x.colonne) for x in remplies), 'colonne lue', 'colonnes lues')} sur {len(remplies)}."
    if c.origine is Origine.CHOISIE:
        phrase += " Vos choix seront retenus avec le dépôt, et proposés aux prochains fichiers qui ont ces titres."
    elif c.origine is Origine.RETENUE:
        phrase += f" Correspondance reprise du dépôt n°{INSECABLE}{c.depot}, corrigé à la main."
    if c.manquantes:
        phrase += f" À désigner{FINE}: {', '.join(c.manquantes)}."
    return phrase


def write_raison(x: ColonneLue, depot: int | None) -> str:
    """Why a column is read as it is, in words."""
    mot = f"reprise du dépôt n°{INSECABLE}{depot}" if x.raison is Raison.RETENUE else x.raison.label
    return titre(mot) if x.colonne else f"{titre(mot)}{FINE}: pas lue"


def write_correction(c: Correspondance) -> str:
    """What was corrected by hand in the mapping that a dépôt kept; empty when it was the one proposed."""
    if c.origine is Origine.AUTOMATIQUE:
        return ""
    mots = [f"{_quote(x.titre)} {f'lue comme {x.colonne}' if x.colonne else 'pas lue'}" for x in c.colonnes
            if x.raison in (Raison.CHOISIE, Raison.RETENUE)]
    if c.annoncee != c.table:
        mots.insert(0, f"table {c.table}")
    origine = (f"reprise du dépôt n°{INSECABLE}{c.depot}" if c.origine is Origine.RETENUE else "corrigée à la main")
    return f"Correspondance {origine}{FINE}: {', '.join(mots) or 'celle proposée, confirmée'}."


def _show(c: Correspondance, cle: tuple[str, str], ancre: str) -> None:
    st.markdown(write_resume(c))
    noms = [t.nom for t in TABLES.values() if t.importable]
    st.selectbox("Table", noms, index=noms.index(c.table) if c.table else None, key=f"table_{ancre}", placeholder="Choisir",
                 filter_mode="contains", on_change=_choose_table, args=(cle, f"table_{ancre}"))
    remplies = [(i, x) for i, x in enumerate(c.colonnes) if x.raison is not Raison.VIDE]
    if not c.table:
        st.caption(f"Titres reçus{FINE}: {', '.join(_quote(x.titre) for _, x in remplies[:MONTREES])}")
        return
    for rang in range(0, min(len(remplies), MONTREES), 2):
        for place, (i, x) in zip(st.columns(2, gap="medium"), remplies[rang:rang + 2], strict=False):
            with place:
                _show_column(c, i, x, cle, f"colonne_{ancre}_{c.table}_{i}")
    if len(remplies) > MONTREES:
        st.caption(f"Les {MONTREES} premières colonnes sur {len(remplies)}.")


def _show_column(c: Correspondance, i: int, x: ColonneLue, cle: tuple[str, str], ancre: str) -> None:
    options = ["", *list_targets(TABLES[c.table])]
    libelle = f"{_quote(x.titre)} est lue comme" if x.titre else f"Colonne {i + 1}, sans titre, est lue comme"
    st.selectbox(libelle, options, index=options.index(x.colonne), key=ancre,
                 format_func=lambda nom: nom or "Ne pas lire", filter_mode="contains",
                 on_change=_choose_column, args=(c, i, cle, ancre))
    exemples = f" · par exemple {', '.join(map(sur, x.exemples))}" if x.exemples else ""
    st.caption(f"{write_raison(x, c.depot)}{exemples}")


def _choose_table(cle: tuple[str, str], ancre: str) -> None:
    if table := st.session_state[ancre]:
        st.session_state[CLE][cle] = Choix(table)


def _choose_column(c: Correspondance, i: int, cle: tuple[str, str], ancre: str) -> None:
    colonnes = tuple(st.session_state[ancre] if j == i else x.colonne for j, x in enumerate(c.colonnes))
    st.session_state[CLE][cle] = Choix(c.table, c.titres, colonnes, c.annoncee)


def _quote(texte: str) -> str:
    return f"«{INSECABLE}{sur(texte if len(texte) <= TITRE else f'{texte[:TITRE]}…')}{INSECABLE}»"
