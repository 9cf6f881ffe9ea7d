/**
 * Copies of zip archives with other content of some entries. If the entries are stored
 * uncompressed, as PyTorch and NumPy do, and keep their length, all other bytes stay except the
 * checksums. Otherwise the archive is written again, with the same names, times and order.
 */

import { crc32 } from "node:zlib";
import { ZipFile } from "yazl";
import { get, given } from "../../lookup.ts";
import { type Patch, patchedCopy } from "./patched-copy.ts";
import type { Pieces } from "./pieces.ts";
import type { PlainFile } from "./plain-file.ts";
import { budgetOf } from "./torch/torch-tensors.ts";
import { openZip, type ZipArchive } from "./zip.ts";

/**
 * A copy of an archive, which must stay open until the last piece is read.
 * @param replaced whole contents by entry.
 * @throws UserError `E_CHECKPOINT` when the archive is damaged.
 */
export async function rewrittenZip(file: PlainFile, replaced: ReadonlyMap<string, Uint8Array>): Promise<Pieces> {
  const zip = await openZip(file);
  const records = await Promise.all([...replaced.keys()].map((name) => zip.record(name)));
  if (records.some(({ name, compressed, size }) => compressed || get(replaced, name).length !== size))
    return writtenAgain(file, zip, replaced);
  const patches: Patch[] = [];
  for (const { name, checksums } of records) {
    const bytes = get(replaced, name);
    const { position } = given(await zip.open(name, () => {}));
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(crc32(bytes));
    patches.push({ position: given(position), bytes }, ...checksums.map((at) => ({ position: at, bytes: checksum })));
  }
  return patchedCopy(file, patches);
}

/** Writes the archive again, every entry compressed or stored as it was. */
async function writtenAgain(
  file: PlainFile,
  zip: ZipArchive,
  replaced: ReadonlyMap<string, Uint8Array>,
): Promise<Pieces> {
  const spend = budgetOf(file);
  const archive = new ZipFile();
  for (const name of zip.names) {
    const { compressed, modified, size } = await zip.record(name);
    let bytes = replaced.get(name);
    if (bytes === undefined) {
      // What is uncompressed counts as it is opened.
      if (!compressed) spend(size);
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
  return archive.outputStream as Pieces & typeof archive.outputStream;
}
