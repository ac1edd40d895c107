// The audit's findings: unpacked, filtered, sorted, and drawn a window at a time. Texts of documents and
// records are only ever set as text; an address is followed only where it is one of the web.
"use strict";
(() => {
  // The places of the packed lists, as pages/audit/packing.py writes them.
  const I = { flow: 0, kind: 1, result: 2, text: 3, place: 4, checked: 5, holds: 6, why: 7, mend: 8, first: 9 };
  const E = { source: 0, sourceName: 1, sourceValue: 2, sourceSeen: 3, target: 4, targetName: 5, targetValue: 6, targetSeen: 7, reason: 8, unit: 9 };
  const F = { name: 0, source: 1, target: 2, document: 3 };
  const WINDOW = 100, BY_ITSELF = 500, PRINTED = 3000, OPEN_AT_FIRST = 40, COMPARED = 90000;
  const byId = (id) => document.getElementById(id);
  const view = { records: false, results: new Set(), sort: "", down: false, shown: WINDOW, open: new Set() };
  let all, words, tones, kinds, ends, rows = [];

  function make(tag, properties, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
      if (name in node) node[name] = value; else node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const small = (text, name) => make("p", { className: "soft small " + (name || "") }, text);
  const number = (count) => count.toLocaleString("en-GB");
  const counted = (count, one, more) => number(count) + " " + (count === 1 ? one : more);

  // Names of properties and commands stand between back quotes.
  const spoken = (text) => text.split("`").map((part, place) => place % 2 ? make("code", {}, part) : part);

  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  // What differs: the shortest way from one text to the other by letters, single letters in common aside.
  function differing(one, other) {
    const a = Array.from(one), b = Array.from(other);
    let begin = 0, end = 0;
    while (begin < a.length && begin < b.length && a[begin] === b[begin]) begin++;
    while (end < a.length - begin && end < b.length - begin && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    const same = common(a.slice(begin, a.length - end), b.slice(begin, b.length - end));
    const marks = [a, b].map((letters, side) => letters.map((_, place) => {
      const inside = place >= begin && place < letters.length - end;
      return inside && !same[side].has(place - begin);
    }));
    return [pieces(a, marks[0]), pieces(b, marks[1])];
  }
  function common(a, b) {
    const found = [new Set(), new Set()];
    if (!a.length || !b.length || a.length * b.length > COMPARED) return found;
    const width = b.length + 1, longest = new Uint16Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) {
      const place = i * width + j;
      longest[place] = a[i] === b[j] ? longest[place + width + 1] + 1 : Math.max(longest[place + width], longest[place + 1]);
    }
    let i = 0, j = 0;
    while (i < a.length && j < b.length) {
      let run = 0;
      while (i + run < a.length && j + run < b.length && a[i + run] === b[j + run]) run++;
      if (run > 2) for (let k = 0; k < run; k++) { found[0].add(i + k); found[1].add(j + k); }
      if (run) { i += run; j += run; } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++; else j++;
    }
    return found;
  }
  function pieces(letters, marks) {
    const found = [];
    for (let place = 0; place < letters.length;) {
      const marked = marks[place];
      let until = place;
      while (until < letters.length && marks[until] === marked) until++;
      const text = letters.slice(place, until).join("");
      found.push(marked ? make("mark", {}, text) : text);
      place = until;
    }
    return found;
  }

  // What is shown.
  const examplesOf = (item) => {
    const until = item + 1 < all.items.length ? all.items[item + 1][I.first] : all.many;
    return Array.from({ length: until - all.items[item][I.first] }, (_, place) => all.items[item][I.first] + place);
  };
  const reasonOf = (example) => all.reasons[all.examples[example][E.reason]];
  function textOf(example) {
    const [row, reason] = [all.examples[example], reasonOf(example)];
    return [row[E.source], row[E.sourceName], row[E.sourceValue], row[E.target], row[E.targetName], row[E.targetValue], row[E.unit], reason[0]].join("\n").toLowerCase();
  }
  function wanted() {
    return { text: byId("search").value.trim().toLowerCase(), flow: byId("flow").value, kind: byId("kind").value, side: byId("side").value };
  }
  function choose() {
    const asked = wanted(), found = [];
    all.items.forEach((item, place) => {
      if (view.results.size && !view.results.has(item[I.result])) return;
      if (asked.flow && String(item[I.flow]) !== asked.flow) return;
      if (asked.kind && item[I.kind] !== asked.kind) return;
      const own = !asked.text || (item[I.text] + "\n" + item[I.why]).toLowerCase().includes(asked.text);
      let examples = examplesOf(place);
      if (asked.side) examples = examples.filter((one) => reasonOf(one)[2] === asked.side);
      if (!own) examples = examples.filter((one) => textOf(one).includes(asked.text));
      if (examples.length || (own && !asked.side)) found.push({ place, item, examples });
    });
    return view.records ? found.flatMap((one) => one.examples.map((example) => ({ ...one, example }))) : sorted(found);
  }
  const orderOf = (result) => all.results.findIndex(([name]) => name === result);
  const shareOf = (item) => item[I.kind] === "left" ? -item[I.checked] : item[I.checked] ? item[I.holds] / item[I.checked] : 2;
  const keys = {
    result: (row) => orderOf(row.item[I.result]),
    statement: (row) => row.item[I.text].toLowerCase(),
    holds: (row) => shareOf(row.item),
    source: (row) => nameOf(row.example, 0),
    target: (row) => nameOf(row.example, 1),
    because: (row) => reasonOf(row.example)[0],
  };
  const collator = new Intl.Collator(undefined, { numeric: true });
  function sorted(found) {
    if (!view.sort) return found;
    const keyed = found.map((row) => [keys[view.sort](row), row]);
    const compare = (a, b) => typeof a === "number" ? a - b : collator.compare(a, b);
    keyed.sort((a, b) => (view.down ? -1 : 1) * compare(a[0], b[0]));
    return keyed.map(([, row]) => row);
  }
  function nameOf(example, side) {
    const row = all.examples[example];
    return (side ? row[E.targetName] || row[E.target] : row[E.sourceName] || row[E.source]) || "";
  }

  // How it is drawn.
  const state = (result) => make("span", { className: "state " + tones[result] }, words[result]);
  function wordsOf(text) {
    const parts = text.split(" | ");
    const told = parts.flatMap((part, place) => place ? [make("span", { className: "divide" }, " | "), part] : [part]);
    return make("p", { className: "words" }, ...told);
  }
  function about(item) {
    const flow = all.flows[item[I.flow]];
    return small([flow[F.name], kinds[item[I.kind]], item[I.place]].filter(Boolean).join(" \u00b7 "), "about");
  }
  const cell = (name, ...children) => make("td", { className: name, role: "cell" }, ...children);
  function bar(item) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const parts = [["ground", 100], ["part", item[I.checked] ? 100 * item[I.holds] / item[I.checked] : 0]];
    svg.setAttribute("class", "bar " + tones[item[I.result]]);
    svg.setAttribute("viewBox", "0 0 100 5");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    for (const [name, width] of parts) {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("class", name);
      rect.setAttribute("width", width);
      rect.setAttribute("height", 5);
      svg.append(rect);
    }
    return svg;
  }
  function holding(item) {
    if (item[I.kind] === "left") return [number(item[I.checked])];
    if (!item[I.checked]) return ["\u2014"];
    return [number(item[I.holds]) + " of " + number(item[I.checked]), bar(item)];
  }
  function explained(item) {
    return [item[I.why] && make("p", { className: "why small" }, ...spoken(item[I.why])), item[I.mend] && make("p", { className: "mend small soft" }, ...spoken(item[I.mend]))].filter(Boolean);
  }
  function statement(row) {
    const { place, item, examples } = row, open = view.open.has(place);
    const many = counted(examples.length, "record", "records");
    const button = examples.length ? make("button", { type: "button", className: "show", "aria-expanded": String(open) }, (open ? "Hide " : "Show ") + many) : null;
    const line = make("tr", { role: "row", className: open && examples.length ? "open" : "" },
      cell("result", state(item[I.result])),
      cell("", wordsOf(item[I.text]), about(item), ...explained(item), button),
      cell("number holding", ...holding(item)));
    if (button) button.addEventListener("click", () => toggle(row, line, button, many));
    return open && examples.length ? [line, within(row)] : [line];
  }
  function toggle(row, line, button, many) {
    if (!all.examples) return;
    const open = !view.open.has(row.place);
    if (open) { view.open.add(row.place); line.after(within(row)); } else { view.open.delete(row.place); line.nextSibling.remove(); }
    line.className = open ? "open" : "";
    button.setAttribute("aria-expanded", String(open));
    button.textContent = (open ? "Hide " : "Show ") + many;
  }
  function within(row) {
    const flow = all.flows[row.item[I.flow]], body = make("tbody", { role: "rowgroup" });
    const heads = [flow[F.source], flow[F.target], "Why, and what to do"];
    const table = make("table", { className: "records", role: "table" }, heading(heads.map((head) => [head])), body);
    table.setAttribute("aria-label", row.item[I.text]);
    const holder = make("td", { colSpan: 3, role: "cell" }, table);
    const fill = (begin) => {
      for (const example of row.examples.slice(begin, begin + WINDOW)) body.append(record(row.item, example, heads));
      if (begin + WINDOW >= row.examples.length) return;
      const more = make("button", { type: "button", className: "show" }, "Show more of " + number(row.examples.length));
      more.addEventListener("click", () => { more.remove(); fill(begin + WINDOW); });
      holder.append(more);
    };
    fill(0);
    return make("tr", { role: "row", className: "within" }, holder);
  }
  function record(item, example, heads, withStatement) {
    const row = all.examples[example], reason = reasonOf(example);
    const valued = row[E.sourceValue] !== 0 && (item[I.kind] === "property" || row[E.unit] !== "");
    const compared = valued && row[E.sourceValue] !== null && row[E.targetValue] !== null;
    const values = compared ? differing(row[E.sourceValue], row[E.targetValue]) : [row[E.sourceValue], row[E.targetValue]].map((value) => value === null ? null : [value]);
    const because = [reason[0] && make("p", {}, ...spoken(reason[0])), reason[1] && make("p", { className: "mend small soft" }, ...spoken(reason[1]))].filter(Boolean);
    const stated = withStatement ? [wordsOf(item[I.text]), about(item)] : [];
    const waits = item[I.result] === "waiting";
    const sides = [0, 1].map((side) => named(row, side, heads[side], valued && !waits ? values[side] : undefined, row[E.unit]));
    const last = make("td", { className: "because", role: "cell" }, ...stated, ...because);
    last.dataset.head = heads[2];
    const line = make("tr", { role: "row" }, ...sides, last);
    if (withStatement) line.prepend(cell("result", state(item[I.result])));
    return line;
  }
  function named(row, side, head, value, unit) {
    const [id, name, seen] = side ? [row[E.target], row[E.targetName], row[E.targetSeen]] : [row[E.source], row[E.sourceName], row[E.sourceSeen]];
    const held = make("td", { role: "cell" });
    held.dataset.head = head;
    if (id === null) { held.append(make("p", { className: "lacking" }, "none yet")); return held; }
    const title = name || "id " + id;
    held.append(make("p", { className: "name" }, follows(seen) ? make("a", { href: seen, target: "_blank", rel: "noopener noreferrer" }, title) : title));
    if (name) held.append(small("id " + id));
    if (unit) held.append(small(unit));
    if (value === null) held.append(make("p", { className: "lacking" }, "empty"));
    else if (value) held.append(make("p", { className: "value" }, ...value));
    return held;
  }
  function follows(address) {
    try { return ["http:", "https:"].includes(new URL(address).protocol); } catch { return false; }
  }
  function heading(heads) {
    const line = make("tr", { role: "row" });
    for (const [text, key, name] of heads) {
      const head = make("th", { scope: "col", role: "columnheader", className: name || "" });
      if (!key) head.append(text); else {
        const button = make("button", { type: "button" }, text);
        button.addEventListener("click", () => sortBy(key));
        button.dataset.sort = key;
        head.setAttribute("aria-sort", view.sort !== key ? "none" : view.down ? "descending" : "ascending");
        head.append(button);
      }
      line.append(head);
    }
    return make("thead", { role: "rowgroup" }, line);
  }
  function sortBy(key) {
    if (view.sort !== key) [view.sort, view.down] = [key, false];
    else if (!view.down) view.down = true;
    else [view.sort, view.down] = ["", false];
    draw();
    document.querySelector(`#list [data-sort="${key}"]`).focus();
  }

  let body, late;
  function append(from, until) {
    const part = document.createDocumentFragment();
    for (const row of rows.slice(from, until)) {
      if (view.records) part.append(record(row.item, row.example, recordHeads(), true)); else part.append(...statement(row));
    }
    body.append(part);
    byId("more").hidden = until >= rows.length;
    byId("more").textContent = "Show more of " + number(rows.length);
  }
  const recordHeads = () => [ends[0], ends[1], "Why, and what to do"];
  function draw() {
    clearTimeout(late);
    const focused = document.activeElement?.dataset.sort;
    rows = view.records ? sorted(choose()) : choose();
    view.shown = WINDOW;
    body = make("tbody", { role: "rowgroup" });
    const heads = view.records
      ? [["Result", "result", "result"], [ends[0], "source"], [ends[1], "target"], ["Why, and what to do", "because", "because"]]
      : [["Result", "result", "result"], ["Statement", "statement"], ["Holds for", "holds", "number holding"]];
    const table = make("table", { className: view.records ? "list records every" : "list", role: "table" }, heading(heads), body);
    table.setAttribute("aria-label", view.records ? "Records" : "Statements");
    append(0, view.shown);
    byId("list").replaceChildren(rows.length ? table : make("p", { className: "sheet soft nothing" }, nothing()));
    // A heading that is drawn anew keeps the focus, whatever it was drawn for.
    document.querySelector(`#list [data-sort="${focused}"]`)?.focus();
    tell();
  }
  function nothing() {
    return view.records && !all.many ? "There is no record to mend." : "Nothing is like that.";
  }
  function tell() {
    const total = view.records ? all.many : all.items.length;
    const [one, more] = view.records ? ["record", "records"] : ["entry", "entries"];
    byId("shown").textContent = rows.length === total ? counted(total, one, more) : number(rows.length) + " of " + counted(total, one, more);
  }
  function more() {
    if (view.shown >= rows.length) return;
    append(view.shown, view.shown + WINDOW);
    view.shown += WINDOW;
  }

  // What is shown, as a file for a spreadsheet; no cell of it is a formula.
  function guarded(value) {
    const text = value === null || value === undefined ? "" : String(value);
    const formula = /^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]/.test(text) && !/^-?\d+([.,]\d+)?$/.test(text);
    return '"' + ((formula || /^[\t\r\n]/.test(text) ? "'" : "") + text).replaceAll('"', '""') + '"';
  }
  function table() {
    const about = (item) => [words[item[I.result]], kinds[item[I.kind]], item[I.text], item[I.place] || all.flows[item[I.flow]][F.document], all.flows[item[I.flow]][F.name]];
    const heads = ["Result", "Kind", "Statement", "Document", "Flow"];
    if (!view.records) return [[...heads, "Checked", "Holds", "Why", "What to do"], ...rows.map(({ item }) => [...about(item), item[I.checked], item[I.kind] === "left" ? "" : item[I.holds], item[I.why], item[I.mend]])];
    const side = (name) => [name + ": name", name + ": id", name + ": value", name + ": address"];
    const lines = rows.map(({ item, example }) => {
      const row = all.examples[example], reason = reasonOf(example);
      return [...about(item), row[E.unit], row[E.sourceName], row[E.source], row[E.sourceValue], row[E.sourceSeen], row[E.targetName], row[E.target], row[E.targetValue], row[E.targetSeen], reason[0], reason[1]];
    });
    return [[...heads, "Property", ...side(ends[0]), ...side(ends[1]), "Why", "What to do"], ...lines];
  }
  function save() {
    const text = "\ufeff" + table().map((line) => line.map(guarded).join(",")).join("\r\n") + "\r\n";
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    make("a", { href: address, download: view.records ? "audit-records.csv" : "audit-statements.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  // What is asked.
  function fillSelect(id, any, options) {
    byId(id).replaceChildren(make("option", { value: "" }, any), ...options.map(([value, text]) => make("option", { value }, text)));
    byId(id).parentElement.hidden = options.length < 2;
    byId(id).addEventListener("change", draw);
  }
  function chips() {
    const counts = {};
    all.items.forEach((item, place) => {
      counts[item[I.result]] = (counts[item[I.result]] || 0) + (view.records ? examplesOf(place).length : 1);
    });
    byId("results").replaceChildren();
    for (const [name, word] of all.results) {
      if (!counts[name]) { view.results.delete(name); continue; }
      const chip = make("button", { type: "button", "aria-pressed": String(view.results.has(name)) }, word + " (" + number(counts[name]) + ")");
      chip.addEventListener("click", () => {
        if (!view.results.delete(name)) view.results.add(name);
        chip.setAttribute("aria-pressed", String(view.results.has(name)));
        draw();
      });
      byId("results").append(chip);
    }
  }
  function show(records) {
    if (view.records !== records) [view.sort, view.down] = ["", false];
    view.records = records;
    byId("by-statement").setAttribute("aria-pressed", String(!records));
    byId("by-record").setAttribute("aria-pressed", String(records));
    chips();
    draw();
  }
  function clear() {
    view.results.clear();
    for (const chip of byId("results").children) chip.setAttribute("aria-pressed", "false");
    for (const id of ["search", "flow", "kind", "side"]) byId(id).value = "";
    draw();
  }
  function listen() {
    byId("search").addEventListener("input", () => { clearTimeout(late); late = setTimeout(draw, 120); });
    byId("by-statement").addEventListener("click", () => show(false));
    byId("by-record").addEventListener("click", () => show(true));
    byId("clear").addEventListener("click", clear);
    byId("csv").addEventListener("click", save);
    byId("more").addEventListener("click", more);
    // Not for ever: what stands below the list must be within reach.
    new IntersectionObserver((seen) => { if (view.shown < BY_ITSELF && seen.some((one) => one.isIntersecting)) more(); }, { rootMargin: "800px" }).observe(byId("more"));
    addEventListener("beforeprint", () => { while (view.shown < Math.min(rows.length, PRINTED)) more(); });
  }
  async function begin() {
    byId("shown").textContent = "Unpacking what was found\u2026";
    all = await unpack(byId("packed").textContent.trim());
    prepare();
    draw();
    // The rows are there; what is within them follows at once.
    all.examples = await unpack(byId("packed-examples").textContent.trim());
    if (all.many && all.many <= OPEN_AT_FIRST) {
      all.items.forEach((_, place) => view.open.add(place));
      draw();
    }
    listen();
    byId("tools").hidden = false;
  }
  function prepare() {
    words = Object.fromEntries(all.results.map(([name, word]) => [name, word]));
    tones = Object.fromEntries(all.results.map(([name, , tone]) => [name, tone]));
    kinds = Object.fromEntries(all.kinds);
    const sides = [F.source, F.target].map((side) => new Set(all.flows.map((flow) => flow[side])));
    ends = sides.map((names, side) => names.size === 1 ? [...names][0] : ["One side", "The other side"][side]);
    const used = (values) => new Set(values);
    const flows = used(all.items.map((item) => item[I.flow])), given = used(all.items.map((item) => item[I.kind]));
    fillSelect("flow", "All flows", all.flows.map((flow, place) => [String(place), flow[F.name]]).filter(([place]) => flows.has(Number(place))));
    fillSelect("kind", "All kinds", all.kinds.filter(([name]) => given.has(name)));
    fillSelect("side", "Either system", [...used(all.reasons.map((reason) => reason[2]).filter(Boolean))].sort().map((name) => [name, name]));
    chips();
  }
  begin().catch((error) => {
    byId("shown").textContent = "What was found cannot be shown in this browser: " + error.message + ". A newer one shows it.";
  });
})();
