"""The script that runs before every page, at each run: identity of the page, plan and dates, menu, warnings."""

from __future__ import annotations

import streamlit as st

from indicators.formats import format_date, format_horodatage
from indicators.theme import CSS_TUILES
from indicators.ui import components, donnees, server, state

MENU = (
    ("synthese", "Synthèse", ":material/dashboard:"),
    ("plan", "Plan", ":material/view_timeline:"),
    ("action", "Action", ":material/assignment:"),
    ("indicateur", "Indicateur", ":material/timeline:"),
    ("partenaires", "Partenaires", ":material/handshake:"),
    ("depot", "Déposer", ":material/upload_file:"),
    ("journal", "Journal", ":material/history:"),
    ("contexte", "Contexte", ":material/public:"),
    ("methode", "Méthode", ":material/menu_book:"),
)

SANS_PLAN = ("depot", "journal", "methode")  # what works before any plan, and brings the first one

st.set_page_config(page_title=server.TITRE, page_icon=str(server.ICONE), layout="wide", initial_sidebar_state=260)
donnees.begin_run()
pages = {nom: st.Page(server.RACINE / "pages" / f"{nom}.py", title=titre, icon=icone, url_path=nom, default=nom == server.ACCUEIL)
         for nom, titre, icone in MENU}
st.session_state["_pages"] = pages
page = st.navigation(list(pages.values()))
donnees.forget_rehearsal(page.title)
with st.sidebar:
    contexte = state.choose_contexte()
st.html(f"<style>{CSS_TUILES(contexte.mode)}{components.CSS}</style>")

if probleme := donnees.open_store().probleme:
    dit = (server.escape_markdown(texte) for texte in (probleme.message, probleme.conseil))
    st.error("\n\n".join(dit), icon=":material/database:")
if contexte.plan.plan:
    st.caption(f"{server.escape_markdown(contexte.plan.intitule)} · situation au {format_date(contexte.vue.observe_au)} · "
               f"données connues au {format_horodatage(contexte.vue.connu_au, contexte.plan.fuseau)}")
elif page.url_path not in SANS_PLAN:
    st.title("Aucun plan n’est encore déposé", anchor=False)
    st.markdown("Déposez d’un coup les fichiers de votre plan : au moins plan.csv, puis orientation.csv, action.csv et "
                "indicateur.csv. Le guide dit ce que chacun contient. La commande « python -m indicators init » apporte les "
                "plans de démonstration.")
    components.link_page("depot", "Déposer un plan")
    components.link_page("methode", "Lire le guide")
    st.stop()
page.run()
