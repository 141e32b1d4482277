#!/bin/sh
# Builds the Debian package of the program as it was built: .build/vision_VERSION_ARCHITECTURE.deb
set -eu
cd "$(dirname "$0")/.."
command -v dpkg-shlibdeps >/dev/null || { echo "deb: needs the package dpkg-dev" >&2; exit 1; }
version=$(.build/release/vision --version | cut -d " " -f 1)
architecture=$(dpkg --print-architecture)
work=.build/deb
root=$work/debian/vision
package=.build/vision_${version}_$architecture.deb

rm -rf $work
Tools/install.sh $root/usr >/dev/null
mkdir -p $root/usr/share/zsh/vendor-completions $root/usr/share/doc/vision $root/DEBIAN
mv $root/usr/share/zsh/site-functions/_vision $root/usr/share/zsh/vendor-completions/
rmdir $root/usr/share/zsh/site-functions
gzip -9 -n $root/usr/share/man/man1/*.1
gzip -9 -n <CHANGELOG.md >$root/usr/share/doc/vision/NEWS.gz
chmod 644 $root/usr/share/doc/vision/NEWS.gz
cat >$root/usr/share/doc/vision/copyright <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2026 The authors of vision
License: Apache-2.0
 The full text is in /usr/share/common-licenses/Apache-2.0.

Files: models/things.safetensors models/faces.safetensors
Copyright: 2026 The authors of vision
License: non-commercial-research
 Weights for non-commercial research only, as the pictures are that they were learnt from;
 \`vision summary things\` and \`vision summary faces\` name these.

Files: models/streets.safetensors
Copyright: 2026 The authors of vision
License: non-commercial
 Weights for non-commercial use only, as the pictures are that they were learnt from;
 \`vision summary streets\` names these.
END

# What the binary links tells the libraries' packages; dpkg-shlibdeps wants a source package around it.
printf 'Source: vision\n\nPackage: vision\nArchitecture: any\n' >$work/debian/control
depends=$(cd $work && dpkg-shlibdeps -O debian/vision/usr/bin/vision | sed -n 's/^shlibs:Depends=//p')

cat >$root/DEBIAN/control <<END
Package: vision
Version: $version
Architecture: $architecture
Maintainer: ${DEBFULLNAME:-The authors of vision} <${DEBEMAIL:-root@localhost}>
Installed-Size: $(du -sk $root/usr | cut -f 1)
Depends: $depends
Suggests: libwebp7, libtiff6
Section: graphics
Priority: optional
Description: filter images, classify them, generate faces
 Edge detection, blurs and kernels of your own on images; classifiers
 that ship or that you train from a folder of folders; faces from a DCGAN.
END
(cd $root && find usr -type f -exec md5sum {} + | LC_ALL=C sort -k 2 >DEBIAN/md5sums)
dpkg-deb --root-owner-group --build $root "$package" >/dev/null
echo "built $package"
