/* Keyboard: j and k walk over the rows of a list, / searches, ? tells the keys. Off for those who switch them off. */
{
  const dialog = document.getElementById("keys");
  const hint = document.querySelector("[data-keys-hint]");
  const toggle = document.querySelector("[data-keys-toggle]");
  const stored = "cami-keys";
  const read = () => { try { return localStorage.getItem(stored) !== "off"; } catch { return true; } };
  let on = read();

  if (hint && dialog && dialog.showModal) {
    hint.hidden = false;
    hint.addEventListener("click", () => dialog.showModal());
  }
  if (toggle) {
    toggle.checked = on;
    toggle.addEventListener("change", () => {
      on = toggle.checked;
      try { localStorage.setItem(stored, on ? "on" : "off"); } catch { /* private window: for this page only */ }
    });
  }

  const walk = (step) => {
    const rows = [...document.querySelectorAll("[data-row-link]")];
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  };
  const search = () => {
    const field = document.querySelector("[data-search]");
    if (field) { field.focus(); field.select(); }
  };
  /* By its letter, or by its place where the letters are not Latin. */
  const meant = (event) => {
    if (/^[\x20-\x7e]$/.test(event.key) && event.key !== "." && event.key !== ",") return event.key.toLowerCase();
    return { KeyJ: "j", KeyK: "k", Slash: event.shiftKey ? "?" : "/" }[event.code];
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("[data-menu][open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
      const close = location.hash === "#filters" && document.querySelector("[data-close-drawer]");
      if (close) close.click();
      return;
    }
    if (!on || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const action = { j: () => walk(1), k: () => walk(-1), "/": search, "?": () => dialog && dialog.showModal() }[meant(event)];
    if (action) { event.preventDefault(); action(); }
  });
  document.addEventListener("click", (event) => {
    const menu = document.querySelector("[data-menu][open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
}
