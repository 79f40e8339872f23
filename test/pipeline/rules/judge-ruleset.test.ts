import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgeRuleset, runsAtStatus, type RuleFacts } from '../../../src/pipeline/index.js';
import { buildStatuses } from '../../../src/pipeline/rules/facts.js';
import { push, rulesetOf } from './rulesets.js';

type Case = readonly [claim: string, ruleset: object, facts: Partial<RuleFacts>, runs: boolean];

const cases: readonly Case[] = [
  ['an empty ruleset runs', {}, {}, true],
  ['an empty if runs', { if: {} }, {}, true],
  ['an empty if runs, also with or', { operator: 'or', unless: { branch: 'dev' } }, {}, true],
  ['an empty unless never holds', { unless: {} }, {}, true],
  ['a single text is a list of one', { branch: 'main' }, {}, true],
  ['a list matches if any pattern does', { branch: ['dev', 'main'] }, {}, true],
  ['a list matches if no pattern does: no', { branch: ['dev', 'test'] }, {}, false],
  ['any of the values is enough', { path: 'docs/**' }, { paths: ['src/a', 'docs/b/c'] }, true],
  ['no paths match no path rule', { path: '**' }, { paths: [] }, false],
  ['keys at the top belong to if', { event: 'push', if: { branch: 'main' } }, {}, true],
  ['keys combine by and', { event: 'push', branch: 'dev' }, {}, false],
  ['keys combine by or when told', { event: 'push', branch: 'dev', operator: 'or' }, {}, true],
  ['or needs one of them', { event: 'tag', branch: 'dev', operator: 'or' }, {}, false],
  ['unless wins over if', { if: { branch: 'main' }, unless: { event: 'push' } }, {}, false],
  ['unless combines by and', { unless: { event: 'push', branch: 'dev' } }, {}, true],
  [
    'unless combines by or when told',
    { operator: 'or', unless: { event: 'push', branch: 'dev' } },
    {},
    false,
  ],
  ['a clause has its own operator', { unless: { operator: 'or', event: 'push', branch: 'dev' } }, {}, false],
  [
    'a clause has its own matcher',
    { branch: 'm*', unless: { matcher: 'regexp', branch: 'ai.$' } },
    {},
    false,
  ],
  ['regexps are not anchored', { matcher: 'regexp', branch: 'ai' }, {}, true],
  ['globs are anchored', { branch: 'ai' }, {}, false],
  ['a glob star stays within a part', { branch: 'release/*' }, { branch: 'release/1/2' }, false],
  ['two stars cross parts', { branch: 'release/**' }, { branch: 'release/1/2' }, true],
  ['tag', { event: 'tag', tag: 'v*' }, { event: 'tag', tag: 'v1.2' }, true],
  ['a change without a tag matches no tag rule', { tag: '*' }, {}, false],
  ['target of a deployment', { target: 'prod' }, { event: 'deployment', target: 'prod' }, true],
  [
    'name of a schedule',
    { event: 'schedule', target: 'nightly' },
    { event: 'schedule', target: 'hourly' },
    false,
  ],
  [
    'comment, over its lines',
    { comment: '*deploy*' },
    { event: 'comment', comment: 'please\ndeploy\nit' },
    true,
  ],
  ['comment by regexp', { matcher: 'regexp', comment: '(?m)^/run$' }, { comment: 'hi\n/run' }, true],
  ['sender', { sender: ['mona', 'lisa'] }, {}, true],
  ['repo', { repo: 'octo/*' }, {}, true],
  ['repo of another', { repo: 'other/*' }, {}, false],
  ['label', { label: 'ci:*' }, { labels: ['bug', 'ci:full'] }, true],
  ['instance', { instance: 'https://ci.example.com' }, { instance: 'https://ci.example.com' }, true],
  ['pull_request is opened', { event: 'pull_request' }, { event: 'pull_request', action: 'opened' }, true],
  [
    'pull_request is synchronize',
    { event: 'pull_request' },
    { event: 'pull_request', action: 'synchronize' },
    true,
  ],
  [
    'pull_request is reopened',
    { event: 'pull_request' },
    { event: 'pull_request', action: 'reopened' },
    true,
  ],
  [
    'pull_request is not edited',
    { event: 'pull_request' },
    { event: 'pull_request', action: 'edited' },
    false,
  ],
  ['edited', { event: 'pull_request:edited' }, { event: 'pull_request', action: 'edited' }, true],
  ['delete of a branch', { event: 'delete:branch' }, { event: 'delete', action: 'branch' }, true],
  ['delete of a tag is another', { event: 'delete:branch' }, { event: 'delete', action: 'tag' }, false],
  ['all actions by a glob', { event: 'pull_request*' }, { event: 'pull_request', action: 'labeled' }, true],
];

