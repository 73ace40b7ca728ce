"""The form that corrects, adds or withdraws one value of an indicator: what is in place, what would change, then one dépôt."""

from __future__ import annotations

from typing import Any

import streamlit as st

from indicators import bilans, correction, explanations, queries
from indicators.correction import Correction
from indicators.deposits import BilanDepot
from indicators.errors import ErreurMetier
from indicators.formats import FINE, INSECABLE, format_exact, format_periode, pluriel
from indicators.model import Etat, Nature, Provenance, TypeCible
from indicators.queries import Ligne, Mesure
from indicators.ui import components as c
from indicators.ui import donnees
from indicators.ui.acces import ask_auteur, get_acces
from indicators.ui.server import report_error
from indicators.ui.state import get_contexte, is_past

FAIT, LOT = "_corrige", "_lot_correction"  # a new number empties the form once a correction is written
AVEC_NOMBRE = (Etat.DEFINITIF, Etat.PROVISOIRE, Etat.ESTIME)
CORRIGER, RETIRER = "Corriger la valeur", "Retirer cette valeur"
TAUX, TERMES = "Le taux", "Le numérateur et le dénominateur"


def show_correction(x: Ligne) -> None:
    """The form in a closed expander, drawn once it is opened; above it, what the last correction did."""
    if (fait := st.session_state.pop(FAIT, None)) and fait[0] == (x.plan, x.indicateur):
        geste, suite = ("proposée", ", qu’une deuxième personne doit accepter") if fait[1].propose else ("enregistrée", "")
        st.success(f"Correction {geste}{FINE}: dépôt n°{INSECABLE}{fait[1].depot}{suite}.", icon=":material/check_circle:")
        for phrase in bilans.write_effets(fait[1].effets, bilans.name_cause(fait[1], "cette correction"),
                                                fait[1].masquees):
            st.markdown(phrase)
        c.link_depot(fait[1].depot)
    if not get_acces().peut_ecrire:
        return
    with st.expander("Corriger ou ajouter une valeur", icon=":material/edit:", key=f"corriger_{x.indicateur}",
                     on_change="rerun") as volet:
        if not volet.open:
            return
        if is_past():
            st.info("Cette page montre ce qui était connu à une date passée. Pour corriger une valeur, choisissez "
                    "«\u00a0Dernier dépôt\u00a0» dans le menu.", icon=":material/history:")
            return
        cle = f"correction_{x.indicateur}_{st.session_state.setdefault(LOT, 0)}"
        if demandee := _ask(x, cle):
            _preview(x, demandee, cle)


def _ask(x: Ligne, cle: str) -> Correction | None:
    """Draw the fields; None while something that the correction needs is missing."""
    mesures: tuple[Mesure, ...] = donnees.read(queries.list_mesures, x.plan, x.indicateur,
                                               get_contexte().vue.voit_tout)
    territoire, ventilation, periode = _ask_key(x, mesures, cle)
    if periode is None:
        st.caption("Choisissez une période, ou tapez-en une.")
        return None
    en_place = next((m for m in mesures if (m.territoire, m.ventilation) == (territoire, ventilation)
                     and (m.debut, m.fin) == periode), None)
    if en_place and en_place.masque:  # typing values until nothing changes would find it
        st.info(f"{explanations.write_secret(True)} La corriger demande le droit de la voir.", icon=":material/lock:")
        return None
    cle = f"{cle}_{territoire}_{ventilation}_{periode}"  # the fields start again from the value in place
    geste = CORRIGER
    if en_place:
        with st.container(border=True, gap="xsmall"):
            st.markdown("**Valeur en place**")
            c.show_facts(explanations.list_mesure(en_place, x.unite), "Valeur en place")
            c.link_depot(en_place.depot_id)
        geste = st.radio("Que faire\u202f?", (CORRIGER, RETIRER), horizontal=True, key=f"{cle}_geste")
    else:
        st.caption("Aucune valeur n’est en place pour cette période\u202f: elle serait ajoutée.")
    cles = {"plan": x.plan, "indicateur": x.indicateur, "territoire": territoire, "ventilation": ventilation, "periode": periode}
    if geste == RETIRER:
        return Correction(**cles, retire=True)
    etat = st.selectbox("État", list(Etat), list(Etat).index(en_place.etat if en_place else Etat.DEFINITIF), key=f"{cle}_etat",
                        format_func=lambda e: e.label)
    nombres = _ask_numbers(x, en_place, cle) if etat in AVEC_NOMBRE else {}
    provenance, source = _ask_source(en_place, cle)
    if etat in AVEC_NOMBRE and not all(nombres.values()):
        st.caption("L’effet s’affiche ici dès que la valeur est tapée\u202f; rien n’est enregistré avant votre confirmation.")
        return None
    garde = {nom: getattr(en_place, nom) for nom in ("perimetre", "millesime", "commentaire")} if en_place else {}
    return Correction(**cles, **nombres, **garde, etat=etat, provenance=provenance, source=source)


