"""Writes labels.json: what scikit-learn says of random scores of labels that hold or not, some of them
equal. Needs scikit-learn 1.5 or later."""

import json
import pathlib

import numpy
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

random = numpy.random.default_rng(7)
truth = (random.random((60, 4)) < [0.5, 0.3, 0.1, 0.8]).astype(int)
# Rounded, so that there are ties; 0 is a probability of one half, which counts as held.
scores = numpy.round(random.normal(0, 1.2, (60, 4)) + 1.5 * truth - 0.7, 1)
held = (scores >= 0).astype(int)

values = {
    "truth": truth, "scores": scores,
    "averagePrecision": average_precision_score(truth, scores, average=None),
    "mAP": average_precision_score(truth, scores, average="macro"),
    "precision": precision_score(truth, held, average=None),
    "recall": recall_score(truth, held, average=None),
    "f1": f1_score(truth, held, average=None),
    "microF1": f1_score(truth, held, average="micro"),
    "macroF1": f1_score(truth, held, average="macro"),
}
entries = {
    key: {"shape": list(numpy.shape(v)), "values": [round(float(x), 12) for x in numpy.ravel(v)]}
    for key, v in values.items()
}
path = pathlib.Path(__file__).parent / "labels.json"
path.write_text(json.dumps(entries, separators=(",", ":")) + "\n")
