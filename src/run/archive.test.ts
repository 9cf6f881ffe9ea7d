import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fingerprint, run as runTiny, temporaryFolders, tinyLinear, tinyRecipe } from "../../test/support/tiny-run.ts";
import { thisProcess } from "../files/index.ts";
import { archiveRun, unpackRun } from "./archive.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

describe("the archive of a run", () => {
  let run: string;
  beforeAll(async () => {
    run = folders.make();
    await runTiny(run, { recipe: tinyRecipe(tinyLinear), stages: ["collect", "fit"] });
  });

  it("is the same whenever it is made, and unpacks to the same files", async () => {
    const [a, b] = [join(folders.make(), "a.tar"), join(folders.make(), "b.tar")];
    await archiveRun(run, a);
    await archiveRun(run, b);
    expect(readFileSync(a)).toEqual(readFileSync(b));
    const there = join(folders.make(), "there");
    await unpackRun(a, there);
    expect(fingerprint(there)).toEqual(fingerprint(run));
  });

  it("is continued by another machine and ends as the run itself", async () => {
    const archive = join(folders.make(), "run.tar");
    await archiveRun(run, archive);
    const there = join(folders.make(), "there");
    await unpackRun(archive, there);
    const here = folders.make();
    cpSync(run, here, { recursive: true });
    for (const folder of [here, there]) await runTiny(folder, { recipe: tinyRecipe(tinyLinear), stages: ["sample"] });
    const samples = (folder: string) => fingerprint(join(folder, "samples"));
    expect(samples(there)).toEqual(samples(here));
  });

  it("leaves out what is half written, itself, and folders that are not of the run", async () => {
    const own = folders.make();
    cpSync(run, own, { recursive: true });
    mkdirSync(join(own, "checkpoints"));
    writeFileSync(join(own, "checkpoints", "0001.pth"), "x");
    writeFileSync(join(own, "zoo", "0001.safetensors.1-1.tmp"), "x");
    const archive = join(own, "run.tar");
    await archiveRun(own, archive, [join(own, "checkpoints")]);
    const there = join(folders.make(), "there");
    await unpackRun(archive, there);
    expect(fingerprint(there)).toEqual(fingerprint(run));
  });

  it("removes what killed exports and imports of the same name left", async () => {
    const parent = folders.make();
    const { machine, started } = thisProcess();
    const left = (name: string) => join(parent, `${name}.${machine}-${2 ** 22 + 1}-${started}-1.tmp`);
    writeFileSync(left("run.tar"), "x");
    mkdirSync(join(left("there"), "zoo"), { recursive: true });
    await archiveRun(run, join(parent, "run.tar"));
    await unpackRun(join(parent, "run.tar"), join(parent, "there"));
    expect(readdirSync(parent).sort()).toEqual(["run.tar", "there"]);
  });

  it("is refused where it would replace something, or is none", async () => {
    const archive = join(folders.make(), "run.tar");
    await archiveRun(run, archive);
    await expect(unpackRun(archive, run)).rejects.toMatchObject({ code: "E_RUN" });
    await expect(unpackRun(join(run, "no.tar"), join(folders.make(), "x"))).rejects.toMatchObject({ code: "E_RUN" });

    const other = pack();
    other.entry({ name: "something/else.txt" }, "x");
    other.finalize();
    const bytes = [];
    for await (const chunk of other) bytes.push(chunk as Buffer);
    const path = join(folders.make(), "other.tar");
    writeFileSync(path, Buffer.concat(bytes));
    const there = join(folders.make(), "there");
    await expect(unpackRun(path, there)).rejects.toMatchObject({
      code: "E_RUN",
      message: expect.stringContaining("holds no run"),
    });
    expect(existsSync(there)).toBe(false);
    expect(basename(there)).toBe("there");
  });
});
