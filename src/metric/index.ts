/** The room of a user's own metric: a function or a command that says what a checkpoint is worth. */

export { CHECKPOINT_PLACE, commandMeasure } from "./command.ts";
export { betterOf, type Measure, measureAll, type Outcome, pickMetric } from "./measure.ts";
