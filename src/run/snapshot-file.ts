/** Saves snapshots of long work in a file, from which it continues after an interruption. */
import { readSafetensors } from "../checkpoints/index.ts";
import { UserError } from "../errors.ts";
import { exists } from "../files/index.ts";
import type { Saver } from "../training/index.ts";
import { writeVectors } from "./checkpoint-folder.ts";

/** Milliseconds between two snapshots, by default. */
export const SAVE_EVERY_MS = 10_000;

/**
 * Saving takes at most 1/20 of the time; to keep to that, snapshots come up to 20 times less often.
 */
const SAVING_SHARE = 20;

/**
 * Keeps snapshots in one safetensors file, replaced as a whole.
 * @param everyMs how often one is due; less often, within bounds, where saving is slow.
 */
export function fileSaver(path: string, everyMs: number): Saver {
  let last = performance.now();
  let pause = everyMs;
  return {
    async load() {
      if (!(await exists(path))) return undefined;
      try {
        const { tensors, metadata } = await readSafetensors(path);
        const step = Number(metadata.step);
        if (!Number.isSafeInteger(step) || step < 0) throw new UserError("E_CHECKPOINT", `${path} names no step`);
        return { step, vectors: Object.fromEntries(tensors) };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        throw new UserError(
          error.code,
          `the saved state cannot be used: ${error.message}; or remove that file, and only this piece of work starts over`,
          { cause: error },
        );
      }
    },
    due: () => performance.now() - last >= pause,
    async save({ step, vectors }) {
      const began = performance.now();
      await writeVectors(path, vectors, { step: String(step) });
      last = performance.now();
      pause = Math.min(Math.max(everyMs, SAVING_SHARE * (last - began)), SAVING_SHARE * everyMs);
    },
  };
}
