/** What the files around the program promise: package.json, the container, hosted CI, citation. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import bundles from "../tsdown.config.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const lines = (path: string): string[] => read(path).split("\n");
const isHere = (path: string): boolean => existsSync(join(root, path));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly publishConfig: unknown;
}
const manifest: Manifest = JSON.parse(read("package.json"));
/** What the package holds beside `dist`. */
const shipped = manifest.files.filter((name) => name !== "dist" && !name.startsWith("!"));

describe("package.json", () => {
  it("names files that are there, and programs and modules that the build makes", () => {
    const built = Object.keys((bundles as { readonly entry: object }).entry).map((name) => `./dist/${name}.js`);
    const modules = Object.values(manifest.exports).flatMap((target) =>
      typeof target === "string" ? [] : [target.default],
    );
    expect([...Object.values(manifest.bin), ...modules].filter((file) => !built.includes(file))).toEqual([]);
    expect(shipped.filter((name) => !isHere(name))).toEqual([]);
  });

  it("builds before it packs, also where .npmrc ignores scripts", () => {
    expect(lines(".npmrc")).toContain("ignore-scripts=true");
    expect(manifest.scripts.prepack).toBe(manifest.scripts.build);
    expect(manifest.scripts.pack).toBe("npm pack --ignore-scripts=false");
    expect(manifest.publishConfig).toEqual({ "ignore-scripts": false });
  });

  it("has a program of the package's own name, which npx starts", () => {
    expect(manifest.bin).toHaveProperty([manifest.name]);
  });
});

describe("the container", () => {
  const dockerfile = lines("Dockerfile");
  const allowed = lines(".dockerignore")
    .filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));

  it("is built from what the package needs, and from nothing that is not there", () => {
    expect(lines(".dockerignore")).toContain("*");
    expect(allowed.filter((path) => !isHere(path))).toEqual([]);
    const needed = [...shipped, "LICENSE", "README.md", "package-lock.json", ".npmrc", "src", "tsdown.config.ts"];
    expect(needed.filter((path) => !allowed.includes(path))).toEqual([]);
  });

  it("starts a program of the package as a user that is not root", () => {
    expect(dockerfile.filter((line) => /^USER /.test(line))).toEqual(["USER node"]);
    const [, program = ""] = /^ENTRYPOINT \["(.*)"\]$/m.exec(read("Dockerfile")) ?? [];
    expect(Object.keys(manifest.bin)).toContain(program);
    expect(dockerfile.indexOf("USER node")).toBeLessThan(dockerfile.findIndex((line) => /^ENTRYPOINT /.test(line)));
  });

  it("removes libraries of other systems by the names that they have", () => {
    const removed = [...read("Dockerfile").matchAll(/onnxruntime-node\/bin\/napi-v\*\/(\w+)/g)].map(([, name]) => name);
    const bin = join(root, "node_modules/onnxruntime-node/bin");
    const [version = ""] = readdirSync(bin).filter((name) => name.startsWith("napi-v"));
    expect([...removed, "linux"].sort()).toEqual(readdirSync(join(bin, version)).sort());
  });
});

describe("hosted CI", () => {
  const workflow = parse(read(".github/workflows/ci.yml"));

  it("calls .ci/run, which is there and can be run", () => {
    const { steps } = workflow.jobs.check as { readonly steps: readonly { readonly run?: string }[] };
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual([".ci/run"]);
    expect(() => accessSync(join(root, ".ci/run"), constants.X_OK)).not.toThrow();
  });

  it("covers the oldest Node that the package supports, and two later ones", () => {
    const versions: readonly string[] = workflow.jobs.check.strategy.matrix.node;
    expect(versions).toEqual(["20.19", "22", "24"]);
    expect(manifest.engines.node).toBe(`>=${versions[0]}`);
  });
});

it("CITATION.cff has the version and licence of the package, and names the paper", () => {
  const { version, license, references, authors } = parse(read("CITATION.cff"));
  expect({ version, license }).toEqual({ version: manifest.version, license: manifest.license });
  expect(read("LICENSE")).toContain(authors[0].name);
  expect(references[0]).toMatchObject({ title: "Neural Network Diffusion", year: 2024 });
  expect(references[0].url).toContain("2402.13144");
});

it("every issue form asks for something, and names each field once", () => {
  const forms = readdirSync(join(root, ".github/ISSUE_TEMPLATE")).filter((name) => name !== "config.yml");
  expect(forms.sort()).toEqual(["bug.yml", "verdict.yml"]);
  for (const form of forms) {
    const { name, description, body } = parse(read(`.github/ISSUE_TEMPLATE/${form}`));
    expect([typeof name, typeof description]).toEqual(["string", "string"]);
    const fields: readonly { readonly id?: string; readonly type: string }[] = body;
    const ids = fields.flatMap(({ id, type }) => (type === "markdown" ? [] : [id]));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(undefined);
  }
});
