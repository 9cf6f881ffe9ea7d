/**
 * Stage three: draw new networks and write them as checkpoints: latents from noise, decoded, or the
 * draws of a baseline. The samples of another generator are imported.
 */
import type { Baseline } from "../../baselines/index.ts";
import type { SamplerState, StreamedDecoder, TokenShape } from "../../diffusion/index.ts";
import { throwIfAborted, UserError } from "../../errors.ts";
import { makeFolder, remove, writeJson } from "../../files/index.ts";
import type { Layout } from "../../layout/index.ts";
import { foldIn } from "../../random/index.ts";
import { indexOf, progressItem } from "../../run/index.ts";
import { generatedTensors, generatorKey, generatorSeed, type RunContext } from "../context.ts";
import { loadCodec, openStream } from "../fit/generator-files.ts";
import { contentsOf, verifiedGenerator } from "../fit/generator-index.ts";
import { openBaseline } from "./baseline-draws.ts";
import { importSamples } from "./import-samples.ts";
import { openLatents, requireFinite } from "./latent-source.ts";
import { MAX_OPEN, sampleFilesFrom, writeDecoded, writeNetworks } from "./write-networks.ts";

/**
 * Draws the samples of a run.
 *
 * Reads the generator; of a baseline the zoo; of another generator its files. Writes the samples
 * and their index, written last.
 * @throws UserError `E_CHECKPOINT` when the generator is missing or changed, `E_RUN` when sampling
 *   diverges.
 * @throws Interrupted after saving, when the run's signal aborts.
 */
export async function sample(context: RunContext): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const { generator } = recipe;
  const chosen = await generatedTensors(context);
  await verifiedGenerator(p);
  if (generator === "files") return writeImported(context, chosen);
  await makeFolder(p.samples);
  const { baseline } = contentsOf(context);
  const count =
    baseline === undefined
      ? await sampleModel(context, chosen)
      : await writeAll(context, chosen, await drawFromBaseline(context, baseline, chosen));
  await writeJson(p.samplesIndex, {
    count,
    seed: generatorSeed(recipe),
    generator,
    ...(generator === "diffusion" && { sampler: recipe.sample.sampler, guidance: recipe.sample.guidance }),
    checkpoints: await indexOf(p.samples, count, signal),
  });
  await remove(p.samplesState);
}

/** Imports the samples of another generator. */
async function writeImported(context: RunContext, chosen: Layout): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const { count } = recipe.sample;
  const { sources, differing } = await importSamples(context, chosen);
  await writeJson(p.samplesIndex, {
    count,
    generator: recipe.generator,
    sources,
    differing,
    checkpoints: await indexOf(p.samples, count, signal),
  });
}

/** Draws from the model, range by range where its autoencoder can do so; returns how many. */
async function sampleModel(context: RunContext, chosen: Layout): Promise<number> {
  const stream = await openStream(context);
  if (stream === undefined) return writeAll(context, chosen, await drawFromModel(context));
  try {
    return await writeRanges(context, chosen, stream);
  } finally {
    await stream.close();
  }
}

/** Writes parameter vectors `[count, D]`, one file each. */
async function writeAll({ paths: p, signal }: RunContext, chosen: Layout, vectors: Float32Array): Promise<number> {
  const count = vectors.length / chosen.size;
  await writeNetworks(sampleFilesFrom(p.samples, 1, count, count), chosen, vectors, signal);
  return count;
}

/** Draws latents and decodes them so that no whole vector need be in memory. */
async function writeRanges(context: RunContext, chosen: Layout, stream: StreamedDecoder): Promise<number> {
  const { paths: p, signal } = context;
  const { latent } = stream;
  const latents = await drawLatents(context, { latent });
  const count = latents.length / latent;
  for (let first = 0; first < count; first += MAX_OPEN) {
    const n = Math.min(MAX_OPEN, count - first);
    await writeDecoded(p.samples, sampleFilesFrom(p.samples, first + 1, n, count), chosen, {
      stream,
      latents: latents.subarray(first * latent, (first + n) * latent),
      async onShare(share) {
        await context.progress(progressItem("write-networks"), Math.round(first + n * share), count);
        throwIfAborted(signal);
      },
    });
  }
  return count;
}

/** New parameter vectors `[count, D]` through the autoencoder. */
async function drawFromModel(context: RunContext): Promise<Float32Array> {
  const { codec } = await loadCodec(context);
  try {
    return await codec.decode(await drawLatents(context, codec));
  } finally {
    await codec.release();
  }
}

/** Draws of a baseline `[count, D]`; one where all draws would be the same. */
async function drawFromBaseline(context: RunContext, baseline: Baseline, chosen: Layout): Promise<Float32Array> {
  const { count } = context.recipe.sample;
  const draw = await openBaseline(context, baseline, chosen);
  if (baseline.single && count > 1)
    await context.note(`${baseline.name} is one network, however often it is drawn: one sample instead of ${count}`);
  return draw(baseline.single ? 1 : count, foldIn(generatorKey(context.recipe), "sample"));
}

/** New latents `[count, latent]`, in the autoencoder's units. */
async function drawLatents(
  context: RunContext,
  { latent, tokens }: { readonly latent: number; readonly tokens?: TokenShape },
): Promise<Float32Array> {
  const { recipe, paths: p, signal } = context;
  const { count } = recipe.sample;
  const saver = context.saver(p.samplesState);
  const from = await loadState(context, count * latent);
  const source = await openLatents(context, { count, latent, tokens });
  try {
    const latents = await source.draw({
      key: foldIn(generatorKey(context.recipe), "sample"),
      from,
      async onStep({ index, x, total }) {
        await context.progress(progressItem("denoise"), index, total);
        if (saver.due() || signal.aborted) await saver.save({ step: index, vectors: { x } });
        throwIfAborted(signal);
      },
    });
    return requireFinite(latents);
  } finally {
    await source.release();
  }
}

/** The sampler's state is a snapshot like a training's: the steps done and one vector. */
async function loadState({ paths: p, saver }: RunContext, length: number): Promise<SamplerState | undefined> {
  const snapshot = await saver(p.samplesState).load();
  if (snapshot === undefined) return undefined;
  const { x } = snapshot.vectors;
  if (x?.length !== length)
    throw new UserError(
      "E_CHECKPOINT",
      `${p.samplesState} is not the state of this draw; remove it, and it starts over`,
    );
  return { index: snapshot.step, x };
}
