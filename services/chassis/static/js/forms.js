/* Forms: go to the mistakes, count what is left, send once, save while one writes. All of it works without, too. */
{
  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();

  const language = document.documentElement.lang;
  for (const area of document.querySelectorAll("textarea[data-limit]")) {
    const note = document.getElementById(area.id + "-limit");
    const count = document.createElement("span");
    const limit = Number(area.dataset.limit);
    note.append(" ", count);
    const show = () => {
      const length = [...area.value.normalize("NFC").trim()].length;
      count.textContent = length ? `· ${length.toLocaleString(language)} / ${limit.toLocaleString(language)}` : "";
      note.classList.toggle("field__limit--over", length > limit);
    };
    area.addEventListener("input", show);
    show();
  }

  let sent = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (sent.has(form)) { event.preventDefault(); return; }
    sent.add(form);
    const button = event.submitter;
    if (button) button.setAttribute("aria-disabled", "true");
    /* A download leaves the page standing: after a while the form may be sent again. */
    setTimeout(() => { sent.delete(form); if (button) button.removeAttribute("aria-disabled"); }, 8000);
  });
  /* Back from the next page with everything still typed: it may be sent again. */
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sent = new WeakSet();
    for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  });

  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const status = form.querySelector("[data-saved]") || document.querySelector("[data-saved]");
    let timer, changed = false, busy = false, leaving = false, renewed = false, wait = 1500;
    const say = (text, failed) => {
      if (!status) return;
      status.textContent = text;
      status.classList.toggle("saved--failed", Boolean(failed));
    };
    const words = status ? status.dataset : {};
    const later = () => { clearTimeout(timer); timer = setTimeout(save, wait); };
    const save = async () => {
      if (!changed || busy || leaving) return;
      busy = true; changed = false;
      say(words.saving || "");
      const fields = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
      try {
        const answer = await fetch(form.action, {
          method: "POST", body: fields, redirect: "error", credentials: "same-origin",
          headers: { "X-Autosave": "1", Accept: "application/json" },
        });
        const told = await answer.json();
        wait = 1500;
        if (told.csrf && !renewed) {
          for (const field of document.querySelectorAll("input[name=csrf]")) field.value = told.csrf;
          changed = renewed = true;
          busy = false;
          return void save();
        }
        renewed = false;
        if (answer.ok && !told.errors) {
          /* The next save must say that it follows this one, or it would look like somebody else's. */
          const revision = form.elements.namedItem("revision");
          if (revision && told.revision !== undefined) revision.value = told.revision;
          const at = told.at ? new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { timeStyle: "short" }).format(new Date(told.at)) : told.saved_at;
          say(`${words.done || ""} ${at}`);
        }
        else say(told.errors && told.errors[0] ? told.errors[0].message : told.detail || words.failed, true);
      } catch {
        changed = true;
        wait = Math.min(wait * 2, 60000);
        say(navigator.onLine ? words.failed : words.offline, true);
      }
      busy = false;
      if (changed) later();
    };
    form.addEventListener("input", () => { changed = true; later(); });
    form.addEventListener("submit", () => { leaving = true; });
    addEventListener("online", () => { wait = 1500; save(); });
    addEventListener("beforeunload", (event) => { if ((changed || busy) && !leaving) { save(); event.preventDefault(); } });
  }
}
