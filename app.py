"""Entry point: `streamlit run app.py` finds the application below and serves it.

This file only launches: the script that runs for each visitor is `indicators/ui/frame.py`, in a folder without `pages/`, so
that Streamlit cannot fall back to its legacy multipage mode, which would run a page without the frame.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit.runtime import get_instance

from indicators.errors import ErreurMetier
from indicators.ui import garde, server

try:
    garde.check_start()
except ErreurMetier as erreur:
    raise SystemExit(f"{erreur.message}\n{erreur.conseil}") from None


@asynccontextmanager
async def open_service(_app: st.App) -> AsyncIterator[dict]:
    """Open the base and load the heavy modules before the first visitor."""
    from indicators.ui import donnees  # here and not at the top: its caches need Streamlit's runtime

    server.keep_words_out()
    try:
        donnees.open_base()
    except ErreurMetier as erreur:  # said on every page and by /api/etat: a server that does not start would say nothing
        server.journal.error("aucune base à servir : %s", erreur)
    garde.watch_files(get_instance().media_file_mgr)
    import plotly.graph_objects as go

    go.Figure({"data": [{"type": "scatter"}]})  # plotly reads its own classes lazily, at the first figure
    gc.collect()
    gc.freeze()  # the modules stay for ever: the collector need not walk through them again
    yield {}


app = st.App(
    server.FRAME,
    lifespan=open_service,
    routes=server.build_routes(),
    middleware=server.build_middleware(),
    on_script_error=server.report_error,
)

if __name__ == "__main__":
    app.run()
