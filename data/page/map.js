/* The map: one canvas above Leaflet's panes, drawn anew for each frame, so that it can be printed. */
page.makeMap = (box, hooks) => {
  const { cols, data } = page;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, {
    zoomControl: false, attributionControl: false, minZoom: 3, maxZoom: 20, zoomSnap: 0.25, zoomDelta: 1,
    scrollWheelZoom: false, zoomAnimation: !calm, inertia: !calm, boxZoom: true, worldCopyJump: false,
  });
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  // the wheel moves the page until somebody has chosen the map
  map.on("focus click", () => map.scrollWheelZoom.enable());
  map.on("blur mouseout", () => map.scrollWheelZoom.disable());

  /* Places on the unit square of the Mercator projection. */
  const square = (lon, lat) => {
    const sine = Math.sin(Math.max(-85, Math.min(85, lat)) * Math.PI / 180);
    return [lon / 360 + 0.5, 0.5 - 0.25 * Math.log((1 + sine) / (1 - sine)) / Math.PI];
  };
  const xs = new Float64Array(page.count), ys = new Float64Array(page.count);
  const placed = [];
  for (let n = 0; n < page.count; n++) {
    if (cols.lon[n] === null) continue;
    [xs[n], ys[n]] = square(cols.lon[n], cols.lat[n]);
    placed.push(n);
  }
  const shapes = data.shapes.map((shape) => ({
    style: shape.style, name: shape.name, key: shape.key,
    label: shape.label ? square(shape.label[0], shape.label[1]) : null,
    box: [Infinity, Infinity, -Infinity, -Infinity], degrees: [Infinity, Infinity, -Infinity, -Infinity],
    parts: shape.parts.map((part) => {
      const corners = new Float64Array(part.length);
      let lon = 0, lat = 0;
      for (let n = 0; n < part.length; n += 2) {
        lon += part[n]; lat += part[n + 1];
        [corners[n], corners[n + 1]] = square(lon / 1e6, lat / 1e6);
      }
      return corners;
    }),
  }));
  shapes.forEach((shape, number) => {
    for (const part of shape.parts) for (let n = 0; n < part.length; n += 2) {
      shape.box = [Math.min(shape.box[0], part[n]), Math.min(shape.box[1], part[n + 1]),
        Math.max(shape.box[2], part[n]), Math.max(shape.box[3], part[n + 1])];
    }
    for (const part of data.shapes[number].parts) {
      let lon = 0, lat = 0;
      for (let n = 0; n < part.length; n += 2) {
        lon += part[n]; lat += part[n + 1];
        shape.degrees = [Math.min(shape.degrees[0], lon / 1e6), Math.min(shape.degrees[1], lat / 1e6),
          Math.max(shape.degrees[2], lon / 1e6), Math.max(shape.degrees[3], lat / 1e6)];
      }
    }
  });

  let index = null, chosen = -1, unit = null, colours = {}, hits = [], grow = 1, forced = 0, seen = null;
  const states = data.states;
  const readColours = () => {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["intact", "stale", "untested", "defective", "mark-edge", "paper", "ink", "accent", "unit",
      "road", "water", "water-edge", "gap", "halo"]) colours[name] = style.getPropertyValue("--" + name).trim();
    // on a large screen signs grow as the writing does; print keeps them as they are on a desk's screen
    grow = forced ? 1 : Math.max(1, parseFloat(style.fontSize) / 16);
  };

  /* Which assets are shown: neighbours that would cover each other become one cluster, which knows how many of each
     state it holds. */
  const show = (numbers) => {
    index = new Supercluster({
      radius: 40 * grow, extent: 256, maxZoom: 16, minPoints: 3,
      map: (one) => { const counts = [0, 0, 0, 0]; counts[one.state] = 1; return { counts }; },
      reduce: (sum, one) => { sum.counts = sum.counts.map((count, state) => count + one.counts[state]); },
    });
    index.load(numbers.filter((n) => cols.lon[n] !== null).map((n) => ({
      type: "Feature", properties: { n, state: cols.state[n] },
      geometry: { type: "Point", coordinates: [cols.lon[n], cols.lat[n]] },
    })));
    draw();
  };

  const canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated", map.getPane("overlayPane"));
  canvas.setAttribute("aria-hidden", "true");
  const pen = canvas.getContext("2d");
  let ratio = 1;
  readColours();

  const trace = (shape, scale, left, top) => {
    pen.beginPath();
    for (const part of shape.parts) {
      for (let n = 0; n < part.length; n += 2) {
        const x = part[n] * scale - left, y = part[n + 1] * scale - top;
        if (n) pen.lineTo(x, y); else pen.moveTo(x, y);
      }
    }
  };
  const LINES = {
    water: () => { pen.fillStyle = colours.water; pen.fill("evenodd"); pen.strokeStyle = colours["water-edge"]; pen.lineWidth = (1.2) * grow; pen.stroke(); },
    road: () => { pen.strokeStyle = colours.road; pen.lineWidth = (1.6) * grow; pen.stroke(); },
    unit: (own) => { pen.strokeStyle = own ? colours.accent : colours.unit; pen.lineWidth = (own ? 3 : 1.3) * grow; pen.setLineDash(own ? [] : [7, 3, 2, 3]); pen.stroke(); pen.setLineDash([]); },
    region: () => { pen.strokeStyle = colours.ink; pen.lineWidth = (2.2) * grow; pen.setLineDash([10, 4]); pen.stroke(); pen.setLineDash([]); },
    boundary: () => { pen.strokeStyle = colours.ink; pen.lineWidth = (1.6) * grow; pen.stroke(); },
    gap: () => { pen.strokeStyle = colours.gap; pen.lineWidth = (map.getZoom() < 13 ? 2 : 3.5) * grow; pen.setLineDash([7, 4]); pen.stroke(); pen.setLineDash([]); },
  };
  // a road lies on water, a boundary above both, and what is wrong above all
  const ORDER = ["water", "road", "boundary", "unit", "region", "gap"];
  const outline = (state, x, y, r) => {
    pen.beginPath();
    if (state === "intact") pen.arc(x, y, r, 0, 7);
    else if (state === "stale") { pen.moveTo(x, y - r * 1.15); pen.lineTo(x + r * 1.15, y + r); pen.lineTo(x - r * 1.15, y + r); pen.closePath(); }
    else if (state === "untested") { pen.moveTo(x, y - r * 1.25); pen.lineTo(x + r * 1.25, y); pen.lineTo(x, y + r * 1.25); pen.lineTo(x - r * 1.25, y); pen.closePath(); }
    else pen.rect(x - r, y - r, 2 * r, 2 * r);
  };
  const mark = (state, x, y, r, bold) => {
    outline(state, x, y, r);
    pen.fillStyle = colours[state]; pen.fill();
    pen.strokeStyle = bold ? colours.accent : colours["mark-edge"]; pen.lineWidth = (bold ? 3 : 1) * grow; pen.stroke();
  };
  /* Light or dark writing, whichever stands out from a colour (#rrggbb). */
  const writing = (colour) => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    return r * 0.299 + g * 0.587 + b * 0.114 > 140 ? "#16202b" : "#ffffff";
  };
  const FONT = 'system-ui, "Noto Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei", sans-serif';
  const cluster = (one, x, y, r) => {
    const counts = one.properties.counts, all = one.properties.point_count;
    let worst = counts.length - 1;
    while (worst > 0 && !counts[worst]) worst--;
    const said = all > 9999 ? Math.floor(all / 1000) + "k" : String(all);
    outline(states[worst], x, y, r + 3); pen.fillStyle = colours.halo; pen.fill();
    mark(states[worst], x, y, r, false);
    pen.font = "700 " + (said.length > 3 ? 11 : 12.5) * grow + "px " + FONT;
    pen.textAlign = "center"; pen.textBaseline = "middle"; pen.fillStyle = writing(colours[states[worst]]);
    pen.fillText(said, x, y + (states[worst] === "stale" ? r * 0.3 : 0.5));
    if (counts[worst] < all) {
      const bx = x + r, by = y - r, badge = String(counts[worst]);
      pen.font = "700 " + 10.5 * grow + "px " + FONT;
      const tall = 16 * grow, wide = Math.max(tall, pen.measureText(badge).width + tall / 2);
      pen.fillStyle = colours.paper; pen.strokeStyle = colours["mark-edge"]; pen.lineWidth = 1;
      pen.beginPath(); pen.rect(bx - wide / 2, by - tall / 2, wide, tall); pen.fill(); pen.stroke();
      pen.fillStyle = colours.ink; pen.fillText(badge, bx, by + 0.5);
    }
  };
  /* Names of units, clear of each other and of the marks where there is room for that. */
  const names = (scale, left, top, size) => {
    const taken = hits.map((hit) => [hit.x - hit.r, hit.y - hit.r, hit.x + hit.r, hit.y + hit.r]);
    pen.textAlign = "center"; pen.textBaseline = "middle"; pen.lineJoin = "round";
    for (const shape of shapes) {
      if (!shape.label || !shape.name) continue;
      const own = unit !== null && shape.key === unit;
      const x = shape.label[0] * scale - left, middle = shape.label[1] * scale - top;
      if (x < 0 || middle < 0 || x > size.x || middle > size.y) continue;
      pen.font = (own || shape.style === "region" ? "700 " + 15 * grow : "500 " + 13 * grow) + "px " + FONT;
      const wide = pen.measureText(shape.name).width;
      if (!own && (shape.box[2] - shape.box[0]) * scale < wide * 0.8) continue;
      const y = [0, 30, -30, 46, -46].map((step) => middle + step * grow).find((at) => {
        const edge = [x - wide / 2 - 3, at - 10 * grow, x + wide / 2 + 3, at + 10 * grow];
        if (taken.some((t) => edge[0] < t[2] && edge[2] > t[0] && edge[1] < t[3] && edge[3] > t[1])) return false;
        taken.push(edge);
        return true;
      });
      if (y === undefined) continue;
      pen.strokeStyle = colours.halo; pen.lineWidth = 4; pen.strokeText(shape.name, x, y);
      pen.fillStyle = own ? colours.accent : colours.ink; pen.fillText(shape.name, x, y);
    }
  };

  function draw() {
    if (!map._loaded || !index) return;
    const size = map.getSize(), corner = map.containerPointToLayerPoint([0, 0]);
    ratio = forced || Math.max(1, Math.min(3, window.devicePixelRatio || 1));
    L.DomUtil.setPosition(canvas, corner);
    if (canvas.width !== Math.round(size.x * ratio) || canvas.height !== Math.round(size.y * ratio)) {
      canvas.width = Math.round(size.x * ratio); canvas.height = Math.round(size.y * ratio);
      canvas.style.width = size.x + "px"; canvas.style.height = size.y + "px";
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, size.x, size.y);
    const zoom = map.getZoom(), scale = map.options.crs.scale(zoom), from = map.getPixelBounds().min;
    const west = from.x / scale, north = from.y / scale, east = (from.x + size.x) / scale, south = (from.y + size.y) / scale;
    for (const style of ORDER) for (const shape of shapes) {
      if (shape.style !== style || shape.box[2] < west || shape.box[0] > east || shape.box[3] < north || shape.box[1] > south) continue;
      trace(shape, scale, from.x, from.y);
      LINES[style](unit !== null && shape.key === unit);
    }
    const bounds = map.getBounds().pad(0.1);
    const found = index.getClusters(
      [Math.max(-180, bounds.getWest()), Math.max(-90, bounds.getSouth()), Math.min(180, bounds.getEast()), Math.min(90, bounds.getNorth())],
      Math.max(0, Math.round(zoom)));
    hits = [];
    const single = [], groups = [];
    for (const one of found) (one.properties.cluster ? groups : single).push(one);
    // the worst is drawn last, so that it lies above
    const worstOf = (one) => { let w = 3; while (w > 0 && !one.properties.counts[w]) w--; return w; };
    single.sort((a, b) => a.properties.state - b.properties.state || a.properties.n - b.properties.n);
    groups.sort((a, b) => worstOf(a) - worstOf(b));
    const r = (zoom < 12 ? 5 : 6.5) * grow;
    for (const one of single) {
      const n = one.properties.n;
      hits.push({ x: xs[n] * scale - from.x, y: ys[n] * scale - from.y, r: r + 5, n, state: one.properties.state });
    }
    for (const one of groups) {
      const [x, y] = square(one.geometry.coordinates[0], one.geometry.coordinates[1]);
      hits.push({ x: x * scale - from.x, y: y * scale - from.y, r: (16 + Math.min(9, Math.log10(one.properties.point_count) * 3.2)) * grow, cluster: one });
    }
    names(scale, from.x, from.y, size);
    for (const hit of hits) {
      if (hit.cluster) cluster(hit.cluster, hit.x, hit.y, hit.r - 3); else mark(states[hit.state], hit.x, hit.y, r, false);
    }
    if (chosen >= 0 && cols.lon[chosen] !== null) {
      const x = xs[chosen] * scale - from.x, y = ys[chosen] * scale - from.y;
      pen.beginPath(); pen.arc(x, y, 17 * grow, 0, 7); pen.strokeStyle = colours.halo; pen.lineWidth = 7; pen.stroke();
      pen.strokeStyle = colours.accent; pen.lineWidth = 3; pen.stroke();
      mark(states[cols.state[chosen]], x, y, r + 2, true);
    }
  }
  map.on("move zoom viewreset resize zoomend", draw);
  map.on("zoomanim", (event) => {
    const start = map.containerPointToLatLng([0, 0]);
    L.DomUtil.setTransform(canvas, map._latLngToNewLayerPoint(start, event.zoom, event.center), map.getZoomScale(event.zoom));
  });

  /* What lies under a point of the map, the topmost first. */
  const under = (point) => {
    const found = [];
    for (let n = hits.length - 1; n >= 0; n--) {
      const hit = hits[n];
      if (Math.abs(hit.x - point.x) <= hit.r && Math.abs(hit.y - point.y) <= hit.r) found.push(hit);
    }
    return found;
  };
  const pick = (point) => {
    const found = under(point);
    if (!found.length) return;
    if (found[0].cluster) return open(found[0].cluster);
    hooks.choose(found.filter((hit) => hit.n !== undefined).map((hit) => hit.n));
  };
  const open = (one) => {
    const leaves = index.getLeaves(one.id, Infinity).map((leaf) => [leaf.geometry.coordinates[1], leaf.geometry.coordinates[0]]);
    hooks.leave();
    const bounds = L.latLngBounds(leaves);
    const zoom = Math.max(map.getBoundsZoom(bounds.pad(0.3)), index.getClusterExpansionZoom(one.id));
    go(bounds.getCenter(), Math.min(zoom, 18));
  };
  map.on("click", (event) => pick(event.containerPoint));
  const tip = L.DomUtil.create("div", "tip", box);
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  map.on("mousemove", (event) => {
    const hit = under(event.containerPoint)[0];
    box.style.cursor = hit ? "pointer" : "";
    tip.hidden = !hit;
    if (hit) {
      tip.textContent = hit.cluster
        ? states.map((state, n) => [page.say(state), hit.cluster.properties.counts[n]]).filter((one) => one[1]).reverse().map((one) => one.join(" ")).join(" · ")
        : cols.code[hit.n] + " · " + page.say(states[cols.state[hit.n]]);
      tip.style.left = Math.min(event.containerPoint.x + 14, box.clientWidth - tip.offsetWidth - 4) + "px";
      tip.style.top = Math.max(4, event.containerPoint.y - tip.offsetHeight - 10) + "px";
    }
    hooks.read(event.latlng, true);
  });
  map.on("mouseout", () => { tip.hidden = true; hooks.read(map.getCenter(), false); });
  map.on("move", () => { if (!box.matches(":hover")) hooks.read(map.getCenter(), false); });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== box) return;
    event.preventDefault();
    const middle = map.getSize().divideBy(2);
    let best = null, away = Infinity;
    for (const hit of hits) {
      const far = Math.hypot(hit.x - middle.x, hit.y - middle.y);
      if (far < away) { away = far; best = hit; }
    }
    if (best) pick(L.point(best.x, best.y));
  });

  const go = (center, zoom) => { if (calm) map.setView(center, zoom); else map.flyTo(center, zoom, { duration: 0.8 }); };
  const everything = () => {
    const bounds = L.latLngBounds([]);
    for (const n of placed) bounds.extend([cols.lat[n], cols.lon[n]]);
    for (const shape of shapes) if (shape.style !== "road" && shape.style !== "water") {
      bounds.extend([shape.degrees[1], shape.degrees[0]]); bounds.extend([shape.degrees[3], shape.degrees[2]]);
    }
    return bounds;
  };
  const fit = (bounds, moving) => {
    if (!bounds.isValid()) return map.setView([30, 120], 5);
    const options = { padding: [24, 24], maxZoom: 17 };
    if (moving && !calm) map.flyToBounds(bounds, Object.assign({ duration: 0.8 }, options)); else map.fitBounds(bounds, Object.assign({ animate: false }, options));
  };
  return {
    map, show, draw, everything, fit,
    placed: (n) => cols.lon[n] !== null,
    fly: (n) => go([cols.lat[n], cols.lon[n]], Math.max(map.getZoom(), 17)),
    go,
    choose: (n) => { chosen = n; draw(); },
    unit: (key) => { unit = key; draw(); },
    unitBounds: (key, numbers) => {
      const bounds = L.latLngBounds([]);
      for (const shape of shapes) if (key !== null && shape.key === key) {
        bounds.extend([shape.degrees[1], shape.degrees[0]]); bounds.extend([shape.degrees[3], shape.degrees[2]]);
      }
      if (!bounds.isValid()) for (const n of numbers) if (cols.lon[n] !== null) bounds.extend([cols.lat[n], cols.lon[n]]);
      return bounds;
    },
    recolour: () => { readColours(); draw(); },
    /* For print the canvas is drawn at twice the fineness of the screen, at the size of the paper, with all that the
       screen showed; afterwards all is as it was. */
    still: (on) => {
      if (on) seen = { bounds: map.getBounds(), center: map.getCenter(), zoom: map.getZoom() };
      forced = on ? 2 : 0;
      readColours();
      map.invalidateSize({ animate: false, pan: false });
      if (on) map.fitBounds(seen.bounds, { animate: false }); else if (seen) map.setView(seen.center, seen.zoom, { animate: false });
      draw();
    },
    styles: Array.from(new Set(shapes.map((shape) => shape.style))),
    hits: () => hits,
  };
};
