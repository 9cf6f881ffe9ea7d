import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { layOut, type Text } from "../terminal/layout.ts";
import { terminal } from "../terminal/terminal.ts";
import { config } from "./config.ts";

/** What the verb prints as text and as JSON, and what it says besides. */
async function print(name?: string, ...overrides: readonly string[]) {
  const printed = { value: undefined as unknown, text: "", said: "" };
  const result = (value: unknown, text: Text) => void Object.assign(printed, { value, text: layOut(text, Infinity) });
  const next = (said: string) => void Object.assign(printed, { said });
  await config({ ...terminal({}), result, next }, name, overrides);
  return printed;
}

describe("pdiff config", () => {
  it("lists the sections of a recipe, each in a line", async () => {
    const { text, said } = await print();
    const names = text.split("\n").map((line) => /^(\w+) +\S.*\.$/.exec(line)?.[1]);
    expect(names).toEqual(expect.arrayContaining(["name", "zoo", "diffusion", "measure"]));
    expect(said).toMatch(/^\S+ config zoo$/);
  });

  it("lists the keys of a section with their meanings and defaults", async () => {
    const { text } = await print("zoo");
    expect(text).toMatch(/^zoo\nThe zoo: [^\n]+\n\nkind +/);
    expect(text).toMatch(/^references +Number of [^\n]+\(default 3\)$/m);
    expect((await print("sampler")).text).toMatch(/^type +One of ddpm, ddim, /m);
  });

  it.each([
    [
      "zoo.count",
      /^zoo\.count\nK, [^\n]+\n\ntype +whole number, at least 2, at most 100000\ndefault +required\nstage +collect /,
    ],
    ["diffusion.ema", /^diffusion\.ema\n[^\n]+\n\ntype +number, or null, at least 0, at most 1\n/],
    ["sampler.steps", /^sample\.sampler\.steps\n[\s\S]*^with +type: heun$/m],
    ["base.optimizer", /^base\.optimiser\n[\s\S]*^momentum +Momentum: /m],
    ["diffusion.training.steps", /^preset small, tokens, linear +3000$/m],
    ["data.normalize", /^choices +own, imagenet, [\s\S]*^std +Standard deviation/m],
  ])("explains %s", async (name, text) => {
    expect((await print(name)).text).toMatch(text);
  });

  it("prints a recipe with all of its values, and overrides in them", async () => {
    const { text, value } = await print("glyphs-cnn", "base.optimizer=sgd");
    expect(value).toMatchObject({
      name: "glyphs-cnn",
      base: { optimiser: { type: "sgd", momentum: 0.9 } },
      audit: { draws: 20, compared: 400 },
    });
    expect(parse(text)).toEqual(value);
  });

  it("gives keys with the first stage that reads them with --json", async () => {
    expect((await print("lr")).value).toMatchObject([
      { path: "base.lr", firstStage: "collect" },
      { path: "zoo.lr", firstStage: "collect" },
      { path: "autoencoder.training.lr", firstStage: "fit" },
      { path: "diffusion.training.lr", firstStage: "fit" },
    ]);
  });

  it.each([
    ["zou", 'there is no recipe key and no recipe "zou". Did you mean zoo?'],
    ["training.emma", 'there is no recipe key and no recipe "training.emma".'],
    ["zoo.count=20", "expected a recipe before zoo.count=20, as in"],
    ["recipes/none.yaml", "cannot read recipe recipes/none.yaml: there is no such file"],
  ])("refuses %s with what to do", async (name, message) => {
    await expect(print(name)).rejects.toThrow(message);
  });
});
