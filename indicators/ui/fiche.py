"""Parts of the fiche of one action, in the order of the page; each one says why it is empty."""

from __future__ import annotations

import streamlit as st

from indicators import explanations, fiche, queries
from indicators.charts import build_mini
from indicators.formats import FINE, format_date
from indicators.model import Provenance, Role
from indicators.queries import Action, seances
from indicators.queries.series import get_etat_et_series
from indicators.sentences import describe_trajectoire
from indicators.suivi import is_web
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.state import get_contexte


def show_cadre(a: Action) -> None:
    """Who does it, for whom, and when."""
    vue = get_contexte().vue
    noms = {p["code"]: p["nom"] for p in read(queries.list_connues, vue, "partenaire")}
    participations = read(queries.list_connues, vue, "participation", a.action)

    def list_partenaires(role: Role) -> str:
        return ", ".join(noms[p["partenaire"]] + (f" [{p['convention']}]" if p["convention"] else "")
                         for p in participations if p["role"] == role)

    st.header("Qui et quand", anchor=False)
    c.show_facts([
        ("Pilote", list_partenaires(Role.PILOTE) or "à désigner"), ("Copilotes", list_partenaires(Role.COPILOTE)),
        ("Contributeurs", list_partenaires(Role.CONTRIBUTEUR)), ("Début", format_date(a.debut) if a.debut else "non daté"),
        ("Échéance", fiche.write_echeance(a) or "non datée"), ("Priorité", a.priorite or ""), ("Publics", a.publics or ""),
        ("Description", a.description or ""),
    ], "Qui et quand")
    if any(p["convention"] for p in participations):
        st.caption(f"Entre crochets{FINE}: la convention ou le plan qui rattache le partenaire à l’action.")


def show_etapes(a: Action) -> None:
    """Its steps, done or to be done at the date looked at."""
    vue = get_contexte().vue
    etapes = read(queries.list_connues, vue, "etape", a.action)
    st.header("Étapes", anchor=False)
    if not etapes:
        st.markdown(f"Aucune étape n’est déposée pour cette action{FINE}: la table «\u00a0etape\u00a0» les apporte.")
        return
    faites = [e["fait_le"] is not None and e["fait_le"] <= vue.observe_au for e in etapes]
    for e, faite in zip(etapes, faites, strict=True):
        prevue = f"prévue le {format_date(e['prevu_le'])}" if e["prevu_le"] else "à faire"
        quand = f"faite le {format_date(e['fait_le'])}" if faite else prevue
        st.markdown(f":material/{'check_circle' if faite else 'radio_button_unchecked'}: {c.sur(e['intitule'])} · {quand}")
    st.caption(f"{sum(faites)} sur {len(etapes)} faites au {format_date(vue.observe_au)}.")


def show_indicateurs(a: Action) -> None:
    """Its indicators as small multiples, each with its status and its sentence."""
    contexte = get_contexte()
    vue = contexte.vue
    st.header("Ses indicateurs", anchor=False)
    suivis = {i for action, i in read(queries.list_rattachements, vue) if action == a.action}
    etat, series = read(get_etat_et_series, vue)
    lignes = [x for x in etat.lignes if x.indicateur in suivis]
    if not lignes:
        st.markdown(f"Aucun indicateur n’est rattaché à cette action{FINE}: rien ne permet de dire si elle produit son effet.")
    with st.grid(3, min_column_width=260, gap="small"):
        for x in lignes:
            with st.container(border=True, height="stretch", gap="xsmall", key=f"indicateur_{x.indicateur}"):
                st.markdown(f"{c.show_badges(x.statut)} :gray-badge[{x.type.label}]")
                c.link_indicateur(x.indicateur, x.intitule)
                if (serie := series[x.indicateur]).points:
                    figure = build_mini(x, serie.points, serie.cibles, contexte.mode)
                    c.show_chart(figure, f"mini_{x.indicateur}", describe_trajectoire(x, serie.points))
                st.markdown(c.sur(explanations.write_statut(x)))
    if len(lignes) > 1:
        st.caption(f"Chaque petit graphique a sa propre échelle verticale{FINE}; la page de l’indicateur donne ses valeurs en "
                   "tableau.")


def show_budget(a: Action) -> None:
    """What was planned and spent, year by year."""
    budget = read(queries.list_connues, get_contexte().vue, "budget", a.action)
    st.header("Budget", anchor=False)
    if not budget:
        st.markdown(f"Aucun montant n’est déposé pour cette action{FINE}: la table «\u00a0budget\u00a0» les apporte.")
        return
    st.markdown(fiche.write_budget(budget))
    with st.container(key="budget"):
        c.show_rows(fiche.list_budget(budget), "Budget de l’action")


def show_decisions(a: Action) -> None:
    """What past séances decided of it, and where each decision stands."""
    vue = get_contexte().vue
    st.header("Décisions", anchor=False)
    toutes = read(seances.list_decisions, vue.plan, vue.observe_au, vue.connu_au)
    if decisions := [d for d in toutes if d.action == a.action]:
        rangs = fiche.list_decisions(decisions, read(seances.list_seances, vue.plan, vue.connu_au))
        c.show_rows(rangs, "Décisions prises sur l’action")
        c.link_page("decisions", "Suivre les décisions")
    else:
        st.markdown("Aucune séance n’a pris de décision sur cette action.")


def show_suivi(a: Action) -> None:
    """What was said of it up to the date looked at."""
    vue = get_contexte().vue
    st.header("Historique du suivi", anchor=False)
    suivi = [s for s in read(queries.list_connues, vue, "suivi_action", a.action) if s["date"] <= vue.observe_au]
    if suivi:
        rangs = fiche.list_suivi(suivi)
        with st.container(key="histoire"):
            c.show_part(rangs, "Historique du suivi", len(rangs), 40)
    else:
        st.markdown(f"Personne n’a encore rien dit de cette action au {format_date(vue.observe_au)}.")


def show_liens(a: Action) -> None:
    """Documents of the action, and the national repères that it answers."""
    vue = get_contexte().vue
    st.header("Documents et textes", anchor=False)
    liens = read(queries.list_connues, vue, "lien", a.action)
    reperes = {r["code"]: r for r in read(queries.list_connues, vue, "repere")}
    if not liens:
        st.markdown("Aucun document ni texte n’est lié à cette action.")
    rangs = []
    for lien in liens:
        if repere := reperes.get(lien["adresse"]):
            quoi = c.Lien(repere["intitule"], c.write_address("contexte"))
            genre, dit = f"Répond à ({format_date(repere['date'])})", lien["intitule"]
        else:
            genre, dit = "Document", lien["source"]
            quoi = c.Lien(lien["intitule"] or lien["adresse"], lien["adresse"], dehors=True) if is_web(lien["adresse"]) else (
                " — ".join(filter(None, (lien["intitule"], lien["adresse"]))))
        rangs.append({"Nature": genre, "Vers": quoi, "Précision": dit, "Provenance": Provenance(lien["provenance"]).label})
    if rangs:
        c.show_rows(rangs, "Documents et textes liés à l’action")
