/** The room of a user's metric: a function or a command that scores checkpoints. */

export { CHECKPOINT_PLACE, commandMeasure, missingProgram } from "./command.ts";
export { betterOf, type Measure, measureAll, type Outcome, pickMetric } from "./measure.ts";
export { isTrusted, requireTrusted, trustCommand } from "./trusted-commands.ts";
