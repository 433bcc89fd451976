// What the pages gain from a script; every page works without it. No state but two choices of this browser.
(() => {
  const root = document.documentElement;
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const remember = (name, value) => {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch {
      /* a browser that keeps nothing: the choice lasts for this page */
    }
    return value;
  };

  // Colours ---------------------------------------------------------------------------------------------------
  const showTheme = () => {
    for (const button of all("button[data-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === root.dataset.themeChoice));
    }
  };
  const chooseTheme = (choice) => {
    remember("handrail-theme", choice);
    dispatchEvent(new Event("handrail:theme"));
    showTheme();
  };

  // Single keys (can be switched off) and Alt keys -------------------------------------------------------------------
  const singleKeys = () => remember("handrail-single-keys") !== "off";
  const typing = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  const use = (element) => {
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)) {
      element.focus();
      element.select?.();
    } else {
      if (element.tagName === "SUMMARY" || element.closest("details:not([open])") === null) element.focus();
      element.click();
    }
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    if (event.key === "Escape") {
      for (const menu of all("details[data-menu][open]")) {
        menu.open = false;
        find("summary", menu).focus();
      }
      return;
    }
    const quoted = CSS.escape(event.altKey ? event.code.replace(/^Key|^Digit/, "").toLowerCase() : key);
    const wanted = event.altKey
      ? find(`[data-alt-key="${quoted}"]`)
      : singleKeys() && !typing(event.target) && !find("dialog[open]") && find(`[data-key="${quoted}"]`);
    if (wanted) {
      event.preventDefault();
      use(wanted);
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.theme) chooseTheme(button.dataset.theme);
    if (button?.dataset.open) document.getElementById(button.dataset.open)?.showModal();
    for (const menu of all("details[data-menu][open]")) {
      if (!menu.contains(event.target) || button?.dataset.open) menu.open = false;
    }
    const row = event.target.closest("[data-href]");
    if (row && !event.target.closest("a, button, input, label, summary, select") && !getSelection().toString()) {
      location.assign(row.dataset.href);
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-single-keys]")) {
      remember("handrail-single-keys", event.target.checked ? "on" : "off");
    }
  });

  // A form is sent once, however often Enter is pressed -----------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // Times in words, told again every half minute -------------------------------------------------------------------------
  const served = Date.parse(root.dataset.now || "") || Date.now();
  const ahead = served - Date.now();
  const zone = root.dataset.zone || "UTC";
  const wall = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  const nearby = /^(now|in \d+ min|\d+ min ago)$/;
  const tell = () => {
    const now = Date.now() + ahead;
    for (const element of all("time[datetime]")) {
      const at = Date.parse(element.dateTime);
      const away = at - now;
      const minutes = Math.round(Math.abs(away) / 60000);
      const before = element.textContent.trim();
      if (Number.isNaN(at) || (minutes >= 60 && !nearby.test(before))) continue;
      let words = `today ${wall.format(at)}`;
      if (minutes === 0) words = "now";
      else if (minutes < 60) words = away > 0 ? `in ${minutes} min` : `${minutes} min ago`;
      if (words !== before) element.textContent = words;
    }
  };
  setInterval(tell, 30000);

  // What the server could not do, said at the top; what is on the screen stays -----------------------------------------------
  const banner = () => document.getElementById("banner");
  const say = (words) => {
    const place = banner();
    if (!place) return;
    place.hidden = !words;
    if (place.textContent !== words) place.textContent = words;
  };
  const ours = { 401: 1, 403: 1, 404: 1, 413: 1, 429: 1 };
  document.addEventListener("htmx:before:response", (event) => {
    const { raw, status } = event.detail.ctx.response;
    if (!ours[status] && status < 500) {
      if (status < 400) say("");
      return;
    }
    event.preventDefault(); // the part on the screen is better than an error in its place
    raw
      .text()
      .then((text) => find("h1", new DOMParser().parseFromString(text, "text/html"))?.textContent.trim())
      .catch(() => "")
      .then((words) => say(words || "The desk did not answer as it should. What you see may be old."));
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx) say("The desk cannot be reached. What is on this page stays; it tries again by itself.");
  });

  // Where the eyes should go -------------------------------------------------------------------------------------------------
  const settle = (within) => {
    const wanted = find(".hr-errors[data-focus]", within) || find(".hr-problem[data-focus]", within);
    wanted?.focus();
  };
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail.ctx?.target;
    if (target?.isConnected && event.detail.ctx.response?.status === 422) settle(target.parentElement || target);
  });

  const begin = () => {
    showTheme();
    const tick = find("[data-single-keys]");
    if (tick) tick.checked = singleKeys();
    settle(document);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
