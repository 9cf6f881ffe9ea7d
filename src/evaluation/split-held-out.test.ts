import { describe, expect, it } from "vitest";

import { splitHeldOut } from "./split-held-out.ts";

const networks = ["a", "b", "c", "d", "e"];

describe("splitHeldOut", () => {
  it("never audits with a network that chooses", () => {
    const { choose, audit } = splitHeldOut(networks, true);
    expect(choose.filter((network) => audit.includes(network))).toEqual([]);
    expect([...choose, ...audit].sort()).toEqual(networks);
  });

  it("lets even places choose and odd places audit", () => {
    expect(splitHeldOut(networks, true)).toEqual({ choose: ["a", "c", "e"], audit: ["b", "d"] });
  });

  it("audits with all networks when none chooses", () => {
    expect(splitHeldOut(networks, false)).toEqual({ choose: [], audit: networks });
  });

  it.each([0, 1])("leaves nobody to audit when %i network chooses", (count) => {
    expect(splitHeldOut(networks.slice(0, count), true).audit).toEqual([]);
  });
});
