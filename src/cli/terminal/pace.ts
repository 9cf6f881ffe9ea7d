/** Estimates the time per step from the times at which steps were reported. */

/** Reports at the start that do not count, because of compilation and cold caches. */
const WARM_UP = 3;

/** Seconds after which an observation weighs 1/e of a new one. */
const MEMORY = 15;

/** A smoothed rate of steps. */
export interface Pace {
  /** Records that `step` steps were done at time `now`, in seconds. */
  observe(step: number, now: number): void;
  /** Seconds per step; undefined until it is known. */
  readonly perStep: number | undefined;
}

/**
 * Starts measuring. The rate is seconds over steps, both with exponential decay, so that uneven
 * reports do no harm.
 */
export function pace(): Pace {
  let seen = 0;
  let last = { step: 0, now: 0 };
  let seconds = 0;
  let steps = 0;
  return {
    observe(step, now) {
      const elapsed = now - last.now;
      const done = step - last.step;
      // A report in the middle of a step counts when the step is done.
      if (seen > 0 && done === 0) return;
      if (++seen > WARM_UP && done > 0) {
        const kept = Math.exp(-elapsed / MEMORY);
        seconds = seconds * kept + elapsed;
        steps = steps * kept + done;
      }
      last = { step, now };
    },
    get perStep() {
      return steps > 0 ? seconds / steps : undefined;
    },
  };
}
