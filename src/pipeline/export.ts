/**
 * Networks of a run made whole: the generated tensors laid over the base network's, in the order of PyTorch's state dict,
 * with the counters that PyTorch keeps beside running statistics. What is written loads with `strict=True`.
 */
import { resolve } from "node:path";

import { type Layout, type NamedTensor, unflatten, writeSafetensors } from "../checkpoints/index.ts";
import { UserError } from "../errors.ts";
import { makeFolder } from "../files/index.ts";
import { type NetworkOptions, torchvisionTensor } from "../networks/index.ts";
import {
  batchesTracked,
  checkpointPath,
  chosenTensors,
  classifierOf,
  readBase,
  readCheckpoint,
  verifiedCheckpoints,
} from "./context.ts";
import { openRun } from "./run.ts";
import { paths } from "./run-folder.ts";

export interface ExportRunOptions {
  /** The run folder. */
  readonly run: string;
  /** The folder to write to, made where it does not exist. */
  readonly to: string;
  /** Samples by default, or the originals. */
  readonly group?: "samples" | "zoo";
  /** Only the first so many; all by default. */
  readonly count?: number | undefined;
  /** Whose names the tensors get; timm's by default. */
  readonly names?: "timm" | "torchvision";
}

/** A network with all its values. */
export interface WholeNetwork {
  readonly name: NetworkOptions["name"];
  readonly layout: Layout;
  readonly values: ReadonlyMap<string, Float32Array>;
  /** Batches that its running statistics have seen. */
  readonly batchesTracked: number;
}

/** The state dict of a network: a counter follows the running statistics of each normalisation, as in PyTorch. */
export function stateDictOf(
  { name: network, layout, values, batchesTracked }: WholeNetwork,
  names: "timm" | "torchvision",
): NamedTensor[] {
  const tracked = BigInt64Array.of(BigInt(batchesTracked));
  return layout.entries.flatMap(({ name, shape }): NamedTensor[] => {
    const renamed = names === "timm" ? { name, shape } : torchvisionTensor(network, { name, shape });
    const tensor = { ...renamed, data: values.get(name)! };
    const counter = { name: name.replace(/running_var$/, "num_batches_tracked"), shape: [], data: tracked };
    return name.endsWith("running_var") ? [tensor, counter] : [tensor];
  });
}

/**
 * Writes whole networks.
 * @returns the files, in the order of the run's.
 * @throws UserError when the run has no such networks yet, a file of it is damaged, or they would replace its own.
 */
export async function exportRun({
  run,
  to,
  group = "samples",
  count,
  names = "timm",
}: ExportRunOptions): Promise<string[]> {
  const { recipe, folder } = await openRun(run);
  const p = paths(folder);
  if ([p.samples, p.zoo].some((own) => resolve(own) === resolve(to)))
    throw new UserError(
      "E_USAGE",
      `${to} holds the run's own networks, which would be replaced; choose another folder`,
    );
  const network = classifierOf(recipe);
  const chosen = chosenTensors(recipe, network);
  const stage = group === "samples" ? "sample" : "collect";
  const files = await verifiedCheckpoints(p[group], `make them first: pdiff ${stage} ${folder}`);
  const base = chosen.size === network.layout.size ? new Map<string, Float32Array>() : await readBase(p);
  const whole = { name: recipe.network.name, layout: network.layout, batchesTracked: await batchesTracked(p) };
  await makeFolder(to);
  const written = [];
  for (const [i, file] of files.slice(0, count).entries()) {
    const values = new Map([...base, ...unflatten(chosen, await readCheckpoint(file, chosen))]);
    const path = checkpointPath(to, i + 1, files.length);
    await writeSafetensors(path, stateDictOf({ ...whole, values }, names), { format: "pt" });
    written.push(path);
  }
  return written;
}
