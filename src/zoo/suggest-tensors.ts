/** Suggests which tensors to generate, from how much each varies between checkpoints. */
import type { Layout } from "../layout/index.ts";

/** How a tensor varies between checkpoints. */
export interface TensorVariation {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  /**
   * Root mean square deviation from the mean over the checkpoints, relative to that of the values
   * themselves.
   */
  readonly relative: number;
  /** Its share of all that differs, in [0, 1]. */
  readonly share: number;
}

/** Which tensors to generate, and what it takes. */
export interface Suggestion {
  /** A selection, as in a recipe. */
  readonly select: string;
  /** How many numbers it names. */
  readonly parameters: number;
  /** Memory and disk that fitting and 50 samples take, roughly. */
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Why these tensors: a clause. */
  readonly reason: string;
}

/** A tensor whose relative spread is below this does not vary. */
const STILL = 1e-6;

/** The last layers are suggested alone if they hold this share of the variance. */
const ENOUGH = 0.99;

/** Number of samples that the disk space is for. */
const SAMPLES = 50;

/**
 * Suggests all tensors that vary, or the last layers where these hold nearly all of the variance.
 */
export function suggestTensors(tensors: readonly TensorVariation[], layout: Layout, checkpoints: number): Suggestion {
  const { select, reason } = selectionFor(tensors);
  const terms = select.split(",");
  const chosen =
    select === "all" ? layout.entries : layout.entries.filter(({ name }) => terms.includes(`${layerOf(name)}.*`));
  const parameters = chosen.reduce((sum, entry) => sum + entry.size, 0);
  return {
    select,
    parameters,
    reason,
    memoryBytes: Math.round(250e6 + 4 * parameters + Math.min(4 * parameters * checkpoints, 300e6)),
    diskBytes: 4 * parameters * (checkpoints + SAMPLES),
  };
}

/** The name of a tensor's layer: all before the last dot. */
const layerOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf(".")));

function selectionFor(tensors: readonly TensorVariation[]): Pick<Suggestion, "select" | "reason"> {
  const varying = tensors.filter(({ relative }) => relative > STILL);
  if (varying.length === 0)
    return { select: "all", reason: "nothing differs between these checkpoints: there is nothing to learn" };
  if (varying.length === tensors.length && varying.length <= 4) return { select: "all", reason: "every tensor varies" };
  const layers = [...new Set(varying.map(({ name }) => layerOf(name)))];
  let share = 0;
  for (const [i, layer] of layers.toReversed().entries()) {
    share += varying.filter(({ name }) => layerOf(name) === layer).reduce((sum, tensor) => sum + tensor.share, 0);
    if (share < ENOUGH || layers.length - i <= 1 || layer === "") continue;
    return {
      select: layers
        .slice(layers.length - 1 - i)
        .map((name) => `${name}.*`)
        .join(","),
      reason: `${i === 0 ? "this layer holds" : "these layers hold"} ${(100 * share).toFixed(1)} % of what differs`,
    };
  }
  if (varying.length === tensors.length) return { select: "all", reason: "all tensors vary" };
  return {
    select: layers.map((name) => (name === "" ? "*" : `${name}.*`)).join(","),
    reason: `${tensors.length - varying.length} of ${tensors.length} tensors are the same in all checkpoints`,
  };
}
