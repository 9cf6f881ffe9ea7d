/** Numbers as text. What is not a finite number is shown as a dash. */

const DASH = "–";

/** Differences below this are rounding errors of the computation, not of the display. */
const EQUAL = 1e-9;

/**
 * Fractions as percentages, without the sign, all with the same number of digits: two, or three where two values that
 * differ (or a value and 0 or 100 %) would read the same.
 */
export function percents(values: readonly number[]): string[] {
  const known = [0, 1, ...values.filter(Number.isFinite)].sort((a, b) => a - b);
  const tied = known.some(
    (value, i) => i > 0 && value - known[i - 1]! > EQUAL && shown(value) === shown(known[i - 1]!),
  );
  return values.map((value) => (Number.isFinite(value) ? shown(value, tied ? 3 : 2) : DASH));
}

function shown(fraction: number, digits = 2): string {
  return (100 * fraction).toFixed(digits).replace("-", "−");
}

/** `97.31 %`, with a space that does not break. */
export function percent(fraction: number): string {
  return Number.isFinite(fraction) ? `${percents([fraction])[0]}\u00a0%` : DASH;
}

/** A number with a fixed number of decimals. */
export function decimal(value: number, digits = 2): string {
  return Number.isFinite(value)
    ? value
        .toFixed(digits)
        .replace(/^-(?=[0.]*$)/, "")
        .replace("-", "−")
    : DASH;
}

/** A number of at most three significant digits, for axes. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return DASH;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6))
    return value
      .toExponential(2)
      .replace(/\.?0*e\+?/, "e")
      .replace(/-/g, "−");
  return size >= 1000 ? whole(value) : `${Number(value.toPrecision(3))}`.replace("-", "−");
}

/** A whole number with narrow spaces between its thousands. */
export function whole(value: number): string {
  return Number.isFinite(value) ? `${Math.round(value)}`.replace(/\B(?=(\d{3})+$)/g, "\u202f").replace("-", "−") : DASH;
}

/** `1 network`, `200 networks`. */
export function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `0.8 s`, `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return DASH;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const total = Math.round(seconds);
  const two = (value: number) => `${value}`.padStart(2, "0");
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min ${two(total % 60)} s`;
  return `${Math.floor(total / 3600)} h ${two(Math.floor((total % 3600) / 60))} min`;
}

/** Numbers with the same number of decimals, one more than asked for where two that differ would read the same. */
export function decimals(values: readonly number[], digits = 2): string[] {
  const known = values.filter(Number.isFinite).sort((a, b) => a - b);
  const tied = known.some(
    (value, i) => i > 0 && value - known[i - 1]! > EQUAL && decimal(value, digits) === decimal(known[i - 1]!, digits),
  );
  return values.map((value) => decimal(value, tied ? digits + 1 : digits));
}
