# Thin: every target is a command or two that can be typed by hand.
vision := .build/release/vision
swift_build := swift build -c release --static-swift-stdlib --product
# In a folder of its own: the program carries Swift's library, the tests do not, and in one folder each would
# build everything anew after the other.
swift_test := swift test -c release --disable-testable-imports --scratch-path .build/tests

PREFIX ?= /usr/local
DESTDIR ?=
# Not every shell replaces the ~ of PREFIX=~/.local.
prefix := $(DESTDIR)$(patsubst ~/%,$(HOME)/%,$(PREFIX))

.PHONY: demo build install uninstall deb check-deb lint test test-older examples docs fuzz conformance faults bench \
	browser bench-serve \
	samples pictures setup messages

## Build, then filter and classify the pictures in samples/ and generate faces.
demo: build
	$(vision) filter --gaussian 1.4 --sobel samples/ -o .build/demo/edges/
	$(vision) classify samples/*.png samples/*.jpg --sheet .build/demo/labels.png
	$(vision) classify samples/digits --model digits
	$(vision) gan sample -n 16 --seed 7 -o .build/demo/faces.png
	@echo "The results are in .build/demo/: edges/, labels.png and faces.png"

build: setup
	$(swift_build) vision

## The program, its models, manual pages and completions: make install PREFIX=~/.local
install: build
	@Tools/install.sh "$(prefix)"

uninstall:
	@Tools/install.sh --uninstall "$(prefix)"

## A Debian package, .build/vision_*.deb.
deb: build
	@Tools/deb.sh

## Try the package in a bare Debian; needs root and debootstrap.
check-deb: deb
	Tools/check-deb.sh

## Whether the code is laid out as `swift format -i` would.
lint:
	swift format lint --strict -r Sources Tests Benchmarks Fuzzing Examples Package.swift

## The unit tests: a few minutes once built. One after the other: each uses all cores.
test: setup
	$(swift_test) --no-parallel

## The tests of filters and networks as on older processors.
older := x86-64-v3 x86-64
test-older: setup
	for cpu in $(older); do VISION_CPU=$$cpu $(swift_test) --filter 'LoopsTests|FiltersTests|EngineTests|GraphsTests' || exit; done

## Build the programs in Examples/, which import this package, and run them.
examples: setup
	Tools/examples.sh

## Pages of Documentation/ and of all public symbols: .build/docs/
docs: build
	Tools/docs.sh

## Fuzz everything that reads, each reader for SECONDS.
SECONDS ?= 60
fuzz: setup
	Tools/fuzz.sh $(SECONDS)

## The codecs over PngSuite and other collections in ../shared/cases, or where VISION_CASES says: minutes.
conformance: setup
	VISION_CONFORMANCE=1 $(swift_test) --no-parallel --filter Conformance

## Kill, stop and starve the command again and again: minutes.
faults: setup
	VISION_FAULTS=100 $(swift_test) --filter FaultTests

## The page of `vision serve` in Debian's chromium (apt install chromium chromium-driver), and by axe-core where AXE
## names its script.
browser: setup
	VISION_BROWSER=1 $(swift_test) --no-parallel --filter 'Browser(Work)?Tests'

## Measure `vision serve` under load; needs wrk.
bench-serve: build
	Tools/bench-serve.sh

## Measure the command and the library beside their peers; writes BENCHMARKS.md.
bench: build
	$(swift_build) render-samples
	$(swift_build) Benchmarks
	Tools/bench.sh

## Draw the pictures in samples/ again, and keep what is read in the digits.
samples: build
	$(swift_build) render-samples
	mkdir -p samples/digits
	.build/release/render-samples samples
	$(vision) classify samples/digits --model digits >samples/digits/labels.txt

## Make the pictures in this repository's README again.
pictures: build
	$(swift_build) render-samples
	Tools/pictures.sh

## Install the system packages that are missing (Debian), or print the line that does.
setup:
	@Tools/setup.sh

## Make what reads ONNX files of Sources/ONNX/Messages/onnx.proto again; needs protoc and the
## protoc-gen-swift that swift-protobuf builds.
messages:
	protoc --swift_out=Sources/ONNX/Messages -I Sources/ONNX/Messages onnx.proto
