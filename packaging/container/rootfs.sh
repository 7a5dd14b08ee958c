#!/bin/sh
# Lays out the files of the image: rootfs.sh ARCHIVE SHA256SUMS FOLDER
set -eu

fail() {
  echo "rootfs.sh: $*" >&2
  exit 1
}

[ $# -eq 3 ] || fail "usage: rootfs.sh ARCHIVE SHA256SUMS FOLDER"
archive=$1 sums=$2 root=$3
authorities=/etc/ssl/certs/ca-certificates.crt

[ -f "$archive" ] || fail "$archive isn't there: make it with cmake --workflow --preset linux-x86_64"
[ -f "$authorities" ] || fail "$authorities isn't there: install ca-certificates"
name=${archive##*/}
# the sums may list other packages, and may be in another folder than the archive
wanted=$(awk -v name="$name" '$2 == name || $2 == "*" name { print $1 }' "$sums")
[ -n "$wanted" ] || fail "$sums has no sum of $name"
found=$(sha256sum <"$archive")
[ "${found%% *}" = "$wanted" ] || fail "$name doesn't have the SHA-256 that $sums lists: it is damaged or another file"

unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
tar -xJf "$archive" -C "$unpacked" --strip-components 1 --no-same-owner

# Paths have to be readable for the user of the image, whatever the umask says.
umask 022
mkdir -p "$root/etc/tunnel" "$root/etc/ssl/certs" "$root/usr/share/doc/tunnel"
install -m 755 "$unpacked/bin/tunnel" "$root/tunnel"
install -m 644 "$authorities" "$root$authorities"
for text in LICENSE THIRD_PARTY_NOTICES; do
  [ ! -f "$unpacked/share/doc/tunnel/$text" ] ||
    install -m 644 "$unpacked/share/doc/tunnel/$text" "$root/usr/share/doc/tunnel/$text"
done

# A static program has no loader. One that was built for this system alone brings its loader and libraries along.
if libraries=$(ldd "$root/tunnel" 2>/dev/null); then
  case $libraries in *"not found"*) fail "this system lacks a library of the program: $libraries" ;; esac
  for library in $(echo "$libraries" | grep -o '/[^ ]*'); do
    mkdir -p "$root${library%/*}"
    install -m 755 "$library" "$root$library"
  done
fi
