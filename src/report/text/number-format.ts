/** Numbers as text; a dash where a number is not finite. */

const DASH = "–";

/** The most decimals of a percentage. */
const MOST = 2;

/**
 * Decimals of a percentage of a number of images: as many as one image changes. One of 4 000 is
 * 0.025 %, which takes two; one of 1 000 takes one. Two where the number is not known.
 */
export function percentDigits(images: number): number {
  const digits = Math.ceil(Math.log10(images)) - 2;
  return Number.isFinite(digits) ? Math.min(MOST, Math.max(0, digits)) : MOST;
}

/** Fractions as percentages with equally many decimals, without the sign. */
export function percents(values: readonly number[], digits = MOST): string[] {
  return values.map((value) => decimal(100 * value, digits));
}

/** `97.31 %`, with a space that does not break. */
export function percent(fraction: number, digits = MOST): string {
  return Number.isFinite(fraction) ? `${decimal(100 * fraction, digits)}\u00a0%` : DASH;
}

/** A share of networks as a percentage, with one decimal as verdicts have it. */
export const shareText = (fraction: number): string => percent(fraction, 1);

/** A probability as texts give it after "probability": `0.380`, `below 0.001`. */
export const probability = (p: number): string => (p < 0.001 ? "below 0.001" : decimal(p, 3));

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

/** Numbers with equally many decimals. */
export function decimals(values: readonly number[], digits = 2): string[] {
  return values.map((value) => decimal(value, digits));
}

/**
 * A number with three significant digits, or as many as are asked for, zeros at its end too:
 * numbers of one kind beside each other then have equally many, such as 0.160 and 0.172.
 */
export function significant(value: number, digits = 3): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 1000 || (size !== 0 && size < 1e-3)) return compact(value);
  const order = size === 0 ? 0 : Math.floor(Math.log10(Number(size.toPrecision(digits))));
  return decimal(value, Math.max(0, digits - 1 - order));
}