def _ask_key(x: Ligne, mesures: tuple[Mesure, ...], cle: str) -> tuple[str, str, object]:
    """Which value: a territory of the plan, a breakdown, a period; the last two may be new."""
    contexte = get_contexte()
    noms = {contexte.plan.departement: contexte.plan.nom}
    noms |= {t["code"]: t["nom"] for t in donnees.read(queries.list_connues, contexte.vue, "territoire")}
    gauche, milieu, droite = st.columns(3)
    territoire = gauche.selectbox("Territoire", list(noms), list(noms).index(x.territoire), key=f"{cle}_territoire",
                                  format_func=lambda t: f"{t} — {noms[t]}", filter_mode="contains")
    details = sorted({m.ventilation for m in mesures} | {""})
    ventilation = milieu.selectbox("Détail", details, key=f"{cle}_detail", format_func=lambda v: v or "Ensemble",
                                   accept_new_options=True, help="Une modalité en place, ou une nouvelle à taper.") or ""
    connues = {format_periode(m.debut, m.fin): (m.debut, m.fin) for m in mesures
               if (m.territoire, m.ventilation) == (territoire, ventilation)}
    choisie = droite.selectbox("Période", list(connues), 0 if connues else None, key=f"{cle}_{territoire}_{ventilation}_periode",
                               accept_new_options=True, placeholder="Par exemple 2023",
                               help="Une période en place, ou une nouvelle à taper\u202f: 2023, T1 2023, 2023-03, 2022/2023.")
    if choisie is None or choisie in connues:
        return territoire, ventilation, connues.get(choisie)
    return territoire, ventilation, donnees.read(queries.read_periode, choisie, x.periodicite.value) or choisie


def _ask_numbers(x: Ligne, en_place: Mesure | None, cle: str) -> dict[str, str]:
    """The value, or the two terms of a rate: never both, since the terms would hide the value."""
    if x.nature is Nature.TAUX:
        termes = en_place is not None and en_place.denominateur is not None
        saisie = st.radio("Ce que vous tapez", (TAUX, TERMES), int(termes), horizontal=True, key=f"{cle}_saisie")
        if saisie == TERMES:
            gauche, droite = st.columns(2)
            return {"numerateur": _ask_number(gauche, "Numérateur", en_place and en_place.numerateur, cle),
                    "denominateur": _ask_number(droite, "Dénominateur", en_place and en_place.denominateur, cle)}
    unite = "1\u202f: réalisé, 0\u202f: non réalisé" if x.type_cible is TypeCible.REALISER else x.unite
    return {"valeur": _ask_number(st, f"Valeur ({c.sur(unite)})", en_place and en_place.valeur, cle)}


def _ask_number(ou: Any, libelle: str, en_place: float | None, cle: str) -> str:
    """A number as it is typed; left as it was, it is the one in place to its last decimal."""
    ecrit = format_exact(en_place)
    tape = ou.text_input(libelle, ecrit, key=f"{cle}_{libelle}", max_chars=40, placeholder="Par exemple 1 234,5").strip()
    return repr(en_place) if en_place is not None and tape == ecrit else tape


