/**
 * The paper's networks by name: their names here and in other libraries, the images they were
 * published for, and the parts that the paper's ablations generate.
 */
import { suggestion, UserError } from "../errors.ts";
import type { NetworkOptions } from "./registry.ts";

/** What is known of a published network. */
export interface CatalogueEntry {
  readonly name: string;
  /** Other names of the network: torchvision's, the paper's, shorter ones. */
  readonly aliases: readonly string[];
  /** Its name in a recipe, where all other options have their defaults. */
  readonly base: NetworkOptions["name"];
  /** Shape of the images that it was published for, `[channels, height, width]`. */
  readonly images: readonly [number, number, number];
  /** Number of classes that it was published for. */
  readonly classes: number;
  /** The selections of tensors that the paper's ablations generate. */
  readonly ablations: readonly string[];
}

const imageNet = { images: [3, 224, 224], classes: 1000, ablations: [] } as const;
const mini = { images: [3, 64, 64], classes: 10, ablations: [], aliases: [] } as const;

/**
 * The first convolution, the classifier, the four normalisations of the third stage, and the first
 * two of the fourth.
 */
const ablations = ["conv1.weight", "fc.*", "layer3.?.bn?.*", "layer4.0.bn?.*"];

/** All networks, by their first names. */
export const catalogue: readonly CatalogueEntry[] = [
  { ...imageNet, name: "resnet18", base: "resnet18", aliases: [], ablations },
  { ...imageNet, name: "resnet50", base: "resnet50", aliases: [] },
  { ...imageNet, name: "vit_tiny_patch16_224", base: "vit_tiny_patch16_224", aliases: ["vit_tiny"] },
  { ...imageNet, name: "vit_base_patch16_224", base: "vit_base_patch16_224", aliases: ["vit_base", "vit_b_16"] },
  { ...imageNet, name: "convnext_tiny", base: "convnext_tiny", aliases: [] },
  { ...imageNet, name: "convnext_base", base: "convnext_base", aliases: [] },
  { ...mini, name: "convnet-mini", base: "convnet-mini" },
  { ...mini, name: "mlp-mini", base: "mlp-mini" },
  { ...mini, name: "resnet-mini", base: "resnet-mini" },
  { ...mini, name: "vit-mini", base: "vit-mini" },
  { ...mini, name: "convnext-mini", base: "convnext-mini" },
  { name: "cnn-medium", base: "cnn", aliases: ["cnn"], images: [1, 32, 32], classes: 10, ablations: [] },
  { name: "convnet-3", base: "convnet", aliases: ["convnet"], images: [3, 32, 32], classes: 10, ablations: [] },
  { name: "mlp-3", base: "mlp", aliases: ["mlp"], images: [1, 28, 28], classes: 10, ablations: [] },
];

const namesOf = ({ name, aliases }: CatalogueEntry): string[] => [name, ...aliases];

/** The network of a name, in any case; undefined when there is none. */
export const lookUp = (name: string): CatalogueEntry | undefined =>
  catalogue.find((entry) => namesOf(entry).includes(name.toLowerCase()));

/**
 * The network of a name, in any case.
 * @throws UserError `E_CONFIG` when there is none, with the nearest name and all others.
 */
export function catalogued(name: string): CatalogueEntry {
  const entry = lookUp(name);
  if (entry === undefined) {
    const known = catalogue.flatMap(namesOf);
    throw new UserError("E_CONFIG", `there is no network ${JSON.stringify(name)}.${suggestion(name, known)}`);
  }
  return entry;
}
