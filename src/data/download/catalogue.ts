/**
 * Where the data sets are published: the files of each, their addresses, sizes and checksums, and
 * how they are unpacked. The checksums are those of torchvision and TensorFlow Datasets.
 */

import type { Unpack } from "../../files/index.ts";
import { at } from "../../lookup.ts";

/** A file to download. */
export interface RemoteFile {
  /** Its name in the download folder. */
  readonly name: string;
  /** Addresses of the file, tried in order. */
  readonly mirrors: readonly string[];
  /** Its exact size, if known. */
  readonly bytes?: number;
  /** The most bytes to download when the size is not known. */
  readonly mostBytes?: number;
  readonly md5: string;
  readonly sha256?: string;
  /** How it is unpacked; kept as it is by default. */
  readonly unpack?: Unpack;
}

/** A data set that can be downloaded. */
export interface RemoteSet {
  readonly name: string;
  readonly files: readonly RemoteFile[];
  /** Its licence, as published. */
  readonly terms: string;
}

const GIB = 2 ** 30;

/** The four files of a set of IDX files. */
const idx = (
  mirrors: readonly string[],
  sums: readonly (readonly [bytes: number, md5: string, sha256: string])[],
): RemoteFile[] =>
  [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
  ].map((name, i) => {
    const [bytes, md5, sha256] = at(sums, i);
    return { name, mirrors: mirrors.map((mirror) => mirror + name), bytes, md5, sha256 };
  });

const sets: readonly RemoteSet[] = [
  {
    name: "mnist",
    terms: "commonly passed on under CC BY-SA 3.0",
    files: idx(
      [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
      ],
      [
        [
          9912422,
          "f68b3c2dcbeaaa9fbdd348bbdeb94873",
          "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ],
        [28881, "d53e105ee54ea40749a09fcbcd1e9432", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"],
        [
          1648877,
          "9fb629c4189551a2d022fa330f9573f3",
          "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ],
        [4542, "ec29112dd5afa0611ce80d1b7f02629c", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"],
      ],
    ),
  },
  {
    name: "fashion-mnist",
    terms: "MIT",
    files: idx(
      ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
      [
        [
          26421880,
          "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
          "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ],
        [29515, "25c81989df183df01b3e8a0aad5dffbe", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"],
        [
          4422102,
          "bef4ecab320f06d8554ea6380940ec79",
          "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ],
        [5148, "bb300cfdad3c16e7a12a480ee83cd310", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"],
      ],
    ),
  },
  {
    name: "svhn",
    terms: "for non-commercial use",
    files: [
      { name: "train_32x32.mat", bytes: 182040794, md5: "e26dedcc434d2e4c54c9b2d4a06d8373" },
      { name: "test_32x32.mat", bytes: 64275384, md5: "eb5a983be6a315427106f1b164d9cef3" },
    ].map((file) => ({ ...file, mirrors: [`http://ufldl.stanford.edu/housenumbers/${file.name}`] })),
  },
  {
    name: "cifar-10",
    terms: "none stated; cite Krizhevsky, 2009",
    files: [
      {
        name: "cifar-10-binary.tar.gz",
        mirrors: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
        bytes: 170052171,
        md5: "c32a1d4ab5d03f1284b67883e8d87530",
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        unpack: { strip: 1, mostBytes: GIB / 4 },
      },
    ],
  },
  {
    name: "cifar-100",
    terms: "none stated; cite Krizhevsky, 2009",
    files: [
      {
        name: "cifar-100-binary.tar.gz",
        mirrors: ["https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"],
        bytes: 168513733,
        md5: "03b5dce01913d631647c71ecec9e9cb8",
        sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        unpack: { strip: 1, mostBytes: GIB / 4 },
      },
    ],
  },
  {
    name: "stl-10",
    terms: "none stated; images from ImageNet",
    files: [
      {
        name: "stl10_binary.tar.gz",
        mirrors: ["http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz"],
        bytes: 2640397119,
        md5: "91f7769df0f17e558f3565bffb0c7dfb",
        sha256: "f31fd99273a1acb8609c8db427cebb1de3f71de77758cdc0e22956e1289b9866",
        unpack: { strip: 1, mostBytes: 4 * GIB },
      },
    ],
  },
  {
    name: "flowers-102",
    terms: "for research; images remain with their owners",
    files: [
      {
        name: "102flowers.tgz",
        bytes: 344862509,
        md5: "52808999861908f626f3c1f4e79d11fa",
        sha256: "2d01ecc807db462958cfe3d92f57a8c252b4abd240eb955770201e45f783b246",
        unpack: { strip: 0, mostBytes: GIB },
      },
      {
        name: "imagelabels.mat",
        bytes: 502,
        md5: "e0620be6f572b9609742df49c70aed4d",
        sha256: "4903e94206bac23bf772aadf06451916df56b58fc483a62db32a97b82656651d",
      },
      {
        name: "setid.mat",
        bytes: 14989,
        md5: "a5357ecc9cb78c4bef273ce3793fc85c",
        sha256: "46b8678f91fd95d3c8f4feab80d271a6c834a1dd896fe29fd3e6ad9ce5c8dccd",
      },
    ].map((file) => ({ ...file, mirrors: [`https://www.robots.ox.ac.uk/~vgg/data/flowers/102/${file.name}`] })),
  },
  {
    name: "pets",
    terms: "CC BY-SA 4.0",
    files: [
      { name: "images.tar.gz", md5: "5c4f3ee8e5d25df40f4fd59a7f44e54c" },
      { name: "annotations.tar.gz", md5: "95a8c909bbe2e81eed6a22bccdf3f68f" },
    ].map((file) => ({
      ...file,
      mostBytes: 2 * GIB,
      unpack: { strip: 0, mostBytes: 2 * GIB },
      mirrors: [
        `https://thor.robots.ox.ac.uk/~vgg/data/pets/${file.name}`,
        `https://www.robots.ox.ac.uk/~vgg/data/pets/data/${file.name}`,
      ],
    })),
  },
  {
    name: "food-101",
    terms: "for scientific fair use; images remain with their owners",
    files: [
      {
        name: "food-101.tar.gz",
        mirrors: ["http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz"],
        bytes: 4996278331,
        md5: "85eeb15f3717b99a5da872d97d918f87",
        sha256: "d97d15e438b7f4498f96086a4f7e2fa42a32f2712e87d3295441b2b6314053a4",
        unpack: { strip: 1, mostBytes: 8 * GIB },
      },
    ],
  },
];

/** The sets that can be downloaded, by name. */
export const catalogue: ReadonlyMap<string, RemoteSet> = new Map(sets.map((set) => [set.name, set]));

/** How to get sets that this program cannot download. */
export const byHand: ReadonlyMap<string, string> = new Map([
  [
    "imagenet-1k",
    "ImageNet wants an account: register at https://image-net.org, download ILSVRC2012_img_train.tar and ILSVRC2012_img_val.tar, unpack the train archive's 1 000 archives into imagenet-1k/train/WNID/ and sort the images of val into imagenet-1k/val/WNID/, in the data folder",
  ],
  ["kmnist", "put the four files of KMNIST (train-images-idx3-ubyte.gz …) into kmnist/ in the data folder"],
  ["emnist-digits", "put the four files emnist-digits-*.gz of EMNIST into emnist-digits/ in the data folder"],
]);
