/**
 * Makes a recipe for samples that another generator made, as for `pdiff audit --originals
 * 'a/*.pth' --samples 'c/*.pth'`: nothing is fitted, and everything after that is as ever.
 */
import { baseline } from "../baselines/index.ts";
import { checkpointFiles } from "../checkpoints/index.ts";
import { UserError } from "../errors.ts";
import { at } from "../lookup.ts";
import { hasNetwork, type OwnParts, override, partsWith, resolveRecipe } from "../recipe/index.ts";
import { planMetric, planRun } from "./plan.ts";
import {
  absolute,
  defined,
  evaluatedBy,
  nameFrom,
  type OwnCheckpoints,
  type OwnCheckpointsOptions,
  seen,
  zooOf,
} from "./recipe-for-checkpoints.ts";
import { sampleFiles } from "./sample/sample-files.ts";

/** Paths, folders or patterns such as `ckpts/*.pth`. */
type Patterns = string | readonly string[];

/**
 * Samples of another generator, and what is known of the networks that it learned from.
 * @category Options of the verbs
 */
export interface GivenSamplesOptions
  extends Pick<OwnParts, "baselines">,
    Pick<
      OwnCheckpointsOptions,
      "select" | "name" | "like" | "network" | "data" | "command" | "metric" | "better" | "overrides"
    > {
  /** The checkpoints that the other generator learned from: paths, folders or patterns. */
  readonly originals: Patterns;
  /** What it made of them: checkpoints with the same tensors, in any format. */
  readonly samples: Patterns;
  /**
   * Checkpoints made like the originals that nothing learned from. Without them nothing shows how
   * far a new network lies, so there is no verdict but on copies.
   */
  readonly heldOut?: Patterns | undefined;
  /**
   * More of these, which nothing scores: is a sample nearer to an original than to them? Of
   * networks that were trained separately.
   */
  readonly unseen?: Patterns | undefined;
  /**
   * Which network of each file, where it holds several: of originals, held-out and unseen ones. Of
   * samples the override `sample.key=NAME` says it.
   */
  readonly key?: string | undefined;
}

/** A recipe for samples of another generator. */
export interface GivenSamples extends OwnCheckpoints {
  /** Unseen networks, without copies. */
  readonly unseen: number;
}

/** Baselines that lie as far from the originals as separately trained networks do. */
const FARTHER = ["noise:0.4", "noise:0.6", "noise:1", "crossover:2", "crossover:16", "pca-gaussian:50"];

/** The same where each costs runs of the user's program. */
const FEW_FARTHER = ["noise:1"];

/**
 * Makes a recipe for the audit of samples of another generator, in which all of the given files
 * are used.
 * @throws UserError as `recipeForCheckpoints`, where there are fewer than two originals, and where
 *   a sample does not fit them, naming its file and tensor, what it is and what was expected.
 */
export async function recipeForSamples(options: GivenSamplesOptions): Promise<GivenSamples> {
  const { overrides = [], baselines } = options;
  const parts = partsWith({ baselines });
  const resolved = (tree: Record<string, unknown>) =>
    resolveRecipe(overrides.reduce(override, tree), "these files", parts);
  const samples = await checkpointFiles(options.samples);
  const files = { originals: await checkpointFiles(options.originals), samples };
  const draft = resolved(treeOf(options, files, { count: 2, heldOut: 0 }));
  const zoo = await zooOf(draft);
  const { layout, notes, warnings } = zoo;
  const counts = {
    count: zoo.files.length,
    heldOut: zoo.heldOut?.length ?? 0,
  };
  // Where there is no autoencoder, nothing draws latents.
  const drawn = draft.audit.baselines.filter((name) => baseline(name, parts.baselines).space !== "latents");
  const farther = hasNetwork(draft) ? FARTHER : FEW_FARTHER;
  if (counts.count < 2)
    throw new UserError(
      "E_CHECKPOINT",
      `there is ${counts.count === 1 ? "one original" : "no original"} without its copies, expected at least 2; give more files`,
    );
  const recipe = resolved({
    ...treeOf(options, { originals: zoo.files, samples }, counts),
    audit: { baselines: [...new Set([...drawn, ...farther])] },
  });
  const { notes: onSamples } = await sampleFiles(recipe, layout);
  return {
    recipe,
    choices: hasNetwork(recipe) ? seen(recipe) : [],
    plan: await (hasNetwork(recipe) ? planRun(recipe, { parts }) : planMetric(recipe, layout, { parts })),
    notes: [...notes, ...onSamples],
    warnings,
    unseen: zoo.unseen.length,
  };
}

/** What a recipe says of the files, before the user's own values. */
function treeOf(
  options: GivenSamplesOptions,
  { originals, samples }: { readonly originals: readonly string[]; readonly samples: readonly string[] },
  { count, heldOut }: { readonly count: number; readonly heldOut: number },
): Record<string, unknown> {
  const { select = "all", key, like, command, metric, better } = options;
  const zoo = {
    kind: "files",
    files: absolute(options.originals),
    ...defined({
      key,
      heldOutFiles: options.heldOut && absolute(options.heldOut),
      unseenFiles: options.unseen && absolute(options.unseen),
    }),
    count,
    heldOut,
    select: Array.isArray(select) ? [...select] : select,
  };
  return {
    name: options.name ?? nameFrom(at(samples, 0)),
    ...(options.network === undefined
      ? { zoo: { ...zoo, ...(like !== undefined && { like: absolute(like) }) } }
      : { zoo, ...evaluatedBy(options, originals) }),
    ...((command ?? metric ?? better) !== undefined && { measure: { ...defined({ command, metric, better }) } }),
    preset: "linear",
    diffusion: null,
    generator: "files",
    sample: { files: absolute(options.samples), count: samples.length },
  };
}
