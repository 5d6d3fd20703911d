"""WebKit, the engine of Safari, driven through Debian's WebKitGTK."""
