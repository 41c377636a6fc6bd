/* What a page must keep to, asked of the page as it stands in a browser. Answers a list of faults in words. */
() => {
  const faults = [];
  const shown = (element) => element.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true });
  const brief = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 140);
  const name = (element) => {
    const by = (element.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id));
    const alternatives = [...element.querySelectorAll("img[alt], [aria-label]")]
      .map((inner) => inner.getAttribute("alt") || inner.getAttribute("aria-label"));
    return [element.getAttribute("aria-label"), ...by.map((other) => other && other.textContent), element.textContent,
      ...alternatives].map((text) => (text || "").trim()).find(Boolean) || "";
  };

  /* Names */
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (![...field.labels].some((label) => label.textContent.trim()) && !field.getAttribute("aria-label") && !field.getAttribute("aria-labelledby"))
      faults.push(`a field without a label: ${brief(field)}`);
  for (const element of document.querySelectorAll("a[href], button, summary"))
    if (!element.closest("[aria-hidden=true]") && !name(element)) faults.push(`without a name: ${brief(element)}`);
  for (const image of document.querySelectorAll("img"))
    if (!image.hasAttribute("alt")) faults.push(`a picture without alt: ${brief(image)}`);
  for (const drawing of document.querySelectorAll("svg"))
    if (!drawing.closest("[aria-hidden=true]") && !(drawing.getAttribute("role") === "img" && name(drawing)))
      faults.push(`a drawing neither named nor hidden: ${brief(drawing)}`);
  for (const table of document.querySelectorAll("table"))
    if (!table.querySelector("th")) faults.push(`a table without heads: ${brief(table)}`);
  for (const group of document.querySelectorAll("fieldset"))
    if (!group.querySelector(":scope > legend")) faults.push(`a fieldset without a legend: ${brief(group)}`);
  for (const region of document.querySelectorAll("nav, [role=region], dialog"))
    if (!region.getAttribute("aria-label") && !region.getAttribute("aria-labelledby")) faults.push(`a region without a name: ${brief(region)}`);
  for (const element of document.querySelectorAll("[aria-hidden=true] a[href], [aria-hidden=true] button, a[href][aria-hidden=true], button[aria-hidden=true]"))
    if (element.tabIndex >= 0 && shown(element)) faults.push(`hidden from readers, and still in the way of the keyboard: ${brief(element)}`);

  /* Order */
  if (document.querySelectorAll("h1").length !== 1) faults.push(`${document.querySelectorAll("h1").length} h1`);
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  let level = 0;
  for (const heading of document.querySelectorAll("main h1, main h2, main h3, main h4, main h5")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) faults.push(`a heading steps from ${level} to ${own}: ${brief(heading)}`);
    level = own;
  }
  return faults;
}
