// Runs before the first paint: the colours this browser chose, else the system's. Nothing is sent anywhere.
(() => {
  const root = document.documentElement;
  root.dataset.js = "on";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("handrail-theme") || "auto";
    } catch {
      return "auto";
    }
  };
  const paint = () => {
    const choice = chosen();
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    root.dataset.themeChoice = choice;
  };
  dark.addEventListener("change", paint);
  addEventListener("storage", paint);
  addEventListener("handrail:theme", paint);
  paint();
})();
