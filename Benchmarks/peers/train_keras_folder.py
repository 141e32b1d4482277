"""One epoch of the CIFAR tutorial CNN from JPEG files in Keras: train_keras_folder.py FOLDER THREADS.

The pictures come from `image_dataset_from_directory`, are mirrored and shifted, and the tutorial's network
is fitted to them with Adam in batches of 64. What is timed begins with the search for the files; loading the
libraries and, with the first epoch, tracing are left out. Prints a line for `Benchmarks report`.
"""
import os
import resource
import statistics
import sys
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf
from keras import layers as L

folder, threads = sys.argv[1], int(sys.argv[2])
tf.config.threading.set_intra_op_parallelism_threads(threads)
augment = keras.Sequential([L.RandomFlip("horizontal"), L.RandomTranslation(0.1, 0.1)])
model = keras.Sequential([
    keras.Input((32, 32, 3)), L.Rescaling(1 / 255), L.Conv2D(32, 3, activation="relu"),
    L.MaxPooling2D(), L.Conv2D(64, 3, activation="relu"), L.MaxPooling2D(),
    L.Conv2D(64, 3, activation="relu"), L.Flatten(), L.Dense(64, activation="relu"), L.Dense(10)])
model.compile(
    keras.optimizers.Adam(), keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"])


def epoch():
    pictures = keras.utils.image_dataset_from_directory(
        folder, image_size=(32, 32), batch_size=64, verbose=False)
    pictures = pictures.map(
        lambda x, y: (augment(x, training=True), y), num_parallel_calls=tf.data.AUTOTUNE)
    model.fit(pictures.prefetch(tf.data.AUTOTUNE), epochs=1, verbose=0)


epoch()
walls, processors = [], []
for _ in range(3):
    start, used = time.perf_counter(), time.process_time()
    epoch()
    walls.append((time.perf_counter() - start) * 1e3)
    processors.append((time.process_time() - used) * 1e3)
print("commands", sys.argv[3], "Keras, one epoch without start", *(
    f"{v:.3f}" for v in (statistics.median(walls), min(walls), statistics.median(processors))),
    f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.1f}", "–", sep="\t")
