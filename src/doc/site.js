// What the pages do besides: they are complete without it.
"use strict";

// The page of all names: narrows the list to what has all the words that are typed.
function search() {
  const field = document.querySelector(".find input");
  const lines = [...document.querySelectorAll("[data-n]")];
  const status = document.getElementById("found");
  if (!lines.length || !window.polTexts) return;
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const shown = lines.map((line) => plain(line.textContent));
  const hidden = lines.map((line) => plain(window.polTexts[line.dataset.n]));
  const snippets = new Map();

  function snippet(line, words) {
    const text = window.polTexts[line.dataset.n].replace(/\s+/g, " ");
    const at = words.map((word) => plain(text).indexOf(word)).filter((place) => place >= 0);
    if (!at.length) return;
    const start = Math.max(0, Math.min(...at) - 20);
    const part = document.createElement("p");
    part.className = "snippet";
    part.append((start > 0 ? "…" : "") + text.slice(start, start + 90) + "…");
    line.append(part);
    snippets.set(line, part);
  }

  function narrow() {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    snippets.forEach((part) => part.remove());
    snippets.clear();
    let found = 0;
    lines.forEach((line, at) => {
      const has = (texts) => words.every((word) => texts.some((text) => text.includes(word)));
      const fits = has([shown[at], hidden[at]]);
      line.hidden = !fits;
      if (!fits) return;
      found += 1;
      if (words.length && !has([shown[at]])) snippet(line, words);
    });
    document.querySelectorAll("section.names").forEach((section) => {
      const left = section.querySelectorAll("[data-n]:not([hidden])").length;
      section.hidden = !left;
      section.querySelector("h2 small").textContent = left;
    });
    status.textContent = words.length ? found + status.dataset.found : "";
    if (words.length && !found) status.textContent = status.dataset.none;
  }

  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", narrow);
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    narrow();
  });
  document.querySelectorAll(".script").forEach((part) => (part.hidden = false));
  narrow();
  if (field.value) field.focus();
}

// Beside the document: a passage and what encodes it light up together.
function together() {
  const passages = [...document.querySelectorAll("[data-i]")];
  if (!passages.length) return;
  const cards = new Map();
  for (const passage of passages)
    for (const id of passage.dataset.i.split(" ")) {
      if (!cards.has(id)) cards.set(id, []);
      cards.get(id).push(passage);
    }
  const light = (parts, on) => parts.forEach((part) => part && part.classList.toggle("lit", on));
  for (const passage of passages) {
    const own = passage.dataset.i.split(" ").map((id) => document.getElementById(id));
    passage.addEventListener("mouseenter", () => light(own, true));
    passage.addEventListener("mouseleave", () => light(own, false));
  }
  for (const [id, parts] of cards) {
    const card = document.getElementById(id);
    if (!card) continue;
    card.addEventListener("mouseenter", () => light(parts, true));
    card.addEventListener("mouseleave", () => light(parts, false));
  }
}

// Beside the document: who goes from the program to a passage does not lose the place in the program.
function keepPlace() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest('.program a[href^="#"]');
    const passage = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    const pane = passage && passage.closest(".text");
    if (!pane || getComputedStyle(pane).position !== "sticky") return;
    event.preventDefault();
    const place = scrollY;
    location.hash = link.hash;
    scrollTo(0, place);
    const above = passage.getBoundingClientRect().top - pane.getBoundingClientRect().top;
    if (above < 0 || above > pane.clientHeight - 60) pane.scrollTop += above - pane.clientHeight / 3;
  });
}

search();
together();
keepPlace();
