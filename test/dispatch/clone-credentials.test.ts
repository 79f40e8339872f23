import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { CloneCredential } from '../../src/protocol/messages.js';
import { RepoCredentials } from '../../src/repos/index.js';
import { masterKeysOf } from '../../src/tokens/index.js';
import { testDatabase } from '../support/database.js';
import { buildStatuses, jobOf } from '../support/world/rows.js';
import type { SimulatedAgent } from '../support/world/simulated-agent.js';
import { MASTER, testWorld, type PlannedRepo, type Replica } from '../support/world/world.js';

const URL = 'https://git.example.org/team/site';
const credential: CloneCredential = { kind: 'HTTPS_TOKEN', username: 'robot', token: 'canary' };

describe('the credential of a repo in packages', () => {
  const database = testDatabase();
  const world = testWorld(database);
  let replica: Replica;
  let agent: SimulatedAgent;
  let repo: PlannedRepo;

  beforeEach(async () => {
    replica = await world.replica();
    agent = await world.agent(replica);
    repo = await world.repo();
  });

  async function give(to: PlannedRepo, options: { masterKeys?: typeof MASTER } = {}): Promise<void> {
    const credentials = new RepoCredentials(database.pool, options.masterKeys ?? MASTER);
    const origin = 'https://git.example.org:443';
    const envelope = credentials.seal(to.repoId, { credential, origin, fingerprint: null });
    await database.query(
      `update repos set credential = $2, credential_kind = 'HTTPS_TOKEN', clone_url = $3 where id = $1`,
      [to.repoId, envelope, URL],
    );
  }

  async function credentialOf(cloneUrl: string): Promise<CloneCredential | null> {
    await world.admit(replica, repo, [{ cloneUrl }]);
    return (await agent.runNext()).content.credential;
  }

  it('is sealed for a build that is cloned from its server', async () => {
    await give(repo);
    assert.deepEqual(await credentialOf(URL), credential);
    assert.deepEqual(await credentialOf('https://git.example.org/team/another'), credential);
  });

  it('is not in the head, which is stored and shown', async () => {
    await give(repo);
    await world.admit(replica, repo, [{ cloneUrl: URL }]);
    const { head } = await agent.runNext();
    assert.doesNotMatch(JSON.stringify(head), /canary/);
  });

  it('is not there for a repo without one', async () => {
    assert.equal(await credentialOf(URL), null);
  });

  it('stays away from a job that was made when the repo was on another server', async () => {
    await give(repo);
    for (const url of ['https://old.example.org/team/site', 'https://git.example.org:8443/x', '/srv/x']) {
      assert.equal(await credentialOf(url), null, url);
    }
  });

  it('that cannot be opened ends its own build, and no other one of the same claim', async () => {
    await give(repo, { masterKeys: masterKeysOf(randomBytes(32)) });
    const other = await world.repo();
    await give(other);
    const group = await world.admit(replica, repo, [{ cloneUrl: URL }]);
    await world.admit(replica, other, [{ cloneUrl: URL }]);
    assert.deepEqual((await agent.runNext()).content.credential, credential);
    const { state, failure_kind: kind, error } = await jobOf(database, group.id);
    assert.deepEqual([state, kind], ['REJECTED', 'CREDENTIAL_UNREADABLE']);
    assert.match(error ?? '', /give it again/);
    assert.deepEqual(await buildStatuses(database, group.id), ['WITHDRAWN']);
    assert.match(world.complaints.splice(0).join('\n'), /a credential cannot be opened/);
  });
});
