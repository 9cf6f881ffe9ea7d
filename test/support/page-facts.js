/** Runs in the page (browser.ts sends it there as text) and gives a `PageFacts`. */
(() => {
  const SLACK = 0.5; // half a pixel is rounding
  const width = document.documentElement.clientWidth;
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  const name = (element) => {
    const { left, right } = element.getBoundingClientRect();
    const text = element.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.localName} class="${element.getAttribute("class") ?? ""}"> ${left} … ${right} "${text}"`;
  };

  /** Whether a box around the element, below the body, scrolls or hides what is too wide for it. */
  const contained = (element) => {
    for (let box = element.parentElement; box !== null && box !== document.body; box = box.parentElement) {
      if (getComputedStyle(box).overflowX !== "visible") return true;
    }
    return false;
  };

  const beyond = [...document.body.querySelectorAll("*")].filter((element) => {
    if (!visible(element)) return false;
    const { left, right } = element.getBoundingClientRect();
    return right > left && (right > width + SLACK || left < -SLACK) && !contained(element);
  });

  const drawing = (svg) => {
    const box = svg.getBoundingClientRect();
    const cut = [...svg.querySelectorAll("text")].filter((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      const inside = left >= box.left - SLACK && right <= box.right + SLACK;
      return !(inside && top >= box.top - SLACK && bottom <= box.bottom + SLACK);
    });
    const ground = svg.querySelector("rect");
    return {
      label: svg.getAttribute("aria-label") ?? "",
      width: box.width,
      height: box.height,
      ground: ground === null ? "" : getComputedStyle(ground).fill,
      cut: cut.map(name),
    };
  };

  let smallest = { text: "", size: Number.POSITIVE_INFINITY };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement: element } = texts.currentNode;
    if (data.trim() === "" || !visible(element)) continue;
    const place = element instanceof SVGGraphicsElement ? element.getScreenCTM() : null;
    const scale = place === null ? 1 : Math.sqrt(Math.abs(place.a * place.d - place.b * place.c));
    const size = scale * Number.parseFloat(getComputedStyle(element).fontSize);
    if (size < smallest.size) smallest = { text: data.trim().slice(0, 40), size };
  }

  const body = getComputedStyle(document.body);
  return {
    width,
    contentWidth: document.documentElement.scrollWidth,
    beyond: beyond.map(name),
    figures: [...document.querySelectorAll("figure")].map((figure) =>
      [...figure.querySelectorAll("svg")].filter(visible).map(drawing),
    ),
    smallest,
    background: body.backgroundColor,
    ink: body.color,
  };
})();
