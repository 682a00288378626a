// What a screen reader is told without the focus moving.

const place = document.getElementById("announcer");
let pending = 0;

/** Say something after what is being said; of several within a moment the last one counts. */
export function announce(text) {
  clearTimeout(pending);
  pending = setTimeout(() => {
    place.textContent = place.textContent === text ? `${text}\u00a0` : text;
  }, 150);
}
