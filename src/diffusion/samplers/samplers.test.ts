import { expect, it } from "vitest";

import { draw } from "./flow-sampler.fixture.ts";
import { sampler, samplers } from "./samplers.ts";

it("builds the sampler of a type", () => {
  expect(sampler({ type: "heun", steps: 7 })).toEqual({ type: "heun", objective: "flow", steps: 7, corrects: true });
});

it("every sampler builds one of its own name and objective", () => {
  for (const part of samplers) {
    const built = sampler({ type: part.type, steps: 3, eta: 0, variance: "large", clip: null } as never);
    expect([built.type, built.objective]).toEqual([part.type, part.objective]);
  }
});

it("refuses a type that is not among the parts, naming those that are", () => {
  const [ddpm] = samplers;
  expect(() => sampler({ type: "ddmp" }, samplers)).toThrow(/unknown sampler "ddmp".*Did you mean ddpm\?/);
  expect(() => sampler({ type: "heun" }, [ddpm!])).toThrow(/unknown sampler "heun"/);
});

it("a sampler that removes noise does not follow velocities", async () => {
  await expect(draw({ type: "ddim", steps: 5, eta: 0, clip: null })).rejects.toThrow("ddim removes noise");
});
