#!/bin/sh
# Install the browsers that the tests drive: Debian's own where this runs as root there,
# Playwright's download of Chromium and Firefox elsewhere. Does nothing where they are installed.
set -eu

python=$1
start_all() {
    "$python" -m workings_build.bench.browsers && "$python" -m tests.browser.webkit.driving
}
if start_all >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && grep -qs '^ID=debian' /etc/os-release; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends \
        chromium-headless-shell firefox-esr webkit2gtk-driver xvfb >/dev/null
elif [ "$(id -u)" = 0 ] && [ "$(uname)" = Linux ]; then
    "$python" -m playwright install --with-deps chromium firefox
else
    "$python" -m playwright install chromium firefox
fi
"$python" -m workings_build.bench.browsers
"$python" -m tests.browser.webkit.driving || true # its tests fail then, and say what they need
