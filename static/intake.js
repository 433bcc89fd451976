// The wizard's script: saving as it is typed, keys, focus. Every step works without it.
(() => {
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const RETRY = 3000;
  let dirty = false; // something on the screen is not saved yet
  let typedAt = 0;
  let retry = 0;
  let leaving = false;

  const form = () => find("#answers");
  const revision = () => find('#saved input[name="revision"]')?.value;
  const fresh = () => new URLSearchParams(new FormData(form()));

  const unsaved = (words) => {
    const place = find("#saved");
    if (!place) return;
    place.classList.add("in-unsaved");
    const said = find("[data-unsaved]", place) || place.insertBefore(document.createElement("span"), place.firstChild);
    said.dataset.unsaved = "";
    said.textContent = words;
    const old = find("#saved-words", place);
    if (old) old.hidden = true;
  };
  const again = () => {
    clearTimeout(retry);
    retry = setTimeout(() => dirty && find("#autosave")?.dispatchEvent(new CustomEvent("again")), RETRY);
  };

  // Saving -----------------------------------------------------------------------------------------------------------
  document.addEventListener("input", (event) => {
    if (event.target.form !== form()) return;
    dirty = true;
    typedAt = performance.now();
  });
  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = event.detail;
    const source = ctx.sourceElement;
    if (!source.isConnected) {
      event.preventDefault(); // it waited behind a save that led to the next step
    } else if (source.id === "autosave") {
      ctx.request.body = fresh(); // what is there now, not what was there when it began to wait
      ctx.savesUntil = performance.now();
    } else if (source.matches("[data-intake]")) {
      ctx.request.body.set("revision", revision());
      ctx.savesUntil = performance.now();
    }
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    if (ctx.savesUntil === undefined) return;
    const { status } = ctx.response;
    if (status < 300) {
      clearTimeout(retry);
      if (typedAt <= ctx.savesUntil) dirty = false;
      find("#saved")?.classList.remove("in-unsaved");
      find("#notice")?.replaceChildren();
    } else if (status >= 500 || status === 429) {
      unsaved("Not saved, trying again…");
      again();
    } else {
      unsaved("Not saved");
    }
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx?.savesUntil === undefined) return;
    unsaved("Not saved, trying again…");
    again();
  });
  addEventListener("online", () => dirty && again());
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) leaving = true; // a form of its own that leads away, such as Keep mine
  });
  addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
    leaving = false;
  });

  // Lookups: down and up between the box and what it found ----------------------------------------------------------------
  const rows = () => all("#found .in-row");
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    const box = event.target.matches("[data-lookup]");
    const row = event.target.matches("#found .in-row");
    if (event.key === "Enter" && event.ctrlKey && event.target.form === form()) {
      event.preventDefault();
      form().requestSubmit();
    } else if ((box || row) && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const list = [find("[data-lookup]"), ...rows()];
      const next = list.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
      list[(next + list.length) % list.length]?.focus();
    } else if (row && event.key === "Escape") {
      find("[data-lookup]").focus();
    }
  });

  // Focus and folds ----------------------------------------------------------------------------------------------------------
  document.addEventListener("focusin", (event) => {
    const key = find(".in-enter");
    if (key) key.textContent = event.target.matches("textarea, select") ? "Ctrl Enter" : "Enter";
  });
  const wide = matchMedia("(width >= 48rem)");
  const fold = () => {
    for (const part of all("details[data-wide]")) part.open = wide.matches;
  };
  const settle = () => {
    fold();
    const step = find("#step");
    if (!step) return;
    if (step.dataset.title) document.title = step.dataset.title;
    if (find(".hr-errors", step)) {
      find(".hr-errors", step).focus();
      return;
    }
    const fields = "input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)";
    const checked = all("input[type=radio]:checked", form() || step)[0];
    const first = find("[data-first]", step) || (form() && find(fields, form()));
    const wanted =
      (first?.type === "radio" && checked?.name === first.name && checked) || first || find("[data-continue]", step);
    wanted?.focus({ preventScroll: !wide.matches });
    if (wanted?.matches("[data-first]")) wanted.select?.();
    else if (wanted?.matches("textarea, [type=text], [type=search]")) {
      wanted.setSelectionRange(wanted.value.length, wanted.value.length); // go on typing behind what is there
    }
  };
  let shown = null;
  document.addEventListener("htmx:after:swap", (event) => {
    if (find("#step") !== shown) {
      shown = find("#step"); // another step, or the same one anew with what is wrong
      dirty = false;
      scrollTo(0, 0);
      settle();
    } else if (event.detail.ctx?.sourceElement?.matches("[data-intake]")) {
      find("#notice > [tabindex]")?.focus(); // sent, and refused; while typing nobody is interrupted
    }
  });
  const begin = () => {
    shown = find("#step");
    settle();
  };
  wide.addEventListener("change", fold); // a window that becomes narrow takes nobody out of what they type
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