describe('a ruleset', () => {
  for (const [claim, ruleset, facts, runs] of cases) {
    it(`${claim}: ${runs ? 'in' : 'out'}`, () => {
      const verdict = judgeRuleset(rulesetOf(ruleset), { ...push, ...facts });
      assert.equal(verdict.runs, runs, verdict.reason);
      assert.equal(verdict.statuses, null);
    });
  }

  const statusCases: readonly [string, object, readonly string[]][] = [
    ['failure alone', { status: 'failure' }, ['failure']],
    ['both', { status: ['success', 'failure'] }, ['success', 'failure']],
    ['by a glob', { status: '*' }, ['success', 'failure']],
    ['by a regexp', { matcher: 'regexp', status: '^fail' }, ['failure']],
    ['with a rule that holds', { status: 'failure', branch: 'main' }, ['failure']],
    ['with a rule that does not', { status: 'failure', branch: 'dev' }, []],
    ['or a rule that holds', { operator: 'or', status: 'failure', branch: 'main' }, ['success', 'failure']],
    ['or a rule that does not', { operator: 'or', status: 'failure', branch: 'dev' }, ['failure']],
    ['unless failure', { unless: { status: 'failure' } }, ['success']],
    ['unless both', { unless: { status: ['success', 'failure'] } }, []],
    ['unless failure and another', { unless: { status: 'failure', branch: 'dev' } }, ['success', 'failure']],
    ['if failure, unless failure', { if: { status: 'failure' }, unless: { status: 'failure' } }, []],
  ];
  for (const [claim, ruleset, statuses] of statusCases) {
    it(`keeps its status rule for run time: ${claim}`, () => {
      const verdict = judgeRuleset(rulesetOf(ruleset), push);
      assert.deepEqual(verdict.statuses, statuses);
      assert.equal(verdict.runs, statuses.length > 0);
    });
  }

  it('runs only while nothing has failed when it has no status rule', () => {
    assert.equal(runsAtStatus({ ruleset: {} }, 'success'), true);
    assert.equal(runsAtStatus({ ruleset: {} }, 'failure'), false);
    assert.equal(runsAtStatus({ ruleset: { status: ['failure'] } }, 'success'), false);
    assert.equal(runsAtStatus({ ruleset: { status: ['failure'] } }, 'failure'), true);
  });

  it('can be asked what runs at a status', () => {
    const at = (ruleset: object, status: 'success' | 'failure'): boolean =>
      judgeRuleset(rulesetOf(ruleset), { ...push, status }).runs;
    assert.deepEqual([at({}, 'success'), at({}, 'failure')], [true, false]);
    assert.deepEqual(
      [at({ status: 'failure' }, 'success'), at({ status: 'failure' }, 'failure')],
      [false, true],
    );
  });

  it('explains each rule and says in a sentence why a step is out', () => {
    const ruleset = rulesetOf({
      event: ['push', 'tag'],
      branch: 'dev',
      status: 'failure',
      unless: { sender: 'bot' },
    });
    const verdict = judgeRuleset(ruleset, push);
    assert.deepEqual(
      verdict.why.map(({ clause, key, values, matched, by }) => [clause, key, values, matched, by]),
      [
        ['if', 'event', ['push'], true, 'push'],
        ['if', 'branch', ['main'], false, null],
        ['if', 'status', [], null, null],
        ['unless', 'sender', ['mona'], false, null],
      ],
    );
    assert.match(verdict.reason, /^branch "main" does not match "dev"/);
    const barred = judgeRuleset(rulesetOf({ unless: { branch: 'ma*' } }), push);
    assert.equal(barred.reason, 'unless: branch matches "ma*"');
  });
});

/** Rulesets over a small world, so that rules match about half of the time. */
const word = fc.constantFrom('a', 'b', 'c');
const words = fc.array(word, { minLength: 1, maxLength: 2 });
const status = fc.subarray([...buildStatuses], { minLength: 1 });
const rules = fc.record({ branch: words, sender: words, label: words, status }, { requiredKeys: [] });
const operator = fc.constantFrom('and' as const, 'or' as const);
const clause = fc.record({ rules, operator });
const world = fc.record({ branch: word, sender: word, labels: fc.array(word, { maxLength: 2 }) });

type Rules = Partial<Record<'branch' | 'sender' | 'label' | 'status', readonly string[]>>;

/** The rules of the specification, said as plainly as possible. */
function oracle(
  ifs: { rules: Rules; operator: string },
  unless: { rules: Rules; operator: string },
  facts: { branch: string; sender: string; labels: readonly string[]; status: string },
): boolean {
  const values: Record<string, readonly string[]> = {
    branch: [facts.branch],
    sender: [facts.sender],
    label: facts.labels,
    status: [facts.status],
  };
  const answers = (of: { rules: Rules }): boolean[] =>
    Object.entries(of.rules).map(([key, list]) => list.some((text) => values[key]?.includes(text)));
  const holds = (of: { rules: Rules; operator: string }): boolean =>
    of.operator === 'and' ? !answers(of).includes(false) : answers(of).includes(true);
  if (answers(unless).length > 0 && holds(unless)) return false;
  if (answers(ifs).length > 0 && !holds(ifs)) return false;
  const asksForStatus = ifs.rules.status !== undefined || unless.rules.status !== undefined;
  return asksForStatus || facts.status === 'success';
}

describe('rulesets in general', () => {
  it('judged when compiling and asked again at run time give what all data at once would give', () => {
    fc.assert(
      fc.property(clause, clause, world, (ifs, unless, facts) => {
        const ruleset = rulesetOf({
          if: { ...ifs.rules, operator: ifs.operator },
          unless: { ...unless.rules, operator: unless.operator },
        });
        const change = { ...push, ...facts };
        const compiled = judgeRuleset(ruleset, change);
        for (const now of buildStatuses) {
          const expected = oracle(ifs, unless, { ...facts, status: now });
          const step = { ruleset: { status: compiled.statuses ?? undefined } };
          assert.equal(compiled.runs && runsAtStatus(step, now), expected);
          assert.equal(judgeRuleset(ruleset, { ...change, status: now }).runs, expected);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('never run what unless bars', () => {
    fc.assert(
      fc.property(clause, world, (ifs, facts) => {
        const ruleset = rulesetOf({
          if: { ...ifs.rules, operator: ifs.operator },
          unless: { branch: facts.branch },
        });
        assert.equal(judgeRuleset(ruleset, { ...push, ...facts }).runs, false);
      }),
    );
  });
});
