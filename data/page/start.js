"use strict";
/* The page's own script: start.js, map.js, list.js and filters.js, one after another in one block.
   Written for browsers of 2018 and later. */
const page = { data: JSON.parse(document.getElementById("data").textContent) };

page.cols = page.data.columns;
page.count = page.cols.code.length;

/* A word of the page, with its facts filled in; a count chooses between two forms. */
page.say = (name, facts) =>
  page.data.words[name].replace(/\{(\w+)(?::([^|{}]*)\|([^{}]*))?\}/g, (all, key, one, other) => {
    const fact = facts ? facts[key] : undefined;
    if (one !== undefined) return String(fact) === "1" ? one : other;
    return fact === undefined ? all : String(fact);
  });
page.pooled = (column, number) => {
  const place = page.cols[column][number];
  return place < 0 ? null : page.data.pools[column][place];
};
page.make = (tag, attributes, ...inside) => {
  const made = document.createElement(tag);
  for (const name of Object.keys(attributes || {})) {
    if (name === "text") made.textContent = attributes.text;
    else if (name.slice(0, 2) === "on") made.addEventListener(name.slice(2), attributes[name]);
    else made.setAttribute(name, attributes[name]);
  }
  made.append(...inside.filter((one) => one !== null && one !== undefined));
  return made;
};
/* Names of an asset's photos beside the page, null for one that is missing; none where the page
   goes without. */
page.photosOf = (number) => page.cols.photoFiles[number] || [];
/* Photos as a list; one that does not show says so in words. */
page.pictures = (number) => {
  const names = page.photosOf(number);
  if (!names.length) return null;
  const list = page.make("ul", { class: "photos" });
  names.forEach((name, place) => {
    const told = page.say("photo_of", { number: place + 1, count: names.length, code: page.cols.code[number] });
    const item = page.make("li");
    if (name === null) {
      item.append(page.make("p", { text: page.say("photo_gone", { photo: told }) }));
    } else {
      const file = encodeURIComponent(page.data.photoFolder) + "/" + encodeURIComponent(name);
      const link = page.make("a", { href: file, target: "_blank", rel: "noopener" });
      link.append(page.make("img", { src: file, alt: told, onerror: () => {
        link.textContent = page.say("photo_open");
        item.prepend(page.make("p", { text: page.say("photo_unseen", { photo: told, folder: page.data.photoFolder }) }));
      } }));
      item.append(link);
    }
    list.append(item);
  });
  return list;
};
/* Signs of the states: the shape tells as much as the colour. */
page.SHAPES = {
  intact: "M10 2a8 8 0 1 0 .01 0z",
  stale: "M10 2L19 18H1z",
  untested: "M10 1L19 10L10 19L1 10z",
  defective: "M2 2H18V18H2z",
};
page.svg = (markup, className, box) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  made.setAttribute("viewBox", box || "0 0 20 20");
  made.setAttribute("aria-hidden", "true");
  made.setAttribute("class", className);
  for (const [tag, attributes] of markup) {
    const part = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const name of Object.keys(attributes)) part.setAttribute(name, attributes[name]);
    if (attributes.text) part.textContent = attributes.text;
    made.append(part);
  }
  return made;
};
page.sign = (state) => page.svg([["path", { d: page.SHAPES[state] }]], "sign " + state);
page.grouped = (number) => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
