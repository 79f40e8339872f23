import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { knownEventNames } from '../../src/pipeline/index.js';
import { secretJudge, type BuildOrigin } from '../../src/secrets/judge-secret.js';
import { defaultRules, type SecretRules } from '../../src/secrets/secret-rules.js';

const ORIGIN: BuildOrigin = {
  event: 'push',
  action: null,
  ref: 'refs/heads/main',
  trusted: true,
  repo: 'acme/site',
  defaultBranch: 'main',
};
const STEP = { commands: ['make'], image: 'builder:1' };

function judge(
  rules: Partial<SecretRules>,
  origin: Partial<BuildOrigin> = {},
  step: Partial<typeof STEP> = {},
) {
  const all = { ...defaultRules('org'), ...rules };
  return secretJudge(all, { ...ORIGIN, ...origin })({ ...STEP, ...step });
}

const allows = (...args: Parameters<typeof judge>): boolean => judge(...args) === undefined;

describe('the rules of a secret', () => {
  it('allow by default what somebody with rights has caused, and nothing else', () => {
    const allowed = knownEventNames.filter((name) => {
      const [event = '', action = null] = name.split(':');
      return allows({}, { event, action });
    });
    assert.deepEqual(
      allowed.filter((name) => !name.includes(':')),
      ['push', 'tag', 'deployment', 'schedule', 'delete', 'upload', 'manual', 'api'],
    );
    assert.ok(allowed.every((name) => !/^(pull_request|comment|merge_group)/.test(name)));
  });

  it('name events as rulesets do', () => {
    const edited = { event: 'pull_request', action: 'edited' };
    assert.equal(allows({ allowEvents: ['pull_request'] }, { ...edited, action: 'opened' }), true);
    assert.equal(allows({ allowEvents: ['pull_request'] }, edited), false);
    assert.equal(allows({ allowEvents: ['pull_request:edited'] }, edited), true);
    assert.equal(allows({ allowEvents: ['delete:tag'] }, { event: 'delete', action: 'branch' }), false);
  });

  it('know the default branch of whichever repo is built', () => {
    const branch = (name: string, defaultBranch = 'main') => ({ ref: `refs/heads/${name}`, defaultBranch });
    assert.equal(allows({}, branch('main')), true);
    assert.equal(allows({}, branch('main', 'trunk')), false);
    assert.equal(allows({}, branch('trunk', 'trunk')), true);
    assert.equal(allows({}, { ref: 'refs/tags/v1/rc' }), true);
    assert.equal(allows({}, { ref: 'refs/heads/refs/tags/v1' }), false);
    assert.equal(allows({}, { ref: null }), false);
    assert.equal(allows({}, branch('release-1', 'release-[0-9]')), false);
  });

  it('take other refs as branches, with globs', () => {
    const refs = { allowRefs: ['release/*', 'refs/pull/**'] };
    assert.equal(allows(refs, { ref: 'refs/heads/release/1' }), true);
    assert.equal(allows(refs, { ref: 'refs/heads/release/1/x' }), false);
    assert.equal(allows(refs, { ref: 'refs/tags/release/1' }), false);
    assert.equal(allows(refs, { ref: 'refs/pull/7/head' }), true);
    assert.equal(allows({ allowRefs: [] }, { ref: null }), true);
  });

  it('name repos and images by globs', () => {
    assert.equal(allows({ allowRepos: ['acme/*'] }), true);
    assert.equal(allows({ allowRepos: ['other/*', 'acme/sit'] }), false);
    assert.equal(allows({ allowImages: ['builder:*'] }), true);
    assert.equal(allows({ allowImages: ['builder'] }), false);
    assert.match(
      secretJudge({ ...defaultRules('repo'), allowImages: ['a'] }, ORIGIN)({ commands: [] }) ?? '',
      /the step has none/,
    );
  });

  it('that forbid commands forbid entrypoints too', () => {
    assert.equal(allows({ allowCommands: false }), false);
    assert.equal(allows({ allowCommands: false }, {}, { commands: [] }), true);
    const judged = secretJudge({ ...defaultRules('repo'), allowCommands: false }, ORIGIN);
    assert.match(judged({ commands: [], entrypoint: ['sh'] }) ?? '', /without commands and entrypoint/);
  });

  it('all have to agree, whatever each says alone', () => {
    const parts: Partial<SecretRules>[] = [
      { allowEvents: ['tag'] },
      { allowRepos: ['x/y'] },
      { allowRefs: ['x'] },
      { allowImages: ['x'] },
      { allowCommands: false },
    ];
    fc.assert(
      fc.property(fc.subarray(parts), (chosen) => {
        assert.equal(allows(Object.assign({}, ...chosen) as Partial<SecretRules>), chosen.length === 0);
      }),
    );
  });
});
