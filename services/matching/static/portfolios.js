/* A plan that is being computed: its progress is asked for now and then, and the page comes again when it has one more
   thing to show. Without scripts the page comes again by itself. */
{
  const box = document.querySelector("[data-run]");
  const show = (told) => {
    const text = box.querySelector("[data-run-text]");
    if (text.textContent !== told.text) text.textContent = told.text;
    const bar = box.querySelector("[data-run-bar]");
    if (told.steps) { bar.max = told.steps; bar.value = told.done; }
  };
  const again = () => location.replace(location.pathname + location.search);
  let wait = 1000;
  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.run, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      wait = 1000;
      const over = !["queued", "running"].includes(told.state) || told.run !== box.dataset.runId;
      if (over || (told.phase === "margins" && box.dataset.phase !== "margins")) return again();
      box.dataset.phase = told.phase;
      show(told);
    } catch { wait = Math.min(wait * 2, 30000); }
    setTimeout(ask, wait);
  };
  if (box) setTimeout(ask, wait);
}
