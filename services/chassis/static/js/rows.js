/* Repeated lines of a form: add and remove without a round trip. Names keep the shape group-INDEX-field. */
{
  for (const group of document.querySelectorAll("[data-rows]")) {
    const name = group.dataset.rows;
    const shape = new RegExp(`(^|\\s|f-)${name}-(\\d+)`, "g");
    const lines = () => [...group.querySelectorAll(":scope > [data-row]")];
    const index = (line) => Math.max(-1, ...[...line.querySelectorAll("[name]")].map((field) => {
      const found = new RegExp(`^${name}-(\\d+)-`).exec(field.name);
      return found ? Number(found[1]) : -1;
    }));
    const number = () => lines().forEach((line, at) => {
      const shown = line.querySelector("[data-row-number]");
      if (shown) shown.textContent = at + 1;
    });
    const clear = (line) => {
      line.querySelectorAll(".field__error").forEach((error) => error.remove());
      line.querySelectorAll(".field--error").forEach((field) => field.classList.remove("field--error"));
      for (const field of line.querySelectorAll("input, select, textarea")) {
        field.removeAttribute("aria-invalid");
        if (field.type === "checkbox" || field.type === "radio") field.checked = false;
        else if (field.tagName === "SELECT") { if ([...field.options].some((option) => !option.value)) field.value = ""; }
        else field.value = "";
      }
    };
    const told = () => group.dispatchEvent(new Event("input", { bubbles: true }));

    group.addEventListener("click", (event) => {
      const add = event.target.closest("[data-add-row]");
      const remove = event.target.closest("[data-remove-row]");
      if (add && lines().length) {
        event.preventDefault();
        const all = lines();
        const next = Math.max(...all.map(index)) + 1;
        const line = all[all.length - 1].cloneNode(true);
        for (const node of line.querySelectorAll("*"))
          for (const attribute of ["name", "id", "for", "aria-describedby", "value"])
            if (node.hasAttribute(attribute) && (attribute !== "value" || node.matches("[data-remove-row]")))
              node.setAttribute(attribute, node.getAttribute(attribute).replace(shape, (_, before) => `${before}${name}-${next}`));
        /* A clone forgets what was chosen. Where no answer is possible (a currency), the line above is followed. */
        const above = all[all.length - 1].querySelectorAll("select");
        line.querySelectorAll("select").forEach((field, at) => { field.value = above[at].value; });
        clear(line);
        all[all.length - 1].after(line);
        number();
        line.querySelector("input, select, textarea").focus();
        told();
      } else if (remove) {
        event.preventDefault();
        const line = remove.closest("[data-row]");
        if (lines().length > 1) line.remove();
        else clear(line);
        number();
        group.querySelector("[data-add-row]").focus();
        told();
      }
    });
  }
}
