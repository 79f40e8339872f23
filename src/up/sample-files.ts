/** The pipeline of the sample: it really checks, tests and packs a program, in a second and without a network. */
const PIPELINE = `# What Slipway does with this repo. Change something, commit, then: slipway build create sample/hello --watch
version: "1"

steps:
  - name: check
    commands:
      - node --check greet.js
      - node --check greet.test.js
      - sh -n pack.sh

  - name: test
    commands:
      - node --test

  - name: pack
    commands:
      - sh pack.sh
      - cat hello.sha256
`;

const GREET = `'use strict';

/** Greets by the hour of the day, 0 to 23. */
function greet(name, hour) {
  if (!Number.isInteger(hour) || hour < 0 || hour > 23) throw new RangeError(\`no such hour: \${hour}\`);
  const part = hour < 5 ? 'night' : hour < 12 ? 'morning' : hour < 18 ? 'day' : 'evening';
  return \`Good \${part}, \${name}!\`;
}

module.exports = { greet };
`;

const TEST = `'use strict';
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { greet } = require('./greet.js');

test('greets by the hour', () => {
  assert.equal(greet('Ada', 3), 'Good night, Ada!');
  assert.equal(greet('Ada', 8), 'Good morning, Ada!');
  assert.equal(greet('Ada', 23), 'Good evening, Ada!');
});

test('refuses an hour that no clock shows', () => {
  assert.throws(() => greet('Ada', 24), RangeError);
});
`;

const PACK = `# Packs the program and notes its checksum.
set -eu
tar -cf hello.tar greet.js README.md
node -e "
  const { createHash } = require('node:crypto');
  const { readFileSync, writeFileSync } = require('node:fs');
  const sum = createHash('sha256').update(readFileSync('hello.tar')).digest('hex');
  writeFileSync('hello.sha256', sum + '  hello.tar\\\\n');
"
echo "packed $(wc -c < hello.tar) bytes"
`;

/** Says what kind of modules these are: the folder may lie within a checkout that says otherwise. */
const PACKAGE = `{
  "name": "hello",
  "private": true,
  "type": "commonjs"
}
`;

const README = `# hello

The sample repo of Slipway. It is a real git repository: edit, commit, and build it again.
`;

/** The files of the sample repo by name. */
export const sampleFiles: Readonly<Record<string, string>> = {
  '.slipway.yml': PIPELINE,
  'README.md': README,
  'greet.js': GREET,
  'greet.test.js': TEST,
  'pack.sh': PACK,
  'package.json': PACKAGE,
};
