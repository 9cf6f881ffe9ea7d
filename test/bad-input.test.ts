/** A user's mistake gives one line that says what to do, and loses no results. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { call, program } from "../src/cli/spawn.fixture.ts";
import { UserError } from "../src/errors.ts";
import { type StageName, stageNames } from "../src/run/index.ts";
import { openRun, type RunOptions } from "../src/stages/index.ts";
import { canMount, mountMemory } from "./support/mounts.ts";
import { fingerprint, run, temporaryFolders, tinyLinear, tinyRecipe } from "./support/tiny-run.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

afterEach(() => vi.unstubAllEnvs());

/** Only the last layer is generated, so that the base network matters to the end. */
const recipe = tinyRecipe({ ...tinyLinear, zoo: { count: 6, batch: 50, lr: 1e-2, select: "last-layers:1" } });

/** Runs of the recipe that are done up to a stage. */
const done = {} as Record<StageName, string>;
beforeAll(async () => {
  let before: string | undefined;
  for (const stage of stageNames) {
    const folder = folders.make();
    if (before !== undefined) cpSync(before, folder, { recursive: true });
    await run(folder, { recipe, stages: [stage] });
    before = done[stage] = folder;
  }
});

/** A copy of a run that may be spoilt. */
function copyOf(stage: StageName): string {
  const folder = folders.make();
  cpSync(done[stage], folder, { recursive: true });
  return folder;
}

/** What goes wrong, after checking that it is a user's mistake and fits a line. */
async function mistake(folder: string, options: Partial<RunOptions> = {}): Promise<UserError> {
  const error = await run(folder, { recipe, ...options }).then(
    () => expect.unreachable("nothing was wrong"),
    (error: unknown) => error,
  );
  if (!(error instanceof UserError)) throw error;
  expect(error.message).not.toContain("\n");
  return error;
}

const truncate = (path: string) => truncateSync(path, readFileSync(path).length - 7);
const remove = (path: string) => rmSync(path);
const flip = (path: string) => {
  const bytes = readFileSync(path);
  bytes[bytes.length - 3]! ^= 1;
  writeFileSync(path, bytes);
};
const fill = (text: string) => (path: string) => writeFileSync(path, text);

const collectAgain = /pdiff collect \S+ --force$/;
const fitAgain = /pdiff fit \S+ --force$/;
const sampleAgain = /pdiff sample \S+ --force$/;

