/**
 * The commands and programs of README, the tutorials and the how-tos, run in order in a folder as a
 * reader has it. How-tos are run with `PDIFF_THOROUGH=1`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { readerIn } from "./support/reader.ts";
import { programOf, type Snippet, snippetsIn } from "./support/snippets.ts";
import { temporaryFolders } from "./support/temporary-folders.ts";
import { isThorough } from "./support/thorough.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const folders = temporaryFolders();
afterAll(folders.remove);

const documents = globSync(["README.md", "docs/tutorials/*.md", "docs/how-to/*.md"], { cwd: root }).sort();
const snippets = (path: string): Snippet[] => snippetsIn(readFileSync(join(root, path), "utf8"));

/** Blocks that are not run: a document, how the block begins, and why. */
const notRun: readonly (readonly [document: string, beginning: string, reason: string])[] = [
  ["README.md", "npm ci\nnpm start", "the tutorial runs it"],
  ["README.md", "./pdiff data get mnist", "downloads MNIST"],
  ["README.md", "./pdiff inspect ckpts", "From checkpoints to a verdict runs these commands"],
  ["README.md", "npm test", "runs these tests"],
  ["docs/tutorials/first-networks.md", "./pdiff data get mnist", "downloads MNIST"],
  ["docs/tutorials/own-autoencoder.md", "npx tsx", "the blocks before it are that program"],
  ["docs/how-to/docker.md", "docker", "needs Docker"],
  ["docs/how-to/gpu.md", "./pdiff doctor", "trains a ResNet-18 on CIFAR-10 on a GPU"],
  ["docs/how-to/gpu.md", "ONNXRUNTIME_NODE_INSTALL", "downloads the libraries of CUDA"],
  ["docs/how-to/gpu.md", "pip download", "downloads the libraries of CUDA"],
  ["docs/how-to/gpu.md", "site=$(python3", "needs the libraries of CUDA"],
  ["docs/how-to/gpu.md", "export VK_DRIVER_FILES", "needs a driver of Vulkan"],
  ["docs/how-to/gpu.md", "VK_ICD_FILENAMES", "needs Chromium's driver of Vulkan"],
  ["docs/how-to/install.md", "npm run pack", "packs and installs; test/package.test.ts does"],
  ["docs/how-to/install.md", "npm install --global", "installs for all users"],
  ["docs/how-to/own-network.md", "", "needs a model as ONNX, and CIFAR-10"],
  ["docs/how-to/audit-samples.md", "./pdiff audit --originals 'zoo", "needs a model as ONNX, and CIFAR-10"],
  ["docs/how-to/audit-samples.md", "./pdiff audit --originals a", "needs the networks of the example"],
  ["docs/how-to/big-checkpoints.md", "", "needs big checkpoints"],
  ["docs/how-to/own-data.md", "", "needs photos"],
  ["docs/how-to/run-experiments.md", "./pdiff recipes vit", "needs MNIST"],
  ["docs/how-to/run-experiments.md", "./pdiff data list", "downloads MNIST and CIFAR-10"],
  ["docs/how-to/run-experiments.md", "./pdiff run fashion.yaml", "needs Fashion-MNIST"],
  ["docs/how-to/your-checkpoints.md", "", "needs checkpoints of other programs"],
];

const reasonOf = (document: string, { text }: Snippet): string | undefined =>
  notRun.find(([path, beginning]) => path === document && text.startsWith(beginning))?.[2];

/** What a reader writes before the program of a document. */
const given: Readonly<Record<string, string>> = {
  "README.md": "const myAccuracy = async (file: string): Promise<number> => file.length / 1000;",
  "docs/how-to/own-metric.md":
    "const lossOf = async (file: string, _: { signal: AbortSignal }): Promise<number> => file.length / 1000;",
};

/** What a reader of a how-to has done before. */
const fitted = "./pdiff fit 'ckpts/*.pth' --run runs/head\n./pdiff sample runs/head -n 5";
const before: Readonly<Record<string, string>> = {
  "docs/how-to/draw-more.md": `${fitted}\n./pdiff evaluate runs/head --evaluate 'python eval.py {checkpoint}'`,
  "docs/how-to/export.md": `./pdiff run glyphs-cnn\n${fitted}`,
  "docs/how-to/own-metric.md": fitted,
};

/** The first line of a block that is more than an import. */
const nameOf = ({ text }: Snippet): string =>
  text.split("\n").find((line) => line !== "" && !line.startsWith("import ")) ?? text;

/** Runs a document; its programs are one, which is run where the last of them stands. */
function runDocument(path: string): void {
  const all = snippets(path);
  const programs = all.filter(({ language }) => language === "ts");
  const last = programs.at(-1);
  const reader = readerIn(folders.make(), inject("program"));
  const earlier = before[path];
  if (earlier !== undefined) beforeAll(() => void reader.shell(earlier), 120_000);
  for (const snippet of all) {
    const reason = reasonOf(path, snippet);
    if (reason !== undefined) it.skip(`${nameOf(snippet)} (${reason})`, () => {});
    else if (snippet.language === "sh")
      it(nameOf(snippet), () => expect(reader.shell(snippet.text)).toBeTypeOf("string"), 120_000);
    else if (snippet === last) {
      const text = programOf(
        programs.map((piece) => piece.text),
        given[path] ?? "",
      );
      it(nameOf(snippet), () => expect(reader.program(text)).toBeTypeOf("string"), 120_000);
    }
  }
}

const isHowTo = (path: string): boolean => path.startsWith("docs/how-to/");
for (const path of documents.filter((document) => snippets(document).length > 0))
  describe.skipIf(isHowTo(path) && !isThorough)(path, () => {
    runDocument(path);
  });

it("every block that is not run is in its document", () => {
  const lost = notRun.filter(([path, start]) => !snippets(path).some(({ text }) => text.startsWith(start)));
  expect(lost).toEqual([]);
});
