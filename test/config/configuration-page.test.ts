import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { configurationPage } from '../../src/config/configuration-page.js';
import { programs } from '../../src/config/programs.js';

describe('docs/configuration.md', () => {
  it('is what the tables of options say (node scripts/write-configuration-page.mjs writes it)', () => {
    assert.equal(readFileSync('docs/configuration.md', 'utf8'), configurationPage());
  });

  it('gives every option a sentence and a default that the option itself takes', () => {
    for (const { options } of programs) {
      for (const option of Object.values(options)) {
        assert.match(option.doc, /^[A-Z].*\.$/, option.env);
        const { fallback, kind } = option;
        if (fallback !== undefined) assert.notEqual(kind.parse(fallback), undefined, option.env);
      }
    }
  });
});
