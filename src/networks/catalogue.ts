/**
 * The paper's networks by name: what each is called, here and elsewhere, the images that it was made for, and the parts of
 * it that the paper generates.
 */
import { suggestion, UserError } from "../errors.ts";
import type { NetworkOptions } from "./network.ts";

export interface CatalogueEntry {
  readonly name: string;
  /** Other names of the same network: torchvision's, the paper's, shorter ones. */
  readonly aliases: readonly string[];
  /** The name under which a recipe's schema knows it. What else it may say has its defaults. */
  readonly base: NetworkOptions["name"];
  /** Shape of the images, `[channels, height, width]`, and number of classes that it was published for. */
  readonly images: readonly [number, number, number];
  readonly classes: number;
  /** Selections of the paper's ablations. */
  readonly ablations: readonly string[];
}

const imageNet = { images: [3, 224, 224], classes: 1000, ablations: [] } as const;
const mini = { images: [3, 64, 64], classes: 10, ablations: [], aliases: [] } as const;

/** First convolution, classifier, the four normalisations of the third stage and the two before the last two. */
const ablations = ["conv1.weight", "fc.*", "layer3.?.bn?.*", "layer4.0.bn?.*"];

/** All of them. A name is also a `base`, or stands for one with its defaults. */
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

/** The entry of a name, whatever its case; undefined where there is none. */
export const lookUp = (name: string): CatalogueEntry | undefined =>
  catalogue.find((entry) => namesOf(entry).includes(name.toLowerCase()));

/**
 * The entry of a name.
 * @throws UserError `E_CONFIG` with the nearest name and all others.
 */
export function catalogued(name: string): CatalogueEntry {
  const entry = lookUp(name);
  if (entry === undefined) {
    const known = catalogue.flatMap(namesOf);
    throw new UserError("E_CONFIG", `there is no network ${JSON.stringify(name)}.${suggestion(name, known)}`);
  }
  return entry;
}
