// @ts-check
// Lays a graph out for the builder: DOT on standard input, Graphviz's JSON on standard output.
// Started as `node graphviz.js PATH_TO_VIZ_CJS`.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { instance } = require(path.resolve(process.argv[2]));

instance()
  .then((viz) => {
    const drawn = viz.render(fs.readFileSync(0, 'utf8'), { format: 'json' });
    if (drawn.status !== 'success') throw new Error(drawn.errors.map((e) => e.message).join('; '));
    process.stdout.write(drawn.output);
  })
  .catch((fault) => {
    process.stderr.write(`${fault.message}\n`);
    process.exitCode = 1;
  });