describe("a file of a run that was spoilt is named, with the way to make it again, and nothing else is touched:", () => {
  it.each<[StageName, string, string, (path: string) => void, RegExp, RegExp]>([
    ["collect", "a changed checkpoint", "zoo/0003.safetensors", flip, /was changed after it was written/, collectAgain],
    ["collect", "a truncated checkpoint", "zoo/0003.safetensors", truncate, /was changed after it/, collectAgain],
    ["collect", "a missing checkpoint", "zoo/0003.safetensors", remove, /is missing/, collectAgain],
    ["collect", "an index of nothing", "zoo/index.json", fill("{}"), /not an index of checkpoints/, collectAgain],
    ["collect", "an index cut short", "zoo/index.json", truncate, /is not JSON/, /restore it or remove it$/],
    [
      "collect",
      "an index that leads elsewhere",
      "zoo/index.json",
      fill('{"checkpoints":[{"file":"../../../etc/passwd","sha256":"x"}]}'),
      /not an index of checkpoints/,
      collectAgain,
    ],
    ["fit", "a truncated denoiser", "generator/denoiser.safetensors", truncate, /was changed after it was/, fitAgain],
    ["fit", "a changed autoencoder", "generator/autoencoder.safetensors", flip, /was changed after it was/, fitAgain],
    ["fit", "a missing autoencoder", "generator/autoencoder.safetensors", remove, /is missing/, fitAgain],
    ["fit", "an index of nothing", "generator/index.json", fill("[]"), /was changed after it was/, fitAgain],
    ["sample", "a changed checkpoint", "zoo/0006.safetensors", flip, /was changed after it was written/, collectAgain],
    ["sample", "a missing sample", "samples/0002.safetensors", remove, /is missing/, sampleAgain],
    ["sample", "a changed sample", "samples/0002.safetensors", flip, /was changed after it was written/, sampleAgain],
    ["sample", "a changed autoencoder", "generator/autoencoder.safetensors", flip, /was changed after/, fitAgain],
    ["sample", "a changed base network", "base/network.safetensors", flip, /was changed after it/, collectAgain],
    ["sample", "a missing base network", "base/network.safetensors", remove, /is missing/, collectAgain],
    [
      "evaluate",
      "results cut short",
      "evaluation/results.json",
      truncate,
      /was changed after it was/,
      /pdiff evaluate \S+ --force$/,
    ],
    [
      "evaluate",
      "results of nothing",
      "evaluation/results.json",
      fill("{}"),
      /was changed after it was/,
      /pdiff evaluate \S+ --force$/,
    ],
  ])("after %s, %s", async (stage, _, file, spoil, problem, advice) => {
    const folder = copyOf(stage);
    const path = join(folder, file);
    spoil(path);
    const before = fingerprintOf(folder);
    const { code, message } = await mistake(folder, { stages: stageNames });
    expect(["E_CHECKPOINT", "E_RUN"]).toContain(code);
    expect(message).toContain(path);
    expect(message).toMatch(problem);
    expect(message).toMatch(advice);
    expect(fingerprintOf(folder)).toMatchObject(before);
  });

  /** Without the results, which may be no JSON here. */
  const fingerprintOf = (folder: string) => {
    const results = join(folder, "evaluation/results.json");
    const text = existsSync(results) ? readFileSync(results) : undefined;
    if (text !== undefined) writeFileSync(results, "{}");
    const all = fingerprint(folder);
    if (text !== undefined) writeFileSync(results, text);
    return all;
  };

  it("and the advice leads back to the same bytes", async () => {
    const folder = copyOf("sample");
    flip(join(folder, "zoo", "0002.safetensors"));
    expect((await mistake(folder)).message).toMatch(collectAgain);
    await run(folder, { recipe, stages: ["collect"], force: true });
    await run(folder, { recipe });
    expect(fingerprint(folder)).toEqual(fingerprint(done.evaluate));
  });
});

describe("names a damaged saved state and says to remove it, when it is", () => {
  // Sixteen steps of a small network are done at once.
  const whole = tinyRecipe({ base: { epochs: 4, batch: 50, lr: 1e-2, optimiser: "adam", schedule: "cosine" } });
  it.each([
    ["the network's", 5, "collect", "base/state.safetensors"],
    ["the zoo's", 33, "collect", "zoo/state.safetensors"],
    ["the autoencoder's", 87, "fit", "generator/autoencoder.state.safetensors"],
    ["the denoiser's", 100, "fit", "generator/denoiser.state.safetensors"],
    ["the sampler's", 132, "sample", "samples/state.safetensors"],
  ] as const)("%s", async (_, stop, stage, file) => {
    const folder = folders.make();
    const controller = new AbortController();
    let steps = 0;
    const options: Partial<RunOptions> = {
      recipe: whole,
      signal: controller.signal,
      emit: ({ type }) => {
        if (type === "progress" && ++steps === stop) controller.abort();
      },
    };
    await expect(run(folder, options)).rejects.toThrow("stopped");
    const path = join(folder, file);
    const sound = readFileSync(path);
    const nameless = Buffer.from(sound.toString("latin1").replace('"step"', '"stop"'), "latin1");
    for (const bytes of [sound.subarray(0, -4), Buffer.from("not a snapshot"), nameless]) {
      writeFileSync(path, bytes);
      const { code, message } = await mistake(folder, { recipe: whole });
      expect(code).toBe("E_CHECKPOINT");
      expect(message).toMatch(/^the saved state cannot be used: .*remove that file/);
      expect(message).toContain(path);
    }
    rmSync(path);
    await run(folder, { recipe: whole, stages: [stage] });
  });
});

