"""Action: its fiche. What people say of it, what the dates say, and its indicators, each kept apart."""

import streamlit as st

from indicators import explanations, queries
from indicators.charts import build_mini
from indicators.formats import format_date, format_nombre, titre
from indicators.model import Role
from indicators.queries import Action
from indicators.sentences import describe_trajectoire
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.state import choose_code, get_contexte

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
actions: dict[str, Action] = {a.action: a for a in read(queries.get_etat_plan, vue).actions}
if not actions:
    st.title("Ce plan n’a pas encore d’action à cette date", anchor=False)
    st.markdown("Déposez sa table « action », ou choisissez une date plus récente dans le menu.")
    st.stop()
titres = {k: f"{k} — {a.intitule}" for k, a in actions.items()}
code = choose_code("Action", titres, "code", obligatoire=True, filter_mode="contains")
a = actions[code or next(iter(actions))]
orientation = next((o for o in read(queries.list_orientations, vue) if o.code == a.orientation), None)

if orientation:
    st.caption(f"{c.sur(titre(plan.niveau_1))} {c.sur(orientation.code)} · {c.sur(orientation.intitule)}")
st.title(c.sur(a.intitule), anchor=False)
le = f" au {format_date(a.statut_le)}" if a.statut_le else ""
rythme = f"{a.dans_le_rythme} sur {a.evalues} dans le rythme" if a.evalues else "aucun ne peut être évalué"
st.markdown(f"{c.show_badges(a.cellule)} {c.sur(titre(a.cellule_raison))}.")
st.markdown(f"Statut de l’action{le} : **{a.statut.label}** · indicateurs : {rythme}"
            + (f" · météo : {a.meteo.label.lower()}" if a.meteo else "")
            + (f" · bilan : {a.bilan.label.lower()}" if a.bilan else ""))
if a.commentaire:
    st.markdown(f"> {c.sur(a.commentaire)}")
if a.alertes:
    st.warning(f"À compléter : action {', '.join(a.alertes)}.", icon=":material/rule:")
st.caption(f":material/label: {a.provenance.label} — {c.sur(a.source or '')}")

gauche, droite = st.columns([1, 1], gap="large")
with gauche:
    st.header("Qui et quand", anchor=False)
    noms = {p["code"]: p["nom"] for p in read(queries.list_connues, vue, "partenaire")}
    participations = read(queries.list_connues, vue, "participation", a.action)

    def list_partenaires(role: Role) -> str:
        """Partners of that role, with the convention that attaches them."""
        return ", ".join(noms[p["partenaire"]] + (f" ({p['convention']})" if p["convention"] else "")
                         for p in participations if p["role"] == role)

    echeance = format_date(a.echeance) if a.echeance else ""
    if a.echeance and a.echeance_initiale not in (None, a.echeance):
        echeance += f" (initialement {format_date(a.echeance_initiale)})"
    c.show_facts([
        ("Pilote", list_partenaires(Role.PILOTE)), ("Copilotes", list_partenaires(Role.COPILOTE)),
        ("Contributeurs", list_partenaires(Role.CONTRIBUTEUR)),
        ("Début", format_date(a.debut) if a.debut else ""),
        ("Échéance", echeance),
        ("Priorité", a.priorite or ""), ("Publics", a.publics or ""), ("Description", a.description or ""),
    ], "Qui et quand")
with droite:
    etapes = read(queries.list_connues, vue, "etape", a.action)
    st.header("Étapes", anchor=False)
    if not etapes:
        st.markdown("Aucune étape n’est déposée pour cette action.")
    for e in etapes:
        faite = e["fait_le"] is not None and e["fait_le"] <= vue.observe_au
        prevue = f"prévue le {format_date(e['prevu_le'])}" if e["prevu_le"] else ""
        quand = f"faite le {format_date(e['fait_le'])}" if faite else prevue
        st.markdown(f":material/{'check_circle' if faite else 'radio_button_unchecked'}: {c.sur(e['intitule'])}"
                    + (f" · {quand}" if quand else ""))

st.header("Ses indicateurs", anchor=False)
suivis = {i for action, i in read(queries.list_rattachements, vue) if action == a.action}
lignes = [x for x in read(queries.get_etat_plan, vue).lignes if x.indicateur in suivis]
if not lignes:
    st.markdown("Aucun indicateur n’est rattaché à cette action : rien ne permet de dire si elle produit son effet.")
with st.grid(3, min_column_width=260, gap="small"):
    for x in lignes:
        with st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(c.show_badges(x.statut))
            c.link_indicateur(x.indicateur, x.intitule)
            points = read(queries.list_points, vue, x.indicateur, x.territoire)
            if points:
                figure = build_mini(x, points, read(queries.list_cibles, vue, x.indicateur, x.territoire), contexte.mode)
                c.show_chart(figure, f"mini_{x.indicateur}", describe_trajectoire(x, points))
            st.markdown(c.sur(explanations.write_statut(x)))
if len(lignes) > 1:
    st.caption("Chaque petit graphique a sa propre échelle verticale.")

if budget := read(queries.list_connues, vue, "budget", a.action):
    st.header("Budget", anchor=False)
    c.show_rows([{"Année": b["annee"], "Nature": b["nature"], "Prévu": format_nombre(b["prevu"], 0, "€"),
                  "Dépensé": format_nombre(b["depense"], 0, "€"), "Financeur": b["financeur"]} for b in budget],
                "Budget de l’action")
if decisions := read(queries.list_connues, vue, "decision", a.action):
    st.header("Décisions", anchor=False)
    c.show_rows([{"Séance": d["seance"], "Décision": d["texte"], "Responsable": d["responsable"],
                  "Échéance": format_date(d["echeance"]) if d["echeance"] else "", "État": d["etat"]} for d in decisions],
                "Décisions prises sur l’action")
suivi = [s for s in read(queries.list_connues, vue, "suivi_action", a.action) if s["date"] <= vue.observe_au]
c.show_table([{"Date": format_date(s["date"]), "Statut": queries.label_action(s["statut"]),
               "Météo": queries.label_meteo(s["meteo"]), "Commentaire": s["commentaire"], "Auteur": s["auteur"]}
              for s in reversed(suivi)],
             "Historique du suivi", f"suivi_{a.action}")
for lien in read(queries.list_connues, vue, "lien", a.action):
    st.markdown(f":material/link: {c.sur(lien['intitule'] or lien['adresse'])} — {c.sur(lien['adresse'])}")
