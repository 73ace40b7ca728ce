// The meeting on a screen: keys of a presenter, one scale for charts, drafts of decisions kept in this browser until recorded.
// It acts only while a slide is shown: an element [data-diapos] says how many there are.
(() => {
  "use strict";
  const WRITES = "input, textarea, select, [contenteditable=true], [role=spinbutton], [role=combobox], [role=listbox], [role=radio]";
  const PATIENCE = 3000; // ms between two digits of one number
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

  // -- charts are drawn for 1920 x 1080 and scaled as a slide is

  const fit = () => root.style.setProperty("--ecran", Math.min(innerWidth / 1920, innerHeight / 1080).toFixed(4));

  // -- drafts: every keystroke, because Streamlit is told of a text only once it is left

  const given = new WeakSet();
  const setters = [HTMLInputElement, HTMLTextAreaElement].map((kind) =>
    [kind, Object.getOwnPropertyDescriptor(kind.prototype, "value").set]);
  const words = (text) => text.replace(/\s+/g, " ").trim();

  const fieldsOf = (form) => [...form.querySelectorAll("textarea, input[type=text]")];

  function readDraft(mark) {
    const draft = JSON.parse(localStorage.getItem(PREFIX + mark.dataset.brouillon) || "{}");
    const recorded = JSON.parse(mark.dataset.enregistrees).map(words);
    if (!Object.values(draft).some((text) => recorded.includes(words(text)))) return draft;
    localStorage.removeItem(PREFIX + mark.dataset.brouillon); // written, even if its answer never came back
    return {};
  }

  function onInput(event) {
    const form = event.target.closest?.(".st-key-decision");
    const mark = form?.querySelector("[data-brouillon]");
    if (!mark) return;
    const draft = Object.fromEntries(fieldsOf(form).map((field) => [field.getAttribute("aria-label"), field.value]));
    if (Object.values(draft).some(words)) localStorage.setItem(PREFIX + mark.dataset.brouillon, JSON.stringify(draft));
    else localStorage.removeItem(PREFIX + mark.dataset.brouillon);
  }

  function giveBack() {
    const mark = document.querySelector(".st-key-decision [data-brouillon]");
    if (!mark) return;
    const fields = fieldsOf(mark.closest(".st-key-decision")).filter((field) => !given.has(field));
    if (!fields.length) return;
    const draft = readDraft(mark);
    for (const field of fields) {
      given.add(field);
      const text = draft[field.getAttribute("aria-label")];
      if (!text || field.value) continue;
      setters.find(([kind]) => field instanceof kind)[1].call(field, text); // React looks at the native value
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  fit();
  addEventListener("resize", fit);
  addEventListener("keydown", onKey, { capture: true });
  addEventListener("input", onInput, { capture: true });
  new MutationObserver(giveBack).observe(root, { subtree: true, childList: true });
})();
