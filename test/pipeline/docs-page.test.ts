import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parsePipeline } from '../../src/pipeline/index.js';
import { pipelineKeys, stepKeys, Support, type Keys } from '../../src/pipeline/grammar/keys.js';
import { ruleKeys } from '../../src/pipeline/rules/facts.js';

const page = readFileSync('docs/pipeline.md', 'utf8');

describe('docs/pipeline.md', () => {
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);

  for (const [index, text] of examples.entries()) {
    it(`has an example that is right: ${text.trim().split('\n', 1)[0]} (${index + 1})`, () => {
      const isWhole = /^(?:steps|stages):/m.test(text);
      const whole = isWhole ? text : `${text}steps: [{ name: a, commands: b }]\n`;
      assert.deepEqual(parsePipeline({ file: '.slipway.yml', text: whole }).warnings, []);
    });
  }

  it('has every key that our files may have, and says of the others that they are not there yet', () => {
    const keysOf = (keys: Keys, isRead: boolean): string[] =>
      Object.entries(keys)
        .filter(([, support]) => support !== Support.VELA && (support === Support.READ) === isRead)
        .map(([key]) => key);
    const later = page.slice(page.indexOf('## Not there yet'), page.indexOf('## Limits'));
    for (const keys of [pipelineKeys, stepKeys]) {
      for (const key of keysOf(keys, true)) assert.match(page, new RegExp(`^\\| \`${key}\` `, 'm'), key);
      for (const key of keysOf(keys, false)) assert.ok(later.includes(`\`${key}\``), key);
    }
    for (const key of ruleKeys) assert.match(page, new RegExp(`^\\| \`${key}\` `, 'm'), key);
  });

  it('describes a file such as the one that builds Slipway', () => {
    const file = '.slipway.yml';
    assert.deepEqual(parsePipeline({ file, text: readFileSync(file, 'utf8') }).warnings, []);
  });

  it('shows enough of them', () => assert.ok(examples.length >= 11));
});
