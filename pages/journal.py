"""Journal: every dépôt, who, when, why and what it changed; one of them opened, its files, and taking it back."""


import streamlit as st

from indicators import bilans, deposits, queries
from indicators.errors import DepotRefuse, ErreurMetier
from indicators.formats import FINE, INSECABLE, accord, format_horodatage, format_nombre, pluriel, titre
from indicators.model import EtatDepot, TypeDepot
from indicators.queries import Depot
from indicators.ui import components as c
from indicators.ui import donnees
from indicators.ui.acces import ask_auteur, get_acces
from indicators.ui.originaux import show_originaux
from indicators.ui.paquet import show_paquet
from indicators.ui.propositions import show_waiting
from indicators.ui.server import report_error
from indicators.ui.state import choose_code, get_contexte, name_plans

noms = name_plans(donnees.read(queries.list_plans))
contexte = get_contexte()
fuseau = contexte.plan.fuseau
depots: tuple[Depot, ...] = donnees.read(queries.list_depots)
apports = donnees.read(queries.list_apports)
touches = donnees.read(queries.list_plans_touches)
plans: dict[int, list[str]] = {}
for numero, code in touches:
    plans.setdefault(numero, []).append(noms.get(code, code))


def show_depot(d: Depot) -> None:
    """One dépôt: its facts, then its files, which may be taken back as they came."""
    c.show_facts([
        ("Nature", bilans.write_nature(d)), ("État", titre(bilans.write_etat(d, depots))),
        ("Reçu le", format_horodatage(d.recu_le, fuseau)),
        ("Connu le", format_horodatage(d.connu_le, fuseau) if d.connu_le != d.recu_le else ""),
        ("Plan", ", ".join(plans.get(d.id, []))), ("Auteur", d.auteur or "non précisé"), ("Motif", d.motif or "non précisé"),
        ("Apporte", bilans.write_apports(apports, d.id)),
    ], f"Dépôt n°{INSECABLE}{d.id}")
    show_originaux(d.id, [code for numero, code in touches if numero == d.id])


def show_undo(d: Depot) -> None:
    """What cancelling it, or taking its cancellation back, would change; then the form that does it."""
    verbe = "Reprendre cette annulation" if d.type is TypeDepot.ANNULATION else "Annuler ce dépôt"
    with st.expander(verbe, icon=":material/undo:", key=f"annuler_{d.id}", on_change="rerun") as volet:
        if not volet.open:
            return
        cle = f"suivants_{d.id}"
        suivants = bool(st.session_state.get(cle))
        refus = None
        try:
            with st.spinner("Calcul de l’effet…"):
                bilan = donnees.rehearse(get_acces(), deposits.cancel_with_effects, d.id, "essai", "essai", suivants)
        except DepotRefuse as erreur:
            refus = erreur
            report_error(refus)
        if refus or suivants:
            st.checkbox("Annuler aussi les dépôts qui en dépendent", key=cle)
        if refus:
            return
        if (n := len(bilan.depots)) > 1:
            st.markdown(f"{pluriel(n, 'dépôt')} {accord(n, 'serait annulé', 'seraient annulés')}.")
        cause = "cette reprise" if d.type is TypeDepot.ANNULATION else "cette annulation"
        phrases = bilans.write_effets(bilan.effets, cause, bilan.masquees)
        st.markdown("\n\n".join(phrases) if phrases else "Aucun statut d’indicateur ne change.")
        if bilan.effets:
            lignes = donnees.read(queries.get_etat_plan, contexte.vue).lignes
            c.show_part(bilans.list_effets(bilan.effets, lignes), "Statuts qui changent", len(bilan.effets), 50)
        if bilan.changements:
            with st.container(key="avant_apres_annulation"):
                st.markdown("**Ce qui disparaît et ce qui revient**")
                changements = bilans.list_changements(bilan.changements, contexte.etroit)
                c.show_part(changements, "Ce qui revient", bilan.cellules_changees, 50)
        with st.form(f"annulation_{d.id}_{donnees.begin_run().version}", border=False):
            auteur = ask_auteur(any(x.type is TypeDepot.ACCEPTATION and x.porte_sur in (d.id, d.porte_sur) for x in depots))
            motif = st.text_input("Motif (obligatoire)", key=f"motif_annulation_{d.id}", max_chars=1000)
            confirme = st.form_submit_button(verbe, type="primary", icon=":material/undo:")
        if confirme:
            with st.spinner("Écriture…"):
                fait = donnees.write(get_acces(), deposits.cancel_with_effects, d.id, motif, auteur, suivants)
            st.session_state["_annule"] = fait.depots
            st.rerun()


def write_row(d: Depot) -> dict[str, object]:
    """One dépôt under French headings, its number the way to open it; a phone has room for two columns."""
    numero, etat, connu = format_nombre(d.id), bilans.write_etat(d, depots), format_horodatage(d.connu_le, fuseau)
    nature, ou = bilans.write_nature(d), ", ".join(plans.get(d.id, []))
    apporte = bilans.write_apports(apports, d.id)
    if contexte.etroit:
        faits = (ou, etat, nature if d.type is not TypeDepot.DEPOT else "", d.motif, apporte)
        return {"Dépôt": c.build_link_depot(d.id, f"n°{INSECABLE}{numero}, {connu}"),
                "Contenu": f"{INSECABLE}· ".join(filter(None, faits))}
    return {"N°": c.build_link_depot(d.id, numero), "Connu le": connu, "Reçu le": format_horodatage(d.recu_le, fuseau),
            "Nature": nature, "État": titre(etat), "Plan": ou, "Auteur": d.auteur, "Motif": d.motif, "Apporte": apporte}


st.title("Journal des dépôts", anchor=False)
if ecrits := st.session_state.pop("_annule", None):
    st.success(f"Écrit sous {accord(len(ecrits), 'le numéro', 'les numéros')} {', '.join(map(str, ecrits))}{FINE}: "
               "le journal en garde la trace, et cela peut être repris.", icon=":material/check_circle:")
show_waiting(depots, plans)
if not depots:
    st.markdown(f"Aucun dépôt n’est encore fait{FINE}: le premier apporte un plan.")
    c.link_page("depot", "Déposer un plan")
    st.stop()
comptes = sum(d.etat is not EtatDepot.PROPOSE for d in depots)
st.markdown(f"{pluriel(comptes, 'dépôt')}, tous plans confondus. Rien n’est effacé{FINE}: un dépôt s’annule, et l’annulation "
            "se reprend.")
numeros = {str(d.id): f"n°{INSECABLE}{d.id} — {format_horodatage(d.connu_le, fuseau)} — {d.motif or bilans.write_nature(d)}"
           for d in depots}
choisi = choose_code("Ouvrir un dépôt", numeros, "depot", filter_mode="contains")
if choisi:
    ouvert = next(d for d in depots if str(d.id) == choisi)
    st.header(f"Dépôt n°{INSECABLE}{ouvert.id}", anchor=False)
    show_depot(ouvert)
    if get_acces().peut_ecrire and bilans.can_undo(ouvert, depots):
        try:
            show_undo(ouvert)
        except ErreurMetier as erreur:
            report_error(erreur)
st.header("Tous les dépôts", anchor=False)
c.show_part([write_row(d) for d in depots], "Tous les dépôts", len(depots))
show_paquet()
