/** The room of the training loop: one compiled step, its state, and snapshots to continue from. */
export { type LoopOptions, type Saver, stepsInRun, train } from "./loop.ts";
export { noiseOf, noiseSource } from "./noise.ts";
export { type Step, type StepOptions, trainingStep } from "./step.ts";
export { type Snapshot, type Trainer, type TrainerOptions, trainer } from "./trainer.ts";
