"""Training steps in Keras on TensorFlow: train_keras.py WORK THREADS [bf16].

WORK is small, resnet18 or dcgan. A step includes loss and update. Prints a line for `Benchmarks report`.
"""
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf
from keras import layers as L

from measure import measure

threads = int(sys.argv[2])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(1)
if "bf16" in sys.argv:
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
work = sys.argv[1]
WORKS = {
    "small": "small CNN, training, batch 64",
    "resnet18": "ResNet-18 32², training, batch 128",
    "dcgan": "DCGAN 64², step, batch 128",
}
VARIANT = f"Keras {threads} {'bf16' if 'bf16' in sys.argv else 'fp32'}"
steps = 30 if work == "small" else 5


def small():
    return keras.Sequential([
        keras.Input((32, 32, 3)), L.Conv2D(32, 3, activation="relu"), L.MaxPooling2D(),
        L.Conv2D(64, 3, activation="relu"), L.MaxPooling2D(), L.Conv2D(64, 3, activation="relu"),
        L.Flatten(), L.Dense(64, activation="relu"), L.Dense(10, dtype="float32")])


def resnet18():
    def conv(x, n, k, s):
        return L.BatchNormalization()(L.Conv2D(n, k, s, "same", use_bias=False)(x))

    x = inputs = keras.Input((32, 32, 3))
    x = L.ReLU()(conv(x, 64, 3, 1))
    for i, n in enumerate([64, 128, 256, 512]):
        for j in range(2):
            s = 2 if i and not j else 1
            y = conv(L.ReLU()(conv(x, n, 3, s)), n, 3, 1)
            x = L.ReLU()(L.Add()([y, conv(x, n, 1, s) if s > 1 else x]))
    x = L.Dense(10, dtype="float32")(L.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, x)


def classifier(model, batch, optimizer):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    x = tf.random.normal((batch, 32, 32, 3))
    y = tf.random.uniform((batch,), 0, 10, tf.int32)
    optimizer.build(model.trainable_variables)

    @tf.function
    def run():
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        return value

    return lambda: float(run())


def gan(batch):
    g = keras.Sequential([keras.Input((100,)), L.Reshape((1, 1, 100))])
    for i, n in enumerate([512, 256, 128, 64]):
        g.add(L.Conv2DTranspose(n, 4, 1 if i == 0 else 2, "valid" if i == 0 else "same", use_bias=False))
        g.add(L.BatchNormalization())
        g.add(L.ReLU())
    g.add(L.Conv2DTranspose(3, 4, 2, "same", use_bias=False, activation="tanh"))
    d = keras.Sequential([keras.Input((64, 64, 3))])
    for i, n in enumerate([64, 128, 256, 512]):
        d.add(L.Conv2D(n, 4, 2, "same", use_bias=False))
        if i:
            d.add(L.BatchNormalization())
        d.add(L.LeakyReLU(0.2))
    d.add(L.Conv2D(1, 4, use_bias=False))
    d.add(L.Flatten(dtype="float32"))
    og, od = keras.optimizers.Adam(2e-4, 0.5), keras.optimizers.Adam(2e-4, 0.5)
    og.build(g.trainable_variables)
    od.build(d.trainable_variables)
    real = tf.random.normal((batch, 64, 64, 3))

    @tf.function
    def run():
        with tf.GradientTape() as outer:
            fake = g(tf.random.normal((batch, 100)), training=True)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.nn.softplus(-tf.cast(d(real, training=True), tf.float32)))
                loss += tf.reduce_mean(tf.nn.softplus(
                    tf.cast(d(tf.stop_gradient(fake), training=True), tf.float32)))
            od.apply(tape.gradient(loss, d.trainable_variables), d.trainable_variables)
            value = tf.reduce_mean(tf.nn.softplus(-tf.cast(d(fake, training=True), tf.float32)))
        og.apply(outer.gradient(value, g.trainable_variables), g.trainable_variables)
        return value

    return lambda: float(run())


step = {
    "small": lambda: classifier(small(), 64, keras.optimizers.Adam()),
    "resnet18": lambda: classifier(resnet18(), 128, keras.optimizers.SGD(0.01, momentum=0.9)),
    "dcgan": lambda: gan(128),
}[work]()
measure(WORKS[work], VARIANT, step, steps, 2)
