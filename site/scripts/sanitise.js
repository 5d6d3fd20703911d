// @ts-check
/**
 * Takes SVG text from Python (or from a states file) and gives an element that can do nothing but
 * be looked at: an allow-list of elements and attributes, no script, no styles, nothing fetched.
 */

const SVG = "http://www.w3.org/2000/svg";

const ELEMENTS = new Set(
  (
    "svg g path line polyline polygon rect circle ellipse text tspan image defs clipPath mask " +
    "marker use linearGradient stop title desc"
  ).split(" "),
);

const ATTRIBUTES = new Set(
  (
    "viewBox width height preserveAspectRatio role aria-hidden aria-label class id d points x y " +
    "x1 y1 x2 y2 cx cy r rx ry dx dy rotate transform fill fill-opacity fill-rule clip-rule " +
    "stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset stroke-linecap " +
    "stroke-linejoin stroke-miterlimit opacity color font-family font-size font-weight " +
    "font-style text-anchor dominant-baseline alignment-baseline baseline-shift letter-spacing " +
    "word-spacing textLength lengthAdjust paint-order vector-effect shape-rendering " +
    "text-rendering image-rendering clip-path mask marker-start marker-mid marker-end maskUnits " +
    "maskContentUnits mask-type clipPathUnits markerUnits markerWidth markerHeight orient refX " +
    "refY gradientUnits gradientTransform spreadMethod offset stop-color stop-opacity href " +
    "visibility display version"
  ).split(" "),
);

/** The classes that pictures have; any other could borrow the page's own styling. */
const CLASS = /^(figure|paper|quiet|rule|area|mark|axis|grid|tick|label|title|legend|note|[cg]\d{1,2})$/;

const PNG = /^data:image\/png;base64,[A-Za-z0-9+/=\s]*$/;
const MOST_CHARACTERS = 4_000_000;
const MOST_ELEMENTS = 40_000;

/**
 * @param {string} text SVG as it came
 * @param {string} prefix the exhibit's name, with which every id in the picture begins
 * @returns {SVGSVGElement}
 * @throws {Error} where the text is not a picture at all
 */
export function sanitise(text, prefix) {
  if (typeof text !== "string" || text.length > MOST_CHARACTERS) {
    throw new Error("The picture is too large to show.");
  }
  // A document type could define entities; no picture needs one.
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new Error("The picture has a document type.");
  const named = /^<svg[^>]*\sxmlns=/.test(text) ? text : text.replace("<svg", `<svg xmlns="${SVG}"`);
  const parsed = new DOMParser().parseFromString(named, "image/svg+xml").documentElement;
  if (parsed.namespaceURI !== SVG || parsed.localName !== "svg") {
    throw new Error("The picture is not well-formed SVG.");
  }
  const made = copy(parsed, prefix, { left: MOST_ELEMENTS }, 0);
  if (named === text) made.setAttributeNS("http://www.w3.org/2000/xmlns/", "xmlns", SVG);
  return /** @type {SVGSVGElement} */ (made);
}

/**
 * Builds anew what is allowed, so that nothing of the parsed document is ever in the page.
 *
 * @param {Element} from
 * @param {string} prefix
 * @param {{left: number}} budget
 * @param {number} depth
 * @returns {Element}
 */
function copy(from, prefix, budget, depth) {
  budget.left -= 1;
  if (budget.left < 0 || depth > 60) throw new Error("The picture has too many parts to show.");
  const made = document.createElementNS(SVG, from.localName);
  for (const { name, value } of from.attributes) {
    const plain = name === "xlink:href" ? "href" : name;
    const kept = ATTRIBUTES.has(plain) ? clean(from.localName, plain, value, prefix) : null;
    if (kept !== null) made.setAttribute(plain, kept);
  }
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) made.append(child.nodeValue ?? "");
    if (!(child instanceof Element) || child.namespaceURI !== SVG) continue;
    if (ELEMENTS.has(child.localName)) made.append(copy(child, prefix, budget, depth + 1));
  }
  return made;
}

/**
 * @param {string} element
 * @param {string} name
 * @param {string} value
 * @param {string} prefix
 * @returns {string | null} the value to set, or null to leave the attribute out
 */
function clean(element, name, value, prefix) {
  const own = (/** @type {string} */ id) =>
    id.startsWith(`${prefix}-`) && /^[\w.:-]+$/.test(id);
  if (name === "id") return own(value) ? value : null;
  if (name === "class") {
    return value.split(/\s+/).filter((token) => CLASS.test(token)).join(" ") || null;
  }
  if (name === "href") {
    if (element === "image") return PNG.test(value) ? value : null;
    if (element === "use") return value.startsWith("#") && own(value.slice(1)) ? value : null;
    return null;
  }
  if (/[\\<>]|javascript:|@import|expression/i.test(value)) return null;
  if (/url\s*\(/i.test(value)) {
    const local = /^url\(\s*["']?#([\w.:-]+)["']?\s*\)$/.exec(value.trim());
    return local && own(local[1]) ? `url(#${local[1]})` : null;
  }
  return value;
}
