/** What is kept of a fitted part: named tensors, in memory or in a file. */
import type { Normalisation } from "./normalisations/normalisation.ts";
import type { NetworkState } from "./trained-state.ts";

/** Named tensors that were saved. */
export interface Saved {
  /** A tensor that must be there; throws an error that says how to make the file again. */
  get(name: string): Float32Array;
  /** A tensor that is only written where there is any. */
  find(name: string): Float32Array | undefined;
}

/** Tensors to save, by name. */
export type Tensors = Readonly<Record<string, Float32Array>>;

/** Where a part keeps what was fitted. */
export interface Store {
  /** What was saved; undefined if nothing was. */
  load(): Promise<Saved | undefined>;
  /** Replaces what was saved. */
  save(tensors: Tensors): Promise<void>;
}

/** The tensors of a trained network: running statistics only where there are any. */
export const stateTensors = ({ theta, buffers }: NetworkState): Tensors =>
  buffers.length > 0 ? { theta, buffers } : { theta };

/** Undoes `stateTensors`. */
export const savedState = (saved: Saved): NetworkState => ({
  theta: saved.get("theta"),
  buffers: saved.find("buffers") ?? new Float32Array(),
});

/** The tensors of a normalisation of parameters: references only where there are any. */
export function normalisationTensors({ mean, scale, reference }: Normalisation): Tensors {
  const always = { "normalisation.mean": mean, "normalisation.scale": scale };
  return reference.some((r) => r !== 0) ? { ...always, "normalisation.reference": reference } : always;
}

/** Undoes `normalisationTensors`. */
export function savedNormalisation(saved: Saved): Normalisation {
  const mean = saved.get("normalisation.mean");
  return {
    mean,
    scale: saved.get("normalisation.scale"),
    reference: saved.find("normalisation.reference") ?? new Float32Array(mean.length),
  };
}
