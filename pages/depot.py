"""Déposer: files in, what they would change, then, only on confirmation, one dépôt."""

from dataclasses import replace

import streamlit as st

from indicators import bilans, deposits, queries
from indicators.errors import ErreurMetier
from indicators.formats import FINE, INSECABLE, format_csv, pluriel
from indicators.reading import FichierRecu
from indicators.ui import annote, correspondance, donnees
from indicators.ui import components as c
from indicators.ui.acces import ask_auteur, get_acces
from indicators.ui.modeles import show_modeles
from indicators.ui.server import report_error
from indicators.ui.state import get_contexte

LONG = 2_000_000  # bytes from which a check takes long enough to show how far it is

contexte = get_contexte()
lignes = donnees.read(queries.get_etat_plan, contexte.vue).lignes
lot = st.session_state.setdefault("_lot", 0)  # a new number empties the form once a dépôt is written

st.title("Déposer des données", anchor=False)
st.markdown(f"Tout est vérifié d’abord. Rien n’est écrit avant votre confirmation{FINE}; quitter la page ne laisse aucune trace.")
quoi = f"du plan {c.sur(contexte.plan.nom)}" if contexte.plan.plan else "d’un premier plan, plan.csv compris"
envoyes = st.file_uploader(f"Fichiers CSV ou Excel {quoi}", accept_multiple_files=True, key=f"fichiers_{lot}",
                           type=["csv", "txt", "tsv", "xlsx"])
show_modeles()

if not envoyes:
    if fait := st.session_state.get("_depose"):
        st.success(f"{bilans.write_ecrit(fait)} {bilans.write_bilan(fait)}", icon=":material/check_circle:")
        for phrase in bilans.write_effets(fait.effets, bilans.name_cause(fait, "ce dépôt"), fait.masquees):
            st.markdown(phrase)
        c.link_depot(fait.depot)
    st.caption("Tables, colonnes, périodes et anomalies sont expliquées dans le guide.")
    c.link_page("methode", "Lire le guide")
    st.stop()

recus = tuple(FichierRecu(f.name, f.getvalue()) for f in envoyes)
valides = bool(st.session_state.get(f"valides_{lot}"))
demande = deposits.Demande(plan=contexte.plan.plan or None, lignes_valides=valides,
                           correspondances=correspondance.list_choices(envoyes))
verification = f"Vérification de {pluriel(len(recus), 'fichier')}…"
place = st.empty()
try:
    if sum(len(r.contenu) for r in recus) > LONG:
        barre = place.progress(0.0, verification)
        bilan = donnees.rehearse(get_acces(), deposits.preview_files, recus, demande, progres=barre.progress)
    else:
        with place, st.spinner(verification):
            bilan = donnees.rehearse(get_acces(), deposits.preview_files, recus, demande)
except ErreurMetier as erreur:
    report_error(erreur)
    st.stop()

place.empty()
correspondance.show_correspondances(bilan.correspondances, envoyes)
apports = bilan.nouvelles + bilan.modifiees + bilan.retirees
st.header("Ce que cet envoi changerait", anchor=False)
st.markdown(f"**{bilans.write_bilan(bilan)}**")
if bilan.anomalies:
    resume = bilans.write_anomalies(bilan.anomalies)
    if bilan.bloque:
        st.error(f"{resume}{FINE}: en l’état, rien ne serait déposé.", icon=":material/block:")
    elif bilan.rejetees:
        dehors = pluriel(bilan.rejetees, "ligne écartée reste", "lignes écartées restent")
        st.warning(f"{resume}{FINE}: {dehors} dehors.", icon=":material/info:")
    else:
        st.warning(f"{resume}.", icon=":material/info:")
if apports and (bilan.bloque or valides):
    st.toggle(f"Déposer seulement les lignes valides ({pluriel(apports, 'ligne')})", key=f"valides_{lot}")
if bilan.anomalies:
    anomalies = bilans.list_anomalies(bilan.anomalies)
    c.show_part(bilans.shorten_anomalies(anomalies, len(recus) > 1, contexte.etroit), "Anomalies", len(anomalies))
    st.download_button("Télécharger les anomalies (CSV)", icon=":material/download:", mime="text/csv", on_click="ignore",
                       file_name="anomalies.csv",
                       data=lambda: format_csv(list(anomalies[0]), (a.values() for a in anomalies)))
    annote.show_annotated(recus, bilan, demande.limites)
if not apports:
    if bilan.porteur:
        lesquelles = "les lignes valides" if bilan.bloque or valides else "ces lignes"
        porteur = f"le dépôt n°{INSECABLE}{bilan.porteur} contient déjà {lesquelles}"
        st.info(f"Rien de nouveau{FINE}: {porteur}.", icon=":material/info:")
        c.link_depot(bilan.porteur)
    st.stop()

if not bilan.bloque:
    phrases = bilans.write_effets(bilan.effets, bilans.name_cause(bilan, "cet envoi"), bilan.masquees)
    st.markdown("\n\n".join(phrases) if phrases else "Aucun statut d’indicateur ne change.")
    if bilan.effets:
        c.show_part(bilans.list_effets(bilan.effets, lignes), "Statuts qui changent", len(bilan.effets))
if bilan.changements:
    n = bilan.cellules_changees
    with st.expander(f"Ancienne et nouvelle valeur ({pluriel(n, 'cellule')})", icon=":material/compare_arrows:", expanded=n <= 30,
                     key=f"avant_apres_{lot}"):
        c.show_part(bilans.list_changements(bilan.changements, contexte.etroit), "Ancienne et nouvelle valeur", n)
if bilan.bloque:
    st.stop()

st.header("Confirmer", anchor=False)
if bilan.propose:
    st.info(bilans.SERA_PROPOSE, icon=":material/how_to_reg:")
with st.form(f"confirmer_{lot}_{donnees.begin_run().version}", border=False):  # a base that moved is looked at again first
    auteur = ask_auteur(obligatoire=bilan.propose)
    exige = f"obligatoire{FINE}: {pluriel(bilan.publiees, 'valeur publiée change', 'valeurs publiées changent')}"
    motif = st.text_input(f"Motif ({exige if bilan.publiees else 'facultatif'})", key=f"motif_{lot}", max_chars=1000)
    confirme = st.form_submit_button("Proposer" if bilan.propose else "Déposer", type="primary", icon=":material/upload_file:")
if confirme:
    complete = replace(demande, auteur=auteur, motif=motif.strip() or None, motif_exige=True)
    try:
        with st.spinner("Écriture du dépôt…"):
            ecrit = donnees.write(get_acces(), deposits.import_files, recus, complete, donnees.open_store().keep_file)
    except ErreurMetier as erreur:
        report_error(erreur)
        st.stop()
    if ecrit.depot:
        st.session_state["_depose"] = ecrit
        st.session_state["_lot"] = lot + 1
    st.rerun()
