#!/bin/sh
# Installs the Debian package into a bare Debian (as root, by debootstrap and apt) and tries the commands
# there: no compiler, no Swift, only what the package depends on.
set -eu
cd "$(dirname "$0")/.."
root=.build/bare
package=$(ls -t .build/vision_*.deb | head -n 1)
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

[ -x $root/bin/sh ] || debootstrap --variant=minbase "$suite" $root >.build/debootstrap.log
rm -rf $root/try
mkdir $root/try
cp "$package" $root/try/vision.deb
cp samples/scene.png samples/scene.jpg $root/try/
mkdir -p $root/proc
mount --bind /proc $root/proc
trap 'umount $root/proc' EXIT
chroot $root sh -euc '
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends --reinstall /try/vision.deb >/try/apt.log 2>&1 ||
    { cat /try/apt.log; exit 1; }
  ! command -v swift
  cd /try
  vision --version
  vision filter --sobel scene.png
  vision filter --gaussian 2 scene.jpg
  vision models
  vision classify scene.png scene.jpg --sheet sheet.png
  vision gan sample -n 4 --seed 7 -o faces.png
  mkdir -p a b
  for blur in 1 2 3 4 5; do vision filter --gaussian $blur scene.png -o a/$blur.png; done >/dev/null
  for box in 1 3 5 7 9; do vision filter --box $box --sobel scene.png -o b/$box.png; done >/dev/null
  mkdir data && mv a b data/
  vision train data --out run --epochs 1 --validation 0
  test -s run/best.safetensors && test -s run/curves.png
  dpkg -L vision | grep -c "man1/.*gz"
'
echo "the package works on a bare $suite"
