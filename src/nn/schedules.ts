/** Learning-rate schedules: pure functions of the step, in float64. */

/** Learning rate of step 0, 1, …. */
export type Schedule = (step: number) => number;

/** A schedule as a recipe writes it. */
export type ScheduleOptions = {
  /** Steps over which the rate first rises linearly from 0. */
  readonly warmup: number;
} & (
  | { readonly type: "constant" }
  | {
      readonly type: "cosine";
      /** The rate at the end, as a fraction of the first. */
      readonly floor: number;
      /**
       * Whether the rate falls at every step, or at the end of each epoch as PyTorch's schedulers
       * are mostly used.
       */
      readonly per?: "step" | "epoch" | undefined;
    }
  | {
      readonly type: "multi-step";
      /** Fractions of the whole run after which the rate is multiplied by `factor`. */
      readonly milestones: readonly number[];
      readonly factor: number;
    }
);

/**
 * The schedule of a run of `steps` steps whose highest learning rate is `lr`.
 * @param run `stepsPerEpoch` is the length of an epoch, for what changes from one to the next; 1 by
 *   default.
 */
export function schedule(
  options: ScheduleOptions,
  { lr, steps, stepsPerEpoch = 1 }: { lr: number; steps: number; stepsPerEpoch?: number },
): Schedule {
  const shape = (step: number): number => {
    switch (options.type) {
      case "constant":
        return 1;
      case "cosine": {
        const held = options.per === "epoch" ? step - (step % stepsPerEpoch) : step;
        return options.floor + ((1 - options.floor) * (1 + Math.cos((Math.PI * Math.min(held, steps)) / steps))) / 2;
      }
      case "multi-step":
        return options.factor ** options.milestones.filter((m) => step >= Math.round(m * steps)).length;
      default:
        return options satisfies never;
    }
  };
  return (step) => lr * shape(step) * Math.min(1, (step + 1) / (options.warmup + 1));
}
