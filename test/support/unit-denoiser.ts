/** A denoiser of hidden units with random weights, for tests of what it does with their order. */
import { expect } from "vitest";

import { denoiser } from "../../src/diffusion/denoisers/denoisers.ts";
import { flowPath } from "../../src/diffusion/process.ts";
import { type TokenShape, unitTokens } from "../../src/diffusion/unit-tokens.ts";
import { input } from "../../src/graph/index.ts";
import { countOf, trace } from "../../src/nn/index.ts";
import { key, normal } from "../../src/random/index.ts";
import { shallow } from "../../src/symmetry/hidden-units.fixture.ts";
import { parametersOf } from "../../src/symmetry/index.ts";

const options = { type: "units", width: 16, blocks: 2, heads: 4 } as const;

/** The denoiser of tokens. */
export const unitDenoiserOf = (tokens: TokenShape) => denoiser(options, { steps: 100, tokens });

/** Its path from data to noise. */
export const path = flowPath({ steps: 100, uniform: 0.5, location: 0, preconditioned: false });

/** Random weights, far from their beginnings, where every block is the identity. */
export function unitState(tokens: TokenShape, latent: number, seed: number) {
  const { parameters } = trace((at) => unitDenoiserOf(tokens)(at, input("x", [1, latent]), input("t", [1], "int32")), {
    training: false,
  });
  return { theta: normal(key(seed), countOf(parameters)).map((w) => 0.2 * w), buffers: new Float32Array() };
}

/** The tokens of one hidden layer, and their denoiser. */
export const tokens = unitTokens(shallow);
export const D = parametersOf(shallow);
export const network = unitDenoiserOf(tokens);
export const state = unitState(tokens, D, 1);

/** Expects numbers to be equal to four digits. */
export const expectClose = (a: Float32Array, b: Float32Array): void =>
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i]!, 4);
  });
