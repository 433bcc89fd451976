// The board updates by itself; what the reader points at or has the focus on stays where it is. Works without it.
(() => {
  const all = (selector, within) => [...within.querySelectorAll(selector)];
  const board = () => document.getElementById("board");
  const link = document.getElementById("board-order");
  const said = document.getElementById("board-news");
  const cards = (within) => all("li[data-v]", within);
  const busy = () => board().matches(":hover") || board().contains(document.activeElement);
  let wanted = false; // the reader asked for the new order
  let held = false; // what is shown is not in the order of the desk any more

  const mark = (card, word) => card.setAttribute("data-news", word);

  // Puts the cards of the answer in the order that is on the screen: new ones below, gone ones stay, marked as such.
  const keep = (fresh, counts) => {
    for (const list of all("ul[id^=cards-]", board())) {
      const place = fresh.querySelector(`#${CSS.escape(list.id)}`);
      if (!place) continue;
      const before = cards(list).map((old) => {
        const card = fresh.querySelector(`#${old.id}`);
        if (card?.parentElement === place) return card;
        card?.remove(); // it moved to another column: it is shown there as soon as the reader has left
        if (old.dataset.news !== "gone") counts.gone += 1;
        const stays = old.cloneNode(true);
        mark(stays, "gone");
        return stays;
      });
      const added = cards(place).filter((card) => !before.includes(card));
      if (before.length && added.length) held = true;
      place.replaceChildren(...before, ...added);
    }
  };

  // htmx asks before it swaps; the answer is put in order first.
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement?.id !== "board" || ctx.response.status !== 200 || !board()) return;
    const parsed = new DOMParser().parseFromString(ctx.text, "text/html");
    const fresh = parsed.getElementById("board");
    if (!fresh) return;
    const staying = busy() && !wanted;
    const counts = { new: 0, changed: 0, gone: 0 };
    const shown = new Map(cards(board()).map((card) => [card.id, card]));
    for (const card of cards(fresh)) {
      const old = shown.get(card.id);
      if (!old) {
        mark(card, "new");
        counts.new += 1;
      } else if (staying && old.parentElement.id !== card.parentElement.id) {
        continue; // it is gone from where the reader sees it
      } else if (old.dataset.v !== card.dataset.v) {
        mark(card, "changed");
        counts.changed += 1;
      } else if (staying && old.dataset.news && old.dataset.news !== "gone") {
        mark(card, old.dataset.news);
      }
    }
    if (staying) {
      held = true;
      keep(fresh, counts);
    } else {
      const ids = new Set(cards(fresh).map((card) => card.id));
      counts.gone = [...shown].filter(([id, card]) => !ids.has(id) && card.dataset.news !== "gone").length;
      held = false;
    }
    if (wanted) cards(fresh).forEach((card) => card.removeAttribute("data-news"));
    const news = Object.entries(counts).filter(([, count]) => count > 0);
    if (wanted) said.textContent = "In the order of the desk.";
    else if (news.length) said.textContent = news.map(([word, count]) => `${count} ${word}`).join(", ");
    wanted = false;
    ctx.text = fresh.outerHTML;
  });

  const order = () => board().dispatchEvent(new CustomEvent("board:order"));
  link.textContent = link.dataset.words;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    wanted = true;
    order();
  });
  const left = () => {
    if (held && !busy()) order();
  };
  document.addEventListener("mouseover", (event) => {
    if (held && !event.target.closest?.("#board")) left();
  });
  document.addEventListener("focusin", left);

  // Arrow keys go from card to card; Tab and Enter work as everywhere.
  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.("#board li[data-v]");
    if (!card || event.altKey || event.ctrlKey || event.metaKey) return;
    const lists = all("ul[id^=cards-]", board()).filter((list) => list.children.length);
    const column = lists.indexOf(card.parentElement);
    const row = [...card.parentElement.children].indexOf(card);
    const rowsOf = (list) => [...(list?.children ?? [])];
    const next = {
      ArrowDown: () => rowsOf(lists[column])[row + 1],
      ArrowUp: () => rowsOf(lists[column])[row - 1],
      ArrowRight: () => rowsOf(lists[column + 1])[Math.min(row, rowsOf(lists[column + 1]).length - 1)],
      ArrowLeft: () => rowsOf(lists[column - 1])[Math.min(row, rowsOf(lists[column - 1]).length - 1)],
    }[event.key];
    if (!next) return;
    event.preventDefault();
    next()?.querySelector("a").focus();
  });
})();
