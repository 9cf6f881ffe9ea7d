/** The room that says what networks are worth. */

export { type Cloud, distances } from "./distances.ts";
export { type Evaluator, evaluator } from "./evaluator.ts";
export { meanPairwiseIoU, wrongMask } from "./similarity.ts";
export { accuracy, type Spread, spread } from "./statistics.ts";
