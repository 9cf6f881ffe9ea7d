import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gunzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { floats, int, modelOf, node } from "../../test/support/onnx-model.ts";
import { itThoroughly } from "../../test/support/thorough.ts";
import { fingerprint, temporaryFolders } from "../../test/support/tiny-run.ts";
import { openFile, readSafetensors, rewriteFile, writeSafetensors } from "../checkpoints/index.ts";
import { Interrupted } from "../errors.ts";
import { foldIn, key, normal } from "../random/index.ts";
import type { Audit } from "../records/index.ts";
import { paths, type RunEvent, readAudit, verifyRun } from "../run/index.ts";
import { from, lossOf, writeNetworks } from "./checkpoint-world.fixture.ts";
import { type RunOptions, runPipeline } from "./pipeline.ts";
import { type GivenSamplesOptions, recipeForSamples } from "./recipe-for-samples.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

let root: string;
let given: Pick<GivenSamplesOptions, "originals" | "heldOut" | "unseen">;
let copies: string;
let fresh: string;
beforeAll(async () => {
  root = folders.make();
  given = {
    originals: await writeNetworks(join(root, "a"), from(0, 16)),
    heldOut: await writeNetworks(join(root, "b"), from(100, 12)),
    unseen: await writeNetworks(join(root, "d"), from(200, 10)),
  };
  copies = await writeNetworks(join(root, "copies"), from(0, 8), { noise: 1e-3 });
  fresh = await writeNetworks(join(root, "fresh"), from(300, 10));
});

const few = ["audit.draws=3", "measure.networks=12"];

async function pipelineOf(options: GivenSamplesOptions): Promise<Omit<RunOptions, "folder">> {
  const { recipe } = await recipeForSamples({ better: "lower", overrides: few, ...options });
  return { recipe, measure: lossOf };
}

/** Audits samples in a new run. */
async function audited(options: GivenSamplesOptions, more: Partial<RunOptions> = {}) {
  const folder = folders.make();
  await runPipeline({ ...(await pipelineOf(options)), folder, ...more });
  return { folder, audit: (await readAudit(folder)) as Audit };
}

describe("recipeForSamples", () => {
  it("uses all files, fits nothing and draws baselines that reach as far as other trainings", async () => {
    const { recipe, plan, unseen } = await recipeForSamples({ ...given, samples: fresh });
    expect(recipe).toMatchObject({
      name: "fresh",
      generator: "files",
      diffusion: null,
      zoo: { kind: "files", count: 16, heldOut: 12 },
      sample: { files: fresh, count: 10 },
    });
    expect(recipe.audit.baselines).toContain("noise:1");
    expect(recipe.audit.baselines).not.toContain("gaussian-latent");
    expect(plan).toMatchObject({ generated: { parameters: 40, tensors: 2 }, latent: 0 });
    expect(unseen).toBe(10);
  });

  it("refuses a single original", async () => {
    const originals = join(given.originals as string, "net-1.safetensors");
    await expect(recipeForSamples({ originals, samples: fresh })).rejects.toThrow("there is one original");
  });

  it("refuses a held-out file that was learned from, naming both", async () => {
    await expect(recipeForSamples({ ...given, heldOut: given.originals, samples: fresh })).rejects.toThrow(
      /net-1\.safetensors is learned from .* and is held out/,
    );
    const again = await writeNetworks(join(root, "again"), [500, 3]);
    await expect(recipeForSamples({ ...given, heldOut: again, samples: fresh })).rejects.toThrow(
      /again\/net-2\.safetensors is held out .* is a copy of \S*a\/net-4\.safetensors, which is learned from/,
    );
  });
});

