/* The list beside the map: filtered, sorted, a page at a time. */
page.makeList = (hooks) => {
  const { cols, data, say } = page;
  const ROWS = 25, PRINTED = 200;
  const table = document.getElementById("list"), head = table.tHead, body = table.tBodies[0];
  const words = (column) => (n) => page.pooled(column, n);
  /* Columns: what is sorted by, what is shown, and what stands below it in small. */
  const COLUMNS = [
    { name: "code", style: "code", sort: (n) => cols.code[n], small: words("kind") },
    { name: "region", sort: words("region"), small: (n) => cols.address[n] },
    { name: "condition", sort: (n) => cols.state[n], small: words("reason") },
    { name: "faults", sort: words("faults") },
    { name: "since", sort: words("since"), style: "day" },
    { name: "visited", sort: words("visited"), style: "day" },
    { name: "static", sort: (n) => cols.static[n], style: "number" },
    { name: "flow", sort: (n) => (page.pooled("flow", n) === null ? null : parseFloat(page.pooled("flow", n))), style: "number" },
    { name: "photos", sort: (n) => cols.photos[n] || null, style: "number" },
    { name: "maintainer", sort: words("maintainer") },
  ];
  const shown = {
    region: (n) => page.pooled("region", n) || "–",
    visited: (n) => page.pooled("visited", n) || (cols.outcome[n] < 0 ? "–" : say("undated")),
    static: (n) => (cols.static[n] === null ? "–" : Math.round(cols.static[n])),
    flow: (n) => page.pooled("flow", n) || "–",
    photos: (n) => cols.photos[n] || "–",
  };
  let rows = [], first = 0, by = "need", down = false, chosen = -1;

  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
  // the worst first; among them those that are so for longest
  const urgent = (a, b) => cols.state[b] - cols.state[a]
    || (page.pooled("since", a) || page.pooled("visited", a) || "0").localeCompare(page.pooled("since", b) || page.pooled("visited", b) || "0")
    || a - b;
  const order = () => {
    if (by === "need") { rows.sort(urgent); if (down) rows.reverse(); return; }
    const key = COLUMNS.find((one) => one.name === by).sort;
    rows.sort((a, b) => {
      const one = key(a), other = key(b);
      // what is not known stands last, whichever way
      if (one === null || other === null) return (one === null) - (other === null) || a - b;
      const found = typeof one === "number" ? one - other : compare(one, other);
      return (down ? -found : found) || a - b;
    });
  };

  const headRow = page.make("tr");
  for (const column of COLUMNS) {
    const button = page.make("button", { type: "button", text: say("column_" + column.name), onclick: () => sortBy(column.name) });
    headRow.append(page.make("th", { scope: "col", "data-column": column.name, class: column.style === "number" ? "number" : "" }, button));
  }
  head.append(headRow);
  const choice = document.getElementById("sort");
  choice.append(page.make("option", { value: "need", text: say("sort_need") }));
  for (const column of COLUMNS) for (const way of ["ascending", "descending"]) {
    choice.append(page.make("option", { value: column.name + " " + way, text: say("column_" + column.name) + " · " + say(way) }));
  }
  choice.onchange = () => { const [name, way] = choice.value.split(" "); sortBy(name, way === "descending"); };

  function sortBy(name, way) {
    down = way === undefined ? (by === name ? !down : false) : way;
    by = name;
    choice.value = by === "need" ? "need" : by + " " + (down ? "descending" : "ascending");
    for (const cell of headRow.cells) {
      if (cell.dataset.column === by) cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
    order(); first = 0; fill(ROWS);
  }

  const rowOf = (n) => {
    const row = page.make("tr", { id: "asset-" + n });
    if (n === chosen) row.setAttribute("aria-selected", "true");
    COLUMNS.forEach((column, place) => {
      const cell = page.make(place ? "td" : "th", place ? { "data-label": say("column_" + column.name) } : { scope: "row" });
      if (column.style) cell.className = column.style;
      if (column.name === "code") {
        cell.append(page.make("button", { type: "button", class: "link", text: cols.code[n], onclick: (event) => hooks.choose(n, event.currentTarget) }));
      } else if (column.name === "photos" && page.photosOf(n).length) {
        // the pictures themselves stand with the chosen asset: 25 rows of them would be slow
        const names = page.photosOf(n), gone = names.filter((name) => name === null).length;
        if (gone < names.length) cell.append(page.make("button", { type: "button", class: "link", text: say("photos", { count: names.length }), onclick: (event) => hooks.choose(n, event.currentTarget) }));
        else cell.append(String(names.length));
        if (gone) cell.append(page.make("small", { text: say("photos_gone", { count: gone }) }));
      } else if (column.name === "condition") {
        const state = data.states[cols.state[n]];
        cell.append(page.sign(state), " " + say(state));
      } else {
        cell.append(String(shown[column.name] ? shown[column.name](n) : column.sort(n) || "–"));
      }
      if (cell.textContent === "–") cell.classList.add("nothing");
      const small = column.name === "visited" ? page.pooled("outcome", n) : column.small ? column.small(n) : null;
      if (small) cell.append(page.make("small", { text: small }));
      row.append(cell);
    });
    row.addEventListener("click", (event) => { if (!event.target.closest("button") && !String(getSelection())) hooks.choose(n, row.querySelector("button")); });
    return row;
  };
  const pagers = ["pager-top", "pager"].map((id) => {
    const place = document.getElementById(id);
    const back = page.make("button", { type: "button", text: say("previous"), onclick: () => turn(-1) });
    const said = page.make("span", {});
    const on = page.make("button", { type: "button", text: say("next"), onclick: () => turn(1) });
    place.append(back, said, on);
    return { back, said, on };
  });
  function turn(by_) { first += by_ * ROWS; fill(ROWS); }
  function fill(count) {
    first = Math.max(0, Math.min(first, rows.length ? Math.floor((rows.length - 1) / ROWS) * ROWS : 0));
    const part = rows.slice(first, first + count);
    body.textContent = "";
    for (const n of part) body.append(rowOf(n));
    if (!part.length) body.append(page.make("tr", {}, page.make("td", { colspan: COLUMNS.length, text: say("none_shown") })));
    for (const pager of pagers) {
      pager.back.disabled = first === 0; pager.on.disabled = first + ROWS >= rows.length;
      pager.said.textContent = rows.length ? say("rows", { first: page.grouped(first + 1), last: page.grouped(first + part.length), all: page.grouped(rows.length) }) : "";
    }
  }
  return {
    show: (numbers) => { rows = numbers.slice(); order(); first = 0; fill(ROWS); },
    sortBy,
    mark: (n) => {
      chosen = n;
      for (const row of body.rows) row.removeAttribute("aria-selected");
      const row = document.getElementById("asset-" + n);
      if (row) row.setAttribute("aria-selected", "true");
    },
    reveal: (n) => {
      const place = rows.indexOf(n);
      if (place < 0) return null;
      first = Math.floor(place / ROWS) * ROWS; fill(ROWS);
      const row = document.getElementById("asset-" + n);
      row.scrollIntoView({ block: "center" });
      row.querySelector("button").focus({ preventScroll: true });
      return row;
    },
    /* Print shows the list from its beginning, as far as anybody reads it on paper. */
    still: (on) => {
      const kept = first;
      if (on) first = 0;
      fill(on ? PRINTED : ROWS);
      if (on) first = kept;
      const cut = Math.max(0, rows.length - PRINTED);
      document.getElementById("print-cut").textContent = on && cut ? say("print_cut", { count: page.grouped(cut) }) : "";
    },
  };
};
