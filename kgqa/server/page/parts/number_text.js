// Numbers as people read them.

const WHOLE = new Intl.NumberFormat("en");

/** A whole number with separators. */
export function whole(number) {
  return WHOLE.format(number);
}

/** "1 fact", "1,234 facts". */
export function counted(number, noun, plural = `${noun}s`) {
  return `${whole(number)} ${number === 1 ? noun : plural}`;
}

/** A share of 1 as a percentage that says 100 % or 0 % only where that is exact. */
export function percent(share) {
  const value = share * 100;
  if (share < 1 && value > 99) return `${Math.min(Math.floor(value * 10) / 10, 99.9)} %`;
  if (share > 0 && value < 1) return "< 1 %";
  return `${Math.round(value)} %`;
}

/** A log-probability in nats. */
export function nats(value) {
  return Number.isFinite(value) ? value.toFixed(2).replace("-", "−") : "−∞";
}
