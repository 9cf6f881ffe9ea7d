import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { UserError } from "../errors.ts";
import { isStatistic, type TensorKind } from "../graph/index.ts";
import { layoutOf } from "./layout.ts";
import { select } from "./selection.ts";

const layer = (name: string, kind: TensorKind, ...tensors: string[]) =>
  tensors.map((tensor) => ({ name: name === "" ? tensor : `${name}.${tensor}`, shape: [2], kind }));

const layout = layoutOf([
  ...layer("", "other", "cls_token"),
  ...layer("conv1", "conv", "weight"),
  ...layer("bn1", "norm", "weight", "bias", "running_mean"),
  ...layer("layer1.0.conv1", "conv", "weight"),
  ...layer("layer1.0.bn1", "norm", "weight", "bias", "running_mean"),
  ...layer("fc", "linear", "weight", "bias"),
]);

const names = (selection: string | readonly string[]) => select(layout, selection).map(({ name }) => name);

function messageOf(selection: string | readonly string[]): string {
  try {
    select(layout, selection);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).code).toBe("E_CONFIG");
    expect((error as UserError).message).not.toMatch(/\n/);
    return (error as UserError).message;
  }
  throw new Error(`${selection} was accepted`);
}

describe("a selection", () => {
  it("of all is every tensor", () => {
    expect(select(layout, "all")).toEqual(layout.entries);
  });

  it("of names may use * for any characters, dots included, and ? for one", () => {
    expect(names("fc.weight")).toEqual(["fc.weight"]);
    expect(names("*.conv1.*")).toEqual(["layer1.0.conv1.weight"]);
    expect(names("layer?.?.*.bias")).toEqual(["layer1.0.bn1.bias"]);
    expect(names("*conv1*t")).toEqual(["conv1.weight", "layer1.0.conv1.weight"]);
  });

  it("of several terms keeps the order of the layout", () => {
    expect(names("fc.bias, bn1.bias")).toEqual(["bn1.bias", "fc.bias"]);
    expect(names(["fc.bias", "bn1.bias", "fc.*"])).toEqual(["bn1.bias", "fc.weight", "fc.bias"]);
  });

  it("removes what follows a !, from what was chosen before", () => {
    expect(names("fc.*,!*.bias")).toEqual(["fc.weight"]);
    expect(names("fc.*,!*.bias,bn1.bias")).toEqual(["bn1.bias", "fc.weight"]);
    expect(names("all,!last-layers:5")).toEqual(["cls_token"]);
  });

  it("of the last normalisation layers is their weights and biases", () => {
    expect(names("last-norms:1")).toEqual(["layer1.0.bn1.weight", "layer1.0.bn1.bias"]);
    expect(names("last-norms:2")).toEqual(["bn1.weight", "bn1.bias", "layer1.0.bn1.weight", "layer1.0.bn1.bias"]);
  });

  it("of the last layers is all their tensors; tensors without a layer's name belong to the network itself", () => {
    expect(names("last-layers:1")).toEqual(["fc.weight", "fc.bias"]);
    expect(names("last-layers:2")).toHaveLength(5);
    expect(names("last-layers:6")).toHaveLength(layout.entries.length);
  });

  it("that matches nothing is refused, with the nearest name and the names there are", () => {
    expect(messageOf("fc.wieght")).toBe(
      "selection fc.wieght matches no tensor. Did you mean fc.weight? Tensors: cls_token, conv1.weight, bn1.weight, " +
        "bn1.bias, bn1.running_mean, layer1.0.conv1.weight, layer1.0.bn1.weight, layer1.0.bn1.bias and 3 more.",
    );
    expect(messageOf("last-norm:1")).toContain("Did you mean last-norms:1?");
    expect(messageOf("all,!head.*")).toContain("selection head.* matches no tensor. Tensors:");
    expect(messageOf("fc.*,!fc.*")).toBe(
      "the selection fc.*,!fc.* leaves no tensor; remove fewer".replace(/fc\S+/, (s) => JSON.stringify(s)),
    );
  });

  it("of more layers than there are is refused", () => {
    expect(messageOf("last-norms:3")).toContain("last-norms:3 asks for more normalisation layers than the 2 there are");
    expect(messageOf("last-layers:7")).toContain("more layers than the 6 there are");
  });

  it("that is malformed is refused", () => {
    for (const malformed of ["last-norms:", "last-norms:0", "last-layers:-1", "last-layers:1.5", "last-norms:two"])
      expect(messageOf(malformed)).toContain(`${malformed} needs a whole number from 1`);
    for (const malformed of ["", "all,,fc.*", "all,!", "  "]) expect(messageOf(malformed)).toContain("empty term");
    expect(messageOf("!fc.*")).toContain("write all,!fc.*");
    expect(messageOf([])).toContain("leaves no tensor");
  });

  it("matches exactly what the same regular expression matches", () => {
    const letters = (...of: string[]) => fc.string({ unit: fc.constantFrom(...of), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(letters("a", "b", "é", "😀"), letters("a", "b", "😀", "*", "?"), (name, glob) => {
        const regex = new RegExp(`^${glob.replace(/\*/g, ".*").replace(/\?/g, ".")}$`, "su");
        const single = layoutOf([{ name, shape: [] }]);
        if (regex.test(name)) expect(select(single, [glob])).toEqual(single.entries);
        else expect(() => select(single, [glob])).toThrow(UserError);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("running statistics", () => {
  const network = layoutOf([
    ...layer("conv1", "conv", "weight"),
    ...layer("bn1", "norm", "weight", "bias"),
    ...layer("bn1", "running-mean", "running_mean"),
    ...layer("bn1", "running-variance", "running_var"),
    ...layer("fc", "linear", "weight", "bias"),
    ...layer("bn2", "norm", "weight", "bias"),
    ...layer("bn2", "running-mean", "running_mean"),
    ...layer("bn2", "running-variance", "running_var"),
  ]);
  const chosen = (selection: string) => select(network, selection).map(({ name }) => name);
  const parameters = network.entries.filter(({ kind }) => !isStatistic(kind)).map(({ name }) => name);

  it("are chosen with everything", () => {
    expect(select(network, "all")).toEqual(network.entries);
  });

  it("are chosen neither by layers nor by names", () => {
    expect(chosen("last-norms:1")).toEqual(["bn2.weight", "bn2.bias"]);
    expect(chosen("last-layers:1")).toEqual(["bn2.weight", "bn2.bias"]);
    expect(chosen("last-layers:4")).toEqual(parameters);
    expect(chosen("bn?.*")).toEqual(["bn1.weight", "bn1.bias", "bn2.weight", "bn2.bias"]);
    expect(chosen("*")).toEqual(parameters);
    for (const selection of ["bn1.running_mean", "fc.*,*.running_var"])
      expect(() => select(network, selection)).toThrow(
        /^selection \S+running_\w+ matches no tensor\..* Tensors: conv1/,
      );
  });

  it("can be taken out of everything, by name and with their layers", () => {
    expect(chosen("all,!*.running_*")).toEqual(parameters);
    expect(chosen("all,!bn1.running_mean,!fc.*")).toEqual([
      "conv1.weight",
      "bn1.weight",
      "bn1.bias",
      "bn1.running_var",
      "bn2.weight",
      "bn2.bias",
      "bn2.running_mean",
      "bn2.running_var",
    ]);
    expect(chosen("all,!last-layers:3")).toEqual(["conv1.weight"]);
  });
});
