// @ts-check
// Sets formulas for the builder: one JSON request a line on standard input, one JSON answer a line
// on standard output. Started as `node katex_server.js PATH_TO_KATEX_JS`.
'use strict';

const path = require('node:path');
const readline = require('node:readline');

const katex = require(path.resolve(process.argv[2]));

// As KaTeX defines it, \bmod becomes an operator with rows inside, which MathML doesn't allow.
const MACROS = { '\\bmod': '\\mskip{4mu}\\operatorname{mod}\\mskip{4mu}' };

/**
 * @param {{tex: string, display: boolean}} request
 * @returns {{html: string} | {error: string, position: number | null}}
 */
function set(request) {
  try {
    const html = katex.renderToString(request.tex, {
      displayMode: request.display,
      output: 'htmlAndMathml',
      throwOnError: true,
      strict: 'error',
      macros: { ...MACROS },
      trust: ({ command }) => {
        throw new Error(`${command} is not allowed here`);
      },
    });
    return { html };
  } catch (fault) {
    return { error: fault.rawMessage || fault.message, position: fault.position ?? null };
  }
}

const input = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
input.on('line', (line) => process.stdout.write(`${JSON.stringify(set(JSON.parse(line)))}\n`));
process.stdout.write(`${JSON.stringify({ version: katex.version })}\n`);
