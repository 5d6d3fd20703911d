// @ts-check
/** What a search has found, as a list of pages with the places on them, and the keys among these. */

const PLACES = 3;

/** Arrow keys go from the words to the places found, and up and down among them. */
export function walk(event, input, list) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...list.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  if (at < 0 && document.activeElement !== input) return;
  const to = at + (event.key === "ArrowDown" ? 1 : -1);
  if (to >= links.length || (at < 0 && to < 0)) return;
  event.preventDefault();
  (to < 0 ? input : links[to]).focus();
}

/** A page that was found, with the places on it. */
export function item({ url, meta, excerpt, sub_results: places }) {
  const entry = document.createElement("li");
  entry.className = "entry";
  const heading = document.createElement("h2");
  heading.append(link(url, meta.title));
  entry.append(heading);
  if (meta.kind) {
    const facts = document.createElement("p");
    facts.className = "facts";
    facts.textContent = meta.kind;
    entry.append(facts);
  }
  const inside = places.filter((place) => place.url !== url).slice(0, PLACES);
  if (!inside.length || places[0].url === url) entry.append(said(excerpt));
  if (inside.length) {
    const sections = document.createElement("ul");
    for (const place of inside) {
      const section = document.createElement("li");
      const title = place.title.replace(/\s*#$/, "");
      section.append(link(place.url, title), said(place.excerpt, title));
      sections.append(section);
    }
    entry.append(sections);
  }
  return entry;
}

function link(url, text) {
  const made = document.createElement("a");
  made.href = url;
  made.textContent = text;
  return made;
}

/** An excerpt is HTML, of which nothing but text and its marks is taken, after its title. */
function said(excerpt, title = "") {
  const line = document.createElement("p");
  line.className = "excerpt";
  const read = new DOMParser().parseFromString(excerpt, "text/html").body;
  let skip = read.textContent?.startsWith(`${title} `) ? title.length + 1 : 0;
  for (const node of read.childNodes) {
    const text = (node.textContent ?? "").slice(skip);
    skip = Math.max(0, skip - (node.textContent ?? "").length);
    if (node.nodeName === "MARK" && text) {
      const mark = document.createElement("mark");
      mark.textContent = text;
      line.append(mark);
    } else line.append(text);
  }
  return line;
}
