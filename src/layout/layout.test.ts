import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { UserError } from "../errors.ts";
import { flatten, layoutOf, restrict, type TensorSpec, unflatten } from "./layout.ts";

const specs = fc.uniqueArray(
  fc.record({ name: fc.string({ unit: "binary" }), shape: fc.array(fc.nat(4), { maxLength: 3 }) }),
  { selector: ({ name }: TensorSpec) => name, maxLength: 12 },
);

/** A vector of distinct numbers. */
const counting = (size: number) => Float32Array.from({ length: size }, (_, i) => i + 1);

describe("a layout", () => {
  it("puts tensors one after another, in the given order", () => {
    const layout = layoutOf([
      { name: "fc.weight", shape: [2, 3], kind: "linear" },
      { name: "empty", shape: [0, 5] },
      { name: "scale", shape: [] },
    ]);
    expect(layout).toEqual({
      size: 7,
      entries: [
        { name: "fc.weight", shape: [2, 3], kind: "linear", offset: 0, size: 6 },
        { name: "empty", shape: [0, 5], offset: 6, size: 0 },
        { name: "scale", shape: [], offset: 6, size: 1 },
      ],
    });
  });

  it("refuses repeated names and impossible shapes", () => {
    const named = (name: string, ...shape: number[]) => ({ name, shape });
    expect(() => layoutOf([named("a", 1), named("a", 2)])).toThrow("two tensors are named a");
    for (const dimension of [-1, 0.5, Number.NaN])
      expect(() => layoutOf([named("a", 2, dimension)])).toThrow("impossible shape");
  });
});

describe("flatten and unflatten", () => {
  it("undo each other", () => {
    fc.assert(
      fc.property(specs, (list) => {
        const layout = layoutOf(list);
        const flat = counting(layout.size);
        const tensors = unflatten(layout, flat);
        expect([...tensors.keys()]).toEqual(list.map(({ name }) => name));
        expect(flatten(layout, tensors)).toEqual(flat);
      }),
    );
  });

  it("give views of the vector and write into a given one", () => {
    const layout = layoutOf([
      { name: "a", shape: [1] },
      { name: "b", shape: [2] },
    ]);
    const flat = counting(3);
    unflatten(layout, flat).get("b")![1] = 9;
    expect(flat).toEqual(Float32Array.of(1, 2, 9));
    const into = new Float32Array(3);
    expect(flatten(layout, unflatten(layout, flat), into)).toBe(into);
    expect(into).toEqual(flat);
    expect(() => unflatten(layout, counting(4))).toThrow(RangeError);
    expect(() => flatten(layout, unflatten(layout, flat), counting(4))).toThrow(RangeError);
  });

  it("refuse tensors that are missing, unexpected or of another size, naming them", () => {
    const layout = layoutOf([
      { name: "a", shape: [1] },
      { name: "b", shape: [2] },
    ]);
    const refused = () =>
      flatten(
        layout,
        new Map([
          ["b", counting(3)],
          ["c\n", counting(1)],
        ]),
      );
    expect(refused).toThrow(UserError);
    expect(refused).toThrow('missing a; unexpected "c\\n"; b has 3 values, expected 2');
  });

  it("keep the message short where many tensors are missing", () => {
    const layout = layoutOf(Array.from({ length: 100 }, (_, i) => ({ name: `t${i}`, shape: [] })));
    expect(() => flatten(layout, new Map())).toThrow("missing t0, t1, t2, t3, t4, t5, t6, t7 and 92 more;");
  });
});

describe("restrict", () => {
  it("keeps the named tensors, their order and their values", () => {
    fc.assert(
      fc.property(specs, fc.infiniteStream(fc.boolean()), (list, coin) => {
        const layout = layoutOf(list);
        const names = new Set(list.map(({ name }) => name).filter(() => coin.next().value));
        const part = restrict(layout, names);
        expect(part.entries.map(({ name }) => name)).toEqual([...names]);
        const tensors = unflatten(layout, counting(layout.size));
        const kept = new Map([...tensors].filter(([name]) => names.has(name)));
        expect(unflatten(part, flatten(part, kept))).toEqual(kept);
      }),
    );
  });

  it("refuses names that are not there", () => {
    expect(() => restrict(layoutOf([{ name: "a", shape: [] }]), new Set(["a", "x"]))).toThrow("not in the layout: x");
  });
});
