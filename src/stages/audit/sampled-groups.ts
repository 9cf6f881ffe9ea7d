/**
 * Groups of samples that the audit looks at, each in a file of its own. Where drawing takes long,
 * worker processes draw them; what they draw does not depend on which process does.
 */

import { stat } from "node:fs/promises";

import type { Codec } from "../../diffusion/index.ts";
import { exists, makeFolder } from "../../files/index.ts";
import { matrix } from "../../numeric/index.ts";
import { builtInParts } from "../../recipe/index.ts";
import { writeNetworkFile } from "../../run/index.ts";
import type { StageContext } from "../context.ts";
import { drawSampled, type SampledContext, sampledItem, secondsToDraw } from "../sample/denoising-trajectory.ts";
import type { DrawWork } from "../worker-messages.ts";
import { mostWorkers, workInProcesses } from "../worker-pool.ts";

/** Seconds of drawing that are worth the start of worker processes. */
const WORTH_PROCESSES = 10;

/** Bytes that a process takes for each byte of the denoiser's file, about. */
const LOADED = 3;

/**
 * Draws one group into its file.
 * @throws Interrupted when the signal aborts.
 */
export async function writeSampled(
  context: SampledContext,
  codec: Codec,
  { name, file, group }: Omit<DrawWork, "kind">,
): Promise<void> {
  const drawn = matrix(await drawSampled(context, codec, group), codec.dimension);
  await writeNetworkFile(file, drawn, { group: name });
}

/**
 * Draws those groups whose files do not exist.
 * @throws Interrupted when the signal aborts.
 */
export async function drawMissing(
  context: StageContext,
  codec: Codec,
  groups: readonly Omit<DrawWork, "kind">[],
): Promise<void> {
  const missing: DrawWork[] = [];
  for (const group of groups) if (!(await exists(group.file))) missing.push({ kind: "draw", ...group });
  await makeFolder(context.paths.baselines);
  const seconds = missing.reduce((sum, { group }) => sum + secondsToDraw(context, codec, group.count), 0);
  if (missing.length === 0) return;
  const { size } = await stat(context.paths.denoiser);
  const workers = Math.min(mostWorkers(context.recipe, LOADED * size), missing.length);
  // Workers know the parts of this package only.
  if (workers > 1 && seconds > WORTH_PROCESSES && context.parts === builtInParts)
    return workInProcesses({
      folder: context.paths.folder,
      recipe: context.recipe,
      // The longest first, so that no process waits long for another at the end.
      queue: missing.sort((a, b) => b.group.count - a.group.count),
      workers,
      signal: context.signal,
      onProgress: ({ group }, progress) =>
        progress.kind === "draws" ? context.progress(sampledItem(group), progress.done, progress.total) : undefined,
    });
  for (const group of missing) await writeSampled(context, codec, group);
}
