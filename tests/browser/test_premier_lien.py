"""The very first visitor after a start, on a deep link: the frame must run, and only our menu must be sent.

Streamlit's protocol is spoken directly, so no browser can hide what was sent first (see the docstring of app.py).
"""

from __future__ import annotations

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from indicators.ui.server import PAGES


def visit(hote: str, page: str, requete: str = "") -> tuple[list[list[str]], str]:
    """Ask for a page as a browser does; the menus received, each a list of titles, and the text of all elements."""
    menus, elements = [], []
    demande = BackMsg()
    demande.rerun_script.page_name, demande.rerun_script.query_string = page, requete
    with connect(f"ws://{hote}/_stcore/stream", subprotocols=["streamlit"], origin=f"http://{hote}", max_size=None) as ws:
        ws.send(demande.SerializeToString())
        while True:
            recu = ForwardMsg.FromString(ws.recv(timeout=30))
            match recu.WhichOneof("type"):
                case "navigation":
                    menus.append([p.page_name for p in recu.navigation.app_pages])
                case "delta":
                    elements.append(str(recu.delta))
                case "script_finished":
                    return menus, " ".join(elements)


@pytest.mark.parametrize(("page", "requete"), [("action", "plan=isere-2020-2024"), ("", "")])
def test_first_visitor_gets_our_frame(serveur_neuf, page, requete):
    menus, texte = visit(serveur_neuf, page, requete)
    assert len(menus) == 1, menus
    titres = menus[0]
    assert {"Synthèse", "Action", "Indicateur", "Contexte", "Méthode"} <= set(titres)
    assert not set(titres) & set(PAGES), "des noms de fichier dans le menu"
    assert "exception" not in texte.lower()


def test_every_page_is_in_the_menu(serveur):
    menus, _ = visit(serveur, "")
    assert len(menus[0]) == len(PAGES)
