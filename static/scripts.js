// What writing a script gains from JavaScript: steps that are dragged or moved by keys, and a word before typing is lost.
(() => {
  const list = document.getElementById("steps");
  const form = document.getElementById("step-form");
  const steps = () => [...list.querySelectorAll("li[data-step]")];
  const nameOf = (item) => item.querySelector(".se-step-name").firstChild.textContent.trim();

  // The order -------------------------------------------------------------------------------------------------
  const renumber = () => {
    steps().forEach((item, place) => {
      item.querySelector(".in-mark").textContent = place + 1;
      item.querySelector('[value="up"]').disabled = place === 0;
      item.querySelector('[value="down"]').disabled = place === steps().length - 1;
    });
  };
  const announce = (words) => {
    document.getElementById("moved").textContent = words;
  };
  let sending = Promise.resolve();
  const put = (item, place) => {
    const others = steps().filter((one) => one !== item);
    const before = steps().indexOf(item);
    const to = Math.max(0, Math.min(place, others.length));
    if (to === before) return;
    const focused = item.contains(document.activeElement) ? document.activeElement : null;
    const stand = (at) => {
      list.insertBefore(item, steps().filter((one) => one !== item)[at] || null);
      renumber();
      (focused?.disabled ? item.querySelector("a") : focused)?.focus();
    };
    const refuse = (words) => {
      stand(before);
      announce(`${nameOf(item)} stays where it was. ${words}`);
      const banner = document.getElementById("banner");
      banner.hidden = false;
      banner.textContent = `“${nameOf(item)}” cannot stand there. ${words}`;
    };
    stand(to);
    announce(`${nameOf(item)} is now step ${to + 1} of ${steps().length}.`);
    const body = new URLSearchParams({ key: item.dataset.step, to: String(to) });
    const send = () => fetch(list.dataset.order, { method: "POST", body, headers: { "HX-Request": "true" } });
    sending = sending
      .then(send)
      .then(async (answer) => {
        if (answer.ok) {
          document.getElementById("banner").hidden = true;
          return;
        }
        const told = new DOMParser().parseFromString(await answer.text(), "text/html");
        refuse((told.querySelector("#problem li") || told.querySelector("h1"))?.textContent.trim() || "");
      })
      .catch(() => refuse("The desk cannot be reached."));
  };
  if (list?.dataset.order) {
    list.addEventListener("keydown", (event) => {
      const item = event.target.closest("li[data-step]");
      if (!item || !event.altKey || !/^Arrow(Up|Down)$/.test(event.key)) return;
      event.preventDefault();
      put(item, steps().indexOf(item) + (event.key === "ArrowUp" ? -1 : 1));
    });
    list.addEventListener("submit", (event) => {
      event.preventDefault();
      delete event.target.dataset.sent;
      const item = event.target.closest("li[data-step]");
      put(item, steps().indexOf(item) + (event.submitter?.value === "up" ? -1 : 1));
    });
    let dragged = null;
    const clear = () => steps().forEach((item) => delete item.dataset.over);
    list.addEventListener("dragstart", (event) => {
      dragged = event.target.closest("li[data-step]");
      if (!dragged) return;
      dragged.dataset.dragged = "yes";
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged.dataset.step);
    });
    list.addEventListener("dragover", (event) => {
      const over = event.target.closest("li[data-step]");
      if (!dragged || !over) return;
      event.preventDefault();
      clear();
      const box = over.getBoundingClientRect();
      over.dataset.over = event.clientY < box.top + box.height / 2 ? "before" : "after";
    });
    list.addEventListener("drop", (event) => {
      const over = event.target.closest("li[data-step]");
      if (!dragged || !over || over === dragged) return;
      event.preventDefault();
      const others = steps().filter((one) => one !== dragged);
      put(dragged, others.indexOf(over) + (over.dataset.over === "after" ? 1 : 0));
    });
    list.addEventListener("dragend", () => {
      clear();
      if (dragged) delete dragged.dataset.dragged;
      dragged = null;
    });
  }

  // What is typed --------------------------------------------------------------------------------------------------
  if (!form) return;
  let typed = form.hasAttribute("data-unsaved");
  form.addEventListener("input", (event) => {
    if (!event.target.closest("#look")) typed = true;
  });
  form.addEventListener("submit", () => {
    typed = false;
  });
  addEventListener("beforeunload", (event) => {
    if (typed) event.preventDefault();
  });
  // What the chosen answer may be, beside where it is compared.
  form.addEventListener("change", (event) => {
    const hint = document.getElementById((event.target.name || "").replace(/-step$/, "-values-hint"));
    if (!hint || !event.target.name.endsWith("-step")) return;
    const told = event.target.selectedOptions[0]?.dataset.mayBe;
    hint.textContent = told ? `May be ${told}` : "Several with | between";
    const options = (told ? told.split(" | ") : []).map((one) => Object.assign(document.createElement("option"), { value: one }));
    document.getElementById(event.target.name.replace(/-step$/, "-values-known"))?.replaceChildren(...options);
  });
  // The question that is written stays in sight beside the form, however much its step shows before it.
  const show = () => {
    const row = document.activeElement?.closest("#ask > .se-group");
    const beside = document.querySelector(".se-beside");
    if (!row || beside.scrollHeight <= beside.clientHeight) return;
    const place = [...document.querySelectorAll("#ask > .se-group")].indexOf(row) + 1;
    const seen = beside.querySelector(`#preview [data-question="${place}"]`);
    if (!seen) return;
    const [box, at] = [beside.getBoundingClientRect(), seen.getBoundingClientRect()];
    if (at.top < box.top || at.bottom > box.bottom) beside.scrollTop += at.top - box.top - box.height / 3;
  };
  form.addEventListener("focusin", show);
  document.addEventListener("htmx:after:swap", show);
  // Another kind of answer brings other settings: shown at once, with everything typed kept.
  let asked = 0;
  form.addEventListener("change", (event) => {
    const found = /^(ask-\d+)-kind$/.exec(event.target.name || "");
    if (!found) return;
    const mine = ++asked;
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "look");
    fetch(form.action, { method: "POST", body })
      .then((answer) => answer.text())
      .then((text) => {
        const id = `${found[1]}-told`;
        const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(id);
        if (fresh && mine === asked) document.getElementById(id)?.replaceWith(document.adoptNode(fresh));
      })
      .catch(() => {});
  });
  // Where a finding or a mistake leads: unfold what hides it.
  const unfold = () => {
    const wanted = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!wanted) return;
    for (let one = wanted; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    wanted.scrollIntoView({ block: "center" });
    wanted.focus?.();
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
