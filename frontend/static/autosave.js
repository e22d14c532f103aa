"use strict";
/* Saves a part of a long form by itself while somebody writes, and says so. Without this file every part has its button.
   One request at a time: each save gives the version that the next one has to name. */
(function () {
  const forms = Array.from(document.querySelectorAll("form[data-autosave]"));
  const WAIT = 1500;
  const dirty = new Set();
  let timer = 0;
  let running = null;
  let stopped = false;

  function say(form, text, look) {
    const end = form.querySelector(".form-end");
    let place = end.querySelector("[role=status]");
    if (!place) {
      place = document.createElement("span");
      place.setAttribute("role", "status");
      end.append(place);
    }
    place.className = "small " + look;
    place.textContent = text;
  }

  function show(answer) {
    document.querySelectorAll("input[name=version]").forEach((field) => { field.value = answer.version; });
    Object.entries(answer.shown).forEach(([name, text]) => {
      document.querySelectorAll('[data-show="' + name + '"]').forEach((place) => { place.textContent = text; });
    });
  }

  async function save(form, keepalive) {
    const data = new URLSearchParams(new FormData(form));
    data.set("do", "autosave");
    say(form, form.dataset.saving, "muted");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" }, keepalive: keepalive });
      const told = await answer.json();
      if (answer.ok) {
        show(told);
        say(form, told.said, "ok");
      } else {
        stopped = answer.status === 412;
        say(form, told.said, "bad");
      }
    } catch (_error) {
      dirty.add(form);
      say(form, form.dataset.failed, "bad");
    }
  }

  async function run(keepalive) {
    clearTimeout(timer);
    if (running) { await running; }
    while (dirty.size && !stopped) {
      const form = dirty.values().next().value;
      dirty.delete(form);
      running = save(form, keepalive);
      await running;
      running = null;
      if (dirty.has(form)) { break; }
    }
  }

  function note(form) {
    dirty.add(form);
    clearTimeout(timer);
    timer = setTimeout(() => run(false), WAIT);
  }

  forms.forEach((form) => {
    form.addEventListener("input", () => note(form));
    form.addEventListener("submit", async (event) => {
      dirty.delete(form);
      clearTimeout(timer);
      if (running || dirty.size) {
        const button = event.submitter;
        event.preventDefault();
        await run(false);
        form.requestSubmit(button);
      }
    });
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      run(false);
    }
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) { run(true); } });
  window.addEventListener("beforeunload", (event) => { if (dirty.size && !stopped) { event.preventDefault(); } });
})();
