// Places for the neighbours of a node: rings around it, where nothing else is.

const GAP_X = 26;
const GAP_Y = 16;
const FIRST_RING = 1.25; // of the widest neighbour
const MOST_RINGS = 60;
const CLEAR_RINGS = 3; // up to here no line to a neighbour may go through the middle of another one

/**
 * A place for the centre of each box; lines from the middle to them cross no other one, if there is room. `boxes` are {width, height}; `taken` are boxes with {x, y} that stay
 * where they are, among them that of the node in the middle.
 */
export function placesAround(middle, boxes, taken) {
  const occupied = new Cells(taken);
  const widest = Math.max(90, ...boxes.map((box) => box.width));
  const places = [];
  const around = [];
  let ring = 0;
  let slots = [];
  for (const box of boxes) {
    let place = null;
    while (!place) {
      while (!slots.length) {
        if (ring > MOST_RINGS) return [...places, ...boxes.slice(places.length).map(() => ({ ...middle }))];
        slots = slotsOfRing(middle, ring, widest);
        ring += 1;
      }
      const slot = { ...slots.shift(), width: box.width, height: box.height };
      if (!occupied.hits(slot) && (ring > CLEAR_RINGS || !around.some((box) => crosses(middle, slot, box)))) place = slot;
    }
    occupied.add(place);
    around.push(place);
    places.push({ x: place.x, y: place.y });
  }
  return places;
}

/** Places on an ellipse: wide, as names are; far enough from each other for the widest box. */
function slotsOfRing(middle, ring, widest) {
  const across = widest * FIRST_RING + 60 + ring * (widest + GAP_X);
  const up = 112 + ring * 92;
  const count = Math.max(8, Math.floor((2 * Math.PI * Math.sqrt((across * across + up * up) / 2)) / (widest * 0.5 + GAP_X)));
  const turn = ring % 2 ? Math.PI / count : 0;
  return Array.from({ length: count }, (_, at) => {
    const angle = turn + (at * 2 * Math.PI) / count;
    return { x: middle.x + across * Math.cos(angle), y: middle.y + up * Math.sin(angle) };
  });
}

/** Whether the line between two points goes through the middle of a box. */
function crosses(from, to, box) {
  const along = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(...along) || 1;
  const [x, y] = [box.x - from.x, box.y - from.y];
  const ahead = (x * along[0] + y * along[1]) / length;
  if (ahead <= 0 || ahead >= length) return false;
  const aside = Math.abs(x * along[1] - y * along[0]) / length;
  return aside < ((Math.abs(along[1]) * box.width + Math.abs(along[0]) * box.height) * 0.25) / length;
}

/** Boxes by the cells of a grid, so that a thousand of them are compared with few. */
class Cells {
  static SIZE = 240;

  constructor(boxes) {
    this.cells = new Map();
    for (const box of boxes) this.add(box);
  }

  add(box) {
    for (const key of this.#keys(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }

  hits(box) {
    return this.#keys(box).some((key) => (this.cells.get(key) ?? []).some((other) =>
      Math.abs(box.x - other.x) < (box.width + other.width) / 2 + GAP_X / 2 &&
      Math.abs(box.y - other.y) < (box.height + other.height) / 2 + GAP_Y / 2));
  }

  #keys({ x, y, width, height }) {
    const keys = [];
    const [left, right] = [x - width / 2 - GAP_X, x + width / 2 + GAP_X].map((at) => Math.floor(at / Cells.SIZE));
    const [top, bottom] = [y - height / 2 - GAP_Y, y + height / 2 + GAP_Y].map((at) => Math.floor(at / Cells.SIZE));
    for (let column = left; column <= right; column++) for (let row = top; row <= bottom; row++) keys.push(`${column},${row}`);
    return keys;
  }
}
