// What the audits ask of the page under test. It runs in a world of its own: the page's policy is not relaxed for it.
globalThis.looks = (() => {
  const elements = () => [...document.body.querySelectorAll("*")];
  const style = (element) => getComputedStyle(element);
  const tidy = (text) => text.replace(/\s+/g, " ").trim();

  /** An element in words: its tag, id or class, and how its text begins. */
  const told = (element) => {
    const name = element.id ? `#${element.id}` : [...element.classList].map((one) => `.${one}`).join("");
    return `${element.localName}${name} "${tidy(element.textContent).slice(0, 40)}"`;
  };

  /** For screen readers only: clipped on purpose. */
  const unseen = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const { width, height } = one.getBoundingClientRect();
      if (width <= 1 && height <= 1 && style(one).clipPath !== "none") return true;
    }
    return false;
  };
  const scrolls = (element) => ["auto", "scroll"].includes(style(element).overflowX);
  const within = (element, some) => some.some((one) => one !== element && one.contains(element));

  /** Parts of a colour as the browser computed it: `rgb(1, 2, 3)` or `rgba(1, 2, 3, 0.5)`. */
  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = parts(colour).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  /** WCAG's ratio of a text to the first full colour behind it; images and gradients count as no contrast. */
  const contrast = (element) => {
    for (let one = element; one; one = one.parentElement) {
      if (style(one).backgroundImage !== "none") return 1;
      const alpha = parts(style(one).backgroundColor)[3] ?? 1;
      if (alpha === 0 && one !== document.documentElement) continue;
      if (alpha !== 0 && alpha !== 1) return 1;
      const behind = alpha ? style(one).backgroundColor : canvas();
      const [darker, lighter] = [luminance(style(element).color), luminance(behind)].sort((a, b) => a - b);
      return (lighter + 0.05) / (darker + 0.05);
    }
    return 1;
  };
  const canvas = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(0, 0, 0)" : "rgb(255, 255, 255)");
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && tidy(node.data));

  const pieces = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (tidy(data) && parentElement.checkVisibility() && !unseen(parentElement)) found.push(tidy(data));
    }
    return found;
  };

  return {
    /** The page is wider than the window; or text stands outside of it where nothing scrolls; or a box cuts its text. */
    overflow() {
      const root = document.documentElement;
      const found = root.scrollWidth > root.clientWidth ? [`the page is ${root.scrollWidth} wide in ${root.clientWidth}`] : [];
      const scrollers = elements().filter(scrolls);
      for (const element of elements().filter(hasText)) {
        const box = element.getBoundingClientRect();
        const outside = box.right > root.clientWidth + 1 || box.left < -1;
        const cut = element.scrollWidth > element.clientWidth + 1 && ["hidden", "clip"].includes(style(element).overflowX);
        if (!(outside && !within(element, scrollers)) && !cut) continue;
        if (!element.checkVisibility() || unseen(element)) continue;
        if (box.bottom <= 0 && style(element).position === "absolute") continue; // waits above the page for the focus
        found.push(`${cut ? "cut off" : "outside of the page"}: ${told(element)}`);
      }
      return found;
    },

    /** On paper nothing scrolls and nothing unfolds: what stands in a scroller or is folded is lost. */
    unprinted() {
      const found = [];
      for (const element of elements()) {
        if (scrolls(element) && element.scrollWidth > element.clientWidth + 1) found.push(`scrolls: ${told(element)}`);
        if (element.localName !== "details") continue;
        const folded = [...element.children].slice(1).find((one) => !one.checkVisibility());
        if (folded) found.push(`folded: ${told(folded)}`);
      }
      return found;
    },

    /** What moves for someone who asked that nothing does. */
    moving() {
      const seconds = (text) => Math.max(...text.split(",").map((one) => parseFloat(one) || 0));
      return [document.documentElement, ...elements()]
        .filter((element) => {
          const { animationName, transitionDuration, scrollBehavior } = style(element);
          return animationName !== "none" || seconds(transitionDuration) > 0.001 || scrollBehavior === "smooth";
        })
        .map((element) => `moves: ${told(element)}`);
    },

    /** What the keyboard should reach, in the order of the document. */
    reachable() {
      const able = "a[href], button, input, select, textarea, summary, [tabindex]";
      return [...document.querySelectorAll(able)].filter(
        (element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility({ visibilityProperty: true }),
      );
    },

    /** What has the focus: its place among the reachable, and what is wrong with how that shows. */
    focused(reachable) {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const { outlineStyle, outlineWidth, boxShadow } = style(element);
      const faults = [];
      if ((outlineStyle === "none" || parseFloat(outlineWidth) < 1) && boxShadow === "none") faults.push("no focus ring");
      const shares = [0.1, 0.5, 0.9];
      const seen = [...element.getClientRects()].some((box) => shares.some((x) => shares.some((y) =>
        element.contains(document.elementFromPoint(box.left + x * box.width, box.top + y * box.height)))));
      if (!seen) faults.push("the focus is outside of the window or behind something");
      return { place: reachable.indexOf(element), faults: faults.map((fault) => `${fault}: ${told(element)}`) };
    },

    /** Links within the page that lead nowhere. */
    dangling() {
      return [...document.querySelectorAll('a[href^="#"]')]
        .filter((link) => !document.getElementById(decodeURIComponent(link.hash.slice(1))))
        .map((link) => `leads nowhere: ${link.hash}`);
    },

    /** Follows each link to something that is folded, and tells what stays hidden. */
    async hidden() {
      const found = [];
      const seen = new Set();
      for (const link of document.querySelectorAll('a[href^="#"]')) {
        const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
        if (!target || seen.has(target) || !target.closest("details")) continue;
        seen.add(target);
        link.click();
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        if (!target.checkVisibility()) found.push(`stays hidden: ${told(target)}`);
      }
      return { followed: seen.size, found };
    },

    /** All words of the page, folded or not. */
    words() {
      const copy = document.body.cloneNode(true);
      copy.querySelectorAll("script, style, [data-enhancement]").forEach((one) => one.remove());
      return tidy(copy.textContent);
    },

    /** Every piece of text that paper shows. */
    pieces: () => pieces(document.body),

    /** Every table with heads: the text of these, and of each row. */
    tables() {
      const text = (element) => pieces(element).join("");
      return [...document.querySelectorAll("table")].filter((table) => table.tHead && table.checkVisibility()).map((table) => ({
        heads: text(table.tHead),
        rows: [...table.tBodies].flatMap((body) => [...body.rows].map(text)),
      }));
    },

    /** What must not stand alone at the end of a page, and reads like nothing else. */
    headings: () => [...document.querySelectorAll("h2, h3[id], caption, thead")]
      .filter((element) => element.checkVisibility()).map((element) => pieces(element).join("")),

    /** Violations, and what axe left open; contrast that it left open (of signs, beside pseudo elements) we compute. */
    async axe(rules) {
      const options = { preload: false, resultTypes: ["violations", "incomplete"], rules: { "target-size": { enabled: true } } };
      if (rules.length) options.runOnly = { type: "rule", values: rules }; // alone, they are all that runs
      const { violations, incomplete } = await axe.run(document, options);
      const fails = (rule) => (node) => rule !== "color-contrast" || contrast(document.querySelector(node.target[0])) < 4.5;
      const open = incomplete.map((one) => ({ ...one, nodes: one.nodes.filter(fails(one.id)) }));
      const told = ({ id, help, nodes }) =>
        nodes.map((node) => ({ rule: id, words: `${help}: ${node.target.join(" ")} ${node.html.slice(0, 120)}`,
          why: [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ") }));
      return [...violations, ...open].flatMap(told);
    },
  };
})();
