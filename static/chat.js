// A chat tells by itself what is new, and what is sent leaves the focus where it is. Works without it.
(() => {
  const log = document.querySelector("[data-chat]");
  if (!log) return;
  const list = log.querySelector("ol");
  const state = document.querySelector("[data-chat-state]");
  const NEAR = 3000; // milliseconds from one look to the next
  const FAR = 15000; // while nobody looks at the page
  let timer;
  let looking = false;
  const last = () => Math.max(0, ...[...log.querySelectorAll("[data-line]")].map((line) => Number(line.dataset.line)));
  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
  };

  const show = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("chat-news");
    if (!fresh) return;
    const follow = atEnd();
    const known = last();
    for (const line of fresh.querySelectorAll("[data-line]")) if (Number(line.dataset.line) > known) list.append(line);
    const told = fresh.querySelector("p").textContent;
    if (state && state.textContent !== told) state.textContent = told;
    log.dataset.status = fresh.dataset.status;
    log.setAttribute("role", "log"); // what was there at the beginning is not read out
    if (follow) toEnd();
  };

  const look = async () => {
    clearTimeout(timer);
    if (looking) return;
    looking = true;
    try {
      const answer = await fetch(`${log.dataset.chat}?after=${last()}`, { headers: { "X-Handrail-Live": "1" } });
      if (answer.ok) show(await answer.text());
      else if (answer.status < 500) return; // signed out, or not to be seen any more: the page says so when it is sent
    } catch {
      /* away for a moment: the next look finds it */
    } finally {
      looking = false;
    }
    if (log.dataset.status !== "ended") timer = setTimeout(look, document.hidden ? FAR : NEAR);
  };

  // What is sent takes no new page; what is refused does, and says why. The forms may come with a step of the wizard.
  const send = async (form) => {
    const box = form.querySelector("textarea");
    if (form.dataset.sending || (box && !box.value.trim())) return;
    form.dataset.sending = "yes";
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok) {
        form.submit();
        return;
      }
      if (box) box.value = "";
      await look();
      toEnd();
    } catch {
      form.submit();
    } finally {
      delete form.dataset.sending;
    }
  };
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-chat-form]")) return;
    event.preventDefault();
    send(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest?.("form[data-chat-form]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && log.dataset.status !== "ended") look();
  });
  toEnd();
  look();
})();
