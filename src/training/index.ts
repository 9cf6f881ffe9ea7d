/** The room of the training loop: one compiled step, its state, and snapshots to continue from. */
export { type Snapshot, type Trainer, type TrainerOptions, trainer } from "./trainer.ts";