describe("the audit of samples of another generator", () => {
  it("calls near copies a replica, and fresh networks of the process none", async () => {
    const replica = await audited({ ...given, samples: copies });
    expect(replica.audit.verdict).toMatchObject({ name: "replica" });
    expect(replica.audit.copying.copies).toMatchObject({ count: 8, samples: 8 });
    const { folder, audit } = await audited({ ...given, samples: fresh });
    expect(audit.verdict.name, audit.verdict.rule).not.toMatch(/replica/);
    expect(audit.copying.copies.count).toBe(0);
    expect(audit.copying.pull).toMatchObject({ seen: 16, unseen: 22 });
    expect(audit.remarks.join(" ")).toContain("The samples are files that another generator made");
    expect(await verifyRun(paths(folder))).toMatchObject({ damage: [], unrecorded: [] });
  });

  it("finds copies without held-out networks, and leaves it open whether others are new", async () => {
    const { originals } = given;
    const replica = await audited({ originals, samples: copies });
    expect(replica.audit.verdict).toMatchObject({ name: "replica" });
    const { audit } = await audited({ originals, samples: fresh });
    expect(audit.verdict).toMatchObject({ name: "undecided", rule: expect.stringContaining("0 held-out networks") });
    expect(audit.remarks.join(" ")).toMatch(/No networks were held out .* no verdict on novelty/);
    expect(audit.copying.pull).toBeNull();
  });

  it("asks whether samples are nearer to originals than to unseen networks alone", async () => {
    const { originals, unseen } = given;
    const { audit } = await audited({ originals, unseen, samples: copies });
    expect(audit.copying.pull?.share).toBeGreaterThan(0.9);
    expect(audit.copying.pull).toMatchObject({ seen: 16, unseen: 10 });
  });

  it("compares no unseen networks where the recipe says that the originals are of one training", async () => {
    const { audit } = await audited({ ...given, samples: fresh, overrides: [...few, "zoo.trajectory=true"] });
    expect(audit.copying.pull).toBeNull();
    expect(audit.remarks.join(" ")).toMatch(/of one training, as the recipe says.* were not compared/);
  });

  it("ends with the same bytes after a stop among the samples", async () => {
    const options = await pipelineOf({ ...given, samples: fresh });
    const whole = folders.make();
    await runPipeline({ ...options, folder: whole, stages: ["collect", "fit", "sample"] });
    const folder = folders.make();
    const stop = new AbortController();
    const emit = (event: RunEvent) => {
      if (event.type === "progress" && event.item.id === "copy-samples" && event.step === 4) stop.abort();
    };
    const stopped = runPipeline({ ...options, folder, emit, signal: stop.signal });
    await expect(stopped).rejects.toBeInstanceOf(Interrupted);
    await runPipeline({ ...options, folder, stages: ["collect", "fit", "sample"] });
    expect(fingerprint(folder)).toEqual(fingerprint(whole));
  });

  it("names the sample and the tensor that do not fit, and goes on without that file", async () => {
    const samples = await writeNetworks(join(root, "odd"), from(300, 6));
    const options = await pipelineOf({ ...given, samples });
    const file = join(samples, "net-5.safetensors");
    const { tensors } = await readSafetensors(file);
    await writeSafetensors(file, [
      { name: "head.weight", shape: [8, 8], data: new Float32Array(64) },
      { name: "head.bias", shape: [8], data: tensors.get("head.bias") ?? new Float32Array(8) },
    ]);
    const folder = folders.make();
    const misfit = /odd\/net-5\.safetensors does not fit: head\.weight is \[8,8\], expected \[4,8\]/;
    await expect(runPipeline({ ...options, folder })).rejects.toThrow(misfit);
    await expect(pipelineOf({ ...given, samples })).rejects.toThrow(misfit);
    expect(existsSync(join(folder, "zoo/index.json"))).toBe(true);
    rmSync(file);
    await runPipeline({ ...(await pipelineOf({ ...given, samples })), folder });
    expect(readdirSync(join(folder, "samples"))).toHaveLength(5 + 1);
    expect((await readAudit(folder))?.copying.copies.samples).toBe(5);
  });

  it("warns of tensors that are not compared and differ in the samples", async () => {
    const samples = await writeNetworks(join(root, "bodies"), from(300, 6), { own: new Float32Array(12) });
    const warnings: string[] = [];
    const emit = (event: RunEvent) => void (event.type === "warning" && warnings.push(event.text));
    const { audit } = await audited({ ...given, samples }, { emit });
    expect(warnings.join(" ")).toMatch(/samples differ from the originals in tensors that are not compared: body/);
    expect(audit.remarks.join(" ")).toContain("(body)");
  });
});

describe("files of other formats", () => {
  const pth = gunzipSync(
    Buffer.from(
      JSON.parse(readFileSync(new URL("../../test/fixtures/pth.json", import.meta.url), "utf8"))["a state dict"].file,
      "base64",
    ),
  );
  const layer = [node("Gemm", ["x", "weight", "bias"], "y", [int("transB", 1)])];
  const initializer = [floats("weight", [3, 4], new Array(12).fill(0)), floats("bias", [3], [0, 0, 0])];
  const onnx = modelOf(layer, { initializer, shape: ["batch", 4] });

  /** Writes copies of a file whose numbers are those of `networks` and some noise. */
  async function writeCopies(template: string, networks: readonly number[], noise = 0): Promise<string> {
    const folder = folders.make();
    const { tensors, close } = await openFile(template);
    await close();
    const drawn = [...tensors].filter(([, { dtype }]) => dtype === "F32");
    for (const k of networks) {
      const values = drawn.map(([name, { count }]) => {
        const [own, moves] = [normal(foldIn(key(1), k, name), count), normal(foldIn(key(2), k, name), count)];
        return [name, own.map((x, i) => x + noise * (moves[i] ?? 0))] as const;
      });
      await rewriteFile(template, join(folder, `net-${k}${extname(template)}`), new Map(values));
    }
    return folder;
  }

  async function isAudited(name: string, bytes: Uint8Array): Promise<void> {
    const template = join(folders.make(), name);
    writeFileSync(template, bytes);
    const [originals, heldOut] = [await writeCopies(template, from(0, 12)), await writeCopies(template, from(50, 8))];
    const samples = await writeCopies(template, from(0, 6), 1e-3);
    const { recipe } = await recipeForSamples({ originals, heldOut, samples, better: "lower", overrides: few });
    const folder = folders.make();
    await runPipeline({ recipe, folder, measure: async () => 1 });
    expect((await readAudit(folder))?.copying.copies.samples).toBe(6);
  }

  it("such as those of PyTorch are audited like any others", () => isAudited("net.pth", pth));
  itThoroughly("such as ONNX models are audited like any others", () => isAudited("net.onnx", onnx));
});
