/** A training step by itself, for tests that look at what each one does. */
import { type Key, noiseOf } from "../../src/random/index.ts";
import type { Feeds } from "../../src/runtime/index.ts";
import type { Trainer } from "../../src/training/index.ts";

/** Does one step and returns the loss before it. Noise that is not among the feeds is drawn. */
export async function oneStep(model: Trainer, feeds: Feeds, lr: number, noise: Key): Promise<number> {
  model.queue({ ...noiseOf(model.noise, noise, model.step), ...feeds }, lr);
  const [losses] = await model.advance();
  return losses!.reduce((a, b) => a + b, 0) / losses!.length;
}
