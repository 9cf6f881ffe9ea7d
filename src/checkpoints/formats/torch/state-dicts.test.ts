import { describe, expect, it } from "vitest";

import { InertValue } from "../../../files/index.ts";
import { findStateDict } from "./state-dicts.ts";

const refuse = (problem: string, advice: string): never => {
  throw new Error(`${problem}; ${advice}`);
};
const tensor = (name: string) => ({ storage: name, offset: 0, shape: [], strides: [], properties: undefined });
const dict = (...names: readonly string[]) => new Map<unknown, unknown>(names.map((name) => [name, tensor(name)]));
const nest = (entries: Readonly<Record<string, unknown>>) => new Map<unknown, unknown>(Object.entries(entries));
const find = (value: unknown, key?: string) => {
  const { tensors, beside } = findStateDict(value, refuse, key);
  return { names: [...tensors.keys()], beside };
};

describe("the state dict of a checkpoint", () => {
  const withEma = nest({ epoch: 3, state_dict: dict("w"), state_dict_ema: dict("ema"), optimizer: dict("m") });

  it("is the one under the usual key, and a second network beside it is named", () => {
    expect(find(withEma)).toEqual({
      names: ["w"],
      beside: ["tensors under state_dict_ema (--key state_dict_ema chooses them)"],
    });
  });

  it("is the one that a key names, or a part of a key", () => {
    expect(find(withEma, "state_dict_ema").names).toEqual(["ema"]);
    expect(find(withEma, "EMA").names).toEqual(["ema"]);
    expect(find(nest({ nets: nest({ actor: dict("a"), critic: dict("c") }) }), "nets.critic").names).toEqual(["c"]);
  });

  it("is refused where several are meant, with how to choose", () => {
    const two = nest({ actor: dict("a"), critic: dict("c") });
    expect(() => find(two)).toThrow("several dicts of tensors, under actor, critic; choose one, as in --key actor");
    expect(find(two, "critic").names).toEqual(["c"]);
    expect(() => find(two, "c")).toThrow("several dicts of tensors under the key c; there is actor, critic");
    expect(() => find(two, "ema")).toThrow("no dict of tensors under the key ema; there is actor, critic");
  });

  it("is distinguished from the state of random numbers", () => {
    expect(find(nest({ rng_state: dict("cpu"), weights: dict("w") }))).toEqual({ names: ["w"], beside: [] });
  });

  it("names what stands among its tensors and is none", () => {
    const state = dict("w");
    state.set("table", new InertValue("numpy._core.multiarray._reconstruct"));
    expect(find(nest({ model: state })).beside).toEqual(["table, made by numpy._core.multiarray._reconstruct"]);
  });

  it("lists a dict once, however often it is referred to", () => {
    const shared = dict("w");
    expect(find(nest({ net: shared, again: shared })).beside).toEqual([]);
  });
});
