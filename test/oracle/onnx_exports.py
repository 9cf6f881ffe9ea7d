"""Exports classifiers of torchvision and timm as ONNX, with each of PyTorch's exporters, and what ONNX Runtime makes of two images.

Weights are random; the files (3 GB) go into a folder of your own, where test/onnx-exports.ts reads them.
Command: python3 test/oracle/onnx_exports.py FOLDER [NAME …]
"""
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import timm
import torch
import torchvision

TORCHVISION = """alexnet densenet121 efficientnet_b0 efficientnet_v2_s googlenet mnasnet0_5 mobilenet_v2 mobilenet_v3_small regnet_y_400mf
resnet18 resnet50 resnext50_32x4d shufflenet_v2_x1_0 squeezenet1_1 vgg11_bn convnext_tiny swin_t vit_b_16 maxvit_t""".split()
TIMM = """vit_tiny_patch16_224 deit_tiny_distilled_patch16_224 beit_base_patch16_224 cait_xxs24_224 coat_tiny coatnet_0_rw_224 convnext_atto
convnextv2_atto convmixer_768_32 crossvit_tiny_240 densenet121 edgenext_xx_small efficientformer_l1 efficientnet_b0 eva02_tiny_patch14_224
fastvit_t8 focalnet_tiny_srf gcvit_xxtiny ghostnet_100 gmlp_s16_224 hardcorenas_a hrnet_w18_small inception_v3 levit_128s mixer_s32_224
mobilenetv3_small_100 mobileone_s0 mobilevit_xxs nfnet_f0 poolformer_s12 pvt_v2_b0 regnetx_002 repvgg_a0 res2net50_26w_4s resmlp_12_224
resnet50d resnetv2_50 rexnet_100 seresnet50 swin_tiny_patch4_window7_224 swinv2_cr_tiny_ns_224 tinynet_a tiny_vit_5m_224 twins_svt_small
volo_d1_224 xception41 xcit_nano_12_p8_224""".split()


def load(name):
    library, model = name.split("/")
    torch.manual_seed(0)
    if library == "timm":
        return with_values(timm.create_model(model, num_classes=10)).eval()
    return with_values(torchvision.models.get_model(model, weights=None, num_classes=10, **({"init_weights": True, "aux_logits": False} if model == "googlenet" else {}))).eval()


def with_values(net):
    """Heads and scales that begin as zeros would hide everything before them."""
    with torch.no_grad():
        for p in net.parameters():
            if p.count_nonzero() == 0:
                p.normal_(0, 0.02)
    return net


def export(net, images, path, exporter):
    names = {"input_names": ["images"], "output_names": ["logits"]}
    if exporter == "dynamo":
        batch = torch.export.Dim("batch", min=1, max=64)
        torch.onnx.export(net, (images,), path, dynamo=True, dynamic_shapes=({0: batch},), external_data=False, verbose=False, **names)
    else:
        torch.onnx.export(net, (images,), path, dynamo=False, dynamic_axes={"images": {0: "batch"}}, **names)


def main(folder, *wanted):
    warnings.filterwarnings("ignore")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    index = {}
    for name in wanted or [f"torchvision/{m}" for m in TORCHVISION] + [f"timm/{m}" for m in TIMM]:
        net = load(name)
        side = net.default_cfg["input_size"][1] if hasattr(net, "default_cfg") else 224
        images = torch.randn(2, 3, side, side)
        for exporter in ("torchscript", "dynamo"):
            file = f"{name.replace('/', '-')}-{exporter}.onnx"
            try:
                export(net, images, str(folder / file), exporter)
                logits = onnxruntime.InferenceSession(str(folder / file)).run(None, {"images": images.numpy()})[0]
            except Exception as error:  # The exporter's own limits.
                index[file] = {"failed": f"{type(error).__name__}: {str(error)[:200]}"}
                continue
            images.numpy().tofile(folder / f"{file}.images")
            index[file] = {"side": side, "logits": np.asarray(logits).ravel().tolist()}
        print(name, "; ".join(f"{k}: {index[k].get('failed', 'exported')[:80]}" for k in list(index)[-2:]), flush=True)
        (folder / "index.json").write_text(json.dumps(index))


if __name__ == "__main__":
    main(*sys.argv[1:])