describe("what can be mended is mended:", () => {
  it("predictions that are not whole are made again", async () => {
    const folder = copyOf("evaluate");
    rmSync(join(folder, "evaluation", "results.json"));
    truncate(join(folder, "evaluation", "predictions", "evaluate-test-1-1.u16"));
    rmSync(join(folder, "evaluation", "predictions", "evaluate-selection-1-1.u16"));
    await run(folder, { recipe });
    expect(fingerprint(folder)).toEqual(fingerprint(done.evaluate));
  });

  it("a status that nobody can read is no reason to refuse a run", async () => {
    const folder = copyOf("sample");
    writeFileSync(join(folder, "status.json"), '{"state": "run');
    await run(folder, { recipe });
    expect(fingerprint(folder)).toEqual(fingerprint(done.evaluate));
  });

  it("half-written files of a killed process are removed", async () => {
    const folder = copyOf("sample");
    const halves = ["status.json", "base/x", "zoo/0001.safetensors", "generator/x", "samples/x"].map((name) =>
      join(folder, `${name}.99-1.tmp`),
    );
    for (const half of halves) writeFileSync(half, "half");
    await run(folder, { recipe });
    expect(halves.filter(existsSync)).toEqual([]);
  });
});

describe("a run folder", () => {
  it("of another recipe's zoo is refused, with the differences and what would be lost", async () => {
    const { code, message } = await mistake(copyOf("collect"), { recipe: { ...recipe, seed: 5 } });
    expect(code).toBe("E_RUN");
    expect(message).toMatch(
      /was made by another recipe \(seed: 1 there, 5 here\).* would delete its zoo of 6 checkpoints.*--run OTHER.*--force/,
    );
  });

  it("in which nothing is computed yet takes another recipe", async () => {
    const folder = folders.make();
    const missing = tinyRecipe({ data: { name: "mnist", selection: 100 } });
    vi.stubEnv("PDIFF_DATA", folders.make());
    expect((await mistake(folder, { recipe: missing })).code).toBe("E_DATA");
    await run(folder, { recipe, stages: ["collect"] });
    expect((await openRun(folder)).recipe).toEqual(recipe);
  });

  it("whose recipe is gone or spoilt is refused", async () => {
    const folder = copyOf("collect");
    const config = join(folder, "config.yaml");
    for (const text of ["name: [", "name: x", "[]"]) {
      writeFileSync(config, text);
      const { code, message } = await mistake(folder);
      expect(code).toBe("E_CONFIG");
      expect(message).toContain(config);
    }
    rmSync(config);
    expect((await mistake(folder)).message).toMatch(/holds a run without config\.yaml; remove it or choose another/);
    await expect(openRun(folder)).rejects.toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(/no run folder/),
    });
  });

  it("of somebody else's keeps its config.yaml", async () => {
    const folder = folders.make();
    const config = join(folder, "config.yaml");
    writeFileSync(config, "title: my site\n");
    expect((await mistake(folder)).message).toMatch(/config\.yaml: unknown key title/);
    expect(readFileSync(config, "utf8")).toBe("title: my site\n");
  });

  it("that lacks an earlier stage names that stage", async () => {
    expect(await mistake(copyOf("collect"), { stages: ["sample"] })).toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(/^sample needs what fit makes, which is not there; run: pdiff fit \S+$/),
    });
  });

  it("is not made for a recipe that cannot run", async () => {
    const folder = join(folders.make(), "new");
    await mistake(folder, { recipe: { ...recipe, zoo: { ...recipe.zoo, select: "none" } } });
    expect(existsSync(folder)).toBe(false);
  });
});

describe("doing a stage over", () => {
  it("removes what it and later stages made, and makes the same bytes again", async () => {
    const folder = copyOf("report");
    await run(folder, { recipe, stages: ["sample"], force: true });
    expect(readdirSync(folder)).not.toContain("evaluation");
    expect(readdirSync(folder)).not.toContain("report.html");
    expect(fingerprint(folder)).toEqual(fingerprint(done.sample));
  });

  it("does not lose what cannot be made again", async () => {
    const folder = copyOf("evaluate");
    rmSync(join(folder, "generator", "index.json"));
    const before = fingerprint(folder);
    expect((await mistake(folder, { stages: ["sample"], force: true })).message).toMatch(
      /^sample needs what fit makes/,
    );
    expect(fingerprint(folder)).toEqual(before);
  });
});

