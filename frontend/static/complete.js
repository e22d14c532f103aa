// Completes what is typed into a search box. Without this file the box is an ordinary form.
"use strict";
(() => {
  const WAIT = 120; // milliseconds without a key before asking
  const make = (name, attributes, text) => {
    const element = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const install = (input, number) => {
    const list = make("ul", { class: "complete", role: "listbox", id: `complete-${number}`, hidden: "" });
    list.setAttribute("aria-label", input.getAttribute("aria-label") || "");
    input.form.classList.add("completes");
    input.form.append(list);
    Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false", autocomplete: "off" })
      .forEach(([key, value]) => input.setAttribute(key, value));
    let at = -1;
    let timer = 0;
    let asked = 0;

    const options = () => Array.from(list.children);
    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const choose = (item) => {
      close();
      if (item.url) {
        window.location.assign(item.url);
      } else {
        input.value = item.text;
        input.form.requestSubmit();
      }
    };
    const mark = (place) => {
      at = place;
      options().forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
      if (at >= 0) input.setAttribute("aria-activedescendant", options()[at].id);
      else input.removeAttribute("aria-activedescendant");
    };
    const show = (items) => {
      list.replaceChildren(...items.map((item, index) => {
        const option = make("li", { role: "option", id: `${list.id}-${index}`, "aria-selected": "false" });
        option.append(make("span", {}, item.text), make("small", {}, item.label));
        option.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
        option.addEventListener("click", () => choose(item));
        option.chosen = item;
        return option;
      }));
      at = -1;
      list.hidden = items.length === 0;
      input.setAttribute("aria-expanded", String(items.length > 0));
    };
    const ask = async () => {
      const typed = input.value.trim();
      const mine = ++asked;
      if (!typed) return close();
      try {
        const answer = await fetch(`${input.dataset.complete}?q=${encodeURIComponent(typed.slice(0, 40))}`, { headers: { accept: "application/json" } });
        if (!answer.ok) return close();
        const found = await answer.json();
        if (mine === asked && document.activeElement === input) show(found.items);
      } catch {
        close(); // no help while typing is no reason to disturb
      }
      return undefined;
    };

    input.addEventListener("input", (event) => {
      window.clearTimeout(timer);
      if (!event.isComposing) timer = window.setTimeout(ask, WAIT);
    });
    input.addEventListener("compositionend", () => { timer = window.setTimeout(ask, WAIT); });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      const count = options().length;
      if (event.key === "ArrowDown") mark((at + 1) % count);
      else if (event.key === "ArrowUp") mark(at <= 0 ? count - 1 : at - 1);
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && at >= 0) choose(options()[at].chosen);
      else return;
      event.preventDefault();
    });
  };
  document.querySelectorAll("input[data-complete]").forEach(install);
})();
