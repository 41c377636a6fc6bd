/* Filters on a wide page take effect at once: the results are fetched and put in place, the address follows. */
{
  const form = document.querySelector("form.filters");
  const wide = matchMedia("(min-width: 60rem)");
  const results = (page) => page.querySelector(".list-page > :not(form):not(aside):has(.results-bar)");
  let asked = 0;
  const refresh = async () => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== "")).toString();
    const address = form.action.split("?")[0] + (query ? `?${query}` : "");
    const turn = ++asked;
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = results(page);
      if (turn !== asked) return;
      if (!fresh) throw new Error("no results");
      results(document).replaceWith(fresh);
      for (const option of form.querySelectorAll("[data-count]")) {
        const other = page.querySelector(`[data-count="${CSS.escape(option.dataset.count)}"]`);
        if (other) option.textContent = other.textContent;
      }
      const heads = page.querySelectorAll(".filter-group__label");
      form.querySelectorAll(".filter-group__label").forEach((head, at) => { if (heads[at]) head.innerHTML = heads[at].innerHTML; });
      history.replaceState(null, "", address);
    } catch { form.submit(); }
  };
  if (form && results(document))
    form.addEventListener("change", (event) => {
      if (wide.matches && event.target.closest(".filter-group")) refresh();
    });
}
