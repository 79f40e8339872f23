import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandTable } from '../../src/cli/command-table.js';

const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

describe('pages for people', () => {
  it('link only to files that are there', () => {
    const broken = pages.flatMap((page) =>
      linksOf(readFileSync(page, 'utf8'))
        .filter((link) => !existsSync(join(dirname(page), link)))
        .map((link) => `${page}: ${link}`),
    );
    assert.deepEqual(broken, []);
  });

  it('link to headings that the page has', () => {
    const broken = pages.flatMap((page) => {
      const text = readFileSync(page, 'utf8');
      const anchors = new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));
      return [...text.matchAll(/\]\(#([^)]+)\)/g)]
        .filter(([, anchor = '']) => !anchors.has(anchor))
        .map(([link]) => `${page}: ${link}`);
    });
    assert.deepEqual(broken, []);
  });

  it('name only source files that are there', () => {
    const broken = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/\b(?:src|test|scripts)\/[\w./-]*\w/g)]
        .filter(([path]) => !existsSync(path))
        .map(([path]) => `${page}: ${path}`),
    );
    assert.deepEqual(broken, []);
  });

  it('show only commands that exist', () => {
    const known = new Set(commandTable.map(({ path }) => path.join(' ')));
    const unknown = commandsIn(readFileSync('README.md', 'utf8')).filter(
      ([noun = '', verb = '']) => !known.has(noun) && !known.has(`${noun} ${verb}`),
    );
    assert.deepEqual(unknown, []);
  });

  it('show only npm scripts that exist', () => {
    const named = [...readFileSync('README.md', 'utf8').matchAll(/\bnpm run ([\w:]+)/g)];
    assert.deepEqual(
      named.map(([, name = '']) => name).filter((name) => scripts[name] === undefined),
      [],
    );
  });

  it('number each decision once', () => {
    const numbers = readdirSync('docs/decisions').map((file) => /^(\d{3})-[a-z0-9-]+\.md$/.exec(file)?.[1]);
    assert.equal(new Set(numbers).size, numbers.length);
    assert(!numbers.includes(undefined));
  });
});

/** Relative links, without their anchors. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, link = '']) => link);
}

/** As GitHub makes anchors of headings. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}

/** First two words of each `slipway …` line in a code block. */
function commandsIn(text: string): string[][] {
  return [...text.matchAll(/^(?:\w+=\S+ )*slipway (?!-)(\S+) ?(\S*)/gm)].map(([, noun = '', verb = '']) => [
    noun,
    verb,
  ]);
}
