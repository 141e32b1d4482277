#!/bin/sh
# Measures everything beside its peers and writes the tables of BENCHMARKS.md; on a processor with AVX-512 once more as
# on one without. What was measured by hand, from "Measured once" on, stays. The peers, if there is a Python, live in
# .build/peers; without them only our side is measured.
set -eu
cd "$(dirname "$0")/.."
bench=.build/release/Benchmarks
inputs=.build/bench
results=$inputs/results.tsv
mkdir -p $inputs/tiles $inputs/out $inputs/photos
for class in 0 1 2 3 4 5 6 7 8 9; do mkdir -p $inputs/thumbnails/$class; done

[ -f $inputs/thumbnails/9/19999.jpg ] || .build/release/render-samples --measurements $inputs

python=.build/peers/bin/python
if [ ! -x $python ] && command -v python3 >/dev/null 2>&1; then
  echo "bench: setting up the peers in .build/peers" >&2
  python3 -m venv .build/peers &&
    $python -m pip install --quiet numpy opencv-python-headless pyvips pyvips-binary \
      torch torchvision keras tensorflow-cpu onnx onnxruntime pillow ||
    rm -rf .build/peers
fi

[ ! -x $python ] || [ -f $inputs/objects.onnx ] || $python Benchmarks/peers/export_onnx.py $inputs

about() { printf 'about\t%s\t%s\n' "$1" "$2"; }

has_peers() { [ -x $python ]; }

# Everything, on the instruction set that VISION_CPU and the peers' own variables leave.
measure() {
  # First: a large parent process would be counted as its children's memory.
  $bench commands
  $bench kinds
  $bench classification
  ! has_peers || $python Benchmarks/peers/train_keras_folder.py $inputs/thumbnails 2 \
    "one epoch of the CIFAR tutorial CNN, 10,000 JPEGs of 32 × 32, mirrored and shifted" 2>/dev/null
  $bench filters
  $bench alpha
  ! has_peers || $python Benchmarks/peers/opencv_filters.py
  training="small resnet18 dcgan"
  recurrent="forecast-32 forecast-128 text-rnn text-lstm text-gru"
  inference="resnet18-inference-1 resnet18-inference-32 generator"
  imported=
  for network in resnet50 mobilenetv2 alexnet vgg16 googlenet efficientnet-b0 xception; do
    imported="$imported $network-inference-1 $network-inference-32"
  done
  for work in $training $inference $imported; do
    for threads in 1 2; do
      for precision in fp32 bf16; do $bench network $work $threads $precision; done
    done
  done
  for work in $recurrent; do
    for threads in 1 2; do $bench network $work $threads fp32; done
  done
  ! has_peers || for threads in 1 2; do
    for work in $recurrent; do $python Benchmarks/peers/train_torch.py $work $threads; done
    for work in $training; do
      $python Benchmarks/peers/train_keras.py $work $threads 2>/dev/null
      $python Benchmarks/peers/train_torch.py $work $threads channels-last
    done
    for work in $inference $imported; do
      $python Benchmarks/peers/train_torch.py $work $threads channels-last
    done
    # Nothing keeps onnxruntime from using all that the processor has.
    [ -n "${VISION_CPU:-}" ] || for work in $inference $imported; do
      $python Benchmarks/peers/infer_onnxruntime.py $work $threads
    done
    [ "$1" != x86-64-v4 ] || {
      $python Benchmarks/peers/train_keras.py dcgan $threads bf16 2>/dev/null
      $python Benchmarks/peers/train_torch.py dcgan $threads channels-last bf16
    }
  done
}

part() { printf 'part\t%s\n' "$1"; measure "$1"; }

{
  about Processor "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores"
  about System "$(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r)"
  about Compiler "$(swift --version 2>/dev/null | head -n 1)"
  about Load "$(cut -d ' ' -f 1 /proc/loadavg) when it began"
  ! has_peers || about Peers "$($python Benchmarks/peers/versions.py)"
  level=$(.build/release/vision --version | sed 's/.*(\([^ ,]*\).*/\1/')
  part "$level"
  if [ "$level" = x86-64-v4 ]; then
    export VISION_CPU=x86-64-v3
    # The peers likewise: oneDNN in PyTorch and TensorFlow, PyTorch itself, OpenCV.
    export ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 OPENCV_CPU_DISABLE=AVX512-SKX
    part x86-64-v3
  fi
} >$results
{
  $bench report <$results
  echo
  sed -n '/^## Measured once/,$p' BENCHMARKS.md
} >$inputs/BENCHMARKS.md
mv $inputs/BENCHMARKS.md BENCHMARKS.md
echo "The results are in BENCHMARKS.md"