describe("data files", () => {
  const mnist = tinyRecipe({ data: { name: "mnist", selection: 10 } });

  const idx = (dimensions: readonly number[], data: Uint8Array): Buffer => {
    const header = Buffer.alloc(4 + 4 * dimensions.length);
    header.writeUInt32BE(0x0800 + dimensions.length);
    dimensions.forEach((dimension, i) => {
      header.writeUInt32BE(dimension, 4 + 4 * i);
    });
    return Buffer.concat([header, data]);
  };
  const files = (): Record<string, Buffer> => ({
    "train-images-idx3-ubyte": idx([50, 28, 28], new Uint8Array(50 * 784).fill(9)),
    "train-labels-idx1-ubyte": idx(
      [50],
      Uint8Array.from({ length: 50 }, (_, i) => i % 10),
    ),
    "t10k-images-idx3-ubyte": idx([20, 28, 28], new Uint8Array(20 * 784)),
    "t10k-labels-idx1-ubyte": idx([20], new Uint8Array(20)),
  });

  it.each<[string, (files: Record<string, Buffer>) => void, RegExp]>([
    ["a missing file", (f) => delete f["t10k-labels-idx1-ubyte"], /mnist lacks t10k-labels-idx1-ubyte; mnist needs /],
    [
      "a truncated file",
      (f) => {
        f["train-images-idx3-ubyte"] = f["train-images-idx3-ubyte"]!.subarray(0, -1);
      },
      /train-images-idx3-ubyte holds 39199 bytes, but its header says 50 × 28 × 28 = 39200; get the file again/,
    ],
    [
      "a corrupt file",
      (f) => {
        f["train-images-idx3-ubyte"]![2] = 0xff;
      },
      /train-images-idx3-ubyte starts with 0000ff03, expected 00000803.*get the file again/,
    ],
    [
      "a label that is no class",
      (f) => {
        f["train-labels-idx1-ubyte"]![8 + 3] = 77;
      },
      /train-labels-idx1-ubyte gives image 3 the label 77, expected 0 to 9/,
    ],
    [
      "labels of other images",
      (f) => {
        f["t10k-labels-idx1-ubyte"] = idx([19], new Uint8Array(19));
      },
      /t10k-labels-idx1-ubyte holds 19 labels, but .*20 images/,
    ],
    [
      "an empty folder",
      (f) => {
        for (const name of Object.keys(f)) delete f[name];
      },
      /mnist is not in .* set PDIFF_DATA=DIR/,
    ],
  ])("that hold %s are refused before anything is computed", async (_, spoil, message) => {
    const root = folders.make();
    const all = files();
    spoil(all);
    mkdirSync(join(root, "mnist"));
    for (const [name, bytes] of Object.entries(all)) writeFileSync(join(root, "mnist", name), bytes);
    vi.stubEnv("PDIFF_DATA", root);
    const folder = folders.make();
    const error = await mistake(folder, { recipe: mnist });
    expect(error.code).toBe("E_DATA");
    expect(error.message).toMatch(message);
    expect(readdirSync(folder).sort()).toEqual(["checksums.json", "config.yaml", "env.json", "log.txt", "status.json"]);
  });

  it("that are sound are used", async () => {
    const root = folders.make();
    mkdirSync(join(root, "mnist"));
    for (const [name, bytes] of Object.entries(files())) writeFileSync(join(root, "mnist", name), bytes);
    vi.stubEnv("PDIFF_DATA", root);
    await run(folders.make(), { recipe: mnist, stages: ["collect"] });
  });
});

describe("pretrained weights", () => {
  const from = (weights: string) => tinyRecipe({ ...tinyLinear, base: { ...recipe.base, weights, epochs: 0 } });
  const network = () => join(done.collect, "base/network.safetensors");

  it.each<[string, (path: string) => void, RegExp]>([
    ["that are not there", remove, /there is no file .*weights/],
    ["that were cut short", truncate, /is damaged or not a safetensors file/],
    ["that are none", fill("weights"), /is damaged or not a safetensors file/],
    ["of another network", (path) => cpSync(join(done.collect, "zoo/0001.safetensors"), path), /missing fc1\.weight/],
  ])("%s are refused by name, and may then be replaced", async (_, spoil, message) => {
    const weights = join(folders.make(), "weights.safetensors");
    cpSync(network(), weights);
    spoil(weights);
    const folder = folders.make();
    const error = await mistake(folder, { recipe: from(weights) });
    expect(error.code).toBe("E_CHECKPOINT");
    expect(error.message).toContain(weights);
    expect(error.message).toMatch(message);
    await run(folder, { recipe: from(network()), stages: ["collect"] });
  });
});

