/**
 * Exports the networks of a run as whole checkpoints: the generated tensors replace those of a
 * complete network. A network of this project becomes a state dict in PyTorch's order with
 * PyTorch's counters, which loads with `strict=True`. With a user's own checkpoint as template, the
 * file is that checkpoint, byte for byte, with other values.
 */

import { basename, join, resolve } from "node:path";
import { endingOfCopy, type NamedTensor, openFile, rewriteFile, writeSafetensors } from "../../checkpoints/index.ts";
import { UserError } from "../../errors.ts";
import { makeFolder, writeAtomic } from "../../files/index.ts";
import { isRunningVariance } from "../../graph/index.ts";
import { type Layout, type LayoutEntry, nameFinder, unflatten } from "../../layout/index.ts";
import { get } from "../../lookup.ts";
import { torchvisionTensor } from "../../networks/index.ts";
import {
  type AnyRecipe,
  builtInParts,
  hasNetwork,
  type Parts,
  type Recipe,
  requireNetwork,
} from "../../recipe/index.ts";
import {
  archiveRun,
  batchesTracked,
  checkpointPath,
  type Paths,
  paths,
  readAudit,
  readCheckpoint,
  readResults,
  tensorsUnder,
  verifiedCheckpoints,
  zooTensors,
} from "../../run/index.ts";
import { withOwnNetwork } from "../../task-network/index.ts";
import { ownTemplate, tiedTensors } from "../collect/files.ts";
import { chosenTensors, classifierOf, generatedTensors } from "../context.ts";
import { contentsOf } from "../fit/generator-index.ts";
import { openRun } from "../open-run.ts";
import { type ExportedGenerator, exportGenerator } from "./export-generator.ts";
import { modelCard } from "./model-card.ts";
import { type NetworkWriter, overTemplate } from "./over-template.ts";

/**
 * Which networks of which run to make whole, and in what form.
 * @category Options of the verbs
 */
export interface ExportNetworksOptions {
  /** The run folder. */
  readonly run: string;
  /** The folder to write to, made where it does not exist. */
  readonly to: string;
  /** Samples by default, or the originals. */
  readonly group?: "samples" | "zoo";
  /** How many, from the first on; all by default. */
  readonly count?: number | undefined;
  /** Whose names the tensors of a network of this project get; timm's by default. */
  readonly names?: "timm" | "torchvision";
  /**
   * A checkpoint in any format that is read: what is written is this file with other values. By
   * default the one that a run of somebody's own checkpoints keeps; a network of this project is
   * written as safetensors.
   */
  readonly like?: string | undefined;
  /** What the run's recipe chooses its parts from; the parts of this package by default. */
  readonly parts?: Parts | undefined;
}

/** A network with all its values. */
export interface WholeNetwork {
  readonly name: string;
  readonly layout: Layout;
  readonly values: ReadonlyMap<string, Float32Array>;
  /** Batches that its running statistics have seen. */
  readonly batchesTracked: number;
}

/**
 * The state dict of a network: a counter follows the running statistics of each normalisation, as
 * in PyTorch.
 */
export function stateDictOf(
  { name: network, layout, values, batchesTracked }: WholeNetwork,
  names: "timm" | "torchvision",
): NamedTensor[] {
  const tracked = BigInt64Array.of(BigInt(batchesTracked));
  return layout.entries.flatMap((entry): NamedTensor[] => {
    const { name, shape } = entry;
    const renamed = names === "timm" ? { name, shape } : torchvisionTensor(network, { name, shape });
    const tensor = { ...renamed, data: get(values, name) };
    const counter = { name: name.replace(/running_var$/, "num_batches_tracked"), shape: [], data: tracked };
    return isRunningVariance(entry) && name.endsWith("running_var") ? [tensor, counter] : [tensor];
  });
}

/**
 * Writes whole networks.
 * @returns the files, in the order of the run's.
 * @throws UserError when the run has no such networks yet, a file of it is damaged, or they would
 *   replace its own.
 */
export async function exportNetworks(options: ExportNetworksOptions): Promise<string[]> {
  const { run, to, group = "samples", count, parts } = options;
  const { recipe, folder } = await openRun(run, parts);
  const p = paths(folder);
  if ([p.samples, p.zoo].some((own) => resolve(own) === resolve(to)))
    throw new UserError(
      "E_USAGE",
      `${to} holds the run's own networks, which would be replaced; choose another folder`,
    );
  const stage = group === "samples" ? "sample" : "collect";
  const files = await verifiedCheckpoints(p[group], `make them first: pdiff ${stage} ${folder}`);
  const writer = await networkWriter(recipe, p, options);
  await makeFolder(to);
  const written = [];
  for (const [i, file] of files.slice(0, count).entries()) {
    const path = withEnding(checkpointPath(to, i + 1, files.length), writer.ending);
    await writer.write(path, unflatten(writer.chosen, await readCheckpoint(file, writer.chosen)));
    written.push(path);
  }
  return written;
}

/**
 * What makes networks of a run whole: laid over its trained network, or over a checkpoint.
 * @throws UserError `E_CHECKPOINT` when the checkpoint cannot be read, or is of another network.
 */
