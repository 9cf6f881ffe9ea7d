import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { checkpointFiles, findCheckpoints, passedOverNote } from "./find-checkpoints.ts";
import { agentOf, zipOf } from "./formats/torch/pth.fixture.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

/** A folder of empty files. */
async function folderOf(...names: readonly string[]): Promise<string> {
  const folder = folders.make();
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), "");
  }
  return folder;
}

describe("the files of a set", () => {
  it("are sorted by the numbers in their names when they come from a folder or a pattern", async () => {
    const folder = await folderOf("step-10.safetensors", "step-2.safetensors", "step-1.safetensors");
    const sorted = [1, 2, 10].map((step) => join(folder, `step-${step}.safetensors`));
    expect(await checkpointFiles(folder)).toEqual(sorted);
    const matched = await checkpointFiles(join(folder, "*.safetensors"));
    expect(matched.map((file) => resolve(file))).toEqual(sorted);
  });

  it("are each there once when several patterns name them", async () => {
    const folder = await folderOf("a.safetensors", "b.safetensors");
    const [a, b] = [join(folder, "a.safetensors"), join(folder, "b.safetensors")];
    expect(await checkpointFiles([b, folder, a])).toEqual([b, a]);
  });

  it("leave out what lies in folders below a folder that has some", async () => {
    const folder = await folderOf("a.safetensors", "below/b.safetensors");
    expect(await checkpointFiles(folder)).toEqual([join(folder, "a.safetensors")]);
  });

  it.each([
    ["a path", "gone.safetensors", "there is no such file"],
    ["a pattern", "*.gone", "names no file"],
    ["a folder", "", "holds no checkpoints"],
  ])("throw when %s names none", async (_, name, problem) => {
    const error = { code: "E_CHECKPOINT", message: expect.stringContaining(problem) };
    await expect(checkpointFiles(join(folders.make(), name))).rejects.toMatchObject(error);
  });
});

/** Paths from the folder. */
const from = (folder: string, files: readonly string[]) => files.map((file) => relative(folder, file));

describe("the folders of trainers", () => {
  const steps = ["checkpoint-500", "checkpoint-1000"];

  it("hold one network each, and the rest is passed over and named", async () => {
    const beside = ["optimizer.pt", "scheduler.pt", "rng_state.pth", "rng_state_0.pth", "training_args.bin"];
    const folder = await folderOf(
      ...steps.flatMap((step) => ["adapter_model.safetensors", ...beside].map((name) => `${step}/${name}`)),
    );
    const weights = steps.map((step) => `${step}/adapter_model.safetensors`);
    for (const pattern of [folder, join(folder, "checkpoint-*")]) {
      const { files, passedOver } = await findCheckpoints(pattern);
      expect(
        from(
          folder,
          files.map((file) => resolve(file)),
        ),
      ).toEqual(weights);
      expect(passedOver).toHaveLength(10);
      expect(passedOverNote(passedOver)).toEqual([expect.stringMatching(/^passed over 10 files .*optimizer\.pt/)]);
    }
    const { files } = await findCheckpoints(join(folder, "checkpoint-500"));
    expect(from(folder, files)).toEqual(["checkpoint-500/adapter_model.safetensors"]);
  });

  it("hold a network once where it is there in two formats", async () => {
    const folder = await folderOf("model.safetensors", "pytorch_model.bin", "optimizer.bin");
    const { files, passedOver } = await findCheckpoints(folder);
    expect(from(folder, files)).toEqual(["model.safetensors"]);
    expect(from(folder, passedOver).sort()).toEqual(["optimizer.bin", "pytorch_model.bin"]);
  });

  it("are looked through as Lightning nests them", async () => {
    const folder = await folderOf("version_0/checkpoints/epoch=1.ckpt", "version_0/checkpoints/epoch=10.ckpt");
    expect(from(folder, await checkpointFiles(folder))).toEqual([
      "version_0/checkpoints/epoch=1.ckpt",
      "version_0/checkpoints/epoch=10.ckpt",
    ]);
  });

  it("take a file for a checkpoint that is named itself", async () => {
    const folder = await folderOf("optimizer.pt");
    const file = join(folder, "optimizer.pt");
    expect(await findCheckpoints(file)).toEqual({ files: [file], passedOver: [] });
  });
});

it("finds files that end in .pth.tar", async () => {
  const folder = await folderOf("a.pth.tar", "b.tar");
  expect(from(folder, await checkpointFiles(folder))).toEqual(["a.pth.tar"]);
});

describe("a folder of agents", () => {
  it("holds the archives with a policy, and those that are damaged", async () => {
    const folder = await folderOf("evaluations.npz", "broken.zip");
    for (const name of ["agent_100_steps.zip", "agent_20_steps.zip"])
      writeFileSync(join(folder, name), agentOf(new Uint8Array()));
    writeFileSync(join(folder, "logs.zip"), zipOf([["a.txt", new Uint8Array()]]));
    const { files, passedOver } = await findCheckpoints(folder);
    expect(from(folder, files)).toEqual(["agent_20_steps.zip", "agent_100_steps.zip", "broken.zip"]);
    expect(from(folder, passedOver)).toEqual(["evaluations.npz"]);
  });

  it("is distinguished from one of checkpoints with other archives beside them", async () => {
    const folder = await folderOf("a.pth", "broken.zip");
    writeFileSync(join(folder, "images.zip"), zipOf([["a.png", new Uint8Array()]]));
    expect(from(folder, await checkpointFiles(folder))).toEqual(["a.pth"]);
  });
});
