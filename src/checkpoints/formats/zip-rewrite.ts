/**
 * Rewrites zip archives with other content of some entries, of the same length. If the entries are
 * stored uncompressed, as PyTorch and NumPy do, all other bytes stay except the checksums. A
 * compressed archive is written again, with the same names, times and order.
 */

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { ZipFile } from "yazl";
import { writeAtomic } from "../../files/index.ts";
import { get, given } from "../../lookup.ts";
import { copyPatched, type Patch } from "./patched-copy.ts";
import { type PlainFile, withPlainFile } from "./plain-file.ts";
import { budgetOf } from "./torch/torch-tensors.ts";
import { openZip, type ZipArchive } from "./zip.ts";

/**
 * Writes a copy of an archive.
 * @param replaced whole contents by entry, each as long as what it replaces.
 * @returns the SHA-256 of the copy, in hexadecimal.
 */
export function rewriteZip(path: string, to: string, replaced: ReadonlyMap<string, Uint8Array>): Promise<string> {
  return withPlainFile(path, async (file) => {
    const zip = await openZip(file);
    const records = await Promise.all([...replaced.keys()].map((name) => zip.record(name)));
    if (records.some(({ compressed }) => compressed)) return recompressed(file, zip, to, replaced);
    const patches: Patch[] = [];
    for (const { name, checksums } of records) {
      const bytes = get(replaced, name);
      const { position } = given(await zip.open(name, () => {}));
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32LE(crc32(bytes));
      patches.push({ position: given(position), bytes }, ...checksums.map((at) => ({ position: at, bytes: checksum })));
    }
    return copyPatched(file, to, patches);
  });
}

/** Writes the archive again, every entry compressed or stored as it was. */
async function recompressed(
  file: PlainFile,
  zip: ZipArchive,
  to: string,
  replaced: ReadonlyMap<string, Uint8Array>,
): Promise<string> {
  const spend = budgetOf(file);
  const archive = new ZipFile();
  for (const name of zip.names) {
    const { compressed, modified, size } = await zip.record(name);
    let bytes = replaced.get(name);
    if (bytes === undefined) {
      bytes = new Uint8Array(size);
      await given(await zip.open(name, spend)).read(0, bytes);
    }
    archive.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name, {
      compress: compressed,
      mtime: modified,
      forceDosTimestamp: true,
    });
  }
  archive.end();
  const hash = createHash("sha256");
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of archive.outputStream as AsyncIterable<Uint8Array>) {
      hash.update(piece);
      yield piece;
    }
  }
  await writeAtomic(to, pieces());
  return hash.digest("hex");
}
