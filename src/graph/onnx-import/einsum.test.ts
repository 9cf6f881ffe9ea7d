import { filled, itComputes, itRefuses, matrix } from "../../../test/support/op-suites.ts";
import { input } from "../tensor.ts";
import { einsum } from "./einsum.ts";

const a = matrix([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const b = matrix([
  [1, 0, 2],
  [0, 1, 3],
]);
const v = filled([3], [1, 10, 100]);
const batch = filled([2, 1, 2], [1, 2, 3, 4]);

itComputes({
  "a product of matrices": [einsum("ij,jk->ik", [a, b]), [3, 3], [1, 2, 8, 3, 4, 18, 5, 6, 28]],
  "a transposed product, with spaces": [einsum("ij, jk -> ki", [a, b]), [3, 3], [1, 3, 5, 2, 4, 6, 8, 18, 28]],
  "a transposition": [einsum("ij->ji", [a]), [2, 3], [1, 3, 5, 2, 4, 6]],
  "a sum over rows": [einsum("ij->j", [a]), [2], [9, 12]],
  "a sum of everything": [einsum("ij->", [a]), [], [21]],
  "an outer product": [einsum("i,j->ij", [v, filled([2], [1, 2])]), [3, 2], [1, 2, 10, 20, 100, 200]],
  "an inner product": [einsum("i,i->", [v, v]), [], [10101]],
  "products in a batch": [einsum("bid,bjd->bij", [batch, batch]), [2, 1, 1], [5, 25]],
  "an axis of one operand that the result lacks": [einsum("ij,k->k", [a, v]), [3], [21, 210, 2100]],
});

const x = input("x", [3, 3]);
itRefuses(
  {
    "a diagonal": [() => einsum("ii->i", [x]), "it has the Einsum ii->i, which is not supported"],
    "three operands": [() => einsum("ij,jk,kl->il", [x, x, x]), "ij,jk,kl->il"],
    dots: [() => einsum("...j->j", [x]), "...j->j"],
    "no result": [() => einsum("ij,jk", [x, x]), "ij,jk"],
    "fewer operands than terms": [() => einsum("ij,jk->ik", [x]), "ij,jk->ik"],
    "an operand of another rank": [() => einsum("ijk->i", [x]), "ijk->i"],
  },
  "E_CHECKPOINT",
);
