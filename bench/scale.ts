/**
 * Time and memory against the number of parameters: synthetic checkpoints are written to a
 * temporary folder, linear latents are fitted to them and a few networks sampled, as `pdiff fit`
 * and `pdiff sample` do it. Each size runs in a process of its own, whose peak of resident memory
 * is printed.
 *
 *     npm run bench:scale -- [D:K …]      such as 2000000:50 86567656:50
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { writeStreamed } from "../src/checkpoints/index.ts";
import { layoutOf } from "../src/layout/index.ts";
import { foldIn, key, normal } from "../src/random/index.ts";
import { recipeForCheckpoints, runPipeline } from "../src/stages/index.ts";

/** D and K; the largest have fewer checkpoints, so that their files fit on the disk of a laptop. */
const USUAL = [
  "2000:50",
  "20000:50",
  "200000:50",
  "2000000:50",
  "11699132:50",
  "20000000:50",
  "86567656:50",
  "200000000:16",
];

/** Coordinates drawn at a time. */
const CHUNK = 2 ** 20;

/** Networks sampled. */
const SAMPLES = 4;

/** Directions in which the checkpoints differ, besides noise. */
const DIRECTIONS = 8;

/** Checkpoints that differ in a few directions and by noise, in tensors of a million numbers. */
async function write(folder: string, dimension: number, count: number): Promise<void> {
  const tensors = Math.ceil(dimension / CHUNK);
  const layout = layoutOf(
    Array.from({ length: tensors }, (_, i) => ({
      name: `layers.${i}.weight`,
      shape: [Math.min(CHUNK, dimension - i * CHUNK)],
    })),
  );
  const amounts = normal(key(1), count * DIRECTIONS);
  const files = Array.from({ length: count }, (_, k) => ({
    path: join(folder, `step-${k}.safetensors`),
    metadata: {},
  }));
  // Drawn once and used again at every place: what is measured is not the drawing of numbers.
  const base = normal(key(2), Math.min(CHUNK, dimension));
  const along = Array.from({ length: DIRECTIONS }, (_, j) => normal(foldIn(key(3), j), base.length));
  const noise = normal(key(4), 2 * base.length);
  await writeStreamed(folder, files, layout, async (put) => {
    for (const { offset, size } of layout.entries) {
      const block = new Float32Array(count * size);
      for (let k = 0; k < count; k++) {
        const shift = (k * 7919 + offset) % base.length;
        for (let i = 0; i < size; i++) {
          let value = base[i]! + 0.02 * noise[i + shift]!;
          for (let j = 0; j < DIRECTIONS; j++) value += 0.05 * amounts[k * DIRECTIONS + j]! * along[j]![i]!;
          block[k * size + i] = value;
        }
      }
      await put(offset, block);
    }
  });
}

/** What one size takes, in seconds and bytes. */
interface Measured {
  readonly parameters: number;
  readonly checkpoints: number;
  readonly seconds: Readonly<Record<"collect" | "fit" | "sample", number>>;
  readonly peak: number;
}

async function measure(folder: string, dimension: number, count: number): Promise<Measured> {
  const { recipe } = await recipeForCheckpoints({
    checkpoints: join(folder, "checkpoints"),
    heldOut: 0,
    name: "scale",
    overrides: [`sample.count=${SAMPLES}`, "diffusion.training.steps=500", "sample.sampler.type=ddim"],
  });
  const seconds = { collect: 0, fit: 0, sample: 0 };
  for (const stage of ["collect", "fit", "sample"] as const) {
    const began = performance.now();
    await runPipeline({ recipe, folder: join(folder, "run"), stages: [stage] });
    seconds[stage] = (performance.now() - began) / 1000;
  }
  return { parameters: dimension, checkpoints: count, seconds, peak: process.resourceUsage().maxRSS * 1024 };
}

const [first, ...rest] = process.argv.slice(2);
if (first === "--write" || first === "--measure") {
  const [folder, dimension, count] = [rest[0]!, Number(rest[1]), Number(rest[2])];
  if (first === "--write") await write(join(folder, "checkpoints"), dimension, count);
  else console.log(JSON.stringify(await measure(folder, dimension, count)));
} else {
  const sizes = process.argv.slice(2).length > 0 ? process.argv.slice(2) : USUAL;
  console.log("        D     K   copy, s    fit, s  sample, s   peak, MB");
  for (const size of sizes) {
    const [dimension, count] = size.split(":") as [string, string];
    const folder = mkdtempSync(join(process.env.PDIFF_SCRATCH ?? tmpdir(), "pdiff-scale-"));
    try {
      const self = (what: string) =>
        spawnSync(
          process.execPath,
          ["--import", "tsx", fileURLToPath(import.meta.url), what, folder, dimension, count],
          {
            encoding: "utf8",
            stdio: ["ignore", "pipe", "inherit"],
          },
        );
      if (self("--write").status !== 0) throw new Error("the checkpoints could not be written");
      const { stdout, status } = self("--measure");
      if (status !== 0) throw new Error("the run failed");
      const { seconds, peak } = JSON.parse(stdout.trim().split("\n").at(-1)!) as Measured;
      const cells = [seconds.collect, seconds.fit, seconds.sample].map((s) => s.toFixed(1).padStart(9));
      console.log(
        `${dimension.padStart(9)}  ${count.padStart(4)} ${cells.join(" ")} ${(peak / 1e6).toFixed(0).padStart(10)}`,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
