import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRepo } from '../../agent/support/git-repo.js';
import { isInstalled, requiresCommand } from '../skip.js';
import { CertificateAuthority } from './certificate-authority.js';
import { HttpsGitServer } from './https-git-server.js';

/** An https git server for the tests of a suite. */
export interface HttpsGitFixture {
  /** Whoever believes this authority believes the server. */
  readonly authority: CertificateAuthority;
  readonly server: HttpsGitServer;
  /** Makes a repository that the server serves at {@link HttpsGitServer.urlOf} its name. */
  repo(name: string): Promise<GitRepo>;
}

/** Starts a server before the suite and ends it afterwards; between tests it forgets how it behaved. */
export function useHttpsGitServer(): HttpsGitFixture {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-https-'));
  const fixture: { authority?: CertificateAuthority; server?: HttpsGitServer } = {};
  before(async () => {
    if (!isInstalled('openssl')) return;
    fixture.authority = new CertificateAuthority(directory);
    fixture.server = new HttpsGitServer(directory, fixture.authority.issue());
    await fixture.server.listen();
  });
  beforeEach(function () {
    requiresCommand('openssl', this);
    if (fixture.server !== undefined) fixture.server.behaviour = {};
    fixture.server?.authorizations.splice(0);
  });
  after(async () => {
    await fixture.server?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    get authority() {
      return known(fixture.authority);
    },
    get server() {
      return known(fixture.server);
    },
    repo: (name) => GitRepo.create(join(directory, name)),
  };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the https git server is there only while the tests run');
  return value;
}