export async function networkWriter(
  recipe: AnyRecipe,
  p: Paths,
  options: Pick<ExportNetworksOptions, "names" | "like">,
): Promise<NetworkWriter> {
  if (hasNetwork(recipe)) return overBase(requireNetwork(withOwnNetwork(recipe, p), "to export"), p, options);
  return overTemplate(options.like ?? (await ownTemplate(p)), {
    chosen: await zooTensors(recipe, p),
    tied: await tiedTensors(p),
    key: recipe.zoo.key,
  });
}

/** A path with the ending of a network's format. */
export const withEnding = (path: string, ending: string): string => path.replace(/\.safetensors$/, ending);

/**
 * Lays generated tensors over the run's trained network, in PyTorch's order or in that of a file.
 */
async function overBase(
  recipe: Recipe,
  p: Paths,
  { names = "timm", like }: Pick<ExportNetworksOptions, "names" | "like">,
): Promise<NetworkWriter> {
  const { layout } = classifierOf(recipe);
  const chosen = chosenTensors(recipe, { layout });
  const under = await tensorsUnder(p, chosen, layout);
  const whole = { name: recipe.network.name, layout, batchesTracked: await batchesTracked(p) };
  const template = like ?? (recipe.network.name === "onnx" ? p.network : undefined);
  if (template === undefined)
    return {
      chosen,
      ending: ".safetensors",
      write: async (path, generated) => {
        const values = new Map([...under, ...generated]);
        await writeSafetensors(path, stateDictOf({ ...whole, values }, names), { format: "pt" });
      },
    };
  // Other tensors of a user's checkpoint stay: an exported network may have folded them into
  // others.
  const own = recipe.zoo.kind === "files" && like !== undefined;
  const key = own ? recipe.zoo.key : undefined;
  const nameIn = await namesIn(template, recipe.network.name, {
    entries: own ? chosen.entries : layout.entries,
    layout,
    key,
  });
  return {
    chosen,
    ending: await endingOfCopy(template),
    write: async (path, generated) => {
      const values = [...(own ? [] : under), ...generated].map(([name, value]) => [get(nameIn, name), value] as const);
      await rewriteFile(template, path, new Map(values), { key });
    },
  };
}

/** What each tensor is called in a file: its own name, or torchvision's, perhaps after a prefix. */
async function namesIn(
  path: string,
  network: string,
  { entries, layout, key }: { entries: readonly LayoutEntry[]; layout: Layout; key: string | undefined },
): Promise<Map<string, string>> {
  const { tensors, close } = await openFile(path, { key });
  await close();
  const all = layout.entries.map(({ name }) => name);
  const nameOf = nameFinder(tensors, entries, (entry) => [entry.name, torchvisionTensor(network, entry).name], all);
  return new Map(
    entries.map((entry) => {
      const name = nameOf(entry);
      if (name === undefined)
        throw new UserError("E_CHECKPOINT", `${path} lacks ${entry.name}; give a checkpoint of the same network`);
      return [entry.name, name];
    }),
  );
}

/** The folder of exported networks of a run where none is named. */
export const exportFolder = (run: string): string => join(run, "checkpoints");

/** The folder of draws of further networks of a run where none is named. */
export const drawsFolder = (run: string): string => join(run, "draws");

/**
 * What to write of a run beside its networks.
 * @category Options of the verbs
 */
export interface ExportRunOptions extends ExportNetworksOptions {
  /** Networks that the exported generator draws at a time. */
  readonly batch?: number | undefined;
  /** Also write the whole run as an archive that another machine continues from. */
  readonly archive?: boolean | undefined;
}

/**
 * What was written.
 * @category Results
 */
export interface RunExport {
  readonly networks: readonly string[];
  /** Undefined where the run's generator is no diffusion model, and beside originals. */
  readonly generator: ExportedGenerator | undefined;
  /** Undefined beside originals. */
  readonly card: string | undefined;
  readonly archive: string | undefined;
}

/**
 * Exports a run: whole networks, the generator as an ONNX model, a card with its results, and on
 * request the run itself.
 * @throws UserError as `exportRun` and `exportGenerator`.
 * @category Verbs
 */
export async function exportRun(options: ExportRunOptions): Promise<RunExport> {
  const { run, to, batch, parts = builtInParts } = options;
  const networks = await exportNetworks(options);
  const { recipe: asked, folder } = await openRun(run, parts);
  const p = paths(folder);
  const recipe = withOwnNetwork(asked, p);
  const archive = options.archive === true ? join(to, "run.tar") : undefined;
  if (archive !== undefined) await archiveRun(run, archive, [to, exportFolder(folder), drawsFolder(folder)]);
  if (options.group === "zoo") return { networks, generator: undefined, card: undefined, archive };
  const chosen = await generatedTensors({ recipe, paths: p });
  const setting = { recipe, paths: p, parts };
  const generator = contentsOf(setting).denoiser
    ? await exportGenerator(setting, join(to, "generator.onnx"), batch)
    : undefined;
  const card = join(to, "README.md");
  await writeAtomic(
    card,
    modelCard({
      recipe: asked,
      chosen,
      files: networks.map((file) => basename(file)),
      generator,
      results: await readResults(folder),
      audit: await readAudit(folder),
    }),
  );
  return { networks, generator, card, archive };
}
