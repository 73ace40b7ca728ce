"""Plan: every action on a time axis, the deadlines to come and passed, the same rows as a table; filters are in the address."""

import streamlit as st

from indicators import queries
from indicators.charts import build_frise
from indicators.charts.frise import ANNEE, SEMESTRE, list_annees
from indicators.formats import FINE, accord, format_date, pluriel, titre
from indicators.model import Role, Statut, StatutAction
from indicators.queries import Action
from indicators.queries.plan import Echeance, Filtre, keep_actions, list_echeances, list_etapes, list_participations
from indicators.sentences import describe_frise
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.filtres import choose_filter, choose_words, clear_filters
from indicators.ui.state import choose_code, get_contexte

FRISE, CALENDRIER, TABLEAU = "Frise", "Calendrier des échéances", "Tableau"
FILTRES = ("texte", "orientation", "statut", "pilote", "partenaire")

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
actions: tuple[Action, ...] = read(queries.get_etat_plan, vue).actions
participations = read(list_participations, vue)
orientations = {o.code: o for o in read(queries.list_orientations, vue)}

if not actions:
    st.title("Ce plan n’a pas encore d’action à cette date", anchor=False)
    st.markdown("Déposez sa table «\u00a0action\u00a0», ou choisissez une date plus récente dans le menu.")
    st.stop()


def show_echeances(echeances: list[Echeance], nom: str) -> None:
    """Deadlines by day, the first one given beside the one in force."""
    rangs = [{
        "Date": format_date(e.date),
        "Initialement": format_date(e.action.echeance_initiale)
        if e.etape is None and e.action.echeance_initiale not in (None, e.date) else "",
        "Action": c.build_link("action", e.action.action, f"{e.action.action} {e.action.libelle_court}"),
        "Ce qui est attendu": "Échéance de l’action" if e.etape is None else f"Étape{FINE}: {e.etape}",
        "Pilote": e.action.pilotes or "sans pilote", "Statut de l’action": e.action.statut.label,
    } for e in echeances]
    c.show_part(rangs, nom, len(rangs))


depassees = sum(a.echeance_depassee for a in actions)
dites = f"dont {depassees}" if depassees else "aucune"
st.title(f"{pluriel(len(actions), 'action')}, {dites} à l’échéance dépassée au {format_date(vue.observe_au)}", anchor=False)

noms = {p.partenaire: p.nom for p in participations}
pilotes = {p.partenaire: p.nom for p in participations if p.role is Role.PILOTE}
presentes = {a.cellule for a in actions}
cellules = {s.value: s.label for enum in (Statut, StatutAction) for s in enum if s in presentes}
with st.container(key="filtres"), st.grid(6, min_column_width=135, gap="small"):
    texte = choose_words("Chercher", "texte", "un mot, un code")
    orientation = choose_filter(titre(plan.niveau_1), {k: f"{k} {o.intitule}" for k, o in orientations.items()}, "orientation",
                                "Toutes")
    statut = choose_filter("Statut montré", cellules, "statut")
    pilote = choose_filter("Pilote", pilotes, "pilote")
    partenaire = choose_filter("Partenaire", noms, "partenaire")
    pas = choose_code("Échelle", {ANNEE: "Par année", SEMESTRE: "Par semestre"}, "echelle", obligatoire=True)
gardees = keep_actions(actions, participations, Filtre(orientation, statut, pilote, partenaire, texte))
if len(gardees) < len(actions):
    st.button("Effacer les filtres", icon=":material/filter_alt_off:", on_click=clear_filters, args=(FILTRES,))
if not gardees:
    st.info(f"Aucune des {len(actions)} actions du plan ne répond à ces filtres.", icon=":material/search_off:")
    st.stop()

note = describe_frise(gardees, len(actions), vue.observe_au)
frise, calendrier, tableau = st.tabs([FRISE, CALENDRIER, TABLEAU], key="vue_plan", on_change="rerun")
if frise.open:
    with frise:
        groupes = [(o, siennes) for o in orientations.values() if (siennes := [a for a in gardees if a.orientation == o.code])]
        st.caption(c.sur(note))
        st.html(build_frise(groupes, list_annees(plan, actions), vue.observe_au, pas or ANNEE,
                            lambda code: c.write_address("action", code=code), note))
        st.caption(f"Barre{FINE}: du début à l’échéance en vigueur, à la couleur et au signe du statut montré. Hachures{FINE}: "
                   f"l’échéance a été repoussée. Pointillé{FINE}: échéance initiale. Trait plein{FINE}: date observée, le "
                   f"{format_date(vue.observe_au)}. Le statut montré suit la règle de la page Méthode.")
if calendrier.open:
    with calendrier:
        echeances = list_echeances(gardees, read(list_etapes, vue), vue)
        passees, a_venir = ([e for e in echeances if e.depassee is d] for d in (True, False))
        st.header("À venir", anchor=False)
        if a_venir:
            show_echeances(a_venir, "Échéances à venir")
        else:
            fini = f"{FINE}: le plan est terminé à cette date" if vue.observe_au >= plan.fin else ""
            st.markdown(f"Aucune échéance à venir après le {format_date(vue.observe_au)}{fini}.")
        st.header("Dépassées", anchor=False)
        if passees:
            n = len(passees)
            etapes = sum(e.etape is not None for e in passees)
            quoi = " et ".join(pluriel(k, nom) for k, nom in ((n - etapes, "action"), (etapes, "étape")) if k)
            st.markdown(f"{quoi} {accord(n, 'a', 'ont')} passé {accord(n, 'son', 'leur')} échéance sans être "
                        f"{accord(n, 'dite faite', 'dites faites')}.")
            show_echeances(passees, "Échéances dépassées")
        else:
            st.markdown("Aucune échéance n’est dépassée.")
if tableau.open:
    with tableau, st.container(key="toutes_actions"):
        c.show_rows([{
            "Action": c.build_link("action", a.action, f"{a.action} {a.intitule}"), titre(plan.niveau_1): a.orientation,
            "Statut montré": a.cellule.label, "Pourquoi": titre(a.cellule_raison), "Statut de l’action": a.statut.label,
            "Pilote": a.pilotes or "", "Début": format_date(a.debut) if a.debut else "",
            "Échéance initiale": format_date(a.echeance_initiale) if a.echeance_initiale else "",
            "Échéance": format_date(a.echeance) if a.echeance else "",
            "Indicateurs dans le rythme": f"{a.dans_le_rythme} sur {a.evalues}" if a.evalues else "",
            "À compléter": ", ".join(a.alertes), "Provenance": a.provenance.label,
        } for a in gardees], "Toutes les actions")
st.caption(f"Source{FINE}: dépôts du plan. Territoire{FINE}: {c.sur(plan.nom)}.")
