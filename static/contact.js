// A telephone system opens /contacts/new#from=…: what stands behind the # stays in this browser, in no log. S0-3.2.3
(() => {
  const form = document.querySelector("form.in-begin");
  const fill = () => {
    const told = new URLSearchParams(location.hash.slice(1));
    if (![...told.keys()].length) return;
    history.replaceState(null, "", location.pathname + location.search);
    const choose = (name, value) => {
      const one = [...form.querySelectorAll(`input[name="${name}"]`)].find((each) => each.value === value);
      if (!one) return;
      one.checked = true;
      const folded = one.closest("details");
      if (folded) folded.open = true;
    };
    choose("channel", told.get("channel"));
    if (told.get("to") && !told.get("from")) choose("direction", "outbound");
    for (const [name, value] of [
      ["handle", told.get("from") || told.get("to")],
      ["network", told.get("network")],
      ["link", told.get("link")],
    ]) {
      if (value) form.elements[name].value = value;
    }
  };
  addEventListener("hashchange", fill);
  fill();
})();
