import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRepo } from '../../agent/support/git-repo.js';
import { isInstalled, requiresCommand } from '../skip.js';
import { makeKey, SshGitServer, type TestKey } from './ssh-git-server.js';

/** An sshd for the tests of a suite. */
export interface SshGitFixture {
  readonly server: SshGitServer;
  /** Lets its holder in; made anew for each test. */
  readonly key: TestKey;
  /** A directory for more keys. */
  readonly directory: string;
  repo(name: string): Promise<GitRepo>;
}

/** Starts an sshd before the suite and ends it afterwards. */
export function useSshGitServer(): SshGitFixture {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-sshd-'));
  const fixture: { server?: SshGitServer; key?: TestKey } = {};
  before(async () => {
    if (!isUsable()) return;
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    fixture.server = new SshGitServer(directory);
    await fixture.server.start();
  });
  beforeEach(function () {
    requiresCommand('ssh', this);
    requiresCommand('sshd', this);
    fixture.key = makeKey(directory);
    fixture.server?.authorize(fixture.key);
  });
  after(async () => {
    await fixture.server?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    get server() {
      return known(fixture.server);
    },
    get key() {
      return known(fixture.key);
    },
    directory,
    repo: (name) => GitRepo.create(join(directory, name)),
  };
}

function isUsable(): boolean {
  return isInstalled('ssh') && isInstalled('sshd');
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the sshd is there only while the tests run');
  return value;
}
