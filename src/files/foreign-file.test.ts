import { expect, it } from "vitest";

import { foreignFile } from "./foreign-file.ts";

it.each([
  ["nothing", "", "empty"],
  ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:aa\n", "git lfs pull"],
  ["a web page", "\n<!DOCTYPE html><html>", "web page"],
  ["HDF5", "\x89HDF\r\n\x1a\n\0\0", "HDF5"],
  ["GGUF", "GGUF\x03\0\0\0", "GGUF"],
  ["MessagePack", "\x81\xa6params\x81\xa1w\xc4\x10", "MessagePack"],
  ["gzip", "\x1f\x8b\x08\0", "gzip"],
  ["a tar archive", `${"a".repeat(257)}ustar\0`, "tar -xf"],
  ["JSON", '{ "a": 1 }', "JSON"],
])("says what a file is: %s", (_, start, said) => {
  const { what = "", advice = "" } = foreignFile(Buffer.from(start, "latin1")) ?? {};
  expect(`${what}; ${advice}`).toContain(said);
});

it.each([
  ["a pickle", "\x80\x02}q\0."],
  ["a zip archive", "PK\x03\x04"],
  ["an ONNX model", "\x08\x08\x12\x07pytorch"],
])("says nothing of what may be a checkpoint: %s", (_, start) => {
  expect(foreignFile(Buffer.from(start, "latin1"))).toBeUndefined();
});
