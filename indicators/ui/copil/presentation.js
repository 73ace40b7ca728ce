// The meeting on a screen: keys of a presenter, one scale for charts, drafts of decisions kept in this browser until recorded.
// It acts only while a slide is shown: an element [data-diapos] says how many there are.
(() => {
  "use strict";
  const WRITES = "input, textarea, select, [contenteditable=true], [role=spinbutton], [role=combobox], [role=listbox], [role=radio]";
  const PATIENCE = 3000; // ms between two digits of one number
  const LOOK = 250; // ms between two looks at the fields of a form
  const PREFIX = "brouillon:";
  const root = document.documentElement;

  // -- keys: the address is the only state, so that quick presses add up

  let typed = "";
  let typedAt = 0;

  function goTo(rank, last) {
    const address = new URL(location);
    const current = Number(address.searchParams.get("d")) || 1;
    const next = Math.max(1, Math.min(last, rank(current)));
    if (next === current) return;
    address.searchParams.set("d", next);
    history.pushState(null, "", address);
    dispatchEvent(new PopStateEvent("popstate")); // Streamlit follows, as it does for the Back button
  }

  const MOVES = {
    ArrowRight: (d) => d + 1, PageDown: (d) => d + 1, ArrowLeft: (d) => d - 1, PageUp: (d) => d - 1,
    Home: () => 1, End: () => Infinity,
  };

  function onKey(event) {
    const last = Number(document.querySelector("[data-diapos]")?.dataset.diapos);
    if (!last || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.target.closest?.(WRITES)) return;
    if (event.timeStamp - typedAt > PATIENCE) typed = "";
    if (/^\d$/.test(event.key)) {
      typed += event.key;
      typedAt = event.timeStamp;
      return;
    }
    const number = Number(typed);
    typed = "";
    const move = event.key === "Enter" && number ? () => number : MOVES[event.key];
    if (!move) return;
    event.preventDefault(); // nor scrolls, nor presses the button that has the focus
    event.stopPropagation();
    goTo(move, last);
  }

  // -- charts are drawn for 1920 x 1080 and scaled as a slide is; alone on their line of a narrow window, to its width

  const NARROW = 1000; // px, as in style.py
  function fit() {
    const narrow = innerWidth <= NARROW;
    const [width, height] = narrow ? [812, 1015] : [1920, 1080]; // 760 px of chart hold its labels apart
    root.style.setProperty("--ecran", Math.min(innerWidth / width, innerHeight / height, narrow ? 1 : Infinity).toFixed(4));
  }

  // -- drafts: every keystroke, because Streamlit is told of a text only once it is left. A field says by the class of its key
  // whose draft it holds: a mark of the page may still be the one of the slide before.

  const setters = [HTMLInputElement, HTMLTextAreaElement].map((kind) =>
    [kind, Object.getOwnPropertyDescriptor(kind.prototype, "value").set]);
  const words = (text) => text.replace(/\s+/g, " ").trim();
  const load = (draft) => JSON.parse(localStorage.getItem(PREFIX + draft) || '{"texts": {}}');

  function identify(field) {
    const names = field.closest?.('[class*="st-key-brouillon_"]')?.className.match(/st-key-brouillon_(\S+)_([a-z]+)_lot(\d+)/);
    return names && { draft: names[1], name: names[2], lot: Number(names[3]) };
  }

  function onInput(event) {
    const it = identify(event.target);
    if (!it) return;
    const texts = { ...load(it.draft).texts, [it.name]: event.target.value };
    if (Object.values(texts).some(words))
      localStorage.setItem(PREFIX + it.draft, JSON.stringify({ lot: it.lot, page: performance.timeOrigin, texts }));
    else localStorage.removeItem(PREFIX + it.draft);
  }

  // An empty field whose draft holds a text is given it: Streamlit may empty one again while it builds the form, and says nothing.
  function giveBack() {
    for (const field of document.querySelectorAll('[class*="st-key-brouillon_"] :is(textarea, input)')) {
      const it = identify(field);
      const mark = it && !field.value && document.querySelector(`[data-brouillon="${it.draft}"]`);
      if (!mark) continue;
      const { lot, page, texts } = load(it.draft);
      const recorded = JSON.parse(mark.dataset.enregistrees).map(words);
      const written = (page === performance.timeOrigin && lot < it.lot) || recorded.includes(words(texts.texte || ""));
      if (written) localStorage.removeItem(PREFIX + it.draft); // even if the answer of the server never came back
      else if (texts[it.name]) {
        setters.find(([kind]) => field instanceof kind)[1].call(field, texts[it.name]); // React looks at the native value
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  }

  fit();
  addEventListener("resize", fit);
  addEventListener("keydown", onKey, { capture: true });
  addEventListener("input", onInput, { capture: true });
  setInterval(giveBack, LOOK);
})();
