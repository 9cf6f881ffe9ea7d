/** Training: one compiled step, its state, the loop around it, and snapshots to resume from. */
export { type LoopOptions, type Saver, stepsInRun, train } from "./loop.ts";
export type { NoiseOptions, NoiseSource, OpenNoise } from "./noise.ts";
export { type Step, type StepOptions, stepCost, trainingStep } from "./step.ts";
export { type Snapshot, type Trainer, type TrainerOptions, trainer } from "./trainer.ts";
