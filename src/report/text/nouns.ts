/** Counted nouns: `1 network`, `200 networks`. */
import { whole } from "./number-format.ts";

/** Singular and plural of what the report counts. */
const NOUNS = {
  checkpoint: ["checkpoint", "checkpoints"],
  "baseline family": ["family of baselines", "families of baselines"],
  "baseline setting": ["setting of a baseline", "settings of baselines"],
  "held-out network": ["held-out network", "held-out networks"],
  image: ["image", "images"],
  network: ["network", "networks"],
  number: ["number", "numbers"],
  original: ["original", "originals"],
  sample: ["sample", "samples"],
  "selection image": ["selection image", "selection images"],
  snapshot: ["snapshot", "snapshots"],
  start: ["start", "starts"],
  step: ["step", "steps"],
  tensor: ["tensor", "tensors"],
  "test image": ["test image", "test images"],
  value: ["value", "values"],
} as const satisfies Readonly<Record<string, readonly [singular: string, plural: string]>>;

export type Noun = keyof typeof NOUNS;

/** A count with its noun: `1 network`, `10 000 test images`. */
export function counted(count: number, noun: Noun): string {
  const [singular, plural] = NOUNS[noun];
  return `${whole(count)} ${count === 1 ? singular : plural}`;
}
