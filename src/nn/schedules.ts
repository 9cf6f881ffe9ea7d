/** Learning-rate schedules: pure functions of the step, in float64. */

/** Learning rate of step 0, 1, …. */
export type Schedule = (step: number) => number;

export type ScheduleOptions = {
  /** Steps over which the rate first rises linearly from 0. */
  readonly warmup: number;
} & (
  | { readonly type: "constant" }
  | { readonly type: "cosine" /** The rate at the end, as a fraction of the first. */; readonly floor: number }
  | {
      readonly type: "multi-step";
      /** Fractions of the whole run after which the rate is multiplied by `factor`. */
      readonly milestones: readonly number[];
      readonly factor: number;
    }
);

/** The schedule of a run of `steps` steps whose highest learning rate is `lr`. */
export function schedule(options: ScheduleOptions, { lr, steps }: { lr: number; steps: number }): Schedule {
  const shape = (step: number): number => {
    switch (options.type) {
      case "constant":
        return 1;
      case "cosine":
        return options.floor + ((1 - options.floor) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps))) / 2;
      case "multi-step":
        return options.factor ** options.milestones.filter((m) => step >= Math.round(m * steps)).length;
    }
  };
  return (step) => lr * shape(step) * Math.min(1, (step + 1) / (options.warmup + 1));
}
