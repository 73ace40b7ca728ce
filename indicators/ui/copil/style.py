"""Look of a meeting on a screen: no menu, one scale for all that is read, which follows the screen as a slide does."""

# 1 rem is 22 px on 1920 x 1080: what the room reads is never under 0.91 rem, that is 20 px. Every rule hangs on a slide.
CSS = """
html:has(.st-key-diapo){font-size:clamp(15px,min(1.146vw,2.037vh),44px)!important}
body:has(.st-key-diapo) :is([data-testid=stHeader],[data-testid=stSidebar],[data-testid=stExpandSidebarButton]){display:none}
body:has(.st-key-diapo) [data-testid=stMainBlockContainer]{padding:1.2rem 3.2vw 1rem;max-width:100%}
body:has(.st-key-diapo) [data-testid=stBottomBlockContainer]{padding:.5rem 3.2vw .9rem;max-width:100%}
.st-key-diapo{gap:.7rem;min-height:calc(100vh - 6.4rem)}
.st-key-ouverture{height:100%;justify-content:center;gap:.9rem}
.st-key-ouverture h1{font-size:3.3rem!important}
.st-key-ouverture [data-testid=stMarkdownContainer] p{font-size:1.5rem!important}
[data-testid=stLayoutWrapper]:has(> .st-key-ouverture){flex:1}
[data-testid=stLayoutWrapper]:has(> .st-key-pied){margin-top:auto}
.st-key-diapo .surtitre{margin:0;font-size:1rem}
.st-key-diapo h1{font-size:2.15rem;line-height:1.15;padding:0 0 .55rem}
.st-key-diapo h2{font-size:1.2rem;padding:.3rem 0 0}
.st-key-diapo [data-testid=stMarkdownContainer] :is(p,li){font-size:1.05rem;line-height:1.35}
.st-key-diapo [data-testid=stCaptionContainer] :is(p,li){font-size:.91rem;line-height:1.3}
.st-key-diapo .stMarkdownBadge{font-size:1.05rem!important;padding:.2rem .55rem;white-space:normal;line-height:1.3}
.st-key-diapo :is(.lignes,.faits){font-size:1.05rem}
.st-key-diapo .lignes :is(th,td){padding:.42rem 1rem .42rem 0}
.st-key-dense{gap:.7rem}
.st-key-dense .lignes{font-size:.95rem;line-height:1.2}
.st-key-diapo .st-key-dense .lignes :is(th,td){padding:.27rem 1rem .27rem 0}
.st-key-diapo [data-testid=stWidgetLabel] p{font-size:.95rem}
.st-key-diapo :is(input,textarea){font-size:1rem}
.st-key-diapo [data-testid=stExpander] summary p{font-size:.95rem}
.st-key-diapo :is(.stButton,[data-testid=stFormSubmitButton]) p{font-size:1rem}
.st-key-decision{padding:.7rem .8rem;gap:.5rem}
.mosaique{display:grid;grid-template-columns:repeat(4,1fr);gap:1.1rem;margin-top:.3rem}
.mosaique h2{font-weight:600;margin:0 0 .4rem}
.mosaique h2 b{font-size:2rem;font-weight:750;margin-right:.2rem}
.mosaique ul{list-style:none;margin:0;padding:0;display:grid;gap:.4rem}
.mosaique li{border-radius:6px;padding:.35rem .6rem;margin:0;font-size:1.05rem;line-height:1.25;display:flex;
  flex-direction:column}
.mosaique.dense li{flex-flow:row wrap;justify-content:space-between;padding:.15rem .6rem;font-size:.91rem}
.st-key-barre{gap:.6rem}
.st-key-barre [data-testid=stPageLink] a{background:none;padding:.3rem 0}
.st-key-barre :is(p,a,button){font-size:.95rem!important}
.st-key-horloge{flex-wrap:nowrap;white-space:nowrap}
[data-testid=stLayoutWrapper]:has(> .st-key-grand){height:calc(609px*var(--ecran,1));overflow:clip}
.st-key-grand{width:calc(100%/var(--ecran,1));max-width:none;height:609px}
.st-key-grand .plot-container{transform:scale(var(--ecran,1));transform-origin:0 0}
.st-key-grand :is(.js-plotly-plot,.svg-container){overflow:visible!important;pointer-events:none}
.st-key-grand [data-testid=stFullScreenFrame]{pointer-events:none}
@media (max-width:1000px){
:is(.st-key-diapo,.st-key-dense) > [data-testid=stLayoutWrapper] > [data-testid=stHorizontalBlock]{flex-direction:column}
:is(.st-key-diapo,.st-key-dense) > [data-testid=stLayoutWrapper] > [data-testid=stHorizontalBlock] > [data-testid=stColumn]{
  width:100%;flex:none}
.mosaique{grid-template-columns:repeat(2,1fr)}
.st-key-diapo h1{font-size:1.8rem}
.st-key-barre{flex-wrap:nowrap}
.st-key-point,.st-key-horloge_remettre{display:none}
}
@media (max-width:760px){
.st-key-barre .stButton [data-testid=stMarkdownContainer]{position:absolute;clip-path:inset(50%)}
}
@media (max-width:640px){
.mosaique{grid-template-columns:1fr}
.st-key-diapo h1{font-size:1.5rem}
.st-key-horloge{display:none}
.st-key-barre .stButton [data-testid=stMarkdownContainer]{position:static;clip-path:none}
}
"""
