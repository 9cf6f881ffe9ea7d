/** A remaining time that counts down, and follows new estimates without jumps. */

/** A gap to a new estimate shrinks to 1/e in this share of the remaining time, or these seconds. */
const SHARE = 0.1;
const LEAST = 3;

/**
 * Starts a countdown. It returns the seconds to show at time `now`, given what is estimated then.
 */
export function countdown(): (estimate: number, now: number) => number {
  let last: { readonly shown: number; readonly now: number } | undefined;
  return (estimate, now) => {
    let shown = estimate;
    if (last !== undefined) {
      const elapsed = now - last.now;
      const counted = Math.max(0, last.shown - elapsed);
      const kept = Math.exp(-elapsed / Math.max(LEAST, SHARE * counted));
      shown = estimate + (counted - estimate) * kept;
    }
    last = { shown, now };
    return shown;
  };
}
