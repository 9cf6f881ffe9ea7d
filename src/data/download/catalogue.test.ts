import { expect, it } from "vitest";

import { dataSetNames } from "../sets/known-sets.ts";
import { byHand, catalogue } from "./catalogue.ts";

const files = [...catalogue.values()].flatMap(({ files }) => files);

it("every data set is downloaded or described, but for glyphs and the user's own", () => {
  expect([...catalogue.keys(), ...byHand.keys(), "glyphs", "folder"].toSorted()).toEqual(dataSetNames.toSorted());
});

it("every file has mirrors that end in its name, a checksum and a bound of its size", () => {
  for (const { name, mirrors, bytes, mostBytes, md5, sha256 } of files) {
    expect(mirrors.length).toBeGreaterThan(0);
    for (const mirror of mirrors) expect(new URL(mirror).pathname.endsWith(`/${name}`)).toBe(true);
    expect(md5).toMatch(/^[\da-f]{32}$/);
    if (sha256 !== undefined) expect(sha256).toMatch(/^[\da-f]{64}$/);
    expect(bytes ?? mostBytes).toBeGreaterThan(0);
  }
});

it("archives, and nothing else, are unpacked", () => {
  for (const { name, unpack } of files) expect(unpack !== undefined).toBe(/\.(tar\.gz|tgz)$/.test(name));
});
