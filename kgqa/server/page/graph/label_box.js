// A name in lines, and the size of the box that they need.

/** The font of names in a drawing: boxes are measured for it. */
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
/** Its size in pixels. */
export const SIZE = 13;
const LINE = 17;
const WIDEST = 168;
const MOST_LINES = 3;
const pen = document.createElement("canvas").getContext("2d");

/** {lines, width, height} of a name in a drawing, bold if it is an answer's; a long one is cut, its whole text stands in the list. */
export function labelBox(text, bold = false) {
  pen.font = `${bold ? 600 : 400} ${SIZE}px ${FONT}`;
  const lines = [];
  let line = "";
  for (const word of words(text)) {
    const longer = line ? `${line} ${word}` : word;
    if (pen.measureText(longer).width <= WIDEST || !line) line = longer;
    else {
      lines.push(line);
      line = word;
    }
    if (lines.length > MOST_LINES) break;
  }
  if (line) lines.push(line);
  const shown = lines.slice(0, MOST_LINES);
  if (lines.length > MOST_LINES) shown[MOST_LINES - 1] = `${[...shown[MOST_LINES - 1]].slice(0, 24).join("")}…`;
  const width = Math.max(28, ...shown.map((each) => pen.measureText(each).width));
  return { lines: shown, width: Math.ceil(width) + 20, height: Math.max(1, shown.length) * LINE + 13 };
}

/** The words of a text; one that is too wide for a line is broken. */
function* words(text) {
  for (const word of [...text].slice(0, 400).join("").split(/\s+/u).filter(Boolean)) {
    let rest = [...word];
    while (rest.length > 8 && pen.measureText(rest.join("")).width > WIDEST) {
      let count = rest.length;
      while (count > 8 && pen.measureText(rest.slice(0, count).join("")).width > WIDEST) count = Math.floor(count * 0.8);
      yield rest.slice(0, count).join("");
      rest = rest.slice(count);
    }
    yield rest.join("");
  }
}
