import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { locate, sourcesOf } from "./locate.ts";
import { refusal } from "./sets/data-folder.fixture.ts";
import { idxFolder } from "./sets/idx-folder.fixture.ts";

const { path, write, load } = idxFolder();

describe("the files of a set", () => {
  const files = ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];
  const place = (of: string) => files.map((file) => path(of, file));

  it("are found in the first folder that holds any of them, plain or compressed", () => {
    write({ folder: "b" });
    expect(locate("mnist", files, ["a", "b", "c"], path())).toEqual(place("b"));
    write({ folder: "a", zip: true });
    expect(locate("mnist", files, ["a", "b", "c"], path())).toEqual(place("a").map((file) => `${file}.gz`));
  });

  it("become sources by their place in the data folder", () => {
    expect(sourcesOf(place("a"), ["1", "2"], path())).toEqual(
      files.map((file, i) => ({ file: join("a", file), sha256: String(i + 1) })),
    );
  });

  it("are refused when absent, with the files expected, the folders searched and the way out", async () => {
    await expect(load()).rejects.toMatchObject({
      code: "E_DATA",
      message: `mnist is not in ${path("mnist")}, ${path("mnist", "raw")}, ${path("MNIST", "raw")}; get it: pdiff data get mnist, or set PDIFF_DATA=DIR where DIR/mnist holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (plain or .gz); glyphs needs no files`,
    });
    await expect(load({ root: undefined })).rejects.toMatchObject(
      refusal(
        /^mnist is read from files, and no data folder is known; get it: pdiff data get mnist, or set PDIFF_DATA=DIR/,
      ),
    );
  });

  it("are refused when one is missing, naming it", async () => {
    write({ without: "t10k-labels-idx1-ubyte" });
    await expect(load()).rejects.toMatchObject(refusal(/mnist lacks t10k-labels-idx1-ubyte; mnist needs train-images/));
  });
});
