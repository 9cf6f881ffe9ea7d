import { describe, expect, it } from "vitest";

import { readPythonCifar } from "./cifar-python.ts";
import { dataFolder, refusal } from "./sets/data-folder.fixture.ts";
import { bytesOf } from "./split.fixture.ts";

const { load, path, write } = dataFolder();

describe("the Python version of CIFAR", () => {
  /**
   * A pickle of protocol 2 as Python 2 writes it, of a dict with an array of bytes and a list of
   * numbers.
   */
  function batch(labels: readonly number[], more = ""): Buffer {
    const text = (s: string) => `U${String.fromCharCode(s.length)}${s}`;
    const data = Buffer.from(Array.from({ length: labels.length * 3072 }, (_, i) => (i + labels[0]!) % 256));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(data.length);
    const int32 = (n: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(n);
      return `J${bytes.toString("latin1")}`;
    };
    const dtype = `cnumpy\ndtype\n(${text("u1")}K\0K\x01tR(K\x03${text("|")}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb`;
    const array = `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0t${text("b")}tR(K\x01(${int32(labels.length)}${int32(3072)}t${dtype}\x89T${length.toString("latin1")}${data.toString("latin1")}tb`;
    const list = `](${labels.map((n) => `K${String.fromCharCode(n)}`).join("")}e`;
    return Buffer.from(
      `\x80\x02}(${text("data")}${array}${text("labels")}${list}${text("batch_label")}${text("one")}${more}u.`,
      "latin1",
    );
  }

  it("is read when there is no binary version", async () => {
    for (const i of [1, 2, 3, 4, 5]) write(`cifar-10-batches-py/data_batch_${i}`, batch([i, 9]));
    write("cifar-10-batches-py/test_batch", batch([0, 7, 3]));
    const { train, selection, test, sources } = await load({ name: "cifar-10", size: 32 });
    expect([train.count + selection.count, [...test.labels]]).toEqual([10, [0, 7, 3]]);
    expect(bytesOf(test).subarray(3070, 3074)).toEqual(Uint8Array.of(3070 % 256, 3071 % 256, 3072 % 256, 3073 % 256));
    expect(sources).toHaveLength(6);
  });

  it.each<[string, Buffer, RegExp]>([
    [
      "calls code",
      Buffer.from("\x80\x02cos\nsystem\n(U\x02lstR.", "latin1"),
      /asks for the Python object os\.system, which no data set needs; it was not run/,
    ],
    ["names an object of another module", Buffer.from("\x80\x02cbuiltins\neval\n.", "latin1"), /builtins\.eval/],
    ["ends too early", batch([1, 2]).subarray(0, 4000), /it ends too early/],
    ["is no dict", Buffer.from("\x80\x02K\x01.", "latin1"), /it holds no dict/],
    ["has labels beyond ten", batch([1, 99]), /gives image 1 a label that is none of 0 to 9/],
  ])("is refused when a pickle %s", async (_, content, message) => {
    write("batch", content);
    const read = readPythonCifar([path("batch")], { name: "labels", values: 10 });
    await expect(read).rejects.toMatchObject(refusal(message));
  });
});