def _ask_source(en_place: Mesure | None, cle: str) -> tuple[Provenance, str]:
    """What is typed is « saisi », unless the person says that the source publishes it, where it published the value in place."""
    publiee = en_place is not None and en_place.provenance is Provenance.PUBLIE and st.checkbox(
        "La source publie cette nouvelle valeur", key=f"{cle}_publiee",
        help="Sans cette case, la valeur devient une donnée saisie\u202f: elle n’est plus celle de la source.")
    provenance = Provenance.PUBLIE if publiee else Provenance.SAISI
    tenue = en_place.source if en_place and en_place.provenance is provenance else None
    source = st.text_input("Source", tenue or "", key=f"{cle}_source_{provenance}", max_chars=500, placeholder=correction.SOURCE,
                           help="D’où vient la valeur, telle qu’on la citerait.")
    return provenance, source


def _preview(x: Ligne, demandee: Correction, cle: str) -> None:
    """What the correction would change, then the form that writes it when it changes something."""
    try:
        with st.spinner("Vérification…"):
            bilan = donnees.rehearse(get_acces(), correction.rehearse_correction, demandee)
    except ErreurMetier as erreur:
        report_error(erreur)
        return
    if bilan.anomalies:
        _show_anomalies(bilan)
    if bilan.bloque:
        return
    if not (bilan.nouvelles or bilan.modifiees or bilan.retirees):
        st.info("Rien ne change\u202f: cette valeur est déjà en place.", icon=":material/info:")
        return
    _show_effect(x, bilan)
    if isinstance(demandee.periode, tuple) and demandee.periode[1] > get_contexte().vue.observe_au:
        st.caption("Cette période finit après la date observée\u202f: la page ne la montre pas tant que cette date ne "
                   "change pas.")
    _confirm(x, demandee, bilan, cle)


def _show_anomalies(bilan: BilanDepot) -> None:
    """The same words as on the page Déposer; the file has one line, which nobody saw."""
    resume = bilans.write_anomalies(bilan.anomalies)
    if bilan.bloque:
        st.error(f"{resume}{FINE}: en l’état, rien ne serait enregistré.", icon=":material/block:")
    else:
        st.warning(f"{resume}.", icon=":material/info:")
    lignes = bilans.list_anomalies(bilan.anomalies)
    c.show_rows([{k: v for k, v in a.items() if k not in ("Fichier", "Ligne")} for a in lignes], "Anomalies")


def _show_effect(x: Ligne, bilan: BilanDepot) -> None:
    geste = "ajoutée" if bilan.nouvelles else "retirée" if bilan.retirees else "modifiée"
    cause = bilans.name_cause(bilan, "cette correction")
    effets = bilans.write_effets(bilan.effets, cause, bilan.masquees) or ["Aucun statut d’indicateur ne change."]
    st.markdown("\n\n".join([f"**La valeur serait {geste}.**", *effets]))
    if bilan.effets:
        c.show_rows(bilans.list_effets(bilan.effets, (x,)), "Statuts qui changent")
    if bilan.changements:
        with st.container(key="avant_apres_correction"):
            c.show_rows(bilans.list_changements(bilan.changements, get_contexte().etroit), "Ancienne et nouvelle valeur")


def _confirm(x: Ligne, demandee: Correction, bilan: BilanDepot, cle: str) -> None:
    version = st.session_state[donnees.CLE].version  # a base that moved is looked at again first
    if bilan.propose:
        st.info(bilans.SERA_PROPOSE, icon=":material/how_to_reg:")
    exige = f"{FINE}: {pluriel(bilan.publiees, 'valeur publiée change', 'valeurs publiées changent')}" if bilan.publiees else ""
    with st.form(f"{cle}_confirmer_{version}", border=False):
        auteur = ask_auteur()
        motif = st.text_input(f"Motif (obligatoire{exige})", key=f"{cle}_motif", max_chars=1000)
        confirme = st.form_submit_button("Enregistrer la correction", type="primary", icon=":material/edit:")
    if not confirme:
        return
    try:
        with st.spinner("Écriture du dépôt…"):
            ecrit = donnees.write(get_acces(), correction.apply_correction, demandee, auteur, motif,
                                  donnees.open_store().keep_file)
    except ErreurMetier as erreur:
        report_error(erreur)
        return
    if ecrit.depot:
        st.session_state[FAIT] = ((x.plan, x.indicateur), ecrit)
        st.session_state[LOT] += 1
    st.rerun()
