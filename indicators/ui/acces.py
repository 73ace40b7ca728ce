"""The person in front of the page: who they are, what they may do, and the pages shown when they may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from indicators import access, audit
from indicators.access import Acces, Personne
from indicators.errors import AccesRefuse
from indicators.formats import FINE
from indicators.model import Attribution, Trace
from indicators.ui import donnees, garde, state
from indicators.ui.server import TITRE
from indicators.ui.server import escape_markdown as sur

NOTEE = "_connexion_notee"


def get_acces() -> Acces:
    """What this person may do, worked out again at each call; `AccesRefuse` when nobody is there any more."""
    personne = _find_personne()
    if personne is None:
        raise AccesRefuse("Votre session est terminée.", "Rechargez la page, puis connectez-vous de nouveau.")
    return donnees.read(access.get_acces, personne)


def find_refus() -> Callable[[], None] | None:
    """The page that tells this visitor why no figure is shown; None when they may see them."""
    personne = _find_personne()
    if personne is None:
        return _show_connexion if garde.is_protected() else _show_poste
    return None if get_acces().peut_lire else _show_sans_role


def ask_auteur(obligatoire: bool = False, cle: str = "auteur") -> str | None:
    """Who makes this dépôt: the signed-in person, said and not typed, else what is typed; two forms of a page differ by `cle`."""
    if signature := get_acces().personne.signature:
        st.caption(f"Au nom de {sur(signature)}.")
        return signature
    libelle = "Auteur (obligatoire)" if obligatoire else "Auteur"
    return st.text_input(libelle, key=cle, persist_state="session", max_chars=200).strip() or None


def get_auteur() -> str | None:
    """Who writes where nothing is asked: the signed-in person, else the name last typed in this session."""
    return get_acces().personne.signature or st.session_state.get("auteur")


def may_take_originals(plans: Sequence[str]) -> bool:
    """May this person have the files as they came? They hold every figure of these plans."""
    acces = get_acces()
    tout = all(map(acces.voit_tout, plans)) if plans else acces.peut_administrer
    return tout and (state.is_local() or acces.personne.connectee)


def note_sign_in() -> None:
    """Write this person's sign-in in the access journal, once a session; raises when it cannot be, and nothing is shown then."""
    personne = get_acces().personne
    if personne.connectee and st.session_state.get(NOTEE) != personne.signature:
        audit.record(donnees.open_store().settings.base, personne.signature or "", Trace.CONNEXION)
        st.session_state[NOTEE] = personne.signature


def trace_export(quoi: str, contenu: Callable[[], bytes]) -> Callable[[], bytes]:
    """What gives the same bytes once their going out is written in the access journal: for files whose figures are not masked."""
    qui, base = get_acces().personne.signature or "poste local", donnees.open_store().settings.base

    def give() -> bytes:
        audit.record(base, qui, Trace.EXPORT, quoi)
        return contenu()

    return give


def show_identite() -> None:
    """Who this is, with which roles, and the way out; on a machine of one's own, that nobody signs in."""
    acces = get_acces()
    if not acces.personne.connectee:
        st.caption("Poste local, sans connexion" if state.is_local() else "Accès ouvert, sans connexion")
        return
    roles = ", ".join(sorted({_name(a) for a in acces.attributions}))
    st.caption(f"{sur(acces.personne.nom)}  \n{sur(roles)}")
    st.button("Se déconnecter", on_click=st.logout, icon=":material/logout:", key="deconnexion")


def show_lecture_seule() -> None:
    """The page of someone who may read and not write."""
    st.title("Votre rôle permet de lire, pas de déposer", anchor=False)
    st.markdown(f"Pour déposer, demandez un rôle de dépôt à {sur(garde.get_connexion().contact)}.")


def show_reserve() -> None:
    """The page of someone who does not administer the tool."""
    st.title("Cette page est réservée à l’administration", anchor=False)
    st.markdown(f"Pour un rôle, une sauvegarde ou une question sur les accès, écrivez à {sur(garde.get_connexion().contact)}.")


def _find_personne() -> Personne | None:
    if not garde.is_protected():
        return access.LOCALE if state.is_local() or garde.get_connexion().ouvert else None
    claims = st.user.to_dict()
    if not claims.get("is_logged_in") or not garde.is_current(claims):
        return None
    return access.read_personne(claims, garde.get_connexion())


def _name(a: Attribution) -> str:
    ou = f" ({a.plan}{f', {a.responsable}' if a.responsable else ''})" if a.plan else ""
    return a.role.label + ou


@contextmanager
def _stand_at_door(titre: str) -> Iterator[None]:
    """What is alone on its page: a panel in the middle, under the name of the tool."""
    st.space("large")
    with st.container(horizontal_alignment="center"), st.container(border=True, width=680):
        st.caption(TITRE)
        st.title(titre, anchor=False)
        yield


def _show_connexion() -> None:
    with _stand_at_door("Connexion"):
        finie = bool(st.user.to_dict().get("is_logged_in"))
        if st.context.cookies.get(garde.ECHEC):
            st.warning(f"La connexion n’a pas abouti{FINE}: le service d’identité ne répond pas, ou il l’a refusée. "
                       f"Réessayez{FINE}; si cela recommence, écrivez à {sur(garde.get_connexion().contact)}.",
                       icon=":material/error:")
        st.markdown("Votre session est terminée. Connectez-vous de nouveau pour retrouver cette page." if finie else
                    "Ce tableau de bord suit la protection de l’enfance. Connectez-vous pour l’ouvrir.")
        st.button("Se connecter", on_click=st.login, type="primary", icon=":material/login:", key="connexion")


def _show_poste() -> None:
    with _stand_at_door("Ce tableau de bord ne s’ouvre que sur son poste"):
        st.markdown("Il tourne sans connexion, pour la seule personne qui utilise la machine. Pour l’ouvrir à d’autres, "
                    f"{sur(garde.get_connexion().contact)} doit y configurer la connexion.")


def _show_sans_role() -> None:
    personne = _find_personne()
    identifiant = personne.identifiant if personne and personne.identifiant else "aucune adresse vérifiée"
    with _stand_at_door("Vous n’avez pas encore accès"):
        st.markdown(f"Vous êtes connecté·e en tant que **{sur(personne.nom if personne else '')}** ({sur(identifiant)}), "
                    f"sans rôle sur ce tableau de bord{FINE}: aucun chiffre ne vous est montré.")
        st.markdown(f"Demandez un rôle à {sur(garde.get_connexion().contact)}, en donnant l’identité ci-dessus. "
                    "Il prend effet dès que la page est rechargée.")
        st.button("Se déconnecter", on_click=st.logout, icon=":material/logout:", key="deconnexion")
