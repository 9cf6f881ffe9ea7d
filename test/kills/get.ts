/** Downloads a data set of one file, as `pdiff data get` does: get.ts ROOT URL MD5 BYTES. */
import { getDataSet } from "../../src/data/download/get.ts";

const [root = "", url = "", md5 = "", bytes = ""] = process.argv.slice(2);
const files = [{ name: "values.bin", mirrors: [url], md5, bytes: Number(bytes) }];
await getDataSet({ name: "loopback", files, terms: "none" }, { root });
