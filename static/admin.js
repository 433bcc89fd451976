// The tables work without this file; with it a click on a row opens it, boxes count, and lookups answer.
(() => {
  const rows = document.querySelector("#rows tbody");
  rows?.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, label, summary, .hr-box") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  });

  const all = document.querySelector("[data-all]");
  const boxes = [...document.querySelectorAll('input[name="id"][form="chosen"]')];
  const told = document.getElementById("chosen-count");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    if (told) told.textContent = chosen ? `${chosen} chosen` : "None chosen";
  };
  all?.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  for (const box of boxes) box.addEventListener("change", count);
  count();

  // A related row found by its first letters: a combobox with a list, the id in a hidden field.
  for (const part of document.querySelectorAll("[data-lookup]")) {
    const input = part.querySelector('[role="combobox"]');
    const list = part.querySelector('[role="listbox"]');
    const value = part.querySelector('input[type="hidden"]');
    let active = -1;
    let waiting = 0;
    const options = () => [...list.children];
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      active = -1;
    };
    const take = (option) => {
      value.value = option.dataset.id;
      input.value = option.textContent;
      close();
    };
    const mark = (at) => {
      active = (at + options().length) % options().length;
      options().forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
      input.setAttribute("aria-activedescendant", options()[active].id);
      options()[active].scrollIntoView({ block: "nearest" });
    };
    const ask = async () => {
      const term = input.value.trim();
      if (!term) return close();
      const answer = await fetch(part.dataset.lookup, {
        method: "POST", // what is typed stands in no address
        body: new URLSearchParams({ name: part.dataset.name, term }),
      });
      if (!answer.ok || input.value.trim() !== term) return close();
      const { results } = await answer.json();
      list.replaceChildren(
        ...results.map((result, at) => {
          const option = document.createElement("li");
          option.id = `${list.id}-${at}`;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          option.dataset.id = result.id;
          option.textContent = result.text;
          return option;
        }),
      );
      list.hidden = results.length === 0;
      input.setAttribute("aria-expanded", String(results.length > 0));
      active = -1;
    };
    input.addEventListener("input", () => {
      value.value = "";
      clearTimeout(waiting);
      waiting = setTimeout(ask, 150);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return close();
      if (list.hidden || !options().length) return;
      if (event.key === "ArrowDown") mark(active + 1);
      else if (event.key === "ArrowUp") mark(active - 1);
      else if (event.key === "Enter" && active >= 0) take(options()[active]);
      else return;
      event.preventDefault();
    });
    list.addEventListener("pointerdown", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) {
        event.preventDefault();
        take(option);
      }
    });
    input.addEventListener("blur", () => setTimeout(close, 100));
  }
})();
