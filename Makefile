# Thin: every target is a command or two that can be typed by hand.
vision := .build/release/vision
swift_build := swift build -c release --static-swift-stdlib --product
swift_test := swift test -c release --disable-testable-imports

.PHONY: demo build test setup

## Build, then filter the pictures in samples/ and say where the results are.
demo: build
	$(vision) filter --gaussian 1.4 --sobel samples/ -o .build/demo/

build: setup
	$(swift_build) vision

## The unit tests: about a minute once built.
test: setup
	$(swift_test)

## Install the system packages that are missing (Debian, Ubuntu), or print the line that does.
setup:
	@Tools/setup.sh
