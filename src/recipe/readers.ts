/** Which stages of a run read which keys of its recipe. */

/** A stage, or what else reads a key: the loading of the recipe, and the list of recipes. */
export type Reader = "loading" | "recipes" | "collect" | "fit" | "sample" | "evaluate" | "audit" | "report";

const COMPUTING = ["collect", "fit", "sample", "evaluate", "audit"] as const;

/** By key; what is not here is read as the section that it is in. */
const READERS: Readonly<Record<string, readonly Reader[]>> = {
  name: ["loading", "report"],
  about: ["recipes"],
  quick: ["audit"],
  seed: [...COMPUTING, "report"],
  device: COMPUTING,
  data: ["collect", "evaluate", "audit"],
  "data.augment": ["collect", "audit"],
  network: ["collect", "evaluate", "audit"],
  base: ["collect", "audit"],
  "base.weights": ["collect"],
  "base.key": ["collect"],
  "base.epochs": ["collect", "audit"],
  "base.keep": ["collect"],
  zoo: ["collect"],
  "zoo.kind": ["collect", "fit", "audit"],
  "zoo.key": ["collect", "sample", "evaluate"],
  "zoo.heldOutFiles": ["collect", "audit"],
  "zoo.unseenFiles": ["collect", "audit"],
  "zoo.select": ["collect", "report"],
  "zoo.batch": ["collect", "audit"],
  "zoo.lr": ["collect", "audit"],
  "zoo.optimiser": ["collect", "audit"],
  "zoo.batchNorm": ["collect", "audit"],
  preset: ["loading"],
  normalisation: ["fit"],
  autoencoder: ["fit"],
  diffusion: ["fit"],
  "diffusion.process": ["fit", "sample"],
  "diffusion.denoiser": ["fit", "sample"],
  generator: ["fit", "sample", "audit"],
  sample: ["sample"],
  "sample.count": ["sample", "audit"],
  "sample.sampler": ["sample", "audit"],
  evaluate: ["evaluate"],
  "evaluate.batch": ["collect", "evaluate", "audit"],
  measure: ["collect", "evaluate", "audit"],
  audit: ["audit"],
  "audit.ensemble": ["evaluate", "audit"],
};

/** What reads a key, in the order of a run. */
export function readersOf(path: string): readonly Reader[] {
  const keys = path.split(".");
  for (let length = keys.length; length > 0; length--) {
    const found = READERS[keys.slice(0, length).join(".")];
    if (found !== undefined) return found;
  }
  throw new Error(`nothing is known to read ${path}`);
}

/** The keys of the table. */
export const readKeys: readonly string[] = Object.keys(READERS);
