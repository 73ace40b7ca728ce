"""The script that runs before every page, at each run: identity of the page, plan and dates, menu, warnings."""

from __future__ import annotations

import streamlit as st

from indicators.errors import ErreurMetier
from indicators.formats import format_date, format_horodatage
from indicators.theme import CSS_TUILES
from indicators.ui import acces, components, donnees, recherche, server, state

MENU = (
    ("synthese", "Synthèse", ":material/dashboard:"),
    ("plan", "Plan", ":material/view_timeline:"),
    ("action", "Action", ":material/assignment:"),
    ("indicateur", "Indicateur", ":material/timeline:"),
    ("territoires", "Territoires", ":material/map:"),
    ("comparaison", "Comparaison", ":material/compare_arrows:"),
    ("copil", "Séances", ":material/groups:"),
    ("decisions", "Décisions", ":material/task_alt:"),
    ("qualite", "Qualité des données", ":material/fact_check:"),
    ("partenaires", "Partenaires", ":material/handshake:"),
    ("depot", "Déposer", ":material/upload_file:"),
    ("journal", "Journal", ":material/history:"),
    ("contexte", "Contexte", ":material/public:"),
    ("methode", "Méthode", ":material/menu_book:"),
    ("administration", "Administration", ":material/admin_panel_settings:"),
)

ECRITURE = ("depot",)  # of no use to who may only read
ADMINISTRATION = ("administration",)
SANS_PLAN = ("depot", "journal", "methode", "administration")  # what works before any plan, and brings the first one

st.set_page_config(page_title=server.TITRE, page_icon=str(server.ICONE), layout="wide", initial_sidebar_state=260)
try:
    donnees.begin_run()
except ErreurMetier as erreur:  # nothing can be served: said, and nothing else runs
    server.report_error(erreur)
    st.stop()
refus = acces.find_refus()
lecteur = refus is not None or not acces.get_acces().peut_ecrire
inutiles = ECRITURE * lecteur + ADMINISTRATION * (refus is not None or not acces.get_acces().peut_administrer)
pages = {nom: st.Page(server.RACINE / "pages" / f"{nom}.py", title=titre, icon=icone, url_path=nom, default=nom == server.ACCUEIL,
                      visibility="hidden" if nom in inutiles else "visible")
         for nom, titre, icone in MENU}
page = st.navigation(list(pages.values()), position="hidden" if refus else "sidebar",
                     expanded=True)
if refus:
    refus()
    st.stop()
try:
    acces.note_sign_in()
except ErreurMetier as erreur:  # who comes in unrecorded does not come in
    server.report_error(erreur)
    st.stop()
st.session_state["_pages"] = pages
donnees.forget_rehearsal(page.title)
with st.sidebar:
    boite = st.container()  # above the dates, which it needs
    contexte = state.choose_contexte(acces.get_acces().voit_tout)
    acces.show_identite()
st.html(f"<style>{CSS_TUILES(contexte.mode)}{components.CSS}</style>")
presente = page.url_path == "copil" and {"seance", "d"} <= set(st.query_params)  # a slide says its own dates
if not (contexte.etroit and presente):
    with st.container() if contexte.etroit else boite:  # on a phone the menu would cover the page that it opens
        recherche.show_recherche()

for probleme in filter(None, (donnees.open_store().probleme, donnees.open_store().avertissement)):
    dit = (server.escape_error(texte) for texte in (probleme.message, probleme.conseil))
    st.error("\n\n".join(dit), icon=":material/database:")
if contexte.plan.plan and not presente:
    st.caption(f"{server.escape_markdown(contexte.plan.intitule)} · situation au {format_date(contexte.vue.observe_au)} · "
               f"données connues au {format_horodatage(contexte.vue.connu_au, contexte.plan.fuseau)}")
elif not contexte.plan.plan and page.url_path not in SANS_PLAN:
    st.title("Aucun plan n’est encore déposé", anchor=False)
    st.markdown("Déposez d’un coup les fichiers de votre plan\u202f: au moins plan.csv, puis orientation.csv, action.csv et "
                "indicateur.csv. Le guide dit ce que chacun contient. La commande «\u00a0python -m indicators init\u00a0» "
                "apporte les plans de démonstration.")
    components.link_page("depot", "Déposer un plan")
    components.link_page("methode", "Lire le guide")
    st.stop()
if lecteur and page.url_path in ECRITURE:
    acces.show_lecture_seule()
    st.stop()
page.run()
