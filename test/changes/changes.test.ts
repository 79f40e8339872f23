import assert from 'node:assert/strict';
import { deferred } from '../../src/base/deferred.js';
import type { DomainError } from '../../src/base/errors.js';
import { ErrorCode, ValidationError } from '../../src/base/errors.js';
import { createChange, type CreateChangeInput } from '../../src/changes/index.js';
import { LocalHints } from '../../src/database/hints.js';
import { addRepo } from '../../src/repos/index.js';
import { testDatabase } from '../support/database.js';
import { reposContext } from '../support/repos-context.js';

describe('createChange', () => {
  const database = testDatabase();
  const hints = new LocalHints();
  const push: CreateChangeInput = { repo: 'org/repo', event: 'push', branch: 'main' };

  before(async () => {
    await addRepo(reposContext(database.pool), {
      org: 'org',
      name: 'repo',
      cloneUrl: '/srv/x',
      defaultBranch: 'main',
    });
  });

  async function count(): Promise<number> {
    const [row] = await database.query<{ n: number }>('select count(*)::int as n from changes');
    return row?.n ?? Number.NaN;
  }

  it('records what the caller says, waits for its planning, and wakes the planner', async () => {
    const woken = deferred<{ readonly change: string }>();
    const unsubscribe = hints.subscribe('change.received', (hint) => woken.resolve(hint));
    const change = await createChange(database.pool, hints, {
      repo: 'org/repo',
      event: 'pull_request',
      action: 'labeled',
      ref: 'refs/pull/7/head',
      branch: 'main',
      commit: 'a'.repeat(40),
      baseCommit: 'b'.repeat(40),
      sender: 'ada',
      title: 'Größe 🚢',
      paths: ['src/a.ts'],
      labels: ['urgent'],
      projects: ['org/repo'],
      fromFork: true,
    });
    const [row] = await database.query(
      `select event, action, ref, branch, commit_sha, base_commit, sender, title, paths, labels, projects, trusted,
         state, deadline > slipway_now() + interval '23 hours' as has_deadline from changes where id = $1`,
      [change.id],
    );
    assert.deepEqual(row, {
      event: 'pull_request',
      action: 'labeled',
      ref: 'refs/pull/7/head',
      branch: 'main',
      commit_sha: 'a'.repeat(40),
      base_commit: 'b'.repeat(40),
      sender: 'ada',
      title: 'Größe 🚢',
      paths: ['src/a.ts'],
      labels: ['urgent'],
      projects: ['org/repo'],
      trusted: false,
      state: 'RECEIVED',
      has_deadline: true,
    });
    assert.deepEqual(await woken.promise, { change: change.id });
    unsubscribe();
  });

  it('derives branch and tag from a full ref, and the ref from a tag', async () => {
    const branch = await createChange(database.pool, hints, { ...push, branch: null, ref: 'refs/heads/x/y' });
    assert.equal(branch.branch, 'x/y');
    const tag = await createChange(database.pool, hints, { repo: 'org/repo', event: 'tag', tag: 'v1' });
    assert.deepEqual([tag.ref, tag.branch], ['refs/tags/v1', null]);
    const ref = await createChange(database.pool, hints, {
      repo: 'org/repo',
      event: 'tag',
      ref: 'refs/tags/v2',
    });
    assert.equal(ref.tag, 'v2');
  });

  it('gives the same change for the same key, also once it was resolved', async () => {
    const keyed = { ...push, idempotencyKey: 'one' };
    const first = await createChange(database.pool, hints, keyed);
    await database.query('update changes set commit_sha = $2, ref = $3 where id = $1', [
      first.id,
      'a'.repeat(40),
      'refs/heads/main',
    ]);
    const before = await count();
    assert.equal((await createChange(database.pool, hints, keyed)).id, first.id);
    assert.equal(await count(), before);
  });

  it('gives racing callers with one key one change', async () => {
    const keyed = { ...push, idempotencyKey: 'race' };
    const changes = await Promise.all(
      Array.from({ length: 10 }, () => createChange(database.pool, hints, keyed)),
    );
    assert.equal(new Set(changes.map(({ id }) => id)).size, 1);
  });

  it('refuses another content under a known key, and names what differs', async () => {
    const keyed = { ...push, idempotencyKey: 'two' };
    await createChange(database.pool, hints, keyed);
    const before = await count();
    const other = createChange(database.pool, hints, { ...keyed, branch: 'other', sender: 'eve' });
    await assert.rejects(other, (error: DomainError) => {
      assert.equal(error.code, ErrorCode.CONFLICT);
      assert.match(error.message, /differs in branch, sender/);
      return true;
    });
    assert.equal(await count(), before);
  });

  it('does not know other repos and projects', async () => {
    for (const unknown of [{ repo: 'org/none' }, { projects: ['org/none'] }]) {
      await assert.rejects(
        createChange(database.pool, hints, { ...push, ...unknown }),
        (error: DomainError) => error.code === ErrorCode.NOT_FOUND && error.message.includes('org/none'),
      );
    }
  });

  const wrong: Record<string, [Partial<CreateChangeInput>, string]> = {
    'an unknown event': [{ event: 'puhs' }, 'event'],
    'an event that every object has': [{ event: 'constructor' }, 'event'],
    'an action that the event does not have': [{ action: 'opened' }, 'action'],
    'a short ref': [{ ref: 'main' }, 'ref'],
    'a ref with a revision': [{ ref: 'refs/heads/main~1' }, 'ref'],
    'a branch that is an option': [{ branch: '--upload-pack=id' }, 'branch'],
    'a branch with a line end': [{ branch: 'a\nb' }, 'branch'],
    'a tag with a space': [{ tag: 'a b' }, 'tag'],
    'a tag event without a tag': [{ event: 'tag' }, 'tag'],
    'a short commit': [{ commit: 'abc1234' }, 'commit'],
    'a base that is no commit': [{ baseCommit: 'HEAD' }, 'baseCommit'],
    'NUL in a title': [{ title: 'a\0b' }, 'title'],
    'a lone surrogate in a comment': [{ comment: '\ud83d' }, 'comment'],
    'NUL in a sender': [{ sender: '\0' }, 'sender'],
    'NUL in a target': [{ target: '\0' }, 'target'],
    'NUL in a path': [{ paths: ['ok', '\0'] }, 'paths[1]'],
    'a lone surrogate in a label': [{ labels: ['\udc00'] }, 'labels[0]'],
    'NUL in a key': [{ idempotencyKey: 'a\0' }, 'idempotencyKey'],
    'a title of a megabyte': [{ title: 'x'.repeat(1024 * 1024) }, 'title'],
    'too many paths': [{ paths: Array.from({ length: 10_001 }, () => 'x') }, 'paths'],
    'a repo without its organisation': [{ repo: 'repo' }, 'repo'],
    'NUL in the repo': [{ repo: 'org/a\0' }, 'repo'],
  };

  for (const [name, [part, field]] of Object.entries(wrong)) {
    it(`refuses ${name}, names the field, and writes nothing`, async () => {
      const before = await count();
      await assert.rejects(createChange(database.pool, hints, { ...push, ...part }), (error: unknown) => {
        assert.ok(error instanceof ValidationError, String(error));
        assert.deepEqual(
          error.problems.map((problem) => problem.field),
          [field],
        );
        assert.ok(error.message.length < 1000);
        return true;
      });
      assert.equal(await count(), before);
    });
  }

  it('tells everything that is wrong at once', async () => {
    const bad = { ...push, event: 'x', commit: 'y', sender: '\0' };
    await assert.rejects(createChange(database.pool, hints, bad), (error: ValidationError) => {
      assert.deepEqual(error.problems.map(({ field }) => field).sort(), ['commit', 'event', 'sender']);
      return true;
    });
  });
});
