/** What a training needs of its run, without a run. */
import { key } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";
import type { Saver } from "../training/index.ts";
import type { TrainingHost } from "./fit-network.ts";
import type { Store, Tensors } from "./saved.ts";

/** Keeps no snapshots, and saves none unless it is stopped. */
const saver: Saver = { load: async () => undefined, due: () => false, save: async () => {} };

/** A host on a device; `losses` receives the loss of each step. */
export const hostOn = (device: Device, losses: number[] = [], more: Partial<TrainingHost> = {}): TrainingHost => ({
  device,
  key: key(7),
  signal: new AbortController().signal,
  saver: () => saver,
  reporter: () => async (_, loss) => void losses.push(loss),
  ...more,
});

/** A store in memory. */
export function memoryStore(): Store {
  let saved: Tensors | undefined;
  return {
    async load() {
      if (saved === undefined) return undefined;
      const tensors = saved;
      return {
        get(name) {
          const found = tensors[name];
          if (found === undefined) throw new Error(`${name} was not saved`);
          return found;
        },
        find: (name) => tensors[name],
      };
    },
    save: async (tensors) => void (saved = tensors),
  };
}
