/**
 * The front matter of a model card: what the Hugging Face Hub and other catalogues read, to list
 * and filter models. It names no licence: that of generated networks is their maker's to choose,
 * and depends on the data and on the checkpoints.
 */
import { stringify } from "yaml";

import { type AnyRecipe, hasNetwork } from "../../recipe/index.ts";
import type { Audit, Results } from "../../records/index.ts";

export interface FrontMatterInput {
  readonly recipe: AnyRecipe;
  readonly results: Results | undefined;
  readonly audit: Audit | undefined;
}

/** Data sets by their names on the Hub; others are named as recipes name them. */
const HUB_NAMES: Readonly<Record<string, string>> = {
  mnist: "ylecun/mnist",
  "fashion-mnist": "zalando-datasets/fashion_mnist",
  svhn: "ufldl-stanford/svhn",
  "cifar-10": "uoft-cs/cifar10",
  "cifar-100": "uoft-cs/cifar100",
  "food-101": "ethz/food101",
  "imagenet-1k": "ILSVRC/imagenet-1k",
};

/** Data that is published nowhere: images that the program draws, and the user's own. */
const UNPUBLISHED: readonly string[] = ["glyphs", "folder"];

/** What is kept of a user's names: others are of no use to a catalogue, and could hold anything. */
const PLAIN_NAME = /^[\w.-]{1,40}$/;

/** The front matter of a card: YAML, between two lines of three hyphens. */
export function frontMatter({ recipe, results, audit }: FrontMatterInput): string {
  const network = hasNetwork(recipe) ? recipe : undefined;
  const task = network === undefined ? [] : ["image-classification", network.network.name];
  const datasets = network === undefined || UNPUBLISHED.includes(network.data.name) ? [] : [network.data.name];
  const metrics = [results?.classification ? "accuracy" : audit?.metric?.name].filter(
    (name) => name !== undefined && PLAIN_NAME.test(name),
  );
  const made = recipe.generator === "diffusion" ? ["p-diff", "arxiv:2402.13144"] : [];
  const fields = {
    library_name: "neural-network-diffusion",
    tags: ["weight-generation", ...made, ...task.filter((tag) => PLAIN_NAME.test(tag))],
    ...(datasets.length > 0 && { datasets: datasets.map((name) => HUB_NAMES[name] ?? name) }),
    ...(metrics.length > 0 && { metrics }),
  };
  return `---\n${stringify(fields)}---`;
}
