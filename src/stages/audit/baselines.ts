/**
 * Networks that are drawn for the audit alone. Each group is one file, made once. Baselines are
 * drawn here; their mathematics is in the room `baselines`.
 */
import { join } from "node:path";

import { baseline } from "../../baselines/index.ts";
import { throwIfAborted } from "../../errors.ts";
import { exists, makeFolder } from "../../files/index.ts";
import type { Layout } from "../../layout/index.ts";
import { matrix } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import type { BaselineFamily } from "../../records/index.ts";
import { progressItem, readNetworkFile, writeNetworkFile } from "../../run/index.ts";
import type { CanonicalSpace } from "../../symmetry/index.ts";
import type { RunContext } from "../context.ts";
import type { NetworkAt } from "../evaluate/predict.ts";
import { contentsOf } from "../fit/generator-index.ts";
import { drawBaseline, matchingOf } from "../sample/baseline-draws.ts";

/** Networks of one file. */
export interface DrawnGroup {
  readonly name: string;
  readonly file: string;
  readonly count: number;
  /** `[count, D]`, read when asked for. */
  vectors(): Promise<Float32Array>;
}

/** The networks of a group, as rows of its file. */
export const placesOf = ({ file, count }: Pick<DrawnGroup, "file" | "count">): NetworkAt[] =>
  Array.from({ length: count }, (_, row) => ({ file, row }));

const fileName = (name: string): string => `${name.replace(/[^\w.]+/g, "-")}.safetensors`;

/** A group from its file, which is made if it does not exist. `make` gives `[count, D]`. */
export async function drawnGroup(
  name: string,
  file: string,
  dimension: number,
  make: () => Promise<Float32Array>,
): Promise<DrawnGroup> {
  if (!(await exists(file))) await writeNetworkFile(file, matrix(await make(), dimension), { group: name });
  return openGroup(name, file);
}

/** A group from its file. */
export async function openGroup(name: string, file: string): Promise<DrawnGroup> {
  const { rows } = await readNetworkFile(file);
  return { name, file, count: rows, vectors: async () => (await readNetworkFile(file)).values };
}

/** Draws of one baseline. */
export interface DrawnBaseline extends DrawnGroup {
  readonly family: BaselineFamily;
}

/** What baselines are drawn from. */
export interface BaselineDraws {
  /** `[K, D]` */
  readonly originals: Float32Array;
  readonly layout: Layout;
  /** The canonical space of the originals, if they are in canonical form. */
  readonly space: CanonicalSpace | undefined;
  /** Whether latents may be drawn; only if the generator has an autoencoder as well. */
  readonly latents: boolean;
}

/** Draws all baselines of the recipe, with remarks on those that cannot be drawn. */
export async function drawBaselines(
  context: RunContext,
  { originals, layout, space, latents }: BaselineDraws,
): Promise<{ readonly baselines: readonly DrawnBaseline[]; readonly remarks: readonly string[] }> {
  const { recipe, paths: p } = context;
  const { baselines: names, draws } = recipe.audit;
  const count = originals.length / layout.size;
  const canDecode = latents && contentsOf(context).autoencoder;
  await makeFolder(p.baselines);
  const baselines: DrawnBaseline[] = [];
  const matching = matchingOf(originals, space, context);
  const left = { few: [] as string[], latents: [] as string[], units: [] as string[] };
  for (const [i, name] of [...new Set(names)].entries()) {
    const known = baseline(name, context.parts.baselines);
    if (known.needs > count) left.few.push(name);
    else if (known.space === "latents" && !canDecode) left.latents.push(name);
    else if (known.space === "units" && space === undefined) left.units.push(name);
    else {
      const options = {
        recipe,
        paths: p,
        parts: context.parts,
        originals,
        layout,
        matching,
        count: known.single ? 1 : draws,
      };
      const make = () =>
        drawBaseline(known, { ...options, key: foldIn(context.key, "rival", name), signal: context.signal });
      const group = await drawnGroup(name, join(p.baselines, fileName(name)), layout.size, make);
      baselines.push({ ...group, family: known.family });
    }
    await context.progress(progressItem("draw-baselines"), i + 1, names.length);
    throwIfAborted(context.signal);
  }
  const reasons: readonly (readonly [string, readonly string[]])[] = [
    [`they need more than the ${count} originals`, left.few],
    [
      latents
        ? "they draw latents and this generator has no autoencoder"
        : "they draw latents, and there is no autoencoder for whole networks",
      left.latents,
    ],
    ["they match or exchange hidden units, which are known only of separate trainings of MLPs and CNNs", left.units],
  ];
  return {
    baselines,
    remarks: reasons.flatMap(([reason, of]) => (of.length === 0 ? [] : [`Left out, as ${reason}: ${of.join(", ")}.`])),
  };
}
