/**
 * The script of the page, the only one that its policy allows: tooltips on the marks of figures,
 * buttons that copy, and where the reader is. Without it the page is whole.
 */

/**
 * What a mark says is its `title` element, which browsers show by themselves, but late. Where no
 * mark is right under the pointer, the nearest of some places around it is taken: marks are small.
 */
export const script = `(() => {
"use strict";
const AROUND = [[0,0],[3,0],[-3,0],[0,3],[0,-3],[5,5],[5,-5],[-5,5],[-5,-5]];
const texts = new WeakMap();
const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);
const textOf = (mark) => {
  if (!(mark instanceof SVGElement)) return "";
  const title = mark.querySelector(":scope > title");
  if (title) {
    texts.set(mark, title.textContent);
    title.remove();
  }
  return texts.get(mark) ?? "";
};
const hide = () => { tip.hidden = true; };
const show = ({ clientX: x, clientY: y, target }) => {
  if (!(target instanceof SVGElement)) return hide();
  let text = "";
  for (const [dx, dy] of AROUND) {
    text = textOf(document.elementFromPoint(x + dx, y + dy));
    if (text) break;
  }
  if (!text) return hide();
  tip.textContent = text;
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(x + 14, document.documentElement.clientWidth - width - 8);
  tip.style.left = Math.max(8, left) + "px";
  tip.style.top = (y - height - 14 > 0 ? y - height - 14 : y + 18) + "px";
};
document.addEventListener("pointermove", show);
document.addEventListener("pointerdown", show);
document.addEventListener("scroll", hide, true);
document.addEventListener("keydown", ({ key }) => { if (key === "Escape") hide(); });

const copy = async (source) => {
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    getSelection().selectAllChildren(source);
    document.execCommand("copy");
  }
};
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copy(document.getElementById(button.dataset.copy));
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

for (const box of document.querySelectorAll(".scroll")) {
  const fade = () => box.classList.toggle("faded", box.scrollWidth - box.clientWidth - box.scrollLeft > 2);
  box.addEventListener("scroll", fade, { passive: true });
  new ResizeObserver(fade).observe(box);
}

const links = new Map();
for (const link of document.querySelectorAll("nav a")) links.set(link.hash.slice(1), link);
const seen = new Set();
const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) isIntersecting ? seen.add(target.id) : seen.delete(target.id);
  const here = [...links.keys()].findLast((id) => seen.has(id));
  if (!here) return;
  for (const [id, link] of links) id === here ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
}, { rootMargin: "0px 0px -70% 0px" });
for (const id of links.keys()) watch.observe(document.getElementById(id));

let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("main details:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => { for (const details of folded) details.open = false; });
})();`;

/**
 * The source of the script as a page's policy names it: `'sha256-…'`.
 * @throws Error where there is no Web Crypto: on pages that came over plain HTTP.
 */
export async function scriptSource(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(hash)))}'`;
}
