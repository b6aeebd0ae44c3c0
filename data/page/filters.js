/* Filters, the chosen asset, the page of one unit, print: what map and lists share. */
(() => {
  const { cols, data, say, make } = page;
  const by = (id) => document.getElementById(id);
  const root = document.documentElement;
  by("work").hidden = false;

  const filter = { words: [], unit: -1, kind: -1, fault: "", states: new Set([0, 1, 2, 3]) };
  let current = [], chosen = -1, here = [], before = null;

  /* What a search looks through, made when somebody searches first. */
  let texts = null;
  const text = (n) => {
    if (!texts) texts = cols.code.map((code, m) => [code, cols.address[m], ...["kind", "region", "reason", "faults", "outcome", "owner", "maintainer", "supervisor"].map((name) => page.pooled(name, m)), say(data.states[cols.state[m]])].filter(Boolean).join("\n").toLowerCase());
    return texts[n];
  };
  const fits = (n, states) => (filter.unit < 0 || cols.group[n] === filter.unit)
    && (filter.kind < 0 || cols.kind[n] === filter.kind)
    && (!states || filter.states.has(cols.state[n]))
    && (!filter.fault || (cols.faultSet[n] >= 0 && (filter.fault === "*" || data.pools.faultSet[cols.faultSet[n]].indexOf(filter.fault.slice(1)) >= 0)))
    && filter.words.every((word) => text(n).indexOf(word) >= 0);

  const map = page.makeMap(by("map"), {
    choose: (numbers) => { here = numbers; choose(numbers[0], null, false); },
    leave: () => keep(null),
    read: (place, pointer) => { by("here").textContent = told(place, pointer); },
  });
  const list = page.makeList({ choose: (n, from) => { here = [n]; choose(n, from, true); } });

  /* ------------------------------------------------------------------ positions */
  const between = (grid, lon, lat) => {
    const [west, south, east, north] = grid.box, last = grid.corners - 1;
    const x = (lon - west) / (east - west) * last, y = (lat - south) / (north - south) * last;
    if (!(x >= 0 && y >= 0 && x <= last && y <= last)) return null;
    const i = Math.min(last - 1, Math.floor(x)), j = Math.min(last - 1, Math.floor(y)), u = x - i, v = y - j;
    const at = (values) => {
      const corner = [[j, i], [j, i + 1], [j + 1, i], [j + 1, i + 1]].map(([row, column]) => values[row * grid.corners + column]);
      if (corner.indexOf(null) >= 0) return null;
      return (corner[0] * (1 - u) + corner[1] * u) * (1 - v) + (corner[2] * (1 - u) + corner[3] * u) * v;
    };
    const found = [at(grid.x), at(grid.y)];
    return found.indexOf(null) >= 0 ? null : found;
  };
  const pair = (x, y, digits) => (digits > 3 ? say("lon") + " " + x.toFixed(digits) + " · " + say("lat") + " " + y.toFixed(digits)
    : say("easting") + " " + x.toFixed(digits) + " · " + say("northing") + " " + y.toFixed(digits)) + " (" + data.datum + ")";
  function told(place, pointer) {
    const where = say("here") + " (" + say(pointer ? "pointer" : "middle") + "): ";
    if (!data.grid) return where + pair(place.lng, place.lat, 6);
    const found = between(data.grid, place.lng, place.lat);
    return where + (found ? pair(found[0], found[1], data.grid.digits) : say("beyond"));
  }
  const position = (n) => {
    if (cols.lon[n] === null) return null;
    const own = cols.told[n];
    return own ? pair(own[0], own[1], data.grid ? data.grid.digits : 6) : pair(cols.lon[n], cols.lat[n], 6);
  };

  /* ------------------------------------------------------------------ the chosen asset */
  const keep = (from) => {
    if (!before) { before = { center: map.map.getCenter(), zoom: map.map.getZoom(), from }; by("back").hidden = false; } else if (from) before.from = from;
  };
  function choose(n, from, fly) {
    chosen = n;
    if (fly && map.placed(n)) { keep(from); map.fly(n); }
    map.choose(n); list.mark(n); describe(n);
  }
  function back() {
    if (!before) return;
    const { center, zoom, from } = before;
    before = null; by("back").hidden = true;
    map.go(center, zoom);
    (from && document.contains(from) ? from : by("map")).focus();
  }
  function describe(n) {
    const box = by("chosen"), state = data.states[cols.state[n]];
    const entry = (name, value) => (value ? [make("dt", { text: name }), make("dd", { text: value })] : []);
    const column = (name) => entry(say("column_" + name), page.pooled(name, n));
    const visited = cols.outcome[n] < 0 ? say("never") : (page.pooled("visited", n) || say("undated")) + " · " + page.pooled("outcome", n);
    const facts = make("dl", {}, ...column("kind"), ...column("region"), ...entry(say("column_address"), cols.address[n]),
      make("dt", { text: say("column_condition") }), make("dd", {}, page.sign(state), " " + say(state)),
      ...column("reason"), ...column("faults"), ...column("since"), ...entry(say("column_visited"), visited),
      ...entry(say("column_static"), cols.staticSaid[n]), ...entry(say("column_flow"), cols.flowSaid[n]),
      ...entry(say("column_photos"), cols.photos[n] ? say("photos", { count: cols.photos[n] }) : null),
      ...column("owner"), ...column("maintainer"), ...column("supervisor"), ...entry(say("position"), position(n)));
    const tools = make("div", { class: "tools" }, make("button", { type: "button", text: say("in_list"), onclick: () => {
      if (current.indexOf(n) < 0) clear();
      list.reveal(n);
    } }));
    if (here.length > 1) {
      const place = here.indexOf(n);
      tools.append(make("button", { type: "button", text: say("another"), onclick: () => choose(here[(place + 1) % here.length], null, false) }),
        make("span", { text: say("same_place", { number: place + 1, count: here.length }) }));
    }
    box.textContent = "";
    box.append(...[make("h3", { text: cols.code[n] }), facts, page.pictures(n), tools].filter(Boolean));
  }

  /* ------------------------------------------------------------------ filters */
  const toggles = data.states.map((state, number) => {
    const count = make("span", {});
    const button = make("button", { type: "button", "aria-pressed": "true", "data-state": state, onclick: () => {
      if (filter.states.has(number)) filter.states.delete(number); else filter.states.add(number);
      update();
    } }, page.sign(state), say(state) + " ", count);
    by("by-state").prepend(button);  // the worst first
    return { button, count };
  });
  const options = (select, first, rest) => {
    select.append(make("option", { value: "", text: first }));
    for (const [value, word] of rest) select.append(make("option", { value, text: word }));
  };
  options(by("by-unit"), say("all"), data.groups.map((group, n) => [n, group.name]));
  options(by("by-kind"), say("all"), data.pools.kind.map((kind, n) => [n, kind]));
  const faults = Array.from(new Set([].concat(...data.pools.faultSet)));
  options(by("by-fault"), say("all"), (faults.length ? [["*", say("any_fault")]] : []).concat(faults.map((name) => ["=" + name, name])));

  function update() {
    current = [];
    const counts = [0, 0, 0, 0];
    let without = 0;
    for (let n = 0; n < page.count; n++) {
      if (!fits(n, false)) continue;
      counts[cols.state[n]]++;
      if (!filter.states.has(cols.state[n])) continue;
      current.push(n);
      if (cols.lon[n] === null) without++;
    }
    toggles.forEach((toggle, number) => {
      toggle.button.setAttribute("aria-pressed", String(filter.states.has(number)));
      toggle.count.textContent = page.grouped(counts[number]);
    });
    const said = say("shown", { shown: page.grouped(current.length), all: page.grouped(page.count) });
    by("count").textContent = said + (without ? " · " + say("without_place", { count: page.grouped(without) }) : "");
    map.show(current); list.show(current);
    for (const row of document.querySelectorAll("tr[data-group]")) {
      const own = Number(row.dataset.group) === filter.unit;
      if (row.closest("table").dataset.name === "groups") row.classList.toggle("current", own);
      else row.hidden = filter.unit >= 0 && !own;
    }
  }
  let waiting = 0;
  by("search").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    clearTimeout(waiting);
    waiting = setTimeout(() => { filter.words = words; update(); }, 150);
  });
  by("filters").addEventListener("submit", (event) => event.preventDefault());
  by("by-kind").onchange = (event) => { filter.kind = event.target.value === "" ? -1 : Number(event.target.value); update(); };
  by("by-fault").onchange = (event) => { filter.fault = event.target.value; update(); };
  by("by-unit").onchange = (event) => { location.hash = event.target.value === "" ? "" : "unit=" + event.target.value; };
  function clear() {
    for (const field of by("filters").querySelectorAll("input, select")) field.value = "";
    Object.assign(filter, { words: [], kind: -1, fault: "", states: new Set([0, 1, 2, 3]) });
    if (filter.unit < 0) { update(); return; }
    location.hash = "";
    route();
  }
  by("filters").addEventListener("reset", (event) => { event.preventDefault(); clear(); });

  /* ------------------------------------------------------------------ the page of one unit */
  const bar = (parts) => {
    const whole = parts.reduce((sum, part) => sum + part[1], 0);
    if (!whole) return null;
    let at = 0;
    const drawn = [["rect", { class: "missing", width: 100, height: 4 }]];
    for (const [name, count] of parts) { drawn.push(["rect", { class: name, x: at, width: 100 * count / whole, height: 4 }]); at += 100 * count / whole; }
    const made = page.svg(drawn, "bar", "0 0 100 4");
    made.setAttribute("preserveAspectRatio", "none");
    return made;
  };
  const rate = (name, one, parts) => make("article", { class: "rate" }, make("h3", { text: name }), make("p", { class: "big", text: one.rate }), bar(parts), ...one.lines.map((line) => make("p", { text: line })));
  function openUnit(number) {
    const group = data.groups[number], order = group.order, built = group.built, box = by("unit");
    const cards = make("div", { class: "rates" });
    if (built) cards.append(rate(say("heading_completeness"), built, [["proven", built.met], ["missing", built.shortfall]]));
    cards.append(rate(say("heading_working_order"), order, [["proven", order.intact], ["unverified", order.stale + order.untested], ["missing", order.defective]]));
    box.textContent = "";
    box.append(make("h2", { id: "unit-title", text: say("unit_title", { name: group.name }) }), cards,
      make("p", {}, ...[["build", built ? page.grouped(built.shortfall) + built.mark : null], ["repair", page.grouped(order.defective)], ["verify", page.grouped(order.stale + order.untested)]]
        .filter((one) => one[1] !== null).map(([work, count]) => make("span", { class: "key" }, say(work) + " ", make("strong", { text: count })))),
      make("div", { class: "tools no-print" }, make("button", { type: "button", text: say("unit_close"), onclick: () => { location.hash = ""; } })));
    box.hidden = false;
    map.unit(group.key);
  }
  /* The address of the page names the unit, so that "back" of the browser leads back. */
  let routed = null;
  function route() {
    const found = /^#unit=(\d+)$/.exec(location.hash), number = found && data.groups[Number(found[1])] ? Number(found[1]) : -1;
    if (routed === number) return;
    const first = routed === null;
    routed = number;
    filter.unit = number;
    by("by-unit").value = number < 0 ? "" : String(number);
    before = null; by("back").hidden = true;
    if (number >= 0) openUnit(number); else { by("unit").hidden = true; map.unit(null); }
    update();
    map.fit(number < 0 ? map.everything() : map.unitBounds(data.groups[number].key, current), !first);
    if (number >= 0) { by("unit").scrollIntoView({ block: "start" }); by("unit").focus({ preventScroll: true }); }
  }
  addEventListener("hashchange", route);
  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-open]"), shows = event.target.closest("[data-show]");
    if (opens) location.hash = "unit=" + opens.dataset.open;
    if (!shows) return;
    if (shows.dataset.show === "build") { by("shortfall").scrollIntoView({ block: "start" }); return; }
    filter.states = new Set(shows.dataset.show === "repair" ? [3] : [1, 2]);
    update();
    by("work").scrollIntoView({ block: "start" }); by("work").focus({ preventScroll: true });
  });

  /* ------------------------------------------------------------------ legend, tools, keys */
  const legend = by("legend"), key = (drawing, word) => legend.append(make("li", {}, drawing, make("span", { text: word })));
  for (const state of data.states.slice().reverse()) key(page.sign(state), say(state));
  key(page.svg([["path", { d: "M2 4H18V20H2z", fill: "var(--defective)", stroke: "var(--mark-edge)" }], ["text", { x: 10, y: 16, "text-anchor": "middle", "font-size": 10, "font-weight": 700, fill: "var(--paper)", text: "12" }],
    ["path", { d: "M14 -1H24V8H14z", fill: "var(--paper)", stroke: "var(--mark-edge)" }], ["text", { x: 19, y: 7, "text-anchor": "middle", "font-size": 8.5, "font-weight": 700, fill: "var(--ink)", text: "3" }]], "cluster-key", "0 -2 26 24"), say("cluster"));
  const LINE = { unit: ["var(--unit)", "6 2 1 2", 1.5], region: ["var(--ink)", "8 3", 2.5], boundary: ["var(--ink)", "", 1.6], road: ["var(--road)", "", 2], water: ["var(--water-edge)", "", 7], gap: ["var(--gap)", "6 3", 3.5] };
  for (const style of map.styles) {
    const [stroke, dash, width] = LINE[style];
    key(page.svg([["path", { d: "M0 10H26", stroke, "stroke-dasharray": dash, "stroke-width": width, fill: "none" }]], "line-key", "0 0 26 20"), say("line_" + style));
  }
  by("in").onclick = () => map.map.zoomIn();
  by("out").onclick = () => map.map.zoomOut();
  by("whole").onclick = () => map.fit(filter.unit < 0 ? map.everything() : map.unitBounds(data.groups[filter.unit].key, current), true);
  by("back").onclick = back;
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && before && event.target.tagName !== "INPUT" && event.target.tagName !== "SELECT") { event.preventDefault(); back(); } });

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  by("theme").onclick = () => { root.dataset.theme = isDark() ? "light" : "dark"; map.recolour(); };
  if (dark.addEventListener) dark.addEventListener("change", map.recolour); else dark.addListener(map.recolour);
  by("skip").onclick = () => { by("work").scrollIntoView({ block: "start" }); by("work").focus({ preventScroll: true }); };
  by("print").onclick = () => print();
  let theme;
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme; root.dataset.theme = "light"; root.classList.add("printing");
    for (const fold of document.querySelectorAll("details")) fold.open = true;
    list.still(true); map.still(true);
  });
  addEventListener("afterprint", () => {
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    root.classList.remove("printing");
    list.still(false); map.still(false);
  });

  map.map.setView([0, 0], 3, { animate: false });
  route();
  by("here").textContent = told(map.map.getCenter(), false);
  root.dataset.ready = String(cols.lon.filter((lon) => lon !== null).length);
  page.map = map; page.list = list;
  window.hydrantPage = page;
})();
