// What a reader would stumble over: text that is too faint (WCAG 2.2 AA), what has no name, headings that skip a level,
// and a page that is wider than its screen. Everything that may be unfolded is unfolded first.
(() => {
  document.querySelectorAll("details").forEach((each, number) => { if (number < 30) each.open = true; });
  const parsed = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const behind = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.push(parsed(getComputedStyle(each).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const faint = new Set();
  let looked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && looked < 1500) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("svg")) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const found = contrast(over(parsed(style.color), behind(element)), behind(element));
    looked += 1;
    if (found < (large ? 3 : 4.5) || size < 12) faint.add(`${found.toFixed(2)} ${size}px ${walker.currentNode.data.slice(0, 40)}`);
  }
  for (const mark of document.querySelectorAll("svg .bar, svg .mark, svg .part, .icon")) {
    const style = getComputedStyle(mark);
    const colour = mark.matches(".bar, .part") ? style.fill : style.color;
    if (contrast(parsed(colour), behind(mark.closest("svg").parentElement)) < 3) faint.add(`drawing: ${colour}`);
  }
  const unnamed = [];
  for (const each of document.querySelectorAll("a, summary, th")) if (!each.textContent.trim()) unnamed.push(each.outerHTML.slice(0, 90));
  for (const each of document.querySelectorAll("svg")) if (!each.matches('[aria-hidden="true"], [role="img"][aria-label]')) unnamed.push("svg");
  for (const each of document.querySelectorAll('[tabindex="0"], nav, section, figure'))
    if (!each.getAttribute("aria-label") && !document.getElementById(each.getAttribute("aria-labelledby"))) unnamed.push(each.tagName);
  for (const each of document.querySelectorAll("table")) if (!each.querySelector("thead th[scope=col]")) unnamed.push("table");
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  if (new Set(ids).size !== ids.length) unnamed.push("an id that is there twice");
  if (!document.documentElement.lang || !document.title.trim() || document.querySelectorAll("main").length !== 1) unnamed.push("page");
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((each) => Number(each.tagName[1]));
  const headings = levels.filter((level, number) => level > (number ? levels[number - 1] : 0) + 1);
  if (levels.filter((level) => level === 1).length !== 1) headings.push("h1");
  return { looked, faint: [...faint], unnamed, headings, wide: document.documentElement.scrollWidth };
})();
