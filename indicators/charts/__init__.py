"""Charts as pure functions: typed rows in, one `go.Figure` out, drawn in a single constructor call; names in boxes (frise,
matrice, chronologie) are an HTML table instead.

A chart draws columns of the views and computes no progress: status of each point, expected value, trend and interval are read.
Times are decimal years: 31/12/2022 is 2023.0, as `mois` / 12 of the views. Every text that comes from data is escaped,
since plotly reads a small HTML. Labels are placed in pixels, hence fixed margins and one assumed width for each variant.
"""

from indicators.charts.carte import build_carte
from indicators.charts.cascade import build_cascade
from indicators.charts.chemin import build_chemin
from indicators.charts.chronologie import CSS_CHRONOLOGIE, build_chronologie
from indicators.charts.frise import CSS_FRISE, build_frise
from indicators.charts.haltere import build_haltere
from indicators.charts.marks import annee, ecarter
from indicators.charts.matrice import CSS_MATRICE, build_matrice
from indicators.charts.mini import build_mini
from indicators.charts.repartition import Rangee, build_repartition
from indicators.charts.trajectoire import build_trajectoire
from indicators.charts.valeurs import graduations
from indicators.charts.xmr import build_xmr

__all__ = ["CSS_CHRONOLOGIE", "CSS_FRISE", "CSS_MATRICE", "Rangee", "annee", "build_carte", "build_cascade", "build_chemin",
           "build_chronologie", "build_frise", "build_haltere", "build_matrice", "build_mini", "build_repartition",
           "build_trajectoire", "build_xmr", "ecarter", "graduations"]
