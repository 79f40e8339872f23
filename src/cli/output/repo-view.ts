import type { Repo } from '../operations.js';
import type { RecordView } from './print-records.js';
import { ago, precisely } from './times.js';

export const repoView: RecordView<Repo> = {
  nameOf: ({ fullName }) => fullName,
  columns: [
    { title: 'REPO', text: ({ fullName }) => fullName },
    { title: 'BRANCH', text: ({ defaultBranch }) => defaultBranch },
    { title: 'URL', text: ({ cloneUrl }) => cloneUrl },
    { title: 'ADDED', text: ({ createdAt }) => ago(createdAt) },
    { title: 'ACTIVE', wide: true, text: ({ active }) => (active ? 'yes' : 'no') },
    { title: 'LIMIT', wide: true, text: ({ buildLimit }) => String(buildLimit) },
    { title: 'TIMEOUT', wide: true, text: ({ timeoutMs }) => precisely(timeoutMs) },
    { title: 'CREDENTIAL', wide: true, text: ({ credential }) => describe(credential) },
    { title: 'VERSION', wide: true, text: ({ version }) => String(version) },
    { title: 'ID', wide: true, text: ({ id }) => id },
  ],
};

function describe(credential: Repo['credential']): string {
  if (credential === null) return 'none';
  return credential.kind === 'SSH_KEY' ? `ssh key ${credential.fingerprint ?? ''}` : 'https token';
}
