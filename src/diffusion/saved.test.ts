import { expect, it } from "vitest";

import {
  normalisationTensors,
  type Saved,
  savedNormalisation,
  savedState,
  stateTensors,
  type Tensors,
} from "./saved.ts";

/** What was saved, by name. */
const saved = (tensors: Tensors): Saved => ({
  get(name) {
    const found = tensors[name];
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  },
  find: (name) => tensors[name],
});

it("the state of a network comes back, and has running statistics only where there are any", () => {
  const state = { theta: Float32Array.of(1, 2), buffers: Float32Array.of(3) };
  expect(savedState(saved(stateTensors(state)))).toEqual(state);
  const plain = { ...state, buffers: new Float32Array() };
  expect(Object.keys(stateTensors(plain))).toEqual(["theta"]);
  expect(savedState(saved(stateTensors(plain)))).toEqual(plain);
});

it("a normalisation comes back, and has references only where there are any", () => {
  const all = { mean: Float32Array.of(1, 2), scale: Float32Array.of(3, 4), reference: Float32Array.of(0, 5) };
  expect(savedNormalisation(saved(normalisationTensors(all)))).toEqual(all);
  const plain = { ...all, reference: new Float32Array(2) };
  expect(Object.keys(normalisationTensors(plain))).toEqual(["normalisation.mean", "normalisation.scale"]);
  expect(savedNormalisation(saved(normalisationTensors(plain)))).toEqual(plain);
});
