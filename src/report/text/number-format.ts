/** Numbers as text; a dash where a number is not finite. */

const DASH = "–";

/** Values that differ by less are equal: the difference is rounding of the computation. */
const EQUAL = 1e-9;

/**
 * Fractions as percentages, without the sign, all with equally many decimals: two, or three where
 * two values that differ (or a value and 0 or 100 %) would read the same.
 */
export function percents(values: readonly number[]): string[] {
  const known = [0, 1, ...values.filter(Number.isFinite)].sort((a, b) => a - b);
  const digits = isTied(known, (value) => shown(value)) ? 3 : 2;
  return values.map((value) => (Number.isFinite(value) ? shown(value, digits) : DASH));
}

function shown(fraction: number, digits = 2): string {
  return (100 * fraction).toFixed(digits).replace("-", "−");
}

/** `97.31 %`, with a space that does not break. */
export function percent(fraction: number): string {
  const [text = DASH] = percents([fraction]);
  return Number.isFinite(fraction) ? `${text}\u00a0%` : DASH;
}

/** A number with `digits` decimals; a rounded zero has no sign. */
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

/** A number rounded to a whole one, with narrow spaces between its thousands. */
export function whole(value: number): string {
  return Number.isFinite(value) ? `${Math.round(value)}`.replace(/\B(?=(\d{3})+$)/g, "\u202f").replace("-", "−") : DASH;
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

/**
 * Numbers with equally many decimals, one more than `digits` where two that differ would read the
 * same.
 */
export function decimals(values: readonly number[], digits = 2): string[] {
  const known = values.filter(Number.isFinite).sort((a, b) => a - b);
  const tied = isTied(known, (value) => decimal(value, digits));
  return values.map((value) => decimal(value, tied ? digits + 1 : digits));
}

/** Whether two neighbours among ascending values differ and read the same. */
function isTied(sorted: readonly number[], text: (value: number) => string): boolean {
  return sorted.some((value, i) => {
    const before = sorted[i - 1];
    return before !== undefined && value - before > EQUAL && text(value) === text(before);
  });
}

/**
 * The decimals of a column whose texts all have the same, or are dashes; 2 where all are dashes.
 */
export function decimalsOf(texts: readonly string[]): number {
  return texts.find((text) => text.includes("."))?.split(".")[1]?.length ?? 2;
}