describe("a zoo from which nothing can be learned", () => {
  it("because all checkpoints are equal is refused", async () => {
    const equal = tinyRecipe({ zoo: { count: 4, batch: 50, lr: 1e-30 } });
    expect(await mistake(folders.make(), { recipe: equal })).toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(/^all checkpoints of the zoo are equal.*zoo\.lr/),
    });
  });

  it("because the autoencoder knows only its mean is refused, and kept", async () => {
    const gated = tinyRecipe({ autoencoder: { ...tinyRecipe().autoencoder, gate: 0.99 } });
    const folder = folders.make();
    const { code, message } = await mistake(folder, { recipe: gated });
    expect(code).toBe("E_GATE");
    expect(message).toContain("in the same folder, which keeps the zoo");
    await run(folder, { recipe: gated, ignoreGate: true, stages: ["fit"] });
  });
});

describe("a disk", () => {
  it.skipIf(!canMount)(
    "that fills up stops the run, which goes on when there is room (needs the right to mount)",
    async () => {
      const whole = tinyRecipe();
      const { folder: disk, release } = mountMemory(2 ** 20);
      try {
        const room = join(disk, "something-else");
        writeFileSync(room, Buffer.alloc(2 ** 19));
        const folder = join(disk, "run");
        const { code, message } = await mistake(folder, { recipe: whole });
        expect(code).toBe("E_DISK");
        expect(message).toMatch(/^cannot write \/.*: the disk is full; free some space and run the same command again/);
        const left = readdirSync(folder, { recursive: true }).map(String);
        expect(left.filter((name) => name.endsWith(".tmp"))).toEqual([]);
        expect(left.filter((name) => /zoo.\d/.test(name)).length).toBeGreaterThan(0);

        // More room: a larger disk, on which the same command continues.
        const larger = folders.make();
        cpSync(folder, larger, { recursive: true });
        const expected = folders.make();
        await run(expected, { recipe: whole });
        await run(larger, { recipe: whole });
        expect(fingerprint(larger)).toEqual(fingerprint(expected));
      } finally {
        release();
      }
    },
  );

  it.skipIf(!canMount)("that is read-only is refused (needs the right to mount)", async () => {
    const { folder: disk, freeze, release } = mountMemory(2 ** 24);
    try {
      cpSync(done.fit, join(disk, "run"), { recursive: true });
      freeze();
      for (const folder of [join(disk, "run"), join(disk, "new")]) {
        const { code, message } = await mistake(folder);
        expect(code).toBe("E_DISK");
        expect(message).toMatch(/^cannot write \/.*read-only.*choose another folder$/);
      }
    } finally {
      release();
    }
  });

  it("path that leads through a file is refused", async () => {
    const file = join(folders.make(), "file");
    writeFileSync(file, "");
    for (const folder of [file, join(file, "below")])
      expect(await mistake(folder)).toMatchObject({
        code: "E_DISK",
        message: expect.stringMatching(/^cannot write \/.*a file.* folder.*; choose another folder$/),
      });
  });
});

describe("the program says it in one line, on stderr, and exits with a code of its kind:", () => {
  const base =
    "data: { name: glyphs, selection: 50, train: 300, test: 100 }\nnetwork: { name: mlp, hidden: [8] }\nbase: { epochs: 1, batch: 50, lr: 1e-3, optimiser: adam, schedule: constant }\nzoo: { count: 8 }\n";
  it.each([
    [2, ["run", "none.yaml"], /cannot read recipe none\.yaml: there is no such file/],
    [2, ["run", "r.yaml", "zoo.select=none", "--dry-run"], /selection none matches no tensor/],
    [3, ["run", "r.yaml", "data.selection=300"], /leaves none to train on/],
    [1, ["run", "r.yaml", "--run", "r.yaml"], /cannot write r\.yaml: a file stands where a folder is needed/],
  ])("%i, %j", async (exit, words, message) => {
    const cwd = folders.make();
    writeFileSync(join(cwd, "r.yaml"), base);
    const { code, stdout, stderr } = await call(program, [...words, "--quiet"], { cwd });
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
    expect(stderr).toMatch(/^pdiff: [^\n]*\n$/);
    expect(stderr).toMatch(message);
  });
});
