/** A fitted generator that writes networks, some at a time, for as long as it is asked. */
import { throwIfAborted, UserError } from "../../errors.ts";
import type { Layout } from "../../layout/index.ts";
import { foldIn } from "../../random/index.ts";
import { progressItem } from "../../run/index.ts";
import type { ReadingContext } from "../context.ts";
import { loadCodec, openStream } from "../fit/generator-files.ts";
import { contentsOf } from "../fit/generator-index.ts";
import { openBaseline } from "../sample/baseline-draws.ts";
import { type LatentShape, openLatents, requireFinite } from "../sample/latent-source.ts";
import { MAX_OPEN, sampleFilesFrom, writeDecoded, writeNetworks } from "../sample/write-networks.ts";

/** Writes networks as checkpoints of the generated tensors. */
export interface NetworkSource {
  /** Networks that are drawn at once. */
  readonly batch: number;
  /**
   * Draws networks and writes them.
   * @param folder where to.
   * @param first the place of the first in the whole draw, from 0: a multiple of `batch`.
   * @param count how many of the batch are written.
   * @returns their files.
   * @throws UserError `E_RUN` when sampling diverges.
   * @throws Interrupted when the signal aborts.
   */
  write(folder: string, first: number, count: number): Promise<string[]>;
  close(): Promise<void>;
}

/** What is drawn. */
export interface SourceOptions {
  readonly chosen: Layout;
  /** How many networks in all. */
  readonly total: number;
  /** Where the draw begins among the samples of its seed. */
  readonly start: number;
}

/** Numbers of networks that are in memory at once, at most, and networks, where they are small. */
const MAX_NUMBERS = 2 ** 25;
const MAX_NETWORKS = 200;

/** Networks of `dimension` parameters that fit in memory together. */
export const networksInMemory = (dimension: number): number =>
  Math.min(MAX_NETWORKS, Math.max(1, Math.floor(MAX_NUMBERS / dimension)));

/**
 * Opens the generator of a run.
 * @throws UserError `E_RUN` when it makes one network only, or is another program's.
 */
export async function openSource(context: ReadingContext, options: SourceOptions): Promise<NetworkSource> {
  const { recipe, paths: p, signal } = context;
  const { chosen, total, start } = options;
  if (recipe.generator === "files")
    throw new UserError("E_RUN", `the samples of ${p.folder} are files of another generator; draw more with that one`);
  const key = foldIn(context.key, "sample");
  const batch = Math.min(total, networksInMemory(chosen.size));
  const { baseline } = contentsOf(context);
  if (baseline !== undefined) {
    if (baseline.single)
      throw new UserError("E_RUN", `${baseline.name} is one network, however often it is drawn; there are no others`);
    const draw = await openBaseline(context, baseline, chosen);
    return {
      batch,
      async write(folder, first, count) {
        const files = sampleFilesFrom(folder, first + 1, count, total);
        // Baselines draw from their first network on, so each batch has a key of its own.
        const own = start + first === 0 ? key : foldIn(key, "from", start + first);
        await writeNetworks(files, chosen, await draw(count, own), signal);
        return files.map(({ path }) => path);
      },
      close: async () => {},
    };
  }
  const stream = await openStream(context);
  if (stream === undefined) {
    const { codec } = await loadCodec(context);
    const latents = await batchesOf(context, { ...codec, count: batch }, options);
    return {
      batch,
      async write(folder, first, count) {
        const files = sampleFilesFrom(folder, first + 1, count, total);
        await writeNetworks(files, chosen, await codec.decode(await latents.draw(first, count)), signal);
        return files.map(({ path }) => path);
      },
      async close() {
        await latents.release();
        await codec.release();
      },
    };
  }
  const open = Math.min(total, MAX_OPEN);
  const latents = await batchesOf(context, { latent: stream.latent, count: open }, options);
  return {
    batch: open,
    async write(folder, first, count) {
      const files = sampleFilesFrom(folder, first + 1, count, total);
      await writeDecoded(folder, files, chosen, {
        stream,
        latents: await latents.draw(first, count),
        async onShare(share) {
          await context.progress(progressItem("write-networks"), Math.round(first + count * share), total);
          throwIfAborted(signal);
        },
      });
      return files.map(({ path }) => path);
    },
    async close() {
      await latents.release();
      await stream.close();
    },
  };
}

/** Draws latents in batches that are always drawn whole, so that the last is like all others. */
async function batchesOf(context: ReadingContext, shape: LatentShape, { total, start }: SourceOptions) {
  const { signal } = context;
  const source = await openLatents(context, shape);
  const batches = Math.ceil(total / shape.count);
  return {
    /** The latents `[count, latent]` from place `first` of the draw on. */
    async draw(first: number, count: number): Promise<Float32Array> {
      const done = first / shape.count;
      const latents = await source.draw({
        key: foldIn(context.key, "sample"),
        first: start + first,
        async onStep({ index, total: steps }) {
          await context.progress(progressItem("denoise"), done * steps + index, batches * steps);
          throwIfAborted(signal);
        },
      });
      return requireFinite(latents).subarray(0, count * shape.latent);
    },
    release: source.release,
  };
}
