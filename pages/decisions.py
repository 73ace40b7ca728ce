"""Décisions: what the meetings decided, who does it, by when, how far it has gone; followed from here."""

from dataclasses import replace
from datetime import date

import streamlit as st

from indicators.errors import ErreurMetier
from indicators.formats import INSECABLE, format_date, format_horodatage, pluriel, titre
from indicators.meetings.decisions import change_decision
from indicators.meetings.diapos import write_retard
from indicators.model import EtatDecision, Provenance
from indicators.queries import get_etat_plan, get_vue, list_connues, seances
from indicators.queries.seances import Decision
from indicators.ui import acces, donnees
from indicators.ui import components as c
from indicators.ui.donnees import read
from indicators.ui.filtres import choose_filter
from indicators.ui.server import report_error
from indicators.ui.state import choose_code, get_contexte

contexte = get_contexte()
plan = contexte.plan
jour = date.today()
toutes = read(seances.list_decisions, plan.plan, jour)
actions = {a.action: f"{a.action} {a.libelle_court}" for a in read(get_etat_plan, read(get_vue, plan)).actions}
noms = {s.code: titre(s.nom) for s in read(seances.list_seances, plan.plan)}

if fait := st.session_state.pop("_decision_suivie", None):
    st.success(fait, icon=":material/check:")
if not toutes:
    st.title("Aucune décision n’est encore enregistrée", anchor=False)
    st.markdown("Elles s’écrivent pendant une séance, sur la diapositive de l’action, ou se déposent avec la table "
                "«\u00a0decision\u00a0».")
    c.link_page("copil", "Ouvrir les séances")
    st.stop()
ouvertes = [d for d in toutes if d.ouverte]
retard = f"{dont} au {format_date(jour)}" if (dont := write_retard(ouvertes)) else ""
combien = pluriel(len(ouvertes), "décision ouverte", "décisions ouvertes") if ouvertes else "Aucune décision ouverte"
st.title(f"{combien} sur {len(toutes)}{retard}", anchor=False)
inventees = sum(d["provenance"] == Provenance.ILLUSTRATIF for d in read(list_connues, read(get_vue, plan), "decision"))
if inventees:
    illustratives = pluriel(inventees, "décision illustrative", "décisions illustratives")
    st.caption(f":material/science: Démonstration\u202f: {illustratives} sur {len(toutes)}.")

a, b, d_, e = st.columns(4)
with a:
    seance = choose_filter("Séance", noms, "seance", "Toutes")
with b:
    etats = {"ouvertes": "Encore ouvertes", "retard": "En retard", **{x.value: x.label for x in EtatDecision}}
    etat = choose_filter("État", etats, "etat")
with d_:
    visees = sorted({d.action for d in toutes if d.action})
    action = choose_filter("Action", {x: actions.get(x, x) for x in visees}, "action", "Toutes")
with e:
    qui = choose_filter("Responsable", {x: x for x in sorted({d.qui for d in toutes if d.qui})}, "responsable")
montrees = [d for d in toutes if seance in (None, d.seance) and action in (None, d.action) and qui in (None, d.qui)
            and (etat is None or (etat == "ouvertes" and d in ouvertes) or (etat == "retard" and d.en_retard) or etat == d.etat)]


def write_row(d: Decision) -> dict[str, object]:
    """One decision under French headings; a phone has room for three columns."""
    numero, etat_lu = d.code.replace("-", "\u2011"), d.avancement
    echeance, seance_tenue = format_date(d.echeance) if d.echeance else "", noms.get(d.seance, d.seance)
    objet = c.build_link("action", d.action, actions.get(d.action, d.action)) if d.action else "Tout le plan"
    if contexte.etroit:
        suite = f"{INSECABLE}· ".join(filter(None, (etat_lu, d.qui, echeance, d.motif)))
        return {"Décision": f"{numero}{INSECABLE}· {d.texte}", "Suite": suite, "Action": objet}
    return {"N°": numero, "Décision": d.texte, "Action": objet, "Responsable": d.qui,
            "Échéance": echeance, "État": etat_lu, "Motif": d.motif,
            "Séance": c.Lien(seance_tenue, c.write_address("copil", seance=d.seance))}


if montrees:
    with st.container(key="decisions"):
        c.show_rows([write_row(d) for d in reversed(montrees)], "Décisions")
    st.caption("Source\u202f: relevés de décisions déposés, tels qu’ils sont connus aujourd’hui. "
               f"Territoire\u202f: {c.sur(plan.nom)}.")
else:
    st.markdown("Aucune décision ne répond à ces choix\u202f: retirez-en un.")

st.header("Suivre une décision", anchor=False)
if not acces.get_acces().peut_piloter:
    st.caption("Suivre une décision demande le rôle de pilotage.")
    st.stop()
code = choose_code("Décision", {d.code: f"{d.code} — {d.texte}" for d in reversed(montrees or toutes)}, "code", obligatoire=True,
                   filter_mode="contains")
decision = next(d for d in toutes if d.code == code)
with st.form(f"suivre_{code}_{donnees.begin_run().version}", border=False):
    gauche, milieu, droite = st.columns(3)
    avance = gauche.selectbox("État", list(EtatDecision), list(EtatDecision).index(decision.etat), format_func=lambda x: x.label)
    echeance = milieu.date_input("Échéance", decision.echeance, format="DD/MM/YYYY")
    charge = droite.text_input("Responsable", decision.responsable or "", max_chars=200,
                               help="Le code d’un partenaire du plan, montré par son nom, ou tout autre nom.")
    motif = st.text_input("Motif", max_chars=1000, placeholder="Pourquoi elle change\u202f: il restera dans le journal")
    auteur = acces.ask_auteur()
    demande = st.form_submit_button("Enregistrer", type="primary")
if demande:
    suivie = replace(decision, etat=avance, echeance=echeance, responsable=charge.strip() or None,
                     motif=motif.strip() or decision.motif)
    try:
        bilan = donnees.write(acces.get_acces(), change_decision, plan.plan, suivie, auteur, motif.strip() or None,
                              donnees.open_store().keep_file)
    except ErreurMetier as erreur:
        report_error(erreur)
    else:
        st.session_state["_decision_suivie"] = f"Décision {code} enregistrée." if bilan.depot else "Rien n’a changé."
        st.rerun()
st.subheader(f"Histoire de la décision {c.sur(code)}", anchor=False)
c.show_rows([{"Le": format_horodatage(h.connu_le, plan.fuseau), "État": h.etat.label,
              "Échéance": format_date(h.echeance) if h.echeance else "", "Responsable": h.qui, "Motif": h.motif,
              "Par": h.auteur, "Dépôt": c.build_link_depot(h.depot, f"n°\u00a0{h.depot}")}
             for h in read(seances.list_histoire, plan.plan, code)], f"Histoire de la décision {code}")
