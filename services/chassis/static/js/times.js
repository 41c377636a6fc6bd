/* Moments are written in UTC; here they are shown in the reader's own zone. The UTC text stays as the title. */
{
  const language = document.documentElement.lang;
  const today = new Date().toDateString();
  for (const time of document.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    const clock = at.toDateString() === today && time.closest("[data-saved]");
    time.title = time.textContent;
    const shown = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language,
      clock ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(at);
    /* As the server writes dates: no sign for "year" in Russian, an ordinal for the first of a month in French. */
    time.textContent = shown.replace(/\sг\./, "").replace(/^1(?=\s)/, language === "fr" ? "1er" : "1");
  }
}
