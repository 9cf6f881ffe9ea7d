/** Describes a task network: its images, its parameters, and what selections choose of it. */

import { UserError } from "../errors.ts";
import { type Layout, parameterCount, select } from "../layout/index.ts";
import { type CatalogueEntry, catalogue, catalogued } from "../networks/index.ts";
import { explain, networkSchema, override, schema } from "../recipe/index.ts";
import { classifier } from "../zoo/index.ts";
import { networkOf } from "./network-of.ts";

/** Tensors that a selection names, and how many numbers they hold together. */
export interface Subset {
  readonly tensors: readonly string[];
  readonly count: number;
}

/** A task network: its images, its size, and what selections choose of it. */
export interface NetworkFacts {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Shape of the images. */
  readonly input: { readonly channels: number; readonly height: number; readonly width: number };
  readonly classes: number;
  readonly parameters: number;
  /** By selection: the paper's, and those asked for. */
  readonly subsets: Readonly<Record<string, Subset>>;
}

/** The images, classes and selections that a network is described for. */
export interface DescribeOptions {
  /** Number of classes; as published by default. */
  readonly classes?: number | undefined;
  /** Side of the images in pixels; as published by default. */
  readonly size?: number | undefined;
  /** More selections to resolve. */
  readonly select?: readonly string[];
  /** `key=value`, as in a recipe's network: `stem=cifar`. */
  readonly settings?: readonly string[];
}

/** The paper's selection, and all tensors. */
const COMMON = ["last-norms:2", "all"];

/**
 * Describes a network.
 * @throws UserError for an unknown name or setting, an empty selection, and sizes that do not fit.
 */
export function describeNetwork(name: string, options: DescribeOptions = {}): NetworkFacts {
  return describe(catalogued(name), options);
}

/** Describes all networks of the catalogue, as published. */
export const describeNetworks = (options: Pick<DescribeOptions, "classes"> = {}): NetworkFacts[] =>
  catalogue.map((entry) => describe(entry, options));

function describe(entry: CatalogueEntry, { classes, size, select: more = [], settings = [] }: DescribeOptions) {
  const [channels, height, width] = entry.images;
  const input = { channels, height: size ?? height, width: size ?? width };
  const count = classes ?? entry.classes;
  const { layout } = classifier(networkOf(optionsOf(entry, settings)), { ...input, classes: count });
  const usual = [...COMMON, ...entry.ablations].flatMap((selection) => {
    const subset = tryToSelect(layout, selection);
    return subset === undefined ? [] : [[selection, subset] as const];
  });
  return {
    name: entry.name,
    aliases: entry.aliases,
    input,
    classes: count,
    parameters: parameterCount(layout),
    subsets: Object.fromEntries([
      ...usual,
      ...more.map((selection) => [selection, subsetOf(layout, selection)] as const),
    ]),
  };
}

function optionsOf({ base, name }: CatalogueEntry, settings: readonly string[]) {
  const tree = settings.reduce(override, { name: base } as Record<string, unknown>);
  if (tree.name !== base)
    throw new UserError("E_USAGE", `${name}: a setting cannot make it another network; ask for that by its name`);
  const result = networkSchema.safeParse(tree);
  if (result.success) return result.data;
  const network = { network: tree };
  const issues = result.error.issues.map((issue) => ({ ...issue, path: ["network", ...issue.path] }));
  throw new UserError("E_CONFIG", `${name}: ${explain(issues, network, schema)}`);
}

function subsetOf(layout: Layout, selection: string): Subset {
  const entries = select(layout, selection);
  return { tensors: entries.map((e) => e.name), count: entries.reduce((sum, e) => sum + e.size, 0) };
}

/** Not every network has two normalisation layers. */
function tryToSelect(layout: Layout, selection: string): Subset | undefined {
  try {
    return subsetOf(layout, selection);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
