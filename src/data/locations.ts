/** Where data lie on this machine: the sets themselves, and what is made of them to be read faster. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where data sets are kept when nothing else is said, below the working folder. */
export const USUAL_ROOT = "data";

/** The folder of the data sets' folders: `PDIFF_DATA`, or `data` where there is such a folder. */
export const dataRoot = (): string | undefined =>
  process.env.PDIFF_DATA || (existsSync(USUAL_ROOT) ? USUAL_ROOT : undefined);

/** Names of folders that sets may have besides their own: those of their archives, and of torchvision. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  mnist: ["MNIST"],
  "fashion-mnist": ["FashionMNIST"],
  kmnist: ["KMNIST"],
  "emnist-digits": ["EMNIST"],
  svhn: ["SVHN"],
  "cifar-10": ["cifar-10-batches-bin", "cifar-10-batches-py"],
  "cifar-100": ["cifar-100-binary", "cifar-100-python"],
  "stl-10": ["stl10_binary"],
  pets: ["oxford-iiit-pet"],
  "imagenet-1k": ["imagenet"],
};

/** Whether there is a folder for a set; glyphs needs none. Whether all is in it shows when it is read. */
export function hasData(
  { name, folder }: { readonly name: string; readonly folder?: string | undefined },
  root: string | undefined,
): boolean {
  if (name === "glyphs") return true;
  if (folder !== undefined) return existsSync(folder);
  return root !== undefined && [name, ...(FOLDERS[name] ?? [])].some((each) => existsSync(join(root, each)));
}

/** The folder of decoded images: `PDIFF_CACHE`, or `pdiff` in the user's cache. It can be deleted at any time. */
export const cacheRoot = (): string =>
  process.env.PDIFF_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pdiff");
