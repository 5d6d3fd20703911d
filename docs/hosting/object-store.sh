#!/bin/sh
# Put dist/ into an S3-compatible bucket behind a CDN: `object-store.sh BUCKET [ENDPOINT]`.
# Needs the aws client, and a site built with --precompress. An object store sends what it holds
# and can't choose by Accept-Encoding, so text goes up as gzip, which every browser accepts.
# Hashed files go first and are never deleted: pages that are open keep finding theirs.
set -eu

bucket=$1
aws="aws ${2:+--endpoint-url $2}"
forever='public, max-age=31536000, immutable'
cd "$(dirname "$0")/../../dist"

type_of() {
    case $1 in
        *.html) echo 'text/html; charset=utf-8' ;;
        *.css) echo 'text/css; charset=utf-8' ;;
        *.js | *.mjs) echo 'text/javascript; charset=utf-8' ;;
        *.json) echo 'application/json' ;;
        *.md) echo 'text/markdown; charset=utf-8' ;;
        *.py) echo 'text/x-python; charset=utf-8' ;;
        *.svg) echo 'image/svg+xml' ;;
        *.txt) echo 'text/plain; charset=utf-8' ;;
        *.wasm) echo 'application/wasm' ;;
        *.xml) echo 'application/xml; charset=utf-8' ;;
        *.png) echo 'image/png' ;;
        *.woff2) echo 'font/woff2' ;;
        *.whl | *.zip) echo 'application/zip' ;;
        *) echo 'application/octet-stream' ;;
    esac
}

put() { # FILE CACHE-CONTROL
    if [ -f "$1.gz" ]; then
        $aws s3 cp "$1.gz" "s3://$bucket/$1" --only-show-errors \
            --content-encoding gzip --content-type "$(type_of "$1")" --cache-control "$2"
    else
        $aws s3 cp "$1" "s3://$bucket/$1" --only-show-errors \
            --content-type "$(type_of "$1")" --cache-control "$2"
    fi
}

files() { find . -type f ! -name '*.br' ! -name '*.gz' ! -name _headers | sed 's|^\./||' | sort; }
hashed='^(assets|runtime|data)/|^([^/]+/){1,2}(states|data)/'

files | grep -E "$hashed" | while read -r file; do put "$file" "$forever"; done
files | grep -Ev "$hashed" | while read -r file; do put "$file" no-cache; done
